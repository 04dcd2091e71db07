ALTER TABLE variants DROP COLUMN low;
DROP INDEX orders_open, orders_unpaid;
DROP TRIGGER count_insert ON orders;
DROP TRIGGER count_update ON orders;
DROP TRIGGER line_product ON order_lines;
DROP TRIGGER timezone_insert ON settings;
DROP TRIGGER timezone_update ON settings;
DROP FUNCTION orbit_line_product(), orbit_change_timezone(), orbit_check_sales(uuid, integer, bigint),
    orbit_recount_sales(), orbit_mend_sales(date, date), orbit_count_orders(), orbit_count_order(orders, integer),
    orbit_sales_key(uuid);
ALTER TABLE order_lines DROP COLUMN product_id;
DROP TABLE sales_recounts, sales_products, sales_days;
