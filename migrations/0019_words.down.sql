UPDATE audit_log SET action = 'order.sent' WHERE action = 'order.fulfilled';
UPDATE audit_log SET detail = detail - 'image' || jsonb_build_object('picture', detail -> 'image')
 WHERE detail ? 'image';
UPDATE audit_log SET action = replace(action, 'image.', 'picture.') WHERE action LIKE 'image.%';

CREATE FUNCTION pg_temp.renamed(settings jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(CASE
            WHEN key LIKE '%\_color' THEN regexp_replace(key, '_color$', '_colour')
            WHEN key IN ('image_margin', 'image_ratio', 'show_image') THEN replace(key, 'image', 'picture')
            ELSE key END,
        CASE
            WHEN key = 'sections' AND jsonb_typeof(value) = 'string'
                THEN to_jsonb(regexp_replace(value #>> '{}', '(^|,)image(?=,|$)', '\1picture', 'g'))
            WHEN value = '"center"' AND key IN ('header_align', 'hero_align', 'card_align', 'footer_align', 'caption')
                THEN '"centre"'
            ELSE value END), '{}')
    FROM jsonb_each(settings)
$$;
UPDATE releases SET settings = pg_temp.renamed(settings) WHERE settings <> pg_temp.renamed(settings);
UPDATE themes SET config = pg_temp.renamed(config) WHERE config <> pg_temp.renamed(config);

-- The rows of shops, each shop in its own scope: the owner is held by row-level security as well.
ALTER DOMAIN order_status DROP CONSTRAINT order_status_check;
DO $$
DECLARE
    m uuid;
BEGIN
    FOR m IN SELECT id FROM merchants LOOP
        PERFORM set_config('orbit.merchant_id', m::text, true);
        UPDATE drafts SET settings = pg_temp.renamed(settings) WHERE settings <> pg_temp.renamed(settings);
        UPDATE orders SET status = 'sent' WHERE status = 'fulfilled';
    END LOOP;
    PERFORM set_config('orbit.merchant_id', '', true);
END
$$;
DROP FUNCTION pg_temp.renamed(jsonb); -- it would stay as long as the session
ALTER DOMAIN order_status ADD CHECK (VALUE IN ('open', 'sent', 'cancelled'));
ALTER TABLE orders RENAME COLUMN fulfilled_at TO sent_at;

ALTER TABLE products RENAME COLUMN product_type TO kind;
ALTER TABLE order_lines RENAME COLUMN product_type TO kind;

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
           public.orbit_document(p.merchant_id, p.title, p.vendor, p.kind, p.options,
               ARRAY(SELECT DISTINCT v.sku FROM public.variants v
                     WHERE v.merchant_id = p.merchant_id AND v.product_id = p.id AND v.sku <> ''), p.description)
      FROM public.products p WHERE p.merchant_id = m AND p.id = ANY (products)
    ON CONFLICT (product_id, merchant_id) DO UPDATE
       SET active = excluded.active, position = excluded.position, facets = excluded.facets,
           document = excluded.document;
    INSERT INTO public.shop_words (merchant_id, word) -- in order: two writers never wait for each other
    SELECT DISTINCT p.merchant_id, s.s COLLATE "C" FROM public.products p
     CROSS JOIN LATERAL public.orbit_spellings(p.title, p.vendor, p.kind, p.options) s(s)
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
              CROSS JOIN LATERAL public.orbit_spellings(b.title, b.vendor, b.kind, b.options) s(s)
              WHERE b.id = ANY (array_agg(n.id))) AS words
          FROM after_rows n JOIN before_rows o USING (merchant_id, id)
         WHERE (o.title, o.vendor, o.kind, o.options, o.description, o.status, o.position)
               IS DISTINCT FROM (n.title, n.vendor, n.kind, n.options, n.description, n.status, n.position)
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
              CROSS JOIN LATERAL public.orbit_spellings(b.title, b.vendor, b.kind, b.options) s(s)
             GROUP BY 1 LOOP
        PERFORM public.orbit_forget(r.merchant_id, r.words);
    END LOOP;
    RETURN NULL;
END
$$;

UPDATE river_job SET args = args - 'emailId' || jsonb_build_object('mailId', args -> 'emailId')
 WHERE kind = 'mail' AND args ? 'emailId';
UPDATE river_job SET args = args - 'imageId' || jsonb_build_object('pictureId', args -> 'imageId')
 WHERE kind = 'media' AND args ? 'imageId';

ALTER TABLE media_reserved RENAME COLUMN image_id TO picture_id;

ALTER INDEX emails_status RENAME TO mails_status;
ALTER INDEX emails_newest RENAME TO mails_newest;
ALTER INDEX emails_words RENAME TO mails_words;
ALTER INDEX emails_bodies RENAME TO mails_bodies;
ALTER INDEX emails_queued RENAME TO mails_queued;
ALTER INDEX emails_merchant RENAME TO mails_merchant;
ALTER INDEX emails_message_id_key RENAME TO mails_message_id_key;
ALTER INDEX emails_pkey RENAME TO mails_pkey;
ALTER DOMAIN email_status RENAME TO mail_status;
ALTER TABLE emails RENAME TO mails;
