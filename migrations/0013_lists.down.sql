ALTER TABLE products DROP COLUMN search, DROP COLUMN words;
ALTER TABLE products
    ADD COLUMN search tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('english'::regconfig, title), 'A') ||
        setweight(to_tsvector('english'::regconfig, vendor || ' ' || kind), 'B') ||
        setweight(to_tsvector('english'::regconfig, description), 'C') ||
        setweight(jsonb_to_tsvector('simple'::regconfig, options, '["string"]'), 'D')) STORED,
    ADD COLUMN words text GENERATED ALWAYS AS (lower(title || ' ' || vendor || ' ' || kind)) STORED;
DROP INDEX merchants_name;
DROP TRIGGER index_insert ON merchants;
DROP TRIGGER index_update ON merchants;
DROP TABLE merchant_index;
DROP FUNCTION orbit_index_merchant(), orbit_found(merchants), orbit_pattern(text);
