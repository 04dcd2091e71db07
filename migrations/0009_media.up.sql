-- Pictures: what merchants upload, and what products and themes show of it.

CREATE DOMAIN media_status AS text CHECK (VALUE IN ('processing', 'ready', 'failed'));

-- One row a picture. Its files lie in the blob store under <merchant>/<hash>-, where hash is of the upload and
-- of id: no two pictures share a file, so deleting one never takes another's.
CREATE TABLE media (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL,
    product_id uuid, -- NULL for the shop's own, which its theme can show
    hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{32}$'),
    status media_status NOT NULL DEFAULT 'processing',
    error text NOT NULL DEFAULT '', -- a sentence for the merchant
    name text NOT NULL DEFAULT '',  -- of the file as it came, for people to recognise
    alt text NOT NULL DEFAULT '',
    width integer NOT NULL CHECK (width > 0),
    height integer NOT NULL CHECK (height > 0),
    widths jsonb NOT NULL DEFAULT '[]', -- of the files that shops show, ascending
    jpeg integer NOT NULL DEFAULT 0,    -- width of the one that isn't WebP
    bytes bigint NOT NULL CHECK (bytes >= 0), -- of all its files: what counts against the plan
    position integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, hash),
    FOREIGN KEY (merchant_id, product_id) REFERENCES products ON DELETE CASCADE
);
CREATE INDEX media_product ON media (merchant_id, product_id, position, id);
ALTER TABLE media ENABLE ROW LEVEL SECURITY;
ALTER TABLE media FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON media USING (merchant_id = orbit_merchant()) WITH CHECK (merchant_id = orbit_merchant());

-- The pictures that are ready, as shops show them: a list of products needs no second look. NULL for none.
-- media has no trigger "shop": what pages show of it stands here, and products has one.
ALTER TABLE products
    ADD COLUMN images jsonb,
    ADD COLUMN version integer NOT NULL DEFAULT 1; -- counts edits of the form, so that the second of two tabs notices

-- Puts a product's ready pictures into its images, in their order. One at a time for a product: the row is locked first.
CREATE FUNCTION orbit_show_images(p_product uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM products WHERE merchant_id = orbit_merchant() AND id = p_product FOR NO KEY UPDATE;
    UPDATE products p SET updated_at = now(), images = (
        SELECT jsonb_agg(jsonb_build_object('hash', m.hash, 'alt', m.alt, 'width', m.width, 'height', m.height, 'widths', m.widths, 'jpeg', m.jpeg) ORDER BY m.position, m.id)
          FROM media m WHERE m.merchant_id = p.merchant_id AND m.product_id = p.id AND m.status = 'ready')
     WHERE p.merchant_id = orbit_merchant() AND p.id = p_product;
END
$$;

-- Files in the blob store that no row needs, by what their keys start with. A row comes here before the first file is
-- written and leaves in the transaction that makes the picture; it comes back in the one that deletes it, however
-- that happens. So no crash leaves a file that nobody remembers. It holds nothing of a tenant's.
CREATE TABLE blob_trash (
    prefix text PRIMARY KEY,
    due_at timestamptz NOT NULL,   -- when sweeping may begin
    until timestamptz NOT NULL     -- how long it is repeated: a job that is under way may still write
);
CREATE INDEX blob_trash_due ON blob_trash (due_at);

CREATE FUNCTION orbit_trash_media() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO blob_trash (prefix, due_at, until) VALUES (OLD.merchant_id || '/' || OLD.hash || '-', now(), now() + interval '15 minutes')
        ON CONFLICT (prefix) DO UPDATE SET due_at = excluded.due_at, until = excluded.until;
    RETURN NULL;
END
$$;
CREATE TRIGGER trash AFTER DELETE ON media FOR EACH ROW EXECUTE FUNCTION orbit_trash_media();
