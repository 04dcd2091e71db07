-- What shops use of their plans, which plan a shop had when, and what it owes for that. Months are those of the
-- calendar in UTC, as in order_numbers.

CREATE DOMAIN plan_limit AS text CHECK (VALUE IN ('products', 'ordersPerMonth', 'storageBytes', 'bandwidthBytes'));

-- Bytes that a shop's hosts have sent in a month. Every process adds what it has counted.
CREATE TABLE traffic (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    month date NOT NULL,
    bytes bigint NOT NULL CHECK (bytes >= 0),
    PRIMARY KEY (merchant_id, month)
);

-- That a shop has used 80 or 100 % of a limit: its owners get an email, once a month.
CREATE TABLE plan_notices (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    month date NOT NULL,
    "limit" plan_limit NOT NULL,
    level integer NOT NULL CHECK (level IN (80, 100)),
    used bigint NOT NULL,
    most bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    emailed_at timestamptz, -- NULL while the job that writes the email is to be worked
    PRIMARY KEY (merchant_id, month, "limit", level)
);

-- The plans that a shop has had: each row is one until the next begins. plan_id has no foreign key: a plan that nobody
-- has any longer can go, and its prices stay.
CREATE TABLE merchant_plans (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    plan_id uuid NOT NULL,
    PRIMARY KEY (merchant_id, started_at)
);

-- What a plan has cost since when: statements are of a time that is over.
CREATE TABLE plan_prices (
    plan_id uuid NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    name text NOT NULL,
    price bigint NOT NULL CHECK (price >= 0),
    currency currency NOT NULL,
    billing_cycle billing_cycle NOT NULL,
    PRIMARY KEY (plan_id, since)
);

-- What a shop owes for a month that is over. Statements never change: the serving role may insert alone.
CREATE TABLE statements (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    month date NOT NULL,
    lines jsonb NOT NULL,
    orders bigint NOT NULL,
    bandwidth_bytes bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, month)
);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['traffic', 'plan_notices', 'merchant_plans', 'statements'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (merchant_id = orbit_merchant())
            WITH CHECK (merchant_id = orbit_merchant())', t);
    END LOOP;
END
$$;
-- The watch over jobs asks one question across shops: which notices are still to be written. It says so, and sees those
-- alone.
CREATE POLICY unfinished ON plan_notices FOR SELECT
    USING (emailed_at IS NULL AND current_setting('orbit.unfinished', true) = 'on');
CREATE INDEX plan_notices_unfinished ON plan_notices (created_at) WHERE emailed_at IS NULL;

CREATE FUNCTION orbit_keep_price() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO plan_prices (plan_id, name, price, currency, billing_cycle)
        VALUES (NEW.id, NEW.name, NEW.price, NEW.currency, NEW.billing_cycle)
        ON CONFLICT (plan_id, since) DO UPDATE SET name = excluded.name, price = excluded.price,
            currency = excluded.currency, billing_cycle = excluded.billing_cycle;
    RETURN NULL;
END
$$;
CREATE TRIGGER price_insert AFTER INSERT ON plans FOR EACH ROW EXECUTE FUNCTION orbit_keep_price();
CREATE TRIGGER price_update AFTER UPDATE ON plans FOR EACH ROW
    WHEN ((OLD.name, OLD.price, OLD.currency, OLD.billing_cycle)
        IS DISTINCT FROM (NEW.name, NEW.price, NEW.currency, NEW.billing_cycle))
    EXECUTE FUNCTION orbit_keep_price();

INSERT INTO plan_prices (plan_id, since, name, price, currency, billing_cycle)
    SELECT id, created_at, name, price, currency, billing_cycle FROM plans;

-- Shops that are there begin with this month: which plans they had before isn't known.
DO $$
DECLARE
    m record;
BEGIN
    FOR m IN SELECT id, plan_id, greatest(activated_at, date_trunc('month', now(), 'UTC')) AS since FROM merchants
              WHERE activated_at IS NOT NULL AND plan_id IS NOT NULL LOOP
        PERFORM set_config('orbit.merchant_id', m.id::text, true);
        INSERT INTO merchant_plans (merchant_id, started_at, plan_id) VALUES (m.id, m.since, m.plan_id);
    END LOOP;
    PERFORM set_config('orbit.merchant_id', '', true);
END
$$;

-- Adds to the traffic of this month, one tenant after the other, each through row-level security as always. It returns
-- the shops that have a new notice: they have used much of their plan's bandwidth. A merchant that is gone is
-- left out. In the order of their ids: two processes that add at once don't wait for each other in a circle.
CREATE FUNCTION orbit_add_traffic(p_merchants uuid[], p_bytes bigint[])
    RETURNS TABLE (merchant_id uuid, level integer)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    before text := coalesce(current_setting('orbit.merchant_id', true), '');
    this date := date_trunc('month', now(), 'UTC') AT TIME ZONE 'UTC';
    shop record;
    total bigint;
    news integer;
BEGIN
    FOR shop IN SELECT m.id, s.bytes, (p.limits ->> 'bandwidthBytes')::bigint AS most
                  FROM unnest(p_merchants, p_bytes) s(id, bytes)
                  JOIN merchants m ON m.id = s.id LEFT JOIN plans p ON p.id = m.plan_id ORDER BY m.id LOOP
        PERFORM set_config('orbit.merchant_id', shop.id::text, true);
        INSERT INTO traffic AS t (merchant_id, month, bytes) VALUES (shop.id, this, shop.bytes)
            ON CONFLICT (merchant_id, month) DO UPDATE SET bytes = t.bytes + excluded.bytes
            RETURNING t.bytes INTO total;
        CONTINUE WHEN shop.most IS NULL OR total < shop.most - shop.most / 5;
        WITH told AS (
            INSERT INTO plan_notices (merchant_id, month, "limit", level, used, most)
                SELECT shop.id, this, 'bandwidthBytes', l, total, shop.most FROM unnest(ARRAY[80, 100]) l
                 WHERE l = 80 OR total >= shop.most
                ON CONFLICT DO NOTHING RETURNING level)
            SELECT max(told.level) INTO news FROM told;
        IF news IS NOT NULL THEN
            merchant_id := shop.id;
            level := news;
            RETURN NEXT;
        END IF;
    END LOOP;
    PERFORM set_config('orbit.merchant_id', before, true);
END
$$;

-- Finds, among the next p_shops merchants after p_after, those that have no statement yet of p_month. resume is where
-- the next call goes on, NULL after the last merchant.
CREATE FUNCTION orbit_unstated(p_month date, p_after uuid, p_shops integer, OUT resume uuid, OUT due uuid[])
LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('orbit.merchant_id', true), '');
    merchant uuid;
    looked integer := 0;
BEGIN
    due := '{}';
    FOR merchant IN SELECT m.id FROM merchants m WHERE m.id > p_after AND m.activated_at IS NOT NULL
                     ORDER BY m.id LIMIT p_shops LOOP
        PERFORM set_config('orbit.merchant_id', merchant::text, true);
        IF EXISTS (SELECT FROM merchant_plans p WHERE p.merchant_id = merchant
                    AND p.started_at < (p_month + interval '1 month') AT TIME ZONE 'UTC')
            AND NOT EXISTS (SELECT FROM statements s WHERE s.merchant_id = merchant AND s.month = p_month) THEN
            due := due || merchant;
        END IF;
        looked := looked + 1;
        resume := merchant;
    END LOOP;
    IF looked < p_shops THEN
        resume := NULL;
    END IF;
    PERFORM set_config('orbit.merchant_id', before, true);
END
$$;
