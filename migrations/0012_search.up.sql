-- Finding and ordering. One folding for all that is searched, one collation for all that is ordered by name, and a
-- search of a shop's products that an index serves under row-level security.

-- Programs of the release before go on selling while this runs. So products are indexed before any table of theirs is
-- locked, and what changed meanwhile once more at the end; the triggers then see what those programs write.

CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;

-- Letters as people sort them, whatever the locale of the database: é beside e, item 2 before item 10.
CREATE COLLATION orbit_order (provider = icu, locale = 'und-u-kn-true');

-- The folding. Two texts that people take for the same fold to the same: compatibility forms, case, accents, the
-- letters that have no decomposition, apostrophes of all kinds, what nobody sees, and runs of white space.
-- Names are resolved here, not when it runs: a restore sets an empty search_path. ASCII, which is most, goes a short way.
CREATE FUNCTION orbit_fold(t text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(t) = length(t)
    THEN btrim(regexp_replace(lower(translate(t, '''`', '') COLLATE "C"), '\s+', ' ', 'g')) COLLATE "default"
    ELSE btrim(regexp_replace(regexp_replace(
        replace(replace(replace(replace(translate(lower(normalize(translate(t, '''’‘ʼ`´′', ''), NFKD) COLLATE public.orbit_order),
            'øłđıðħŧ', 'oldidht'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
        -- combining marks of letters (Latin, Greek, Cyrillic; points of Hebrew and Arabic), then what has no width
        '[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+', '', 'g'),
        '\s+', ' ', 'g')) COLLATE "default" END;

-- The words of a text, folded, at most 40 characters of each, with their places. What parts them doesn't depend on the
-- locale: ASCII punctuation, and the punctuation and symbols of the other scripts.
CREATE FUNCTION orbit_words(t text) RETURNS TABLE (word text, place bigint) LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT left(x.w, 40), x.n
      FROM regexp_split_to_table(public.orbit_fold(t),
           '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u00d7\u00f7\u060c\u061b\u061f\u0964\u0965\u2010-\u206f\u2190-\u2bff\u3000-\u303f\u30fb]+') WITH ORDINALITY AS x (w, n)
     WHERE x.w <> '';
END;

-- Scripts that put no space between words: such a word is found by any part of it.
CREATE FUNCTION orbit_unspaced(word text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN word ~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]';

-- The stem of an English word: NULL where there is none of its own (another language, digits, the word itself), '' of a
-- stop word.
CREATE FUNCTION orbit_stem(word text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN word ~ '^[a-z]+$' THEN nullif(coalesce((ts_lexize('pg_catalog.english_stem', word))[1], ''), word) END;

-- What a shop's lexemes begin with: all shops share one index, and a prefix would read the postings of all. Two shops
-- that share a key cost each other time; row-level security parts them.
CREATE FUNCTION orbit_key(merchant uuid) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN right(merchant::text, 6);

-- What a product is found by. A: title and SKUs. B: vendor and type. C: values of options. D: the first 2,000 words of the
-- description, but for stop words. Each word as it is and its stem; an SKU by its parts and as one word without what parts them; '*' finds all.
CREATE FUNCTION orbit_document(merchant uuid, title text, vendor text, kind text, options jsonb, skus text[], description text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH texts (t, first, weight, last) AS (
        VALUES (title, 0, 'A', 200), (vendor || ' ' || kind, 200, 'B', 400), (description, 3000, 'D', 5000),
            ((SELECT string_agg(v.value, ' ') FROM jsonb_array_elements(options) o CROSS JOIN LATERAL jsonb_array_elements_text(o -> 'values') v), 400, 'C', 3000)
    ), words AS MATERIALIZED (
        SELECT w.word, t.first + w.place AS place, t.weight, public.orbit_stem(w.word) AS stem
          FROM texts t CROSS JOIN LATERAL public.orbit_words(t.t) w WHERE t.first + w.place <= t.last
    ), lexemes (lexeme, place, weight) AS (
        SELECT word, place, weight FROM words WHERE weight <> 'D' OR stem IS DISTINCT FROM ''
        UNION ALL SELECT stem, place, weight FROM words WHERE stem <> ''
        UNION ALL SELECT substr(w.word, i, 12), w.place, w.weight FROM words w CROSS JOIN LATERAL generate_series(2, length(w.word)) i WHERE w.stem IS NULL AND public.orbit_unspaced(w.word)
        UNION ALL SELECT w.word, 100, 'A' FROM unnest(skus) sku CROSS JOIN LATERAL public.orbit_words(sku) w
        UNION ALL SELECT left(string_agg(w.word, '' ORDER BY w.place), 40), 100, 'A' FROM unnest(skus) sku CROSS JOIN LATERAL public.orbit_words(sku) w GROUP BY sku
    )
    SELECT string_agg('''' || public.orbit_key(merchant) || l.lexeme || ''':' || l.place || l.weight, ' ')::tsvector
      FROM (SELECT lexeme, place, weight FROM lexemes UNION ALL SELECT '*', 1, 'D') l;
END;

-- The words of a product that a mistyped one can stand for.
CREATE FUNCTION orbit_spellings(title text, vendor text, kind text, options jsonb) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT DISTINCT w.word FROM public.orbit_words(concat_ws(' ', title, vendor, kind,
            (SELECT string_agg(v.value, ' ') FROM jsonb_array_elements(options) o CROSS JOIN LATERAL jsonb_array_elements_text(o -> 'values') v))) w
     WHERE length(w.word) >= 4 AND w.word !~ '[0-9]' AND NOT public.orbit_unspaced(w.word);
END;

CREATE TABLE product_index (
    merchant_id uuid NOT NULL,
    product_id uuid NOT NULL,
    active boolean NOT NULL,
    position integer NOT NULL,
    facets text[] NOT NULL, -- name, U+001F, value of each option, in order
    document tsvector NOT NULL,
    PRIMARY KEY (product_id, merchant_id) -- in this order: a key that merchant_id leads would tempt the planner away from the GIN index
) WITH (parallel_workers = 0);

CREATE TABLE shop_words (
    merchant_id uuid NOT NULL,
    word text COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant_id, word)
);

-- The question of this transaction, as orbit_ask asks it; without one, all products of the merchant.
CREATE FUNCTION orbit_question() RETURNS tsquery LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(nullif(current_setting('orbit.query', true), ''), '''' || public.orbit_key(public.orbit_merchant()) || '*''')::tsquery;

-- Writes what some products of a merchant are found by. A question would hide rows from the writes: it is put aside.
CREATE FUNCTION orbit_index(m uuid, products uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    asked text := coalesce(current_setting('orbit.query', true), '');
BEGIN
    IF asked <> '' THEN
        PERFORM set_config('orbit.query', '', true);
    END IF;
    INSERT INTO public.product_index AS i (merchant_id, product_id, active, position, facets, document)
    SELECT p.merchant_id, p.id, p.status = 'active', p.position,
           ARRAY(SELECT (o.o ->> 'name') || U&'\001F' || v.value FROM jsonb_array_elements(p.options) WITH ORDINALITY o(o, n)
                 CROSS JOIN LATERAL jsonb_array_elements_text(o.o -> 'values') WITH ORDINALITY v(value, n) ORDER BY o.n, v.n),
           public.orbit_document(p.merchant_id, p.title, p.vendor, p.kind, p.options, ARRAY(SELECT DISTINCT v.sku FROM public.variants v
               WHERE v.merchant_id = p.merchant_id AND v.product_id = p.id AND v.sku <> ''), p.description)
      FROM public.products p WHERE p.merchant_id = m AND p.id = ANY (products)
    ON CONFLICT (product_id, merchant_id) DO UPDATE
       SET active = excluded.active, position = excluded.position, facets = excluded.facets, document = excluded.document;
    INSERT INTO public.shop_words (merchant_id, word) -- in order: two writers never wait for each other
    SELECT DISTINCT p.merchant_id, s.s COLLATE "C" FROM public.products p CROSS JOIN LATERAL public.orbit_spellings(p.title, p.vendor, p.kind, p.options) s(s)
     WHERE p.merchant_id = m AND p.id = ANY (products) ORDER BY 2
    ON CONFLICT DO NOTHING;
    IF asked <> '' THEN
        PERFORM set_config('orbit.query', asked, true);
    END IF;
END
$$;

-- Drops those of some words that no product of the merchant has any more.
CREATE FUNCTION orbit_forget(m uuid, words text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    asked text := coalesce(current_setting('orbit.query', true), '');
    w text;
    q text;
BEGIN
    FOR w IN SELECT s.word FROM public.shop_words s WHERE s.merchant_id = m AND s.word = ANY (words) ORDER BY 1 LOOP
        q := '''' || public.orbit_key(m) || w || '''';
        PERFORM set_config('orbit.query', q, true);
        IF NOT EXISTS (SELECT FROM public.product_index i WHERE i.merchant_id = m AND i.document @@ q::tsquery) THEN
            DELETE FROM public.shop_words s WHERE s.merchant_id = m AND s.word = w;
        END IF;
    END LOOP;
    PERFORM set_config('orbit.query', asked, true);
END
$$;

-- The triggers don't overlap: a new product comes with its variants, and is indexed once, with them.
CREATE FUNCTION orbit_index_variants() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT merchant_id, array_agg(DISTINCT product_id) AS products FROM rows GROUP BY 1 LOOP
        PERFORM public.orbit_index(r.merchant_id, r.products);
    END LOOP;
    RETURN NULL;
END
$$;

CREATE FUNCTION orbit_index_variant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.orbit_index(NEW.merchant_id, ARRAY[NEW.product_id]);
    RETURN NULL;
END
$$;

CREATE FUNCTION orbit_index_products() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT n.merchant_id, array_agg(n.id) AS products,
            (SELECT array_agg(DISTINCT s.s) FROM before_rows b CROSS JOIN LATERAL public.orbit_spellings(b.title, b.vendor, b.kind, b.options) s(s) WHERE b.id = ANY (array_agg(n.id))) AS words
          FROM after_rows n JOIN before_rows o USING (merchant_id, id)
         WHERE (o.title, o.vendor, o.kind, o.options, o.description, o.status, o.position) IS DISTINCT FROM (n.title, n.vendor, n.kind, n.options, n.description, n.status, n.position)
         GROUP BY 1 LOOP
        PERFORM public.orbit_index(r.merchant_id, r.products);
        PERFORM public.orbit_forget(r.merchant_id, r.words);
    END LOOP;
    RETURN NULL;
END
$$;

CREATE FUNCTION orbit_forget_products() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT b.merchant_id, array_agg(DISTINCT s.s) AS words FROM rows b CROSS JOIN LATERAL public.orbit_spellings(b.title, b.vendor, b.kind, b.options) s(s) GROUP BY 1 LOOP
        PERFORM public.orbit_forget(r.merchant_id, r.words);
    END LOOP;
    RETURN NULL;
END
$$;

-- Sets the question that the rest of the transaction asks product_index, and gives it. q is what people type; at most six
-- words of it count, each of which a product has to have: as it is, as the beginning of a word, or by its stem. A word
-- of four letters or more that no product has stands for up to four that are spelled much the same.
-- Words parted by punctuation alone (an SKU) are found as one word too. drafts tells whether products that aren't active count.
CREATE FUNCTION orbit_ask(q text, drafts boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    key text := public.orbit_key(public.orbit_merchant());
    budget integer := 6;
    bare text[] := '{}';  -- terms of stop words, which count where there is nothing else
    full_terms text[] := '{}';
    chunk text;
    parts text[];
    terms text[];
    p text;
    s text;
    term text;
    stop boolean;
    near text[];
BEGIN
    FOR chunk IN SELECT c FROM unnest(string_to_array(left(public.orbit_fold(q), 400), ' ')) WITH ORDINALITY x(c, n) GROUP BY c ORDER BY min(n) LOOP
        EXIT WHEN budget <= 0;
        parts := ARRAY(SELECT word FROM public.orbit_words(chunk) ORDER BY place LIMIT budget);
        CONTINUE WHEN parts = '{}';
        budget := budget - cardinality(parts);
        terms := '{}';
        stop := true;
        FOREACH p IN ARRAY parts LOOP
            s := public.orbit_stem(p);
            CONTINUE WHEN s = '' AND cardinality(parts) > 1; -- of "t-shirt", the shirt
            stop := stop AND s IS NOT DISTINCT FROM '';
            IF public.orbit_unspaced(p) THEN
                p := left(p, 12);
            END IF;
            term := '''' || key || p || '''' || CASE WHEN length(p) > 1 OR public.orbit_unspaced(p) THEN ':*' ELSE '' END;
            -- A stem that a prefix finds already would rank nothing at all beside it.
            IF s <> '' AND left(s, length(p)) <> p THEN
                term := '(' || term || ' | ''' || key || s || ''')';
            END IF;
            IF cardinality(parts) = 1 AND length(p) BETWEEN 4 AND 40 AND p !~ '[0-9]' THEN
                PERFORM set_config('orbit.query', term, true);
                IF NOT EXISTS (SELECT FROM public.product_index i WHERE i.active OR drafts) THEN
                    -- One letter wrong, or in longer words two after a right first one. Two swapped letters are two.
                    near := ARRAY(SELECT '''' || key || n.word || '''' FROM (
                        SELECT w.word, public.levenshtein_less_equal(w.word, p, 2) AS d FROM (
                            SELECT w.word FROM public.shop_words w LIMIT 20000) w WHERE length(w.word) BETWEEN length(p) - 2 AND length(p) + 2) n
                        WHERE n.d <= 1 OR n.d = 2 AND left(n.word, 1) = left(p, 1) AND length(p) >= 5 ORDER BY n.d, abs(length(n.word) - length(p)), n.word LIMIT 4);
                    IF near <> '{}' THEN
                        term := '(' || array_to_string(near, ' | ') || ')';
                    END IF;
                END IF;
            END IF;
            terms := terms || term;
        END LOOP;
        term := array_to_string(terms, ' & ');
        IF cardinality(parts) > 1 THEN
            stop := terms = '{}';
            term := '(''' || key || left(array_to_string(parts, ''), 40) || ''':*' || CASE WHEN stop THEN '' ELSE ' | ' || term END || ')';
        END IF;
        IF stop THEN
            bare := bare || term;
        ELSE
            full_terms := full_terms || term;
        END IF;
    END LOOP;
    IF full_terms = '{}' THEN
        full_terms := bare;
    END IF;
    term := coalesce(nullif(array_to_string(full_terms, ' & '), ''), '''' || key || '!'''); -- nothing to look for finds nothing
    RETURN set_config('orbit.query', term, true);
END
$$;

-- All shops' products, each shop in its own scope: the owner is held by row-level security as well.
DO $$
DECLARE
    m uuid;
BEGIN
    FOR m IN SELECT id FROM merchants LOOP
        PERFORM set_config('orbit.merchant_id', m::text, true);
        PERFORM orbit_index(m, ARRAY(SELECT id FROM products));
    END LOOP;
END
$$;
CREATE INDEX product_index_document ON product_index USING gin (document) WITH (fastupdate = off);

-- In the order in which others lock them; shops can be read meanwhile.
LOCK TABLE merchants, products, variants IN SHARE ROW EXCLUSIVE MODE;
DO $$
DECLARE
    m uuid;
BEGIN
    FOR m IN SELECT id FROM merchants LOOP
        PERFORM set_config('orbit.merchant_id', m::text, true);
        DELETE FROM product_index i WHERE i.merchant_id = m AND NOT EXISTS (SELECT FROM products p WHERE p.id = i.product_id);
        PERFORM orbit_index(m, ARRAY(SELECT p.id FROM products p LEFT JOIN product_index i ON i.product_id = p.id AND i.merchant_id = p.merchant_id WHERE i.product_id IS NULL OR p.updated_at >= now()));
    END LOOP;
    PERFORM set_config('orbit.merchant_id', '', true);
END
$$;

-- The question is part of the policy. A policy's own conditions may drive an index whatever their operators, while those of a
-- query must be leakproof, which @@ isn't. A question can only narrow what the merchant may see.
ALTER TABLE product_index ENABLE ROW LEVEL SECURITY;
ALTER TABLE product_index FORCE ROW LEVEL SECURITY;
-- The merchant is compared as text so that only the index on documents fits: the planner would add the key's, all of the shop.
CREATE POLICY tenant ON product_index USING (merchant_id::text = orbit_merchant()::text AND document @@ orbit_question()) WITH CHECK (merchant_id = orbit_merchant());
ALTER TABLE product_index ADD FOREIGN KEY (merchant_id, product_id) REFERENCES products ON DELETE CASCADE;
ALTER TABLE shop_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop_words FORCE ROW LEVEL SECURITY;
ALTER TABLE shop_words ADD FOREIGN KEY (merchant_id) REFERENCES merchants ON DELETE CASCADE;
CREATE POLICY tenant ON shop_words USING (merchant_id = orbit_merchant()) WITH CHECK (merchant_id = orbit_merchant());

CREATE TRIGGER index_insert AFTER INSERT ON variants REFERENCING NEW TABLE AS rows FOR EACH STATEMENT EXECUTE FUNCTION orbit_index_variants();
CREATE TRIGGER index_delete AFTER DELETE ON variants REFERENCING OLD TABLE AS rows FOR EACH STATEMENT EXECUTE FUNCTION orbit_index_variants();
-- A sale changes the stock and nothing that is searched: it doesn't even fire.
CREATE TRIGGER index_update AFTER UPDATE OF sku ON variants FOR EACH ROW WHEN (OLD.sku IS DISTINCT FROM NEW.sku) EXECUTE FUNCTION orbit_index_variant();
CREATE TRIGGER index_update AFTER UPDATE ON products REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION orbit_index_products();
CREATE TRIGGER index_delete AFTER DELETE ON products REFERENCING OLD TABLE AS rows FOR EACH STATEMENT EXECUTE FUNCTION orbit_forget_products();

CREATE INDEX products_title ON products (merchant_id, status, title COLLATE orbit_order, position, id);
