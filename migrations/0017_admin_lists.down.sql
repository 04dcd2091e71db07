DROP INDEX mails_status, mails_newest, mails_words;
CREATE INDEX mails_created ON mails (created_at DESC);
ALTER TABLE mails DROP COLUMN words;
DROP INDEX audit_log_area, audit_log_newest, audit_log_words;
CREATE INDEX audit_log_at ON audit_log (at DESC);
ALTER TABLE audit_log DROP COLUMN words;
