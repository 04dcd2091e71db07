DROP POLICY platform ON api_keys;
DROP POLICY tenant ON api_keys;
ALTER TABLE api_keys NO FORCE ROW LEVEL SECURITY;
ALTER TABLE api_keys DISABLE ROW LEVEL SECURITY;
-- A key of a shop would be one of the platform.
DELETE FROM api_keys WHERE merchant_id IS NOT NULL;
ALTER TABLE api_keys DROP COLUMN merchant_id, DROP COLUMN scopes, DROP COLUMN expires_at;
DROP DOMAIN api_scopes;
