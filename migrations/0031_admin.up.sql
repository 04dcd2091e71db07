-- What admins do for a merchant: they change its theme, and keep notes about it.

-- A release that an admin made isn't one that the shop's people made in the theme editor.
ALTER DOMAIN release_source DROP CONSTRAINT release_source_check;
ALTER DOMAIN release_source ADD CONSTRAINT release_source_check
    CHECK (VALUE IN ('setup', 'theme', 'branding', 'support'));

-- Notes of admins about a merchant. They are the platform's: while row-level security is open to a shop, nobody sees
-- any, its own or another's.
CREATE TABLE merchant_notes (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL, -- made by the form: sent twice it is one note
    author_id uuid REFERENCES users ON DELETE SET NULL,
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 4000),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX merchant_notes_created ON merchant_notes (merchant_id, created_at DESC, id DESC);
CREATE INDEX merchant_notes_author ON merchant_notes (author_id);
ALTER TABLE merchant_notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE merchant_notes FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON merchant_notes USING (orbit_merchant() IS NULL) WITH CHECK (orbit_merchant() IS NULL);
