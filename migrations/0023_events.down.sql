DELETE FROM webhooks WHERE merchant_id IS NOT NULL;
DELETE FROM webhook_events WHERE kind NOT IN ('merchant.activated', 'merchant.failed', 'merchant.rolled_back', 'ping');
ALTER TABLE webhooks DROP COLUMN merchant_id;
ALTER DOMAIN webhook_event_kind DROP CONSTRAINT webhook_event_kind_check;
ALTER DOMAIN webhook_event_kind
    ADD CHECK (VALUE IN ('merchant.activated', 'merchant.failed', 'merchant.rolled_back', 'ping'));
DROP TRIGGER changed ON memberships;
DROP FUNCTION orbit_notify_membership();
DROP FUNCTION orbit_sweep_events(integer);
DROP TABLE shop_events;
DROP DOMAIN shop_event_kind;
