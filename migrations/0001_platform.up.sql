-- People, merchants, what they can choose, and the runs that set them up.
-- The words that a column can hold are a domain: adding one is a migration, misspelling one is an error. A CHECK of the
-- table says the same and costs more: PostgreSQL 15 reads it anew from its text for every statement that writes, 40 µs
-- for a list of words, while what a domain checks is kept at hand.

CREATE DOMAIN currency AS text CHECK (VALUE ~ '^[A-Z]{3}$');
CREATE DOMAIN percent AS integer CHECK (VALUE BETWEEN 0 AND 100);
CREATE DOMAIN user_role AS text CHECK (VALUE IN ('admin', 'merchant'));
CREATE DOMAIN theme_engine AS text CHECK (VALUE IN ('modern', 'classic', 'minimal'));
CREATE DOMAIN billing_cycle AS text CHECK (VALUE IN ('monthly', 'yearly'));
CREATE DOMAIN merchant_status AS text CHECK (VALUE IN ('pending', 'activating', 'active', 'failed', 'suspended'));
CREATE DOMAIN membership_role AS text CHECK (VALUE IN ('owner', 'staff'));
CREATE DOMAIN domain_kind AS text CHECK (VALUE IN ('platform', 'custom'));
CREATE DOMAIN run_status AS text CHECK (VALUE IN ('PENDING', 'IN_PROGRESS', 'COMPLETED', 'FAILED', 'ROLLBACK'));
CREATE DOMAIN step_status AS text CHECK (VALUE IN ('pending', 'running', 'done', 'failed', 'undone'));
CREATE DOMAIN address_status AS text CHECK (VALUE IN ('none', 'pending', 'active', 'failed'));
CREATE DOMAIN link_purpose AS text CHECK (VALUE IN ('set_password', 'first_admin'));
CREATE DOMAIN mail_status AS text CHECK (VALUE IN ('queued', 'sent', 'local', 'failed'));

CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    name text NOT NULL,
    role user_role NOT NULL,
    password_hash text,
    password_changed_at timestamptz,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_email_key ON users (lower(email));

