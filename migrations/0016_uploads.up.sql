-- What uploads under way will take of a shop's storage and of its counts. A row is made, under the merchant's lock, before
-- the first byte goes to the blob store, and leaves in the transaction that makes the picture or refuses it. What a crash
-- leaves counts until expires_at and goes with the sweep of its files (blob_trash).
CREATE TABLE media_reserved (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{32}$'), -- what the keys of its file start with
    picture_id uuid NOT NULL, -- the same upload sent twice counts once
    product_id uuid,          -- NULL for the shop's own
    bytes bigint NOT NULL CHECK (bytes >= 0),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, hash),
    FOREIGN KEY (merchant_id, product_id) REFERENCES products ON DELETE CASCADE
);
CREATE INDEX media_reserved_product ON media_reserved (merchant_id, product_id);
ALTER TABLE media_reserved ENABLE ROW LEVEL SECURITY;
ALTER TABLE media_reserved FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON media_reserved USING (merchant_id = orbit_merchant()) WITH CHECK (merchant_id = orbit_merchant());
