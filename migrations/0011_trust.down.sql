DROP INDEX audit_log_once;
ALTER TABLE audit_log DROP COLUMN once;
DROP INDEX sessions_seen;
ALTER TABLE sessions DROP COLUMN created_at, DROP COLUMN seen_at;
DROP INDEX merchants_email;
DROP TABLE applications;
DROP TRIGGER ended ON mails;
DROP FUNCTION orbit_strip_links();
