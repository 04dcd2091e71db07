-- What strangers may learn, cause or keep: links in emails, applicants' pages, idle sessions, refused sign-ins.

-- An email that has ended keeps no link that still works: it is its reader's alone, and every admin reads the mailbox.
-- However it ends and whoever writes that, this comes with it. What makes a link secret is a token of 256 bits, 43
-- characters (store.Token). The local mailbox keeps them: no mail server delivers what is in it.
CREATE FUNCTION orbit_strip_links() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.html := regexp_replace(NEW.html, '/[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])', '/(link removed)', 'g');
    NEW.text := regexp_replace(NEW.text, '/[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])', '/(link removed)', 'g');
    RETURN NEW;
END
$$;
CREATE TRIGGER ended BEFORE INSERT OR UPDATE ON mails FOR EACH ROW
    WHEN (NEW.status NOT IN ('queued', 'local')) EXECUTE FUNCTION orbit_strip_links();
UPDATE mails SET status = status WHERE status NOT IN ('queued', 'local') AND (html ~ '/[A-Za-z0-9_-]{43}' OR text ~ '/[A-Za-z0-9_-]{43}');

-- What an application has beside the merchant that it makes (the same id): the tokens of its applicant's page and of the
-- link in the one email that confirms the address. Merchants that an admin enters have no row.
CREATE TABLE applications (
    id uuid PRIMARY KEY REFERENCES merchants ON DELETE CASCADE,
    page_hash bytea NOT NULL UNIQUE,
    confirm_hash bytea UNIQUE, -- NULL where no email was sent
    confirmed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX merchants_email ON merchants (lower(email));

-- A session ends a week after its last page, and a month after its beginning.
ALTER TABLE sessions
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now(); -- renewed once an hour
UPDATE sessions SET created_at = least(expires_at - interval '30 days', now());
CREATE INDEX sessions_seen ON sessions (seen_at);

-- Lines of the audit log that count: one for each thing, account, network and hour, however often it happens.
ALTER TABLE audit_log ADD COLUMN once text;
CREATE UNIQUE INDEX audit_log_once ON audit_log (once) WHERE once IS NOT NULL;
