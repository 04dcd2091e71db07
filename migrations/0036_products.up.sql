-- Products as merchants work with them: rich descriptions, tags, what search engines show, a time to go on sale;
-- variants with all that a catalog from elsewhere brings; a ledger of inventory; and redirects.

-- Programs of the release before go on selling while this runs and after it: what they write is understood, and nothing
-- is rewritten while tables are locked.

ALTER DOMAIN product_status DROP CONSTRAINT product_status_check;
ALTER DOMAIN product_status ADD CHECK (VALUE IN ('active', 'draft', 'archived'));
CREATE DOMAIN inventory_reason AS text CHECK (VALUE IN ('opening', 'received', 'correction', 'damage', 'return',
    'other', 'sold', 'restocked', 'edited', 'imported', 'undone'));

ALTER TABLE products
    -- '' where the description is plain text alone: what is shown follows from description then.
    ADD COLUMN description_html text NOT NULL DEFAULT '',
    ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
    ADD COLUMN seo_title text NOT NULL DEFAULT '',
    ADD COLUMN seo_description text NOT NULL DEFAULT '',
    ADD COLUMN publish_at timestamptz; -- when a draft becomes active
CREATE INDEX products_publish ON products (merchant_id, publish_at) WHERE publish_at IS NOT NULL;

ALTER TABLE variants
    DROP CONSTRAINT variants_stock_check,
    -- Below 0: sold beyond what was there.
    ADD CONSTRAINT variants_stock_check CHECK (stock BETWEEN -1000000 AND 1000000),
    ADD COLUMN barcode text NOT NULL DEFAULT '',
    ADD COLUMN cost bigint CHECK (cost >= 0),
    ADD COLUMN track_inventory boolean NOT NULL DEFAULT true,
    ADD COLUMN continue_selling boolean NOT NULL DEFAULT false,
    ADD COLUMN taxable boolean NOT NULL DEFAULT true,
    ADD COLUMN requires_shipping boolean NOT NULL DEFAULT true,
    ADD COLUMN weight_grams integer NOT NULL DEFAULT 0 CHECK (weight_grams >= 0),
    ADD COLUMN media_id uuid,
    ADD FOREIGN KEY (merchant_id, media_id) REFERENCES media (merchant_id, id) ON DELETE SET NULL (media_id);
CREATE INDEX variants_media ON variants (merchant_id, media_id) WHERE media_id IS NOT NULL;

-- The release before changes the text and knows no other form of it.
CREATE FUNCTION orbit_plain_description() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.description_html := '';
    RETURN NEW;
END
$$;
CREATE TRIGGER plain BEFORE UPDATE OF description ON products FOR EACH ROW
    WHEN (OLD.description IS DISTINCT FROM NEW.description AND OLD.description_html = NEW.description_html
        AND NEW.description_html <> '')
    EXECUTE FUNCTION orbit_plain_description();

-- Pages of shops show neither how much of a variant there is, where there is plenty, nor what it costs the merchant.
CREATE OR REPLACE FUNCTION orbit_variants_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM before_rows b FULL JOIN after_rows a USING (merchant_id, id)
               WHERE greatest(least(b.stock, 20), 0) IS DISTINCT FROM greatest(least(a.stock, 20), 0)
                  OR to_jsonb(b) - 'stock' - 'cost' IS DISTINCT FROM to_jsonb(a) - 'stock' - 'cost') THEN
        PERFORM pg_notify('orbit_shop', coalesce(orbit_merchant()::text, '*'));
    END IF;
    RETURN NULL;
END
$$;

-- Every change of a quantity, by whatever wrote it, is a line of the ledger: the triggers below write it, and nobody
-- else can. So the sum of a variant's lines is its quantity. A variant that was there before has its first line, the
-- opening quantity, from its first change on. What the change was for stands in the setting orbit.inventory of its
-- transaction: {"reason", "note", "who", "order", "batch"}.
CREATE TABLE inventory_adjustments (
    merchant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    seq bigint GENERATED ALWAYS AS IDENTITY,
    variant_id uuid NOT NULL,
    delta integer NOT NULL,
    quantity integer NOT NULL, -- after it
    reason inventory_reason NOT NULL,
    note text NOT NULL DEFAULT '',
    who text NOT NULL DEFAULT '',
    order_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, variant_id) REFERENCES variants ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX inventory_adjustments_variant ON inventory_adjustments (merchant_id, variant_id, seq);
