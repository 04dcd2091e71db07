-- The platform's list of merchants at 100,000: searched by an index, sorted by name by another. What is searched stands in a
-- table of its own: programs of the release before, which read all columns of merchants, go on while this runs.

-- What a search of merchants looks for in merchant_index.found: any part of it; of one or two letters the beginning of a
-- word, which is what an index on three letters at a time can answer. '' matches nothing.
CREATE FUNCTION orbit_pattern(q text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT CASE WHEN f.q = '' THEN '' WHEN length(f.q) < 3 THEN '% ' ELSE '%' END || replace(replace(replace(f.q, '\', '\\'), '%', '\%'), '_', '\_') ||
        CASE WHEN f.q = '' THEN '' ELSE '%' END FROM (SELECT public.orbit_fold(q) AS q) f);

CREATE FUNCTION orbit_found(m merchants) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ' ' || public.orbit_fold(concat_ws(' ', m.name, m.owner_name, m.email, m.subdomain, m.code));

CREATE TABLE merchant_index (
    id uuid PRIMARY KEY,
    found text NOT NULL -- a space, and folded: name, owner, email address, subdomain, merchant ID
);
INSERT INTO merchant_index SELECT m.id, orbit_found(m) FROM merchants m;
CREATE INDEX merchant_index_found ON merchant_index USING gin (found gin_trgm_ops) WITH (gin_pending_list_limit = 256);

CREATE FUNCTION orbit_index_merchant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.merchant_index VALUES (NEW.id, public.orbit_found(NEW)) ON CONFLICT (id) DO UPDATE SET found = excluded.found;
    RETURN NULL;
END
$$;

LOCK TABLE merchants IN SHARE ROW EXCLUSIVE MODE;
DELETE FROM merchant_index i WHERE NOT EXISTS (SELECT FROM merchants m WHERE m.id = i.id);
INSERT INTO merchant_index SELECT m.id, orbit_found(m) FROM merchants m LEFT JOIN merchant_index i ON i.id = m.id WHERE i.id IS NULL OR m.updated_at >= now()
    ON CONFLICT (id) DO UPDATE SET found = excluded.found;
ALTER TABLE merchant_index ADD FOREIGN KEY (id) REFERENCES merchants ON DELETE CASCADE;
CREATE TRIGGER index_insert AFTER INSERT ON merchants FOR EACH ROW EXECUTE FUNCTION orbit_index_merchant();
CREATE TRIGGER index_update AFTER UPDATE OF name, owner_name, email, subdomain, code ON merchants FOR EACH ROW
    WHEN ((OLD.name, OLD.owner_name, OLD.email, OLD.subdomain, OLD.code) IS DISTINCT FROM (NEW.name, NEW.owner_name, NEW.email, NEW.subdomain, NEW.code))
    EXECUTE FUNCTION orbit_index_merchant();
CREATE INDEX merchants_name ON merchants (name COLLATE orbit_order, id);
ANALYZE merchant_index;

-- What the search of products before 0012 read: kept for programs of that release, which end in a while, and no longer made.
ALTER TABLE products ALTER search DROP EXPRESSION, ALTER words DROP EXPRESSION;
