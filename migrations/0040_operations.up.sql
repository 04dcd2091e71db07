-- Changes to many products at once, which can be undone; files of products; and the columns of such files that the
-- program doesn't know.

CREATE DOMAIN operation_kind AS text CHECK (VALUE IN ('bulk_edit', 'import'));
CREATE DOMAIN operation_status AS text CHECK (VALUE IN ('running', 'done', 'undoing', 'undone'));
CREATE DOMAIN import_status AS text CHECK (VALUE IN ('checking', 'checked', 'running', 'done', 'failed'));
CREATE DOMAIN import_image_status AS text CHECK (VALUE IN ('waiting', 'ready', 'failed'));

-- Columns of a file that are kept for its next export, by name: those of the product, and those of its variants.
ALTER TABLE products ADD COLUMN extra jsonb;
ALTER TABLE variants ADD COLUMN extra jsonb;

-- The last line of a variant's ledger is found by its own index: with this one beside it PostgreSQL read the ledger of
-- the whole shop for a variant that has none yet.
DROP INDEX inventory_adjustments_newest;

-- As in 0036, in one statement for all variants that come at once.
CREATE OR REPLACE FUNCTION orbit_ledger_opens() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    why jsonb := coalesce(nullif(current_setting('orbit.inventory', true), ''), '{}')::jsonb;
BEGIN
    INSERT INTO public.inventory_adjustments (merchant_id, variant_id, delta, quantity, reason, who, note)
    SELECT r.merchant_id, r.id, r.stock, r.stock, 'opening', coalesce(why ->> 'who', ''), coalesce(why ->> 'note', '')
      FROM rows r WHERE r.stock <> 0 AND r.merchant_id = public.orbit_merchant();
    -- An administrator's statement, which row-level security doesn't hold.
    PERFORM public.orbit_note_inventory(r.merchant_id, r.id, 0, r.stock, true) FROM rows r
      WHERE r.stock <> 0 AND r.merchant_id IS DISTINCT FROM public.orbit_merchant();
    RETURN NULL;
END
$$;

CREATE TABLE operations (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL,
    kind operation_kind NOT NULL,
    status operation_status NOT NULL DEFAULT 'done',
    title text NOT NULL DEFAULT '', -- a file's name
    who text NOT NULL DEFAULT '',
    products integer NOT NULL DEFAULT 0, -- how many it has changed
    created_at timestamptz NOT NULL DEFAULT now(),
    undo_until timestamptz NOT NULL,
    undone_at timestamptz,
    failure text NOT NULL DEFAULT '', -- why it couldn't be undone the last time
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX operations_newest ON operations (merchant_id, created_at, id);
CREATE INDEX operations_undo ON operations (merchant_id, undo_until);

-- Products as they were before an operation, and the version that it left.
CREATE TABLE operation_products (
    merchant_id uuid NOT NULL,
    operation_id uuid NOT NULL,
    product_id uuid NOT NULL, -- it may be gone
    title text NOT NULL,
    before jsonb, -- NULL where the operation has created it
    version integer NOT NULL,
    PRIMARY KEY (merchant_id, operation_id, product_id),
    FOREIGN KEY (merchant_id, operation_id) REFERENCES operations ON DELETE CASCADE
);

-- A file, and what came of it. It lies in the blob store under the merchant's id and hash.
CREATE TABLE imports (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL,
    status import_status NOT NULL DEFAULT 'checking',
    file_name text NOT NULL,
    hash text NOT NULL,
    bytes bigint NOT NULL,
    overwrite boolean NOT NULL,
    erase boolean NOT NULL, -- whether blank cells erase what is there
    run_at_once boolean NOT NULL,
    actor_id uuid,
    rows integer NOT NULL DEFAULT 0,
    done integer NOT NULL DEFAULT 0, -- of rows
    created integer NOT NULL DEFAULT 0,
    updated integer NOT NULL DEFAULT 0,
    skipped integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    blanks integer NOT NULL DEFAULT 0, -- cells that would erase something
    columns text[] NOT NULL DEFAULT '{}', -- those that the program doesn't know
    errors jsonb NOT NULL DEFAULT '[]',
    message text NOT NULL DEFAULT '', -- why it failed
    operation_id uuid,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, operation_id) REFERENCES operations ON DELETE SET NULL (operation_id)
);
CREATE INDEX imports_newest ON imports (merchant_id, created_at, id);
CREATE INDEX imports_unfinished ON imports (merchant_id) WHERE status IN ('checking', 'running');

