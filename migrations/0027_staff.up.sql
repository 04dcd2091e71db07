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

ALTER TABLE merchants ADD COLUMN two_step_required boolean NOT NULL DEFAULT false;
ALTER TABLE memberships
    ADD COLUMN seen_at timestamptz,
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();

CREATE TABLE invitations (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL,
    email text NOT NULL,
    permissions permissions NOT NULL,
    invited_by uuid REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL,
    sent_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id)
);
CREATE UNIQUE INDEX invitations_email ON invitations (merchant_id, lower(email));
CREATE INDEX invitations_invited_by ON invitations (invited_by);
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invitations USING (merchant_id = orbit_merchant()) WITH CHECK (merchant_id = orbit_merchant());

-- An invitation's link leads to its shop; it goes with the invitation.
ALTER DOMAIN link_purpose DROP CONSTRAINT link_purpose_check;
ALTER DOMAIN link_purpose ADD CHECK (VALUE IN ('set_password', 'first_admin', 'invitation'));
ALTER TABLE one_time_links
    ADD COLUMN invitation_id uuid,
    ADD CONSTRAINT one_time_links_invitation_fkey FOREIGN KEY (merchant_id, invitation_id)
        REFERENCES invitations (merchant_id, id) ON DELETE CASCADE,
    ADD CONSTRAINT one_time_links_invitation_check CHECK ((purpose = 'invitation') = (invitation_id IS NOT NULL));
CREATE INDEX one_time_links_invitation ON one_time_links (merchant_id, invitation_id) WHERE invitation_id IS NOT NULL;
