-- What happens in shops, for those who follow it: pages that are open, programs that read the API's stream. It is
-- written in the transaction of what it reports, and kept for an hour, so that who was away for a moment can go on.

CREATE DOMAIN shop_event_kind AS text CHECK (VALUE IN ('order.created', 'order.paid', 'order.fulfilled',
    'order.cancelled', 'order.refunded', 'product.created', 'product.updated', 'product.deleted',
    'inventory.low', 'customer.created', 'domain.live', 'import.done'));

-- Events are read in the order of (tx, seq), and only those of transactions that began before every one that is open:
-- none can commit later with a place before them.
CREATE TABLE shop_events (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL,
    kind shop_event_kind NOT NULL,
    data jsonb NOT NULL,
    tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
    seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX shop_events_order ON shop_events (merchant_id, tx, seq);
CREATE INDEX shop_events_created ON shop_events (created_at);

ALTER TABLE shop_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop_events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON shop_events USING (merchant_id = orbit_merchant()) WITH CHECK (merchant_id = orbit_merchant());
-- The sweep goes by time through those of all shops. It says so, and sees what has had its time alone.
CREATE POLICY had_their_time ON shop_events FOR SELECT
    USING (created_at < now() - interval '1 hour' AND current_setting('orbit.sweeping', true) = 'on');
CREATE POLICY go ON shop_events FOR DELETE
    USING (created_at < now() - interval '1 hour' AND current_setting('orbit.sweeping', true) = 'on');

-- Deletes up to p_rows events that have had their time.
CREATE FUNCTION orbit_sweep_events(p_rows integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    PERFORM set_config('orbit.sweeping', 'on', true);
    DELETE FROM public.shop_events e WHERE e.ctid = ANY (ARRAY(
        SELECT o.ctid FROM public.shop_events o WHERE o.created_at < now() - interval '1 hour'
        ORDER BY o.created_at LIMIT p_rows));
    GET DIAGNOSTICS n = ROW_COUNT;
    PERFORM set_config('orbit.sweeping', '', true);
    RETURN n;
END
$$;

-- Pages that are open ask anew what their members may do.
CREATE FUNCTION orbit_notify_membership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('orbit_merchant', OLD.merchant_id::text);
    RETURN NULL;
END
$$;
CREATE TRIGGER changed AFTER UPDATE OR DELETE ON memberships FOR EACH ROW EXECUTE FUNCTION orbit_notify_membership();

-- Webhooks of a shop's own, beside the platform's, which are nobody's. The worker of deliveries reads both.
ALTER DOMAIN webhook_event_kind DROP CONSTRAINT webhook_event_kind_check;
ALTER DOMAIN webhook_event_kind ADD CHECK (VALUE IN ('merchant.activated', 'merchant.failed', 'merchant.rolled_back',
    'order.created', 'order.paid', 'order.fulfilled', 'order.cancelled', 'order.refunded', 'product.created',
    'product.updated', 'product.deleted', 'inventory.low', 'customer.created', 'domain.live', 'import.done', 'ping'));
ALTER TABLE webhooks ADD COLUMN merchant_id uuid REFERENCES merchants ON DELETE CASCADE;
CREATE INDEX webhooks_merchant ON webhooks (merchant_id);
