DROP TRIGGER changed ON memberships;
DROP FUNCTION orbit_notify_membership();
DROP FUNCTION orbit_sweep_events(integer);
DROP TABLE shop_events;
DROP DOMAIN shop_event_kind;
