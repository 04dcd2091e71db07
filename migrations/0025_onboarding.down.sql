ALTER TABLE orders DROP COLUMN prefix;
ALTER TABLE settings DROP COLUMN legal_name, DROP COLUMN email, DROP COLUMN phone, DROP COLUMN address,
    DROP COLUMN weight_unit, DROP COLUMN order_prefix, DROP COLUMN title, DROP COLUMN description, DROP COLUMN social,
    DROP COLUMN version;
DROP DOMAIN weight_unit;
