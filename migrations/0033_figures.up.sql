-- Lists that grow with success: the platform's merchants by plan, theme and category, and a shop's orders by words.

CREATE INDEX merchants_plan ON merchants (plan_id);
CREATE INDEX merchants_theme ON merchants (theme_id);
CREATE INDEX merchants_category ON merchants (category);

-- What orders are searched by. As with products (0012) the question stands in the policy, which an index can serve
-- whatever operators it takes, and lexemes begin with the shop's key: a word of one shop reads no other's.
CREATE TABLE order_index (
    merchant_id uuid NOT NULL,
    order_id uuid NOT NULL,
    placed_at timestamptz NOT NULL, -- the order's created_at: hits are sorted without it
    document tsvector NOT NULL,
    PRIMARY KEY (order_id, merchant_id) -- in this order: a key that merchant_id leads would tempt the planner
) WITH (parallel_workers = 0);

-- The words of an order's name and email address, and the address itself. What is written without spaces is found by
-- any part of it.
CREATE FUNCTION orbit_order_document(merchant uuid, email text, name text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH words AS (SELECT w.word FROM public.orbit_words(concat_ws(' ', email, left(name, 400))) w)
    SELECT array_to_tsvector(array_agg(public.orbit_key(merchant) || x.word)) FROM (
        SELECT left(replace(public.orbit_fold(email), ' ', ''), 120) AS word
        UNION SELECT w.word FROM words w
        UNION SELECT substr(w.word, i, 12) FROM words w CROSS JOIN LATERAL generate_series(2, length(w.word)) i
         WHERE public.orbit_unspaced(w.word)) x;
END;

-- The question of this transaction, as orbit_ask_orders asks it; without one, all orders of the merchant.
CREATE FUNCTION orbit_order_question() RETURNS tsquery LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(nullif(current_setting('orbit.orders', true), ''), '!''!''')::tsquery;

-- Sets the question that the rest of the transaction asks order_index, and returns it. At most six words of what people
-- type count, each of which an order has to have as the beginning of one of its own; an email address counts as typed.
CREATE FUNCTION orbit_ask_orders(q text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT set_config('orbit.orders', coalesce(string_agg('''' || replace(replace(
            public.orbit_key(public.orbit_merchant()) || w.word, '\', '\\'), '''', '''''') || '''' ||
            CASE WHEN length(w.word) > 1 OR public.orbit_unspaced(w.word) THEN ':*' ELSE '' END, ' & '),
        '''' || public.orbit_key(public.orbit_merchant()) || '!'''), true) -- nothing to look for finds nothing
      FROM (SELECT DISTINCT CASE WHEN public.orbit_unspaced(x.word) THEN left(x.word, 12) ELSE x.word END AS word FROM (
            SELECT left(c.chunk, 120) AS word, c.n, 0::bigint AS place
              FROM string_to_table(left(public.orbit_fold(q), 400), ' ') WITH ORDINALITY c(chunk, n)
             WHERE c.chunk ~ '.@.'
            UNION ALL
            SELECT w.word, c.n, w.place
              FROM string_to_table(left(public.orbit_fold(q), 400), ' ') WITH ORDINALITY c(chunk, n)
             CROSS JOIN LATERAL public.orbit_words(c.chunk) w WHERE c.chunk !~ '.@.'
             ORDER BY n, place LIMIT 6) x) w
$$;

CREATE FUNCTION orbit_index_order() RETURNS trigger LANGUAGE plpgsql AS $$
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

-- A product's last title, when it is deleted after it was sold: the shop's best sellers are named by it.
CREATE TABLE deleted_products (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL,
    title text NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
CREATE FUNCTION orbit_keep_title() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.deleted_products (merchant_id, id, title)
    SELECT m.id, OLD.id, OLD.title FROM public.merchants m -- which isn't there where its products go with it
     WHERE m.id = OLD.merchant_id AND EXISTS (SELECT FROM public.variants v JOIN public.order_lines l
           ON l.merchant_id = v.merchant_id AND l.variant_id = v.id
         WHERE v.merchant_id = OLD.merchant_id AND v.product_id = OLD.id)
    ON CONFLICT DO NOTHING;
    RETURN OLD;
END
$$;

-- The last flush of traffic of each process: one that is sent again, because its answer was lost, isn't added twice.
CREATE TABLE traffic_flushes (
    counter uuid PRIMARY KEY,
    flush bigint NOT NULL,
    flushed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX traffic_flushes_flushed ON traffic_flushes (flushed_at);

DO $$
BEGIN
    EXECUTE 'ALTER TABLE order_index ENABLE ROW LEVEL SECURITY';
    EXECUTE 'ALTER TABLE order_index FORCE ROW LEVEL SECURITY';
    EXECUTE 'CREATE POLICY tenant ON order_index
        USING (merchant_id = orbit_merchant() AND document @@ orbit_order_question())
        WITH CHECK (merchant_id = orbit_merchant())';
    EXECUTE 'ALTER TABLE deleted_products ENABLE ROW LEVEL SECURITY';
    EXECUTE 'ALTER TABLE deleted_products FORCE ROW LEVEL SECURITY';
    EXECUTE 'CREATE POLICY tenant ON deleted_products USING (merchant_id = orbit_merchant())
        WITH CHECK (merchant_id = orbit_merchant())';
END
$$;

-- All orders that there are, each shop in its own scope, while selling goes on.
DO $$
DECLARE
    m uuid;
BEGIN
    FOR m IN SELECT id FROM merchants WHERE status <> 'pending' LOOP
        PERFORM set_config('orbit.merchant_id', m::text, true);
        INSERT INTO order_index (merchant_id, order_id, placed_at, document)
        SELECT o.merchant_id, o.id, o.created_at, orbit_order_document(o.merchant_id, o.email, o.address ->> 'name')
          FROM orders o;
        INSERT INTO deleted_products (merchant_id, id, title)
        SELECT DISTINCT ON (l.product_id) m, l.product_id, l.title
          FROM order_lines l LEFT JOIN products p ON p.merchant_id = l.merchant_id AND p.id = l.product_id
         WHERE l.product_id IS NOT NULL AND p.id IS NULL;
    END LOOP;
    PERFORM set_config('orbit.merchant_id', '', true);
END
$$;
CREATE INDEX order_index_document ON order_index USING gin (document) WITH (fastupdate = off);

-- From here on selling waits until this ends, which is soon. Others hold these tables in any order, so the lock is let
-- go and tried again before one of both would be refused as a deadlock.
DO $$
DECLARE
    m uuid;
BEGIN
    SET LOCAL lock_timeout = '300ms';
    FOR i IN 1..100 LOOP
        BEGIN
            LOCK TABLE orders, products IN SHARE ROW EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF i = 100 THEN
                RAISE;
            END IF;
        END;
        PERFORM pg_sleep(0.1);
    END LOOP;
    SET LOCAL lock_timeout = 0;
    -- Orders that were placed until now, and those of transactions that had been open then.
    FOR m IN SELECT id FROM merchants WHERE status <> 'pending' LOOP
        PERFORM set_config('orbit.merchant_id', m::text, true);
        INSERT INTO order_index (merchant_id, order_id, placed_at, document)
        SELECT o.merchant_id, o.id, o.created_at, orbit_order_document(o.merchant_id, o.email, o.address ->> 'name')
          FROM orders o WHERE o.created_at > now() - interval '1 hour'
        ON CONFLICT DO NOTHING;
    END LOOP;
    PERFORM set_config('orbit.merchant_id', '', true);
END
$$;
ALTER TABLE order_index ADD FOREIGN KEY (merchant_id, order_id) REFERENCES orders ON DELETE CASCADE;
CREATE TRIGGER index_insert AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION orbit_index_order();
CREATE TRIGGER index_update AFTER UPDATE OF email, address, created_at ON orders FOR EACH ROW
    WHEN ((OLD.email, OLD.address, OLD.created_at) IS DISTINCT FROM (NEW.email, NEW.address, NEW.created_at))
    EXECUTE FUNCTION orbit_index_order();
CREATE TRIGGER keep_title BEFORE DELETE ON products FOR EACH ROW EXECUTE FUNCTION orbit_keep_title();
-- In the whole order of the list, so that a page deep in it is counted to in the index alone.
CREATE INDEX orders_newest ON orders (merchant_id, created_at DESC, id DESC);
DROP INDEX orders_created;
ANALYZE order_index;