CREATE INDEX inventory_adjustments_newest ON inventory_adjustments (merchant_id, seq);

-- Only the two triggers can call it with effect: they run as the owner, who is held by row-level security as well.
CREATE FUNCTION orbit_note_inventory(m uuid, variant uuid, was integer, now_is integer, opening boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    why jsonb := coalesce(nullif(current_setting('orbit.inventory', true), ''), '{}')::jsonb;
    last integer;
BEGIN
    -- An administrator's statement, which row-level security doesn't hold.
    IF public.orbit_merchant() IS DISTINCT FROM m THEN
        PERFORM set_config('orbit.merchant_id', m::text, true);
        PERFORM public.orbit_note_inventory(m, variant, was, now_is, opening);
        PERFORM set_config('orbit.merchant_id', '', true);
        RETURN;
    END IF;
    SELECT a.quantity INTO last FROM public.inventory_adjustments a
     WHERE a.merchant_id = m AND a.variant_id = variant ORDER BY a.seq DESC LIMIT 1;
    IF last IS NULL AND (opening OR was <> 0) THEN
        INSERT INTO public.inventory_adjustments (merchant_id, variant_id, delta, quantity, reason, who, note)
        VALUES (m, variant, CASE WHEN opening THEN now_is ELSE was END,
            CASE WHEN opening THEN now_is ELSE was END, 'opening',
            CASE WHEN opening THEN coalesce(why ->> 'who', '') ELSE '' END,
            CASE WHEN opening THEN coalesce(why ->> 'note', '') ELSE '' END);
        last := was;
    END IF;
    IF opening THEN
        RETURN;
    END IF;
    IF coalesce(last, 0) <> was THEN
        RAISE EXCEPTION 'the ledger of variant % ends at %, not %', variant, last, was
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- A change that is made twice has the same id, and the second is refused.
    INSERT INTO public.inventory_adjustments (merchant_id, id, variant_id, delta, quantity, reason, note, who, order_id)
    VALUES (m, coalesce(md5((why ->> 'batch') || variant)::uuid, gen_random_uuid()), variant, now_is - was, now_is,
        coalesce(why ->> 'reason', 'other'), coalesce(why ->> 'note', ''),
        coalesce(why ->> 'who', ''), (why ->> 'order')::uuid);
END
$$;

CREATE FUNCTION orbit_ledger_opens() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.orbit_note_inventory(r.merchant_id, r.id, 0, r.stock, true) FROM rows r WHERE r.stock <> 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER ledger_insert AFTER INSERT ON variants REFERENCING NEW TABLE AS rows FOR EACH STATEMENT
    WHEN (current_setting('orbit.unseen', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION orbit_ledger_opens();
CREATE FUNCTION orbit_ledger_goes_on() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.orbit_note_inventory(NEW.merchant_id, NEW.id, OLD.stock, NEW.stock, false);
    RETURN NULL;
END
$$;
CREATE TRIGGER ledger_update AFTER UPDATE OF stock ON variants FOR EACH ROW WHEN (OLD.stock <> NEW.stock)
    EXECUTE FUNCTION orbit_ledger_goes_on();

-- Addresses of a shop that lead elsewhere for good.
CREATE TABLE redirects (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL,
    from_path text NOT NULL CHECK (from_path LIKE '/%' AND length(from_path) <= 500),
    to_path text NOT NULL CHECK (length(to_path) <= 1000),
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, from_path)
);
CREATE TRIGGER shop AFTER INSERT OR UPDATE OR DELETE ON redirects FOR EACH STATEMENT
    WHEN (current_setting('orbit.unseen', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION orbit_shop_changed();

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['inventory_adjustments', 'redirects'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (merchant_id = orbit_merchant())
            WITH CHECK (merchant_id = orbit_merchant())', t);
    END LOOP;
END
$$;

-- The functions of 0012 and 0019: tags are found as product types are, and barcodes as SKUs.
CREATE FUNCTION orbit_tagged(product_type text, tags text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN product_type || CASE WHEN tags = '{}' THEN '' ELSE ' ' || left(tags::text, 2000) END;

CREATE OR REPLACE FUNCTION orbit_index(m uuid, products uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    asked text := coalesce(current_setting('orbit.query', true), '');
BEGIN
    IF asked <> '' THEN
        PERFORM set_config('orbit.query', '', true);
    END IF;
    INSERT INTO public.product_index AS i (merchant_id, product_id, active, position, facets, document)
    SELECT p.merchant_id, p.id, p.status = 'active', p.position,
           ARRAY(SELECT (o.o ->> 'name') || U&'\001F' || v.value
                   FROM jsonb_array_elements(p.options) WITH ORDINALITY o(o, n)
                   CROSS JOIN LATERAL jsonb_array_elements_text(o.o -> 'values') WITH ORDINALITY v(value, n)
                  ORDER BY o.n, v.n),
           public.orbit_document(p.merchant_id, p.title, p.vendor,
               public.orbit_tagged(p.product_type, p.tags), p.options,
               ARRAY(SELECT v.sku FROM public.variants v
                      WHERE v.merchant_id = p.merchant_id AND v.product_id = p.id AND v.sku <> ''
                     UNION SELECT v.barcode FROM public.variants v
                      WHERE v.merchant_id = p.merchant_id AND v.product_id = p.id AND v.barcode <> ''), p.description)
      FROM public.products p WHERE p.merchant_id = m AND p.id = ANY (products)
    ON CONFLICT (product_id, merchant_id) DO UPDATE
       SET active = excluded.active, position = excluded.position, facets = excluded.facets,
           document = excluded.document;
    INSERT INTO public.shop_words (merchant_id, word) -- in order: two writers never wait for each other
    SELECT DISTINCT p.merchant_id, s.s COLLATE "C" FROM public.products p
     CROSS JOIN LATERAL public.orbit_spellings(p.title, p.vendor,
        public.orbit_tagged(p.product_type, p.tags), p.options) s(s)
     WHERE p.merchant_id = m AND p.id = ANY (products) ORDER BY 2
    ON CONFLICT DO NOTHING;
    IF asked <> '' THEN
        PERFORM set_config('orbit.query', asked, true);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION orbit_index_products() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT n.merchant_id, array_agg(n.id) AS products,
            (SELECT array_agg(DISTINCT s.s) FROM before_rows b
              CROSS JOIN LATERAL public.orbit_spellings(b.title, b.vendor,
                public.orbit_tagged(b.product_type, b.tags), b.options) s(s)
              WHERE b.id = ANY (array_agg(n.id))) AS words
          FROM after_rows n JOIN before_rows o USING (merchant_id, id)
         WHERE (o.title, o.vendor, o.product_type, o.tags, o.options, o.description, o.status, o.position)
            IS DISTINCT FROM
               (n.title, n.vendor, n.product_type, n.tags, n.options, n.description, n.status, n.position)
         GROUP BY 1 LOOP
        PERFORM public.orbit_index(r.merchant_id, r.products);
        PERFORM public.orbit_forget(r.merchant_id, r.words);
    END LOOP;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION orbit_forget_products() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT b.merchant_id, array_agg(DISTINCT s.s) AS words FROM rows b
              CROSS JOIN LATERAL public.orbit_spellings(b.title, b.vendor,
                public.orbit_tagged(b.product_type, b.tags), b.options) s(s)
             GROUP BY 1 LOOP
        PERFORM public.orbit_forget(r.merchant_id, r.words);
    END LOOP;
    RETURN NULL;
END
$$;

DROP TRIGGER index_update ON variants;
CREATE TRIGGER index_update AFTER UPDATE OF sku, barcode ON variants FOR EACH ROW
    WHEN (OLD.sku IS DISTINCT FROM NEW.sku OR OLD.barcode IS DISTINCT FROM NEW.barcode)
    EXECUTE FUNCTION orbit_index_variant();
