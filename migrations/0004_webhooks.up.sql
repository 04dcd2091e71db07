-- Outgoing webhooks: who wants to be told, what there was to tell, and how each telling went.

CREATE DOMAIN webhook_event_kind AS text CHECK (VALUE IN ('merchant.activated', 'merchant.failed', 'merchant.rolled_back', 'ping'));
CREATE DOMAIN delivery_status AS text CHECK (VALUE IN ('pending', 'delivered', 'failed'));

CREATE TABLE webhooks (
    id uuid PRIMARY KEY,
    url text NOT NULL,
    description text NOT NULL DEFAULT '',
    events jsonb NOT NULL CHECK (jsonb_typeof(events) = 'array'),
    -- Sealed by package webhooks (AES-256-GCM): the database never sees what it holds.
    secret bytea NOT NULL,
    old_secret bytea,
    old_until timestamptz,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- One row for each thing that happened and that somebody wanted to know, with the very bytes that are
-- signed and sent, however often.
CREATE TABLE webhook_events (
    id uuid PRIMARY KEY,
    kind webhook_event_kind NOT NULL,
    merchant_id uuid REFERENCES merchants ON DELETE SET NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhook_events_merchant ON webhook_events (merchant_id);
CREATE INDEX webhook_events_created ON webhook_events (created_at);

CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY,
    event_id uuid NOT NULL REFERENCES webhook_events ON DELETE CASCADE,
    webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    status delivery_status NOT NULL DEFAULT 'pending',
    attempts integer NOT NULL DEFAULT 0, -- since it was made or last replayed
    log jsonb NOT NULL DEFAULT '[]',     -- every attempt, oldest first
    next_at timestamptz,                 -- when it is tried again
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (event_id);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (updated_at) WHERE status = 'pending';

-- The merchants on a plan that have more products than so many, for an admin who is about to change the
-- plan. It looks at one tenant after the other, each through row-level security as always.
CREATE FUNCTION orbit_products_above(p_plan uuid, p_limit bigint) RETURNS TABLE (merchant uuid, products bigint)
LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('orbit.merchant_id', true), '');
    n bigint;
BEGIN
    FOR merchant IN SELECT m.id FROM merchants m WHERE m.plan_id = p_plan LOOP
        PERFORM set_config('orbit.merchant_id', merchant::text, true);
        SELECT count(*) INTO n FROM products p WHERE p.merchant_id = merchant;
        IF n > p_limit THEN
            products := n;
            RETURN NEXT;
        END IF;
    END LOOP;
    PERFORM set_config('orbit.merchant_id', before, true);
END
$$;
