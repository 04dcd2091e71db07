-- A token of the API carries the marks of its person and, where it is for a shop, of their membership. It holds while
-- both are as they were: what ends a person's tokens renews a mark, here and nowhere else.
ALTER TABLE users ADD COLUMN tokens_since timestamptz NOT NULL DEFAULT now();
ALTER TABLE memberships ADD COLUMN tokens_since timestamptz NOT NULL DEFAULT now();

CREATE FUNCTION orbit_end_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.tokens_since := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER end_tokens BEFORE UPDATE ON users FOR EACH ROW
    WHEN ((OLD.password_changed_at, OLD.two_step_at, OLD.disabled_at, OLD.role)
        IS DISTINCT FROM (NEW.password_changed_at, NEW.two_step_at, NEW.disabled_at, NEW.role))
    EXECUTE FUNCTION orbit_end_tokens();
-- A member who may do less than before. One who is taken away and comes back has a mark of their own.
CREATE TRIGGER end_tokens BEFORE UPDATE ON memberships FOR EACH ROW
    WHEN (OLD.role IS DISTINCT FROM NEW.role OR NOT OLD.permissions <@ NEW.permissions)
    EXECUTE FUNCTION orbit_end_tokens();

-- A shop's webhooks, with their events and deliveries, are the shop's, as its products are: they show to its own
-- transactions alone. The platform's have no merchant and show where no merchant is chosen. The merchant
-- that an event of the platform's is about isn't its owner, and has a column of its own.
ALTER TABLE webhook_events ADD COLUMN about_id uuid REFERENCES merchants ON DELETE SET NULL;
UPDATE webhook_events SET about_id = merchant_id, merchant_id = NULL WHERE kind LIKE 'merchant.%';
ALTER TABLE webhook_events DROP CONSTRAINT webhook_events_merchant_id_fkey,
    ADD FOREIGN KEY (merchant_id) REFERENCES merchants ON DELETE CASCADE,
    ADD UNIQUE (merchant_id, id);
DROP INDEX webhook_events_merchant;
CREATE INDEX webhook_events_about ON webhook_events (about_id);

ALTER TABLE webhooks ADD COLUMN failed_at timestamptz, -- deactivated by the platform: nothing arrived
    ADD UNIQUE (merchant_id, id);
DROP INDEX webhooks_merchant;

ALTER TABLE webhook_deliveries ADD COLUMN merchant_id uuid REFERENCES merchants ON DELETE CASCADE;
UPDATE webhook_deliveries d SET merchant_id = w.merchant_id FROM webhooks w
    WHERE w.id = d.webhook_id AND w.merchant_id IS NOT NULL;
ALTER TABLE webhook_deliveries ALTER merchant_id SET DEFAULT orbit_merchant(),
    ADD FOREIGN KEY (merchant_id, event_id) REFERENCES webhook_events (merchant_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (merchant_id, webhook_id) REFERENCES webhooks (merchant_id, id) ON DELETE CASCADE;
CREATE INDEX webhook_deliveries_merchant ON webhook_deliveries (merchant_id, event_id);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['webhooks', 'webhook_events', 'webhook_deliveries'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (merchant_id = orbit_merchant())
            WITH CHECK (merchant_id = orbit_merchant())', t);
        EXECUTE format('CREATE POLICY platform ON %I USING (merchant_id IS NULL AND orbit_merchant() IS NULL)
            WITH CHECK (merchant_id IS NULL AND orbit_merchant() IS NULL)', t);
    END LOOP;
END
$$;
-- What asks across shops says so, and sees what it needs alone: the watch over jobs, the sweep, and a change of the key
-- that secrets are encrypted with.
CREATE POLICY unfinished ON webhook_deliveries FOR SELECT
    USING (status = 'pending' AND current_setting('orbit.unfinished', true) = 'on');
CREATE POLICY unfinished_lock ON webhook_deliveries FOR UPDATE
    USING (status = 'pending' AND current_setting('orbit.unfinished', true) = 'on');
CREATE POLICY had_their_time ON webhook_events FOR SELECT
    USING (created_at < now() - interval '30 days' AND current_setting('orbit.sweeping', true) = 'on');
CREATE POLICY go ON webhook_events FOR DELETE
    USING (created_at < now() - interval '30 days' AND current_setting('orbit.sweeping', true) = 'on');
CREATE POLICY encrypted_anew ON webhooks FOR SELECT USING (current_setting('orbit.reencrypting', true) = 'on');
CREATE POLICY encrypt_anew ON webhooks FOR UPDATE USING (current_setting('orbit.reencrypting', true) = 'on');

-- Deletes up to p_rows events that have had their time, with their deliveries.
CREATE FUNCTION orbit_sweep_webhook_events(p_rows integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    PERFORM set_config('orbit.sweeping', 'on', true);
    DELETE FROM public.webhook_events e WHERE e.ctid = ANY (ARRAY(
        SELECT o.ctid FROM public.webhook_events o WHERE o.created_at < now() - interval '30 days'
        ORDER BY o.created_at LIMIT p_rows));
    GET DIAGNOSTICS n = ROW_COUNT;
    PERFORM set_config('orbit.sweeping', '', true);
    RETURN n;
END
$$;
