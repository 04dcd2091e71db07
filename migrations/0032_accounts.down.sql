DROP TRIGGER end_tokens ON memberships;
DROP TRIGGER end_tokens ON users;
DROP FUNCTION orbit_end_tokens();
ALTER TABLE memberships DROP COLUMN tokens_since;
ALTER TABLE users DROP COLUMN tokens_since;
