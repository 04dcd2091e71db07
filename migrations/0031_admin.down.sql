DROP TABLE merchant_notes;
-- Releases don't change, but for their source here: of the sources that are left, the platform makes this one.
DO $$
DECLARE
    m uuid;
BEGIN
    FOR m IN SELECT id FROM merchants WHERE status <> 'pending' LOOP
        PERFORM set_config('orbit.merchant_id', m::text, true);
        UPDATE releases SET source = 'setup' WHERE source = 'support';
    END LOOP;
    PERFORM set_config('orbit.merchant_id', '', true);
END
$$;
ALTER DOMAIN release_source DROP CONSTRAINT release_source_check;
ALTER DOMAIN release_source ADD CONSTRAINT release_source_check CHECK (VALUE IN ('setup', 'theme', 'branding'));
