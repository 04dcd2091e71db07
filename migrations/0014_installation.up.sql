-- What must be the same for all processes over this database. One row; the serving role may not see it.
CREATE TABLE installation (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    -- Of SECRET_KEY, by HKDF-SHA256: a start with another key is refused before it changes the serving role's password.
    key_fingerprint text NOT NULL,
    key_since timestamptz NOT NULL DEFAULT now()
);
