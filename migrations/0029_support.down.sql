DROP TRIGGER note_sale ON sales_days;
DROP FUNCTION orbit_note_sale();
DROP TABLE merchant_sales;
ALTER TABLE sessions DROP COLUMN visit_id;
DROP FUNCTION orbit_visiting(support_visits);
DROP TABLE support_visits;
