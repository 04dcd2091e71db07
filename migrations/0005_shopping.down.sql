DROP TABLE payments, order_lines, orders, order_numbers, discounts, customers, cart_lines, carts;
ALTER TABLE settings DROP COLUMN tax_name, DROP COLUMN tax_rate, DROP COLUMN tax_included;
DROP INDEX products_newest;
ALTER TABLE products DROP COLUMN search, DROP COLUMN words;
DROP EXTENSION pg_trgm;
DROP DOMAIN discount_kind, order_status, order_payment_status, payment_status;
