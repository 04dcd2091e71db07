DROP TRIGGER keep_title ON products;
DROP TRIGGER index_update ON orders;
DROP TRIGGER index_insert ON orders;
DROP FUNCTION orbit_keep_title(), orbit_index_order(), orbit_ask_orders(text);
DROP TABLE traffic_flushes, deleted_products, order_index;
DROP FUNCTION orbit_order_question(), orbit_order_document(uuid, text, text);
CREATE INDEX orders_created ON orders (merchant_id, created_at DESC);
DROP INDEX orders_newest, merchants_plan, merchants_theme, merchants_category;
