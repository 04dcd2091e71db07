-- Automatic discounts, and codes that the release before can't apply, go: it would take them for others.
DROP TABLE discount_uses, discount_collections, discount_products;
DROP TRIGGER form ON discounts;
DROP FUNCTION orbit_form_discount;
DROP INDEX discounts_automatic;
ALTER TABLE discounts NO FORCE ROW LEVEL SECURITY;
DELETE FROM discounts WHERE code IS NULL OR (enabled AND NOT active);
ALTER TABLE discounts FORCE ROW LEVEL SECURITY;
ALTER TABLE discounts
    DROP CONSTRAINT discounts_pkey,
    DROP CONSTRAINT discounts_code,
    ALTER COLUMN code SET NOT NULL,
    ADD PRIMARY KEY (merchant_id, code),
    DROP COLUMN id, DROP COLUMN title, DROP COLUMN discount_type, DROP COLUMN amount, DROP COLUMN applies_to,
    DROP COLUMN minimum_amount, DROP COLUMN minimum_quantity, DROP COLUMN usage_limit, DROP COLUMN once_per_customer,
    DROP COLUMN combines_with, DROP COLUMN enabled, DROP COLUMN version, DROP COLUMN updated_at;
ALTER TABLE carts DROP COLUMN discount_codes;
DROP DOMAIN discount_type, discount_scope, discount_classes;