CREATE TABLE themes (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    slug text NOT NULL UNIQUE,
    description text NOT NULL,
    thumbnail text NOT NULL,
    version text NOT NULL,
    engine theme_engine NOT NULL,
    config jsonb NOT NULL DEFAULT '{}',
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE plans (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    slug text NOT NULL UNIQUE,
    price bigint NOT NULL CHECK (price >= 0),
    currency currency NOT NULL,
    billing_cycle billing_cycle NOT NULL,
    features jsonb NOT NULL DEFAULT '[]',
    limits jsonb NOT NULL DEFAULT '{}',
    popular boolean NOT NULL DEFAULT false,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE merchants (
    id uuid PRIMARY KEY,
    code text UNIQUE,
    name text NOT NULL,
    owner_name text NOT NULL,
    email text NOT NULL,
    category text NOT NULL,
    status merchant_status NOT NULL,
    subdomain text UNIQUE,
    custom_domain text UNIQUE,
    theme_id uuid REFERENCES themes,
    plan_id uuid REFERENCES plans,
    owner_id uuid REFERENCES users,
    release_id uuid,
    integrations jsonb NOT NULL DEFAULT '{}',
    live_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    activated_at timestamptz
);
CREATE INDEX merchants_status_created ON merchants (status, created_at DESC);
CREATE INDEX merchants_created ON merchants (created_at DESC);
-- theme_id and plan_id have no index, here and below: every run would pay for it, and only deleting a theme
-- or plan, which happens a few times a year, reads by it.

CREATE TABLE memberships (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role membership_role NOT NULL DEFAULT 'owner',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, merchant_id)
);
CREATE INDEX memberships_merchant ON memberships (merchant_id);

-- A host name belongs to whoever inserted it first: the index decides races between activations.
CREATE TABLE domains (
    id uuid PRIMARY KEY,
    host text NOT NULL UNIQUE,
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    kind domain_kind NOT NULL,
    verified_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX domains_merchant ON domains (merchant_id);

-- Releases are immutable: the serving role may insert and, to roll back a run, delete.
CREATE TABLE releases (
    id uuid PRIMARY KEY,
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    number integer NOT NULL CHECK (number > 0),
    theme_id uuid NOT NULL REFERENCES themes,
    engine text NOT NULL,
    engine_version text NOT NULL,
    settings jsonb NOT NULL DEFAULT '{}',
    created_by uuid REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (merchant_id, number),
    UNIQUE (merchant_id, id)
);
ALTER TABLE merchants ADD CONSTRAINT merchants_release_fkey FOREIGN KEY (id, release_id) REFERENCES releases (merchant_id, id);

CREATE TABLE merchant_provisionings (
    id uuid PRIMARY KEY,
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    status run_status NOT NULL,
    current_step text,
    completion_percent percent NOT NULL DEFAULT 0,
    theme_id uuid NOT NULL REFERENCES themes,
    plan_id uuid NOT NULL REFERENCES plans,
    subdomain text NOT NULL,
    custom_domain text,
    category text NOT NULL,
    integrations jsonb NOT NULL DEFAULT '{}',
    go_live boolean NOT NULL DEFAULT false,
    retry_count integer NOT NULL DEFAULT 0,
    error_log jsonb NOT NULL DEFAULT '[]',
    requested_by uuid REFERENCES users,
    epoch bigint NOT NULL DEFAULT 0,
    job_id bigint,
    started_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
CREATE INDEX merchant_provisionings_merchant ON merchant_provisionings (merchant_id, created_at DESC);
-- One run at a time: only a run that ended well or was undone makes room for another.
CREATE UNIQUE INDEX merchant_provisionings_open ON merchant_provisionings (merchant_id)
    WHERE status IN ('PENDING', 'IN_PROGRESS', 'FAILED') OR (status = 'ROLLBACK' AND completed_at IS NULL);
-- No index holds a column that a step changes, and pages keep room: a run's row and its steps are updated
-- in place (heap-only tuples), which is most of what provisioning costs.
CREATE INDEX merchant_provisionings_unfinished ON merchant_provisionings (id)
    WHERE status IN ('PENDING', 'IN_PROGRESS') OR (status = 'ROLLBACK' AND completed_at IS NULL);

CREATE TABLE provisioning_steps (
    run_id uuid NOT NULL REFERENCES merchant_provisionings ON DELETE CASCADE,
    key text NOT NULL,
    position integer NOT NULL,
    status step_status NOT NULL DEFAULT 'pending',
    attempts integer NOT NULL DEFAULT 0,
    started_at timestamptz,
    completed_at timestamptz,
    error text,
    PRIMARY KEY (run_id, key)
) WITH (fillfactor = 50);

CREATE TABLE deployment_metadata (
    merchant_id uuid PRIMARY KEY REFERENCES merchants ON DELETE CASCADE,
    run_id uuid NOT NULL REFERENCES merchant_provisionings ON DELETE CASCADE,
    merchant_code text NOT NULL,
    tenant_namespace text NOT NULL,
    storage_prefix text NOT NULL,
    dashboard_url text,
    website_url text,
    custom_domain text,
    ssl_status address_status NOT NULL DEFAULT 'pending',
    dns_status address_status NOT NULL DEFAULT 'pending',
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Sessions keep a tombstone when they end (ended_at): a slow request that began before a sign-out
-- must not write the dead session back to life.
CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY,
    user_id uuid REFERENCES users ON DELETE CASCADE,
    data bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX sessions_expires ON sessions (expires_at);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE one_time_links (
    token_hash bytea PRIMARY KEY,
    purpose link_purpose NOT NULL,
    user_id uuid REFERENCES users ON DELETE CASCADE,
    merchant_id uuid REFERENCES merchants ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX one_time_links_merchant ON one_time_links (merchant_id);
CREATE INDEX one_time_links_user ON one_time_links (user_id);

CREATE TABLE mails (
    id uuid PRIMARY KEY,
    message_id text NOT NULL UNIQUE,
    merchant_id uuid REFERENCES merchants ON DELETE SET NULL,
    recipient text NOT NULL,
    subject text NOT NULL,
    html text NOT NULL,
    text text NOT NULL,
    status mail_status NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz
);
-- A mail is written once and rarely read: compressing it would cost more than all the rest of its step.
ALTER TABLE mails ALTER html SET STORAGE EXTERNAL, ALTER text SET STORAGE EXTERNAL;
CREATE INDEX mails_created ON mails (created_at DESC);
CREATE INDEX mails_merchant ON mails (merchant_id);

CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor_id uuid,
    actor text NOT NULL,
    action text NOT NULL,
    merchant_id uuid,
    target text NOT NULL DEFAULT '',
    detail jsonb NOT NULL DEFAULT '{}',
    address text NOT NULL DEFAULT ''
);
CREATE INDEX audit_log_merchant ON audit_log (merchant_id, at DESC);
CREATE INDEX audit_log_at ON audit_log (at DESC);

-- Token buckets of people who try too often (GCRA: one timestamp a key). Losing them in a crash is harmless.
CREATE UNLOGGED TABLE throttles (
    key text PRIMARY KEY,
    arrival timestamptz NOT NULL
);
CREATE INDEX throttles_arrival ON throttles (arrival);

-- One row per running process that works jobs. While it lives it holds the advisory lock lock_key
-- in a session; a row without its lock is a dead process whose jobs are free.
CREATE TABLE workers (
    id text PRIMARY KEY,
    lock_key bigint NOT NULL UNIQUE,
    started_at timestamptz NOT NULL DEFAULT now()
);

-- Refuses a step of a run: to a worker that was frozen and overtaken (its epoch is old) or whose run has ended (OR001);
-- a step that is done (OR002); and one that isn't the next, because a database that died took the steps before it along
-- (OR003).
CREATE FUNCTION orbit_refuse_step(p_run uuid, p_key text, p_epoch bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM merchant_provisionings WHERE id = p_run AND epoch = p_epoch AND status = 'IN_PROGRESS' AND completed_at IS NULL) THEN
        RAISE EXCEPTION 'run % is no longer this worker''s', p_run USING ERRCODE = 'OR001';
    ELSIF EXISTS (SELECT FROM provisioning_steps WHERE run_id = p_run AND key = p_key AND status IN ('done', 'undone')) THEN
        RAISE EXCEPTION 'step % of run % is done already', p_key, p_run USING ERRCODE = 'OR002';
    END IF;
    RAISE EXCEPTION 'step % of run % isn''t the next', p_key, p_run USING ERRCODE = 'OR003';
END
$$;

-- Marks the step that is next done and the one after it running, and tells whoever listens: all at commit, together with
-- what the step does afterwards in the same transaction.
CREATE FUNCTION orbit_finish_step(p_run uuid, p_epoch bigint, p_key text, p_next text, p_percent integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    m uuid;
BEGIN
    UPDATE merchant_provisionings
       SET completion_percent = p_percent, current_step = coalesce(p_next, current_step), updated_at = clock_timestamp(),
           status = CASE WHEN p_next IS NULL THEN 'COMPLETED' ELSE status END,
           completed_at = CASE WHEN p_next IS NULL THEN clock_timestamp() END
     WHERE id = p_run AND epoch = p_epoch AND current_step = p_key AND status = 'IN_PROGRESS' AND completed_at IS NULL
    RETURNING merchant_id INTO m;
    IF m IS NULL THEN
        PERFORM orbit_refuse_step(p_run, p_key, p_epoch);
    END IF;
    UPDATE provisioning_steps
       SET status = CASE WHEN key = p_key THEN 'done' ELSE 'running' END,
           attempts = attempts + (key = p_key)::integer,
           started_at = coalesce(started_at, clock_timestamp()),
           completed_at = CASE WHEN key = p_key THEN clock_timestamp() END,
           error = CASE WHEN key <> p_key THEN error END
     WHERE run_id = p_run AND key IN (p_key, p_next);
    PERFORM pg_notify('orbit_run', p_run || ' ' || m);
END
$$;

-- Locks a run so that the transaction can write that the step which is next has failed.
CREATE FUNCTION orbit_fail_step(p_run uuid, p_key text, p_epoch bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM merchant_provisionings WHERE id = p_run AND epoch = p_epoch AND current_step = p_key AND status = 'IN_PROGRESS' AND completed_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM orbit_refuse_step(p_run, p_key, p_epoch);
    END IF;
END
$$;

-- Locks a run so that the transaction can take a step back.
CREATE FUNCTION orbit_undo_step(p_run uuid, p_key text, p_epoch bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM merchant_provisionings WHERE id = p_run AND epoch = p_epoch AND status = 'ROLLBACK' AND completed_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'run % is no longer this worker''s', p_run USING ERRCODE = 'OR001';
    ELSIF EXISTS (SELECT FROM provisioning_steps WHERE run_id = p_run AND key = p_key AND status = 'undone') THEN
        RAISE EXCEPTION 'step % of run % is undone already', p_key, p_run USING ERRCODE = 'OR002';
    END IF;
END
$$;
