-- Releases are a shop's own, and come under row-level security like the rest of it.

ALTER TABLE releases ENABLE ROW LEVEL SECURITY;
ALTER TABLE releases FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON releases USING (merchant_id = orbit_merchant()) WITH CHECK (merchant_id = orbit_merchant());
-- The platform asks one question across shops: which of them have a release with a theme. It names the theme, and sees
-- that theme's releases alone.
CREATE POLICY theme ON releases FOR SELECT USING (theme_id::text = current_setting('orbit.theme_id', true));
