DROP TRIGGER keep ON customers;
DROP FUNCTION orbit_keep_customer();
ALTER TABLE customers
    DROP COLUMN first_name,
    DROP COLUMN last_name,
    DROP COLUMN address,
    DROP COLUMN tags,
    DROP COLUMN note,
    DROP COLUMN accepts_marketing,
    DROP COLUMN tax_exempt,
    DROP COLUMN version,
    DROP COLUMN erased_at;
