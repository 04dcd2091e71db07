-- Two-step sign-in, sessions as their person sees them, and staff.

ALTER TABLE users
    ADD COLUMN two_step_at timestamptz,
    ADD COLUMN two_step_secret bytea, -- encrypted
    ADD COLUMN two_step_used bigint NOT NULL DEFAULT 0, -- the last step with a code that was used
    ADD CONSTRAINT users_two_step_check CHECK ((two_step_at IS NULL) = (two_step_secret IS NULL));

CREATE TABLE recovery_codes (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (user_id, code_hash)
);

ALTER TABLE sessions
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    ADD COLUMN audience text NOT NULL DEFAULT '',
    ADD COLUMN address text NOT NULL DEFAULT '',
    ADD COLUMN agent text NOT NULL DEFAULT '';
