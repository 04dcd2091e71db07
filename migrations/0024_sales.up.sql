-- What a shop has sold, by day and by product: its first page reads these rows instead of all orders.

-- An order counts with all that was charged for it (orders.total: with shipping and tax, less its discount), on the
-- day on which it was placed in the shop's time zone, unless it is canceled. Whether it is paid doesn't matter. Each
-- currency has rows of its own: amounts of two can't be added. The transaction that changes an order changes its day,
-- so the rows are right whenever the orders are; orbit_mend_sales compares the two.
CREATE TABLE sales_days (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    day date NOT NULL,
    currency currency NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    total bigint NOT NULL,
    PRIMARY KEY (merchant_id, day, currency)
) WITH (fillfactor = 50); -- the row of today changes with every order

-- The same orders by product: what their lines cost, before the order's discount, shipping and tax. A product that is
-- deleted keeps its rows.
CREATE TABLE sales_products (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    day date NOT NULL,
    currency currency NOT NULL,
    product_id uuid NOT NULL,
    units bigint NOT NULL,
    total bigint NOT NULL,
    PRIMARY KEY (merchant_id, day, currency, product_id)
) WITH (fillfactor = 80);

-- Shops that are to be counted anew, because their time zone has changed or they are older than these tables. The
-- newest days come first; counted is the first day that has been.
CREATE TABLE sales_recounts (
    merchant_id uuid PRIMARY KEY REFERENCES merchants ON DELETE CASCADE,
    counted date
);
INSERT INTO sales_recounts (merchant_id) SELECT id FROM merchants WHERE status <> 'pending';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['sales_days', 'sales_products', 'sales_recounts'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (merchant_id = orbit_merchant())
            WITH CHECK (merchant_id = orbit_merchant())', t);
    END LOOP;
END
$$;
-- One question is asked across shops: which of them are to be counted anew.
CREATE POLICY unfinished ON sales_recounts FOR SELECT USING (current_setting('orbit.unfinished', true) = 'on');

-- The lock of a shop's rows. Those who count share it. A time zone changes alone: when all who have counted in the one
-- before have committed.
CREATE FUNCTION orbit_sales_key(merchant uuid) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN hashtextextended(merchant::text, 24);

-- Adds an order to its day n times: 1 or -1. It reads the order's lines as they are: what changes the lines of an order
-- that counts takes the order out before, and puts it in after.
CREATE FUNCTION orbit_count_order(o orders, n integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    m uuid := o.merchant_id;
    before text := coalesce(current_setting('orbit.merchant_id', true), '');
    d date;
BEGIN
    IF before <> m::text THEN -- at the end of a transaction that wrote to several shops
        PERFORM set_config('orbit.merchant_id', m::text, true);
    END IF;
    PERFORM pg_advisory_xact_lock_shared(public.orbit_sales_key(m));
    d := (o.created_at AT TIME ZONE coalesce(
        (SELECT s.timezone FROM public.settings s WHERE s.merchant_id = m), 'UTC'))::date;
    INSERT INTO public.sales_days AS s (merchant_id, day, currency, orders, units, total)
    SELECT m, d, o.currency, n, n * coalesce(sum(l.quantity), 0), n * o.total
      FROM public.order_lines l WHERE l.merchant_id = m AND l.order_id = o.id
    ON CONFLICT (merchant_id, day, currency) DO UPDATE
       SET orders = s.orders + excluded.orders, units = s.units + excluded.units, total = s.total + excluded.total;
    -- After the day's row, and in order: two that write the same day never wait for each other in a circle.
    INSERT INTO public.sales_products AS s (merchant_id, day, currency, product_id, units, total)
    SELECT m, d, o.currency, l.product_id, n * sum(l.quantity), n * sum(l.price * l.quantity)
      FROM public.order_lines l WHERE l.merchant_id = m AND l.order_id = o.id AND l.product_id IS NOT NULL
     GROUP BY l.product_id ORDER BY l.product_id
    ON CONFLICT (merchant_id, day, currency, product_id) DO UPDATE
       SET units = s.units + excluded.units, total = s.total + excluded.total;
    IF before <> m::text THEN
        PERFORM set_config('orbit.merchant_id', before, true);
    END IF;
END
$$;

CREATE FUNCTION orbit_count_orders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.status <> 'cancelled' THEN
        PERFORM public.orbit_count_order(OLD, -1);
    END IF;
    IF NEW.status <> 'cancelled' THEN
        PERFORM public.orbit_count_order(NEW, 1);
    END IF;
    RETURN NULL;
END
$$;

-- Compares the orders of some days, from the first to before the last, with what was counted, and adds what is
-- different. Each of the two statements sees one state of the database, in which orders and rows agree but for
-- mistakes: what others add changes both alike. So a difference stays the same until it is added. OFFSET 0 has each
-- order's lines read by their key. Plans are made for the shop at hand: one that was made for the first shop of a
-- connection can take minutes for a large one.
CREATE FUNCTION orbit_mend_sales(first date, last date, OUT days bigint, OUT products bigint) LANGUAGE plpgsql
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    m uuid := public.orbit_merchant();
    zone text;
    since timestamptz := first - 1; -- a day more at both ends, for all zones
    until timestamptz := last + 1;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(public.orbit_sales_key(m));
    PERFORM pg_advisory_xact_lock(hashtextextended(m::text, 25)); -- a difference is added once
    zone := coalesce((SELECT s.timezone FROM public.settings s), 'UTC');
    WITH counted AS (
        SELECT (o.created_at AT TIME ZONE zone)::date AS day, o.currency, 1 AS orders, o.total,
               (SELECT sum(l.quantity) FROM public.order_lines l
                 WHERE l.merchant_id = o.merchant_id AND l.order_id = o.id) AS units
          FROM public.orders o WHERE o.created_at >= since AND o.created_at < until AND o.status <> 'cancelled'
        UNION ALL
        SELECT s.day, s.currency, -s.orders, -s.total, -s.units
          FROM public.sales_days s WHERE s.day >= first AND s.day < last
    ), added AS (
        INSERT INTO public.sales_days AS s (merchant_id, day, currency, orders, units, total)
        SELECT m, c.day, c.currency, sum(c.orders), coalesce(sum(c.units), 0), sum(c.total)
          FROM counted c WHERE c.day >= first AND c.day < last
         GROUP BY c.day, c.currency HAVING (sum(c.orders), coalesce(sum(c.units), 0), sum(c.total)) <> (0, 0, 0)
         ORDER BY c.day, c.currency
        ON CONFLICT (merchant_id, day, currency) DO UPDATE
           SET orders = s.orders + excluded.orders, units = s.units + excluded.units, total = s.total + excluded.total
        RETURNING 1
    )
    SELECT count(*) INTO days FROM added;
    WITH counted AS (
        SELECT (o.created_at AT TIME ZONE zone)::date AS day, o.currency, l.product_id, l.quantity AS units,
               l.price * l.quantity AS total
          FROM public.orders o CROSS JOIN LATERAL (SELECT l.* FROM public.order_lines l
                 WHERE l.merchant_id = o.merchant_id AND l.order_id = o.id AND l.product_id IS NOT NULL OFFSET 0) l
         WHERE o.created_at >= since AND o.created_at < until AND o.status <> 'cancelled'
        UNION ALL
        SELECT s.day, s.currency, s.product_id, -s.units, -s.total
          FROM public.sales_products s WHERE s.day >= first AND s.day < last
    ), added AS (
        INSERT INTO public.sales_products AS s (merchant_id, day, currency, product_id, units, total)
        SELECT m, c.day, c.currency, c.product_id, sum(c.units), sum(c.total)
          FROM counted c WHERE c.day >= first AND c.day < last
         GROUP BY c.day, c.currency, c.product_id HAVING (sum(c.units), sum(c.total)) <> (0, 0)
         ORDER BY c.day, c.currency, c.product_id
        ON CONFLICT (merchant_id, day, currency, product_id) DO UPDATE
           SET units = s.units + excluded.units, total = s.total + excluded.total
        RETURNING 1
    )
    SELECT count(*) INTO products FROM added;
END
$$;

-- Counts 31 days of a shop that is to be counted anew, and returns the shop: NULL where there is none to do, or others
-- are doing it.
CREATE FUNCTION orbit_recount_sales() RETURNS uuid LANGUAGE plpgsql
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    before text := coalesce(current_setting('orbit.merchant_id', true), '');
    m uuid;
    first date;
    last date;
    since timestamptz;
    until timestamptz;
BEGIN
    PERFORM set_config('orbit.merchant_id', '', true), set_config('orbit.unfinished', 'on', true);
    FOR m IN SELECT r.merchant_id FROM public.sales_recounts r LIMIT 100 LOOP
        EXIT WHEN pg_try_advisory_xact_lock(hashtextextended(m::text, 26));
        m := NULL;
    END LOOP;
    PERFORM set_config('orbit.unfinished', '', true);
    IF m IS NOT NULL THEN
        PERFORM set_config('orbit.merchant_id', m::text, true);
        PERFORM pg_advisory_xact_lock_shared(public.orbit_sales_key(m));
        SELECT coalesce(r.counted, current_date + 2) INTO last FROM public.sales_recounts r; -- no zone is further ahead
        IF FOUND THEN
            first := last - 31;
            since := first - 1;
            until := last + 1;
            UPDATE public.order_lines l SET product_id = (SELECT v.product_id FROM public.variants v
                 WHERE v.merchant_id = m AND v.id = l.variant_id)
             WHERE l.order_id = ANY (ARRAY(SELECT o.id FROM public.orders o
                       WHERE o.created_at >= since AND o.created_at < until))
               AND l.product_id IS NULL AND l.variant_id IS NOT NULL;
            PERFORM public.orbit_mend_sales(first, last);
            UPDATE public.sales_recounts SET counted = first;
            DELETE FROM public.sales_recounts
             WHERE coalesce(least((SELECT min(o.created_at) FROM public.orders o) - interval '2 days',
                            (SELECT min(s.day) - 1 FROM public.sales_days s)) >= since, true);
        END IF;
    END IF;
    PERFORM set_config('orbit.merchant_id', before, true);
    RETURN m;
END
$$;

-- Mends what differs in the last days of up to p_shops merchants, those that come after p_after, and in 31 older days
-- of each: others at every turn, until all had theirs. wrong has the merchants in which something differed. resume is
-- where the next call goes on, NULL after the last merchant.
CREATE FUNCTION orbit_check_sales(p_after uuid, p_shops integer, p_turn bigint, OUT resume uuid, OUT wrong text)
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    before text := coalesce(current_setting('orbit.merchant_id', true), '');
    m uuid;
    looked integer := 0;
    months bigint;
    first date;
    recent record;
    older record;
BEGIN
    wrong := '';
    FOR m IN SELECT x.id FROM public.merchants x WHERE x.id > p_after AND x.status <> 'pending'
              ORDER BY x.id LIMIT p_shops LOOP
        looked := looked + 1;
        resume := m;
        PERFORM set_config('orbit.merchant_id', m::text, true);
        SELECT (current_date - min(o.created_at)::date) / 31 + 1 INTO months FROM public.orders o;
        CONTINUE WHEN months IS NULL OR EXISTS (SELECT FROM public.sales_recounts);
        recent := public.orbit_mend_sales(current_date - 2, current_date + 2);
        first := current_date - 2 - 31 * (1 + p_turn % months)::integer;
        older := public.orbit_mend_sales(first, first + 31);
        IF recent.days + recent.products + older.days + older.products > 0 THEN
            wrong := ltrim(wrong || ' ' || m);
        END IF;
    END LOOP;
    IF looked < p_shops THEN
        resume := NULL;
    END IF;
    PERFORM set_config('orbit.merchant_id', before, true);
END
$$;

CREATE FUNCTION orbit_change_timezone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM now() AT TIME ZONE NEW.timezone; -- one that PostgreSQL doesn't know would fail every order
    IF TG_OP = 'UPDATE' THEN
        PERFORM pg_advisory_xact_lock(public.orbit_sales_key(NEW.merchant_id));
        INSERT INTO public.sales_recounts (merchant_id) VALUES (NEW.merchant_id)
        ON CONFLICT (merchant_id) DO UPDATE SET counted = NULL;
    END IF;
    RETURN NULL;
END
$$;

-- From here on selling waits until this ends, which is soon: orders are counted afterwards. Others hold these tables in
-- any order, so the lock is let go and tried again before one of both would be refused as a deadlock.
DO $$
BEGIN
    SET LOCAL lock_timeout = '300ms';
    FOR i IN 1..100 LOOP
        BEGIN
            LOCK TABLE settings, variants, orders, order_lines IN ACCESS EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF i = 100 THEN
                RAISE;
            END IF;
        END;
        PERFORM pg_sleep(0.1);
    END LOOP;
    SET LOCAL lock_timeout = 0;
END
$$;

CREATE TRIGGER timezone_insert AFTER INSERT ON settings
    FOR EACH ROW EXECUTE FUNCTION orbit_change_timezone();
CREATE TRIGGER timezone_update AFTER UPDATE OF timezone ON settings
    FOR EACH ROW WHEN (OLD.timezone IS DISTINCT FROM NEW.timezone) EXECUTE FUNCTION orbit_change_timezone();

-- The product as it was then, also when it or the variant is deleted later. Lines of before get theirs with the
-- recount.
ALTER TABLE order_lines ADD COLUMN product_id uuid;
CREATE FUNCTION orbit_line_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.product_id := (SELECT v.product_id FROM public.variants v
        WHERE v.merchant_id = NEW.merchant_id AND v.id = NEW.variant_id);
    RETURN NEW;
END
$$;
-- For programs of the release before, which don't say it.
CREATE TRIGGER line_product BEFORE INSERT ON order_lines
    FOR EACH ROW WHEN (NEW.product_id IS NULL AND NEW.variant_id IS NOT NULL) EXECUTE FUNCTION orbit_line_product();

-- At the end of the transaction: the lines are there then, and the rows that all orders of a shop write are locked
-- last.
CREATE CONSTRAINT TRIGGER count_insert AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION orbit_count_orders();
CREATE CONSTRAINT TRIGGER count_update AFTER UPDATE ON orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.status = 'cancelled') <> (NEW.status = 'cancelled') OR OLD.total <> NEW.total
        OR OLD.currency <> NEW.currency OR OLD.created_at <> NEW.created_at) EXECUTE FUNCTION orbit_count_orders();

-- What there is to do.
CREATE INDEX orders_open ON orders (merchant_id, created_at DESC) WHERE status = 'open';
CREATE INDEX orders_unpaid ON orders (merchant_id, created_at DESC)
    WHERE payment_status = 'pending' AND status <> 'cancelled';

-- Few units left: orbit.LowStock says so too. The index is of a column of its own, which a sale seldom changes: one of
-- the stock would have every sale write to all indexes of variants.
ALTER TABLE variants ADD COLUMN low boolean NOT NULL GENERATED ALWAYS AS (stock <= 5) STORED;
CREATE INDEX variants_low ON variants (merchant_id, product_id) WHERE low;
