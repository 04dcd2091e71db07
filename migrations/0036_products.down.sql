DROP TRIGGER index_update ON variants;
-- The functions of 0012 that read a product's type: what they do is unchanged.
CREATE OR REPLACE FUNCTION orbit_index(m uuid, products uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    asked text := coalesce(current_setting('orbit.query', true), '');
BEGIN
    IF asked <> '' THEN
        PERFORM set_config('orbit.query', '', true);
    END IF;
    INSERT INTO public.product_index AS i (merchant_id, product_id, active, position, facets, document)
    SELECT p.merchant_id, p.id, p.status = 'active', p.position,
           ARRAY(SELECT (o.o ->> 'name') || U&'\001F' || v.value
                   FROM jsonb_array_elements(p.options) WITH ORDINALITY o(o, n)
                   CROSS JOIN LATERAL jsonb_array_elements_text(o.o -> 'values') WITH ORDINALITY v(value, n)
                  ORDER BY o.n, v.n),
           public.orbit_document(p.merchant_id, p.title, p.vendor, p.product_type, p.options,
               ARRAY(SELECT DISTINCT v.sku FROM public.variants v
                     WHERE v.merchant_id = p.merchant_id AND v.product_id = p.id AND v.sku <> ''), p.description)
      FROM public.products p WHERE p.merchant_id = m AND p.id = ANY (products)
    ON CONFLICT (product_id, merchant_id) DO UPDATE
       SET active = excluded.active, position = excluded.position, facets = excluded.facets,
           document = excluded.document;
    INSERT INTO public.shop_words (merchant_id, word) -- in order: two writers never wait for each other
    SELECT DISTINCT p.merchant_id, s.s COLLATE "C" FROM public.products p
     CROSS JOIN LATERAL public.orbit_spellings(p.title, p.vendor, p.product_type, p.options) s(s)
     WHERE p.merchant_id = m AND p.id = ANY (products) ORDER BY 2
    ON CONFLICT DO NOTHING;
    IF asked <> '' THEN
        PERFORM set_config('orbit.query', asked, true);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION orbit_index_products() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT n.merchant_id, array_agg(n.id) AS products,
            (SELECT array_agg(DISTINCT s.s) FROM before_rows b
              CROSS JOIN LATERAL public.orbit_spellings(b.title, b.vendor, b.product_type, b.options) s(s)
              WHERE b.id = ANY (array_agg(n.id))) AS words
          FROM after_rows n JOIN before_rows o USING (merchant_id, id)
         WHERE (o.title, o.vendor, o.product_type, o.options, o.description, o.status, o.position)
               IS DISTINCT FROM (n.title, n.vendor, n.product_type, n.options, n.description, n.status, n.position)
         GROUP BY 1 LOOP
        PERFORM public.orbit_index(r.merchant_id, r.products);
        PERFORM public.orbit_forget(r.merchant_id, r.words);
    END LOOP;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION orbit_forget_products() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT b.merchant_id, array_agg(DISTINCT s.s) AS words FROM rows b
              CROSS JOIN LATERAL public.orbit_spellings(b.title, b.vendor, b.product_type, b.options) s(s)
             GROUP BY 1 LOOP
        PERFORM public.orbit_forget(r.merchant_id, r.words);
    END LOOP;
    RETURN NULL;
END
$$;

DROP FUNCTION orbit_tagged(text, text[]);
DROP TABLE redirects;
DROP TRIGGER ledger_insert ON variants;
DROP TRIGGER ledger_update ON variants;
DROP FUNCTION orbit_ledger_opens();
DROP FUNCTION orbit_ledger_goes_on();
DROP FUNCTION orbit_note_inventory(uuid, uuid, integer, integer, boolean);
DROP TABLE inventory_adjustments;

CREATE OR REPLACE FUNCTION orbit_variants_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM before_rows b FULL JOIN after_rows a USING (merchant_id, id)
               WHERE least(b.stock, 20) IS DISTINCT FROM least(a.stock, 20)
                  OR to_jsonb(b) - 'stock' IS DISTINCT FROM to_jsonb(a) - 'stock') THEN
        PERFORM pg_notify('orbit_shop', coalesce(orbit_merchant()::text, '*'));
    END IF;
    RETURN NULL;
END
$$;

DROP TRIGGER plain ON products;
DROP FUNCTION orbit_plain_description();

-- Each shop in its own scope: the owner is held by row-level security as well.
DO $$
DECLARE
    m uuid;
BEGIN
    FOR m IN SELECT id FROM merchants LOOP
        PERFORM set_config('orbit.merchant_id', m::text, true);
        UPDATE products SET status = 'draft' WHERE status = 'archived';
        UPDATE variants SET stock = 0 WHERE stock < 0;
    END LOOP;
    PERFORM set_config('orbit.merchant_id', '', true);
END
$$;
SET CONSTRAINTS ALL IMMEDIATE;

ALTER TABLE variants
    DROP CONSTRAINT variants_stock_check,
    ADD CONSTRAINT variants_stock_check CHECK (stock >= 0),
    DROP COLUMN barcode,
    DROP COLUMN cost,
    DROP COLUMN track_inventory,
    DROP COLUMN continue_selling,
    DROP COLUMN taxable,
    DROP COLUMN requires_shipping,
    DROP COLUMN weight_grams,
    DROP COLUMN media_id;
CREATE TRIGGER index_update AFTER UPDATE OF sku ON variants FOR EACH ROW WHEN (OLD.sku IS DISTINCT FROM NEW.sku)
    EXECUTE FUNCTION orbit_index_variant();
ALTER TABLE products
    DROP COLUMN description_html,
    DROP COLUMN tags,
    DROP COLUMN seo_title,
    DROP COLUMN seo_description,
    DROP COLUMN publish_at;
DROP DOMAIN inventory_reason;
ALTER DOMAIN product_status DROP CONSTRAINT product_status_check;
ALTER DOMAIN product_status ADD CHECK (VALUE IN ('active', 'draft'));
