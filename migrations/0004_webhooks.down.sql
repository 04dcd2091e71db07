DROP FUNCTION orbit_products_above(uuid, bigint);
DROP TABLE webhook_deliveries, webhook_events, webhooks;
DROP DOMAIN webhook_event_kind, delivery_status;