-- Images that a file names, until they are fetched.
CREATE TABLE import_images (
    merchant_id uuid NOT NULL,
    id uuid NOT NULL,
    import_id uuid NOT NULL,
    product_id uuid NOT NULL,
    url text NOT NULL,
    alt text NOT NULL DEFAULT '',
    position integer NOT NULL,
    variants uuid[] NOT NULL DEFAULT '{}', -- those that show it
    status import_image_status NOT NULL DEFAULT 'waiting',
    error text NOT NULL DEFAULT '',
    media_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, import_id) REFERENCES imports ON DELETE CASCADE,
    FOREIGN KEY (merchant_id, product_id) REFERENCES products ON DELETE CASCADE
);
CREATE INDEX import_images_import ON import_images (merchant_id, import_id);
CREATE INDEX import_images_product ON import_images (merchant_id, product_id);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['operations', 'operation_products', 'imports', 'import_images'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (merchant_id = orbit_merchant())
            WITH CHECK (merchant_id = orbit_merchant())', t);
    END LOOP;
END
$$;
-- The watch over jobs asks across shops what is unfinished and has no job.
CREATE POLICY unfinished ON operations FOR SELECT
    USING (status = 'undoing' AND current_setting('orbit.unfinished', true) = 'on');
CREATE POLICY unfinished ON imports FOR SELECT
    USING (status IN ('checking', 'running') AND current_setting('orbit.unfinished', true) = 'on');
CREATE POLICY unfinished ON import_images FOR SELECT
    USING (status = 'waiting' AND current_setting('orbit.unfinished', true) = 'on');

-- As in 0030, with operations and imports.
CREATE OR REPLACE FUNCTION orbit_sweep_shops(p_after uuid, p_shops integer, p_rows integer,
    OUT resume uuid, OUT swept bigint)
LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('orbit.merchant_id', true), '');
    merchant uuid;
    looked integer := 0;
    rest boolean := false; -- the shop that was looked at last has more
    gone bigint;
BEGIN
    swept := 0;
    FOR merchant IN SELECT m.id FROM merchants m WHERE m.id > p_after AND m.status <> 'pending'
            ORDER BY m.id LIMIT p_shops LOOP
        PERFORM set_config('orbit.merchant_id', merchant::text, true);
        rest := false;
        DELETE FROM carts c WHERE c.merchant_id = merchant AND c.id = ANY (ARRAY(
            SELECT o.id FROM carts o WHERE o.merchant_id = merchant AND o.expires_at < now()
            ORDER BY o.expires_at LIMIT p_rows FOR UPDATE SKIP LOCKED));
        GET DIAGNOSTICS gone = ROW_COUNT;
        swept := swept + gone;
        rest := rest OR gone >= p_rows;
        DELETE FROM drafts d WHERE d.merchant_id = merchant AND d.id = ANY (ARRAY(
            SELECT o.id FROM drafts o WHERE o.merchant_id = merchant AND o.expires_at < now()
            ORDER BY o.expires_at LIMIT p_rows FOR UPDATE SKIP LOCKED));
        GET DIAGNOSTICS gone = ROW_COUNT;
        swept := swept + gone;
        rest := rest OR gone >= p_rows;
        DELETE FROM theme_drafts d WHERE d.ctid = ANY (ARRAY(
            SELECT o.ctid FROM theme_drafts o
            WHERE o.merchant_id = merchant AND o.saved_at < now() - interval '180 days'
            ORDER BY o.saved_at LIMIT p_rows FOR UPDATE SKIP LOCKED));
        GET DIAGNOSTICS gone = ROW_COUNT;
        swept := swept + gone;
        rest := rest OR gone >= p_rows;
        DELETE FROM operation_products p WHERE p.ctid = ANY (ARRAY(
            SELECT o.ctid FROM operations x JOIN operation_products o
            ON o.merchant_id = x.merchant_id AND o.operation_id = x.id
            WHERE x.merchant_id = merchant AND x.undo_until < now() - interval '1 day'
            LIMIT p_rows FOR UPDATE OF o SKIP LOCKED));
        GET DIAGNOSTICS gone = ROW_COUNT;
        swept := swept + gone;
        rest := rest OR gone >= p_rows;
        DELETE FROM operations p WHERE p.merchant_id = merchant AND p.id = ANY (ARRAY(
            SELECT o.id FROM operations o
            WHERE o.merchant_id = merchant AND o.created_at < now() - interval '1 year'
            ORDER BY o.created_at LIMIT p_rows FOR UPDATE SKIP LOCKED));
        GET DIAGNOSTICS gone = ROW_COUNT;
        swept := swept + gone;
        DELETE FROM import_images p WHERE p.ctid = ANY (ARRAY(
            SELECT o.ctid FROM imports x JOIN import_images o
            ON o.merchant_id = x.merchant_id AND o.import_id = x.id
            WHERE x.merchant_id = merchant AND x.created_at < now() - interval '30 days'
            LIMIT p_rows FOR UPDATE OF o SKIP LOCKED));
        GET DIAGNOSTICS gone = ROW_COUNT;
        swept := swept + gone;
        rest := rest OR gone >= p_rows;
        DELETE FROM imports p WHERE p.merchant_id = merchant AND p.id = ANY (ARRAY(
            SELECT o.id FROM imports o
            WHERE o.merchant_id = merchant AND o.created_at < now() - interval '30 days' AND NOT EXISTS (
                SELECT FROM import_images i WHERE i.merchant_id = o.merchant_id AND i.import_id = o.id)
            ORDER BY o.created_at LIMIT p_rows FOR UPDATE SKIP LOCKED));
        GET DIAGNOSTICS gone = ROW_COUNT;
        swept := swept + gone;
        looked := looked + 1;
        EXIT WHEN rest;
        resume := merchant;
    END LOOP;
    IF rest THEN
        resume := coalesce(resume, p_after);
    ELSIF looked < p_shops THEN
        resume := NULL;
    END IF;
    PERFORM set_config('orbit.merchant_id', before, true);
END
$$;
