-- The trade's words for what tables, columns, stored settings and actions are called.

ALTER TABLE mails RENAME TO emails;
ALTER DOMAIN mail_status RENAME TO email_status;
ALTER INDEX mails_pkey RENAME TO emails_pkey;
ALTER INDEX mails_message_id_key RENAME TO emails_message_id_key;
ALTER INDEX mails_merchant RENAME TO emails_merchant;
ALTER INDEX mails_queued RENAME TO emails_queued;
ALTER INDEX mails_bodies RENAME TO emails_bodies;
ALTER INDEX mails_words RENAME TO emails_words;
ALTER INDEX mails_newest RENAME TO emails_newest;
ALTER INDEX mails_status RENAME TO emails_status;

ALTER TABLE media_reserved RENAME COLUMN picture_id TO image_id;

-- Settings of themes, releases and drafts: the keys and values that engines renamed.
CREATE FUNCTION pg_temp.renamed(settings jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(CASE
            WHEN key LIKE '%\_colour' THEN regexp_replace(key, '_colour$', '_color')
            WHEN key IN ('picture_margin', 'picture_ratio', 'show_picture') THEN replace(key, 'picture', 'image')
            ELSE key END,
        CASE
            WHEN key = 'sections' AND jsonb_typeof(value) = 'string'
                THEN to_jsonb(regexp_replace(value #>> '{}', '(^|,)picture(?=,|$)', '\1image', 'g'))
            WHEN value = '"centre"' AND key IN ('header_align', 'hero_align', 'card_align', 'footer_align', 'caption')
                THEN '"center"'
            ELSE value END), '{}')
    FROM jsonb_each(settings)
$$;
UPDATE themes SET config = pg_temp.renamed(config) WHERE config <> pg_temp.renamed(config);
UPDATE releases SET settings = pg_temp.renamed(settings) WHERE settings <> pg_temp.renamed(settings);

-- The rows of shops, each shop in its own scope: the owner is held by row-level security as well.
ALTER DOMAIN order_status DROP CONSTRAINT order_status_check;
DO $$
DECLARE
    m uuid;
BEGIN
    FOR m IN SELECT id FROM merchants LOOP
        PERFORM set_config('orbit.merchant_id', m::text, true);
        UPDATE drafts SET settings = pg_temp.renamed(settings) WHERE settings <> pg_temp.renamed(settings);
        UPDATE orders SET status = 'fulfilled' WHERE status = 'sent';
    END LOOP;
    PERFORM set_config('orbit.merchant_id', '', true);
END
$$;
DROP FUNCTION pg_temp.renamed(jsonb); -- it would stay as long as the session
ALTER DOMAIN order_status ADD CHECK (VALUE IN ('open', 'fulfilled', 'cancelled'));
ALTER TABLE orders RENAME COLUMN sent_at TO fulfilled_at;

ALTER TABLE products RENAME COLUMN kind TO product_type;
ALTER TABLE order_lines RENAME COLUMN kind TO product_type;

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

-- Jobs under way name their rows by the new words.
UPDATE river_job SET args = args - 'mailId' || jsonb_build_object('emailId', args -> 'mailId')
 WHERE kind = 'mail' AND args ? 'mailId';
UPDATE river_job SET args = args - 'pictureId' || jsonb_build_object('imageId', args -> 'pictureId')
 WHERE kind = 'media' AND args ? 'pictureId';

UPDATE audit_log SET action = replace(action, 'picture.', 'image.') WHERE action LIKE 'picture.%';
UPDATE audit_log SET detail = detail - 'picture' || jsonb_build_object('image', detail -> 'picture')
 WHERE detail ? 'picture';
UPDATE audit_log SET action = 'order.fulfilled' WHERE action = 'order.sent';
