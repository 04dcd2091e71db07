DROP FUNCTION orbit_sweep_events(integer);
DROP TABLE shop_events;
DROP DOMAIN shop_event_kind;
