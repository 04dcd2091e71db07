DROP TRIGGER index_insert ON orders;
CREATE OR REPLACE FUNCTION orbit_index_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.order_index (merchant_id, order_id, placed_at, document)
        VALUES (NEW.merchant_id, NEW.id, NEW.created_at,
            public.orbit_order_document(NEW.merchant_id, NEW.email, NEW.address ->> 'name'));
    ELSE
        UPDATE public.order_index i SET placed_at = NEW.created_at,
            document = public.orbit_order_document(NEW.merchant_id, NEW.email, NEW.address ->> 'name')
         WHERE i.merchant_id = NEW.merchant_id AND i.order_id = NEW.id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER index_insert AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION orbit_index_order();
DROP FUNCTION orbit_order_document(uuid, text, text, text);
CREATE OR REPLACE FUNCTION orbit_count_orders() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE OR REPLACE FUNCTION orbit_mend_sales(first date, last date, OUT days bigint, OUT products bigint)
LANGUAGE plpgsql
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
DROP TRIGGER check_ledger_update ON orders;
DROP TRIGGER check_ledger ON orders;
DROP TRIGGER check_gone ON order_lines;
DROP TRIGGER check_more ON order_lines;
DROP TRIGGER check_sums ON order_lines;
DROP TRIGGER form_line ON order_lines;
DROP TRIGGER sum_units ON order_lines;
DROP TRIGGER check_update ON orders;
DROP TRIGGER check_insert ON orders;
DROP TRIGGER marked ON orders;
DROP TRIGGER statuses ON orders;
DROP TABLE test_payments, order_entries, fulfillments, order_transactions, refunds, order_revisions, payment_events,
    checkouts;
DROP FUNCTION orbit_check_ledger(), orbit_ledger(uuid, uuid), orbit_check_line(), orbit_check_order(),
    orbit_form_line(), orbit_sum_units(), orbit_keep_transaction(), orbit_sum_ledger(), orbit_order_before(),
    orbit_order_statuses(), orbit_form_charge(uuid, uuid, bigint, timestamptz),
    orbit_form_fulfillment(uuid, uuid, timestamptz), orbit_form_order(uuid, uuid), orbit_tax(text, integer, bigint),
    orbit_allocate(bigint, bigint[]), orbit_sweep_checkouts(integer);

-- The rows of shops, each shop in its own scope. What the words of before can't say becomes what is nearest.
DO $$
DECLARE
    m uuid;
BEGIN
    FOR m IN SELECT id FROM merchants LOOP
        PERFORM set_config('orbit.merchant_id', m::text, true);
        ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_form;
        UPDATE orders SET status = CASE WHEN status = 'cancelled' THEN 'cancelled'
                WHEN fulfillment_status = 'fulfilled' THEN 'fulfilled' ELSE 'open' END,
            payment_status = CASE WHEN payment_status = 'refunded' THEN 'refunded'
                WHEN payment_status IN ('paid', 'partially_refunded') THEN 'paid' ELSE 'pending' END;
        UPDATE payments SET status = CASE status WHEN 'processing' THEN 'pending' WHEN 'expired' THEN 'failed'
            ELSE status END;
        DELETE FROM payments p WHERE NOT EXISTS (SELECT FROM orders o WHERE o.id = p.order_id);
    END LOOP;
    PERFORM set_config('orbit.merchant_id', '', true);
END
$$;
ALTER TABLE order_lines DROP COLUMN id, DROP COLUMN discount, DROP COLUMN tax, DROP COLUMN taxes, DROP COLUMN taxable,
    DROP COLUMN tax_included, DROP COLUMN requires_shipping, DROP COLUMN total, DROP COLUMN fulfilled,
    DROP COLUMN refunded, DROP COLUMN short;
ALTER TABLE orders DROP COLUMN shipping_discount, DROP COLUMN shipping_tax, DROP COLUMN shipping_taxes,
    DROP COLUMN shipping_refunded, DROP COLUMN discounts, DROP COLUMN fulfillment_status, DROP COLUMN to_fulfill,
    DROP COLUMN paid, DROP COLUMN refunded, DROP COLUMN test, DROP COLUMN revision, DROP COLUMN cancel_reason,
    DROP COLUMN canceled_at, DROP COLUMN reopens, DROP COLUMN closed_at,
    ADD CONSTRAINT orders_check1 CHECK (total = subtotal - discount + shipping +
        CASE WHEN tax_included THEN 0 ELSE tax END);
DROP POLICY unfinished ON payments;
ALTER TABLE payments DROP CONSTRAINT payments_merchant_id_fkey, DROP COLUMN account_id, DROP COLUMN test,
    DROP COLUMN charge, DROP COLUMN url, DROP COLUMN method, DROP COLUMN failure, DROP COLUMN dispute,
    DROP COLUMN expires_at, DROP COLUMN busy_until, DROP COLUMN expiring, DROP COLUMN checked_at,
    DROP COLUMN next_check_at, DROP COLUMN checks,
    ADD FOREIGN KEY (merchant_id, order_id) REFERENCES orders ON DELETE CASCADE;
DROP INDEX payments_reference;
ALTER TABLE payment_methods DROP COLUMN test, DROP COLUMN account_id, DROP COLUMN updated_at;
DROP TABLE payment_accounts;
DROP DOMAIN fulfillment_status, transaction_kind, transaction_status, checkout_status;
ALTER DOMAIN payment_status DROP CONSTRAINT payment_status_check;
ALTER DOMAIN payment_status ADD CHECK (VALUE IN ('pending', 'paid', 'failed', 'refunded'));
ALTER DOMAIN order_payment_status DROP CONSTRAINT order_payment_status_check;
ALTER DOMAIN order_payment_status ADD CHECK (VALUE IN ('pending', 'paid', 'refunded'));
ALTER DOMAIN order_status DROP CONSTRAINT order_status_check;
ALTER DOMAIN order_status ADD CHECK (VALUE IN ('open', 'fulfilled', 'cancelled'));
