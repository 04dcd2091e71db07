ALTER TABLE memberships DROP COLUMN permissions;
DROP DOMAIN permissions;
