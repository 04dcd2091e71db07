DROP TRIGGER settings ON tax_rates;
DROP FUNCTION orbit_tax_settings();
DROP TRIGGER tax_insert ON settings;
DROP TRIGGER tax_update ON settings;
DROP FUNCTION orbit_settings_tax();
DROP TRIGGER zone ON shipping_rates;
DROP FUNCTION orbit_rate_zone();

-- One rate of each name is what the release before can hold: the one that stands first.
DO $$
DECLARE
    m uuid;
BEGIN
    FOR m IN SELECT id FROM merchants LOOP
        PERFORM set_config('orbit.merchant_id', m::text, true);
        DELETE FROM shipping_rates WHERE id NOT IN (SELECT DISTINCT ON (r.name) r.id FROM shipping_rates r
            JOIN shipping_zones z ON z.merchant_id = r.merchant_id AND z.id = r.zone_id
            ORDER BY r.name, z.position, z.id, r.position);
    END LOOP;
    PERFORM set_config('orbit.merchant_id', '', true);
END
$$;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE shipping_rates
    DROP CONSTRAINT shipping_rates_pkey,
    DROP COLUMN id, DROP COLUMN zone_id, DROP COLUMN kind, DROP COLUMN minimum, DROP COLUMN maximum, DROP COLUMN note,
    DROP COLUMN created_at, DROP COLUMN updated_at,
    ADD PRIMARY KEY (merchant_id, name);
ALTER TABLE settings DROP COLUMN vat_number;
DROP TABLE shipping_zones, tax_rates;
DROP DOMAIN shipping_kind;
