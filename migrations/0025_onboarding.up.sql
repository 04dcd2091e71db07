-- What a shop says of itself, and how its orders are called.
CREATE DOMAIN weight_unit AS text CHECK (VALUE IN ('kg', 'g', 'lb', 'oz'));

ALTER TABLE settings
    ADD COLUMN legal_name text NOT NULL DEFAULT '',
    ADD COLUMN email text NOT NULL DEFAULT '',
    ADD COLUMN phone text NOT NULL DEFAULT '',
    ADD COLUMN address jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN weight_unit weight_unit NOT NULL DEFAULT 'kg',
    ADD COLUMN order_prefix text NOT NULL DEFAULT '#',
    ADD COLUMN title text NOT NULL DEFAULT '',
    ADD COLUMN description text NOT NULL DEFAULT '',
    ADD COLUMN social jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN version integer NOT NULL DEFAULT 1;

ALTER TABLE orders ADD COLUMN prefix text NOT NULL DEFAULT '#';

-- The rows of shops, each shop in its own scope: the owner is held by row-level security as well.
DO $$
DECLARE
    m record;
BEGIN
    FOR m IN SELECT id, email FROM merchants LOOP
        PERFORM set_config('orbit.merchant_id', m.id::text, true);
        UPDATE settings SET email = m.email;
    END LOOP;
    PERFORM set_config('orbit.merchant_id', '', true);
END
$$;
