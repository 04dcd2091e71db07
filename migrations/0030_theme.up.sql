-- What somebody has changed of a shop's theme and not published yet: for each person and theme one draft, which waits
-- for them wherever they sign in. upon is the number of the release that was public when it was begun.
CREATE TABLE theme_drafts (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    theme_id uuid NOT NULL REFERENCES themes ON DELETE CASCADE,
    upon integer NOT NULL,
    settings jsonb NOT NULL,
    saved_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, user_id, theme_id)
);
CREATE INDEX theme_drafts_saved ON theme_drafts (merchant_id, saved_at);
CREATE INDEX theme_drafts_user ON theme_drafts (user_id);
CREATE INDEX theme_drafts_theme ON theme_drafts (theme_id);
ALTER TABLE theme_drafts ENABLE ROW LEVEL SECURITY;
ALTER TABLE theme_drafts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON theme_drafts USING (merchant_id = orbit_merchant()) WITH CHECK (merchant_id = orbit_merchant());

-- The release that is to be published at a set time, one for each shop. failure is why it couldn't be.
CREATE TABLE scheduled_releases (
    merchant_id uuid PRIMARY KEY REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL,
    theme_id uuid REFERENCES themes ON DELETE SET NULL,
    engine text NOT NULL,
    engine_version text NOT NULL,
    settings jsonb NOT NULL,
    upon integer NOT NULL,
    publish_at timestamptz NOT NULL,
    failure text,
    created_by uuid REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX scheduled_releases_theme ON scheduled_releases (theme_id);
CREATE INDEX scheduled_releases_created_by ON scheduled_releases (created_by);
CREATE INDEX scheduled_releases_due ON scheduled_releases (publish_at) WHERE failure IS NULL;
ALTER TABLE scheduled_releases ENABLE ROW LEVEL SECURITY;
ALTER TABLE scheduled_releases FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON scheduled_releases USING (merchant_id = orbit_merchant())
    WITH CHECK (merchant_id = orbit_merchant());
-- The watch over jobs asks across shops which are due and have no job.
CREATE POLICY unfinished ON scheduled_releases FOR SELECT
    USING (failure IS NULL AND publish_at < now() AND current_setting('orbit.unfinished', true) = 'on');

-- Drafts that others see by a link stay as long as the link is good.
ALTER TABLE drafts ADD COLUMN shared boolean NOT NULL DEFAULT false;
CREATE INDEX drafts_shared ON drafts (merchant_id, created_at) WHERE shared;

-- As in 0015, with people's drafts: those of half a year ago are forgotten.
CREATE OR REPLACE FUNCTION orbit_sweep_shops(p_after uuid, p_shops integer, p_rows integer,
    OUT resume uuid, OUT swept bigint)
LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('orbit.merchant_id', true), '');
    merchant uuid;
    looked integer := 0;
    rest boolean := false; -- the shop that was looked at last has more
    carts bigint;
    drafts bigint;
    changes bigint;
BEGIN
    swept := 0;
    FOR merchant IN SELECT m.id FROM merchants m WHERE m.id > p_after AND m.status <> 'pending'
            ORDER BY m.id LIMIT p_shops LOOP
        PERFORM set_config('orbit.merchant_id', merchant::text, true);
        DELETE FROM carts c WHERE c.merchant_id = merchant AND c.id = ANY (ARRAY(
            SELECT o.id FROM carts o WHERE o.merchant_id = merchant AND o.expires_at < now()
            ORDER BY o.expires_at LIMIT p_rows FOR UPDATE SKIP LOCKED));
        GET DIAGNOSTICS carts = ROW_COUNT;
        DELETE FROM drafts d WHERE d.merchant_id = merchant AND d.id = ANY (ARRAY(
            SELECT o.id FROM drafts o WHERE o.merchant_id = merchant AND o.expires_at < now()
            ORDER BY o.expires_at LIMIT p_rows FOR UPDATE SKIP LOCKED));
        GET DIAGNOSTICS drafts = ROW_COUNT;
        DELETE FROM theme_drafts d WHERE d.ctid = ANY (ARRAY(
            SELECT o.ctid FROM theme_drafts o
            WHERE o.merchant_id = merchant AND o.saved_at < now() - interval '180 days'
            ORDER BY o.saved_at LIMIT p_rows FOR UPDATE SKIP LOCKED));
        GET DIAGNOSTICS changes = ROW_COUNT;
        swept := swept + carts + drafts + changes;
        looked := looked + 1;
        rest := carts >= p_rows OR drafts >= p_rows OR changes >= p_rows;
        EXIT WHEN rest;
        resume := merchant;
    END LOOP;
    IF rest THEN
        resume := coalesce(resume, p_after);
    ELSIF looked < p_shops THEN
        resume := NULL;
    END IF;
    PERFORM set_config('orbit.merchant_id', before, true);
END
$$;
