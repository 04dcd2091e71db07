-- Every process keeps the pages it has drawn, until somebody changes what they show. These triggers tell of
-- that on the channel orbit_shop, with the merchant's id, at commit; PostgreSQL makes equal ones of a
-- transaction one.
--
-- A table that comes to show on shops' pages gets the trigger "shop" of the loop below.
-- Provisioning fills a shop that nobody can have seen: its steps set orbit.unseen, and the triggers don't even
-- fire. Releases need none: they never change, and which one is public stands in merchants.

CREATE FUNCTION orbit_shop_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    -- Row-level security lets a statement touch the rows of one merchant; whoever is above it may have
    -- touched anybody's.
    PERFORM pg_notify('orbit_shop', coalesce(orbit_merchant()::text, '*'));
    RETURN NULL;
END
$$;

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['settings', 'products', 'collections', 'collection_products', 'pages', 'menus'] LOOP
        EXECUTE format('CREATE TRIGGER shop AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH STATEMENT
            WHEN (current_setting(''orbit.unseen'', true) IS DISTINCT FROM ''on'') EXECUTE FUNCTION orbit_shop_changed()', t);
    END LOOP;
END
$$;

CREATE TRIGGER shop AFTER INSERT OR DELETE ON variants FOR EACH STATEMENT
    WHEN (current_setting('orbit.unseen', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION orbit_shop_changed();

-- Each sale changes a stock. Pages say how much is left only where it is little, so a shop that sells well
-- keeps its pages.
CREATE FUNCTION orbit_variants_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM before_rows b FULL JOIN after_rows a USING (merchant_id, id)
               WHERE least(b.stock, 20) IS DISTINCT FROM least(a.stock, 20) OR to_jsonb(b) - 'stock' IS DISTINCT FROM to_jsonb(a) - 'stock') THEN
        PERFORM pg_notify('orbit_shop', coalesce(orbit_merchant()::text, '*'));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER shop_update AFTER UPDATE ON variants REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT
    WHEN (current_setting('orbit.unseen', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION orbit_variants_changed();

-- The platform's own tables say themselves whose they are. Only shops that are open to the public are kept.
CREATE FUNCTION orbit_merchant_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('orbit_shop', OLD.id::text);
    RETURN NULL;
END
$$;
CREATE TRIGGER shop_update AFTER UPDATE ON merchants FOR EACH ROW
    WHEN (OLD.live_at IS NOT NULL AND OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION orbit_merchant_changed();
CREATE TRIGGER shop_delete AFTER DELETE ON merchants FOR EACH ROW
    WHEN (OLD.live_at IS NOT NULL) EXECUTE FUNCTION orbit_merchant_changed();

CREATE FUNCTION orbit_domain_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM pg_notify('orbit_shop', OLD.merchant_id::text);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM pg_notify('orbit_shop', NEW.merchant_id::text);
    END IF;
    RETURN NULL;
END
$$;
-- An address of the platform's own that is new changes no page there is: who isn't there isn't kept.
CREATE TRIGGER shop_insert AFTER INSERT ON domains FOR EACH ROW
    WHEN (NEW.kind = 'custom' AND NEW.verified_at IS NOT NULL) EXECUTE FUNCTION orbit_domain_changed();
CREATE TRIGGER shop_update AFTER UPDATE ON domains FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION orbit_domain_changed();
CREATE TRIGGER shop_delete AFTER DELETE ON domains FOR EACH ROW
    WHEN (OLD.verified_at IS NOT NULL) EXECUTE FUNCTION orbit_domain_changed();

-- What somebody tries out before it becomes a release.
CREATE TABLE drafts (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL,
    theme_id uuid NOT NULL REFERENCES themes ON DELETE CASCADE,
    engine text NOT NULL,
    settings jsonb NOT NULL DEFAULT '{}',
    created_by uuid REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX drafts_expires ON drafts (merchant_id, expires_at);
CREATE INDEX drafts_theme ON drafts (theme_id);
ALTER TABLE drafts ENABLE ROW LEVEL SECURITY;
ALTER TABLE drafts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON drafts USING (merchant_id = orbit_merchant()) WITH CHECK (merchant_id = orbit_merchant());
