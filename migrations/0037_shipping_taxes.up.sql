-- Shipping zones, and taxes by country and region.
--
-- The release before goes on reading shipping_rates and the tax of settings, and provisions shops with both: triggers
-- give its rates a zone and its tax a row, and keep the tax of settings that of the shop's own country.

CREATE DOMAIN shipping_kind AS text CHECK (VALUE IN ('flat', 'price', 'weight', 'pickup'));

CREATE TABLE shipping_zones (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL,
    countries text[] NOT NULL DEFAULT '{}', -- ISO 3166-1; without any, and without regions, the rest of the world
    regions text[] NOT NULL DEFAULT '{}', -- "US-CA"
    position integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id)
);

CREATE TABLE tax_rates (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    country text NOT NULL DEFAULT '', -- ISO 3166-1; "" for all countries that no other rate names
    region text NOT NULL DEFAULT '', -- "" for the whole country
    name text NOT NULL,
    rate integer NOT NULL CHECK (rate BETWEEN 0 AND 10000), -- hundredths of a percent
    applies_to_shipping boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, country, region, name)
);

ALTER TABLE settings ADD COLUMN vat_number text NOT NULL DEFAULT '';

ALTER TABLE shipping_rates
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN zone_id uuid,
    ADD COLUMN kind shipping_kind NOT NULL DEFAULT 'flat',
    ADD COLUMN minimum bigint NOT NULL DEFAULT 0 CHECK (minimum >= 0), -- of the goods' price, or grams
    ADD COLUMN maximum bigint CHECK (maximum >= minimum), -- likewise; NULL for none
    ADD COLUMN note text NOT NULL DEFAULT '',
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();

DO $$
DECLARE
    t text;
    m uuid;
BEGIN
    FOREACH t IN ARRAY ARRAY['shipping_zones', 'tax_rates'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (merchant_id = orbit_merchant())
            WITH CHECK (merchant_id = orbit_merchant())', t);
    END LOOP;
    FOR m IN SELECT id FROM merchants LOOP
        PERFORM set_config('orbit.merchant_id', m::text, true);
        INSERT INTO shipping_zones (merchant_id, name) SELECT m, 'Everywhere' WHERE EXISTS (SELECT FROM shipping_rates);
        UPDATE shipping_rates SET zone_id = z.id FROM shipping_zones z;
        INSERT INTO tax_rates (merchant_id, name, rate) SELECT m, tax_name, tax_rate FROM settings WHERE tax_rate > 0;
    END LOOP;
    PERFORM set_config('orbit.merchant_id', '', true);
END
$$;

-- What waits for the end of the transaction would keep the table from being altered.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE shipping_rates
    ALTER COLUMN zone_id SET NOT NULL,
    DROP CONSTRAINT shipping_rates_pkey,
    ADD PRIMARY KEY (merchant_id, id),
    ADD CONSTRAINT shipping_rates_zone_name UNIQUE (merchant_id, zone_id, name) DEFERRABLE INITIALLY DEFERRED,
    ADD FOREIGN KEY (merchant_id, zone_id) REFERENCES shipping_zones ON DELETE CASCADE;

-- A rate without a zone goes into the one for the rest of the world, which is made where there is none.
CREATE FUNCTION orbit_rate_zone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT z.id INTO NEW.zone_id FROM public.shipping_zones z
     WHERE z.merchant_id = NEW.merchant_id AND z.countries = '{}' AND z.regions = '{}'
     ORDER BY z.position, z.id LIMIT 1;
    IF NEW.zone_id IS NULL THEN
        INSERT INTO public.shipping_zones (merchant_id, name) VALUES (NEW.merchant_id, 'Everywhere')
        RETURNING id INTO NEW.zone_id;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER zone BEFORE INSERT ON shipping_rates FOR EACH ROW WHEN (NEW.zone_id IS NULL)
    EXECUTE FUNCTION orbit_rate_zone();

-- The tax that is written into settings is the one of all countries. Nothing here fires what the other one does.
CREATE FUNCTION orbit_settings_tax() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() > 1 THEN
        RETURN NULL;
    END IF;
    DELETE FROM public.tax_rates WHERE merchant_id = NEW.merchant_id AND country = '' AND region = '';
    IF NEW.tax_rate > 0 THEN
        INSERT INTO public.tax_rates (merchant_id, name, rate) VALUES (NEW.merchant_id, NEW.tax_name, NEW.tax_rate);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER tax_insert AFTER INSERT ON settings FOR EACH ROW WHEN (NEW.tax_rate > 0)
    EXECUTE FUNCTION orbit_settings_tax();
CREATE TRIGGER tax_update AFTER UPDATE OF tax_name, tax_rate ON settings FOR EACH ROW
    WHEN ((OLD.tax_name, OLD.tax_rate) IS DISTINCT FROM (NEW.tax_name, NEW.tax_rate))
    EXECUTE FUNCTION orbit_settings_tax();

-- The release before taxes every order as an order to the shop's own country.
CREATE FUNCTION orbit_tax_settings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() > 1 THEN
        RETURN NULL;
    END IF;
    UPDATE public.settings s SET tax_name = coalesce(t.name, 'Tax'), tax_rate = least(coalesce(t.rate, 0), 10000)
      FROM (SELECT string_agg(r.name, ' + ' ORDER BY r.rate DESC, r.name) AS name, sum(r.rate) AS rate
              FROM public.tax_rates r JOIN public.settings h ON h.merchant_id = r.merchant_id
             WHERE r.merchant_id = public.orbit_merchant() AND r.region IN ('', coalesce(h.address ->> 'region', ''))
               AND r.country = CASE WHEN EXISTS (SELECT FROM public.tax_rates x WHERE x.merchant_id = r.merchant_id
                    AND x.country <> '' AND x.country = h.address ->> 'country')
                    THEN h.address ->> 'country' ELSE '' END) t
     WHERE s.merchant_id = public.orbit_merchant();
    RETURN NULL;
END
$$;
CREATE TRIGGER settings AFTER INSERT OR UPDATE OR DELETE ON tax_rates FOR EACH STATEMENT
    EXECUTE FUNCTION orbit_tax_settings();
