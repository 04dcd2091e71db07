DROP FUNCTION orbit_unstated(date, uuid, integer);
DROP FUNCTION orbit_add_traffic(uuid[], bigint[]);
DROP TRIGGER price_update ON plans;
DROP TRIGGER price_insert ON plans;
DROP FUNCTION orbit_keep_price();
DROP TABLE statements, plan_prices, merchant_plans, plan_notices, traffic;
DROP DOMAIN plan_limit;
