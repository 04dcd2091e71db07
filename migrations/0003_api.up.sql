-- Keys of programs, and the answers that the JSON API gives again to whoever repeats a request.

CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    prefix text NOT NULL,
    key_hash bytea NOT NULL UNIQUE,
    created_by uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX api_keys_creator ON api_keys (created_by);

-- A row without a status is a request under way: its holder must be done before locked_until. Whoever
-- takes over an abandoned one raises attempt, and the former holder can't write any more.
CREATE TABLE idempotency_keys (
    caller text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    resource uuid NOT NULL,
    attempt integer NOT NULL DEFAULT 1,
    locked_until timestamptz NOT NULL,
    status integer,
    content_type text NOT NULL DEFAULT '',
    location text NOT NULL DEFAULT '',
    body bytea NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);
