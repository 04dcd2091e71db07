-- API keys of a shop: of one merchant, with scopes. The platform's own keys have neither.

CREATE DOMAIN api_scopes AS text[] CHECK (VALUE <@ ARRAY['shop:read', 'shop:write', 'orders:read', 'orders:write',
    'products:read', 'products:write', 'customers:read', 'customers:write', 'discounts:read', 'discounts:write',
    'content:read', 'content:write', 'analytics:read', 'online_store:read', 'online_store:write', 'settings:read',
    'settings:write', 'payments:read', 'payments:write', 'staff:read', 'staff:write', 'webhooks:read', 'webhooks:write',
    'events:read']::text[]);
ALTER TABLE api_keys
    ADD COLUMN merchant_id uuid REFERENCES merchants ON DELETE CASCADE,
    ADD COLUMN scopes api_scopes NOT NULL DEFAULT '{}',
    ADD COLUMN expires_at timestamptz,
    ADD CONSTRAINT api_keys_shop CHECK ((merchant_id IS NULL) = (scopes = '{}'));
CREATE INDEX api_keys_merchant ON api_keys (merchant_id, created_at);

-- Within a merchant's transaction there are that merchant's keys alone. Without a merchant, where a key is looked up by
-- its hash and admins list theirs, there are all.
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON api_keys USING (merchant_id = orbit_merchant()) WITH CHECK (merchant_id = orbit_merchant());
CREATE POLICY platform ON api_keys USING (orbit_merchant() IS NULL) WITH CHECK (orbit_merchant() IS NULL);
