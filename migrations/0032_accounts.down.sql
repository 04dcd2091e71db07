DROP FUNCTION orbit_sweep_webhook_events(integer);
DROP POLICY encrypt_anew ON webhooks;
DROP POLICY encrypted_anew ON webhooks;
DROP POLICY go ON webhook_events;
DROP POLICY had_their_time ON webhook_events;
DROP POLICY unfinished_lock ON webhook_deliveries;
DROP POLICY unfinished ON webhook_deliveries;
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['webhooks', 'webhook_events', 'webhook_deliveries'] LOOP
        EXECUTE format('DROP POLICY platform ON %I', t);
        EXECUTE format('DROP POLICY tenant ON %I', t);
        EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', t);
    END LOOP;
END
$$;
ALTER TABLE webhook_deliveries DROP COLUMN merchant_id;
ALTER TABLE webhooks DROP CONSTRAINT webhooks_merchant_id_id_key, DROP COLUMN failed_at;
CREATE INDEX webhooks_merchant ON webhooks (merchant_id);
ALTER TABLE webhook_events DROP CONSTRAINT webhook_events_merchant_id_id_key,
    DROP CONSTRAINT webhook_events_merchant_id_fkey,
    ADD FOREIGN KEY (merchant_id) REFERENCES merchants ON DELETE SET NULL;
UPDATE webhook_events SET merchant_id = about_id WHERE about_id IS NOT NULL;
ALTER TABLE webhook_events DROP COLUMN about_id;
CREATE INDEX webhook_events_merchant ON webhook_events (merchant_id);

DROP TRIGGER end_tokens ON memberships;
DROP TRIGGER end_tokens ON users;
DROP FUNCTION orbit_end_tokens();
ALTER TABLE memberships DROP COLUMN tokens_since;
ALTER TABLE users DROP COLUMN tokens_since;
