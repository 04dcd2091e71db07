-- The admin's lists of audit lines and emails are searched and paged at any length: a page begins after the last line of
-- the one before (time and id), a search is served by trigrams, and what is shown of one kind is in order in an index.

ALTER TABLE audit_log ADD COLUMN words text NOT NULL
    GENERATED ALWAYS AS (orbit_fold(actor || ' ' || action || ' ' || target || ' ' || address)) STORED;
CREATE INDEX audit_log_words ON audit_log USING gin (words gin_trgm_ops);
DROP INDEX audit_log_at;
CREATE INDEX audit_log_newest ON audit_log (at DESC, id DESC);
CREATE INDEX audit_log_area ON audit_log (split_part(action, '.', 1), at DESC, id DESC);

ALTER TABLE mails ADD COLUMN words text NOT NULL
    GENERATED ALWAYS AS (orbit_fold(recipient || ' ' || subject)) STORED;
CREATE INDEX mails_words ON mails USING gin (words gin_trgm_ops);
DROP INDEX mails_created;
CREATE INDEX mails_newest ON mails (created_at DESC, id DESC);
CREATE INDEX mails_status ON mails (status, created_at DESC, id DESC);
