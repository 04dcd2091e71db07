-- What admins do for merchants: they look at a shop as its owners do, and find shops by when they sold.

-- An admin's visit to a shop's dashboard, which takes the place of a membership while it lasts. The admin's own session
-- asks for it; one browser is approved by the hash of a secret that it holds; entering uses the visit up.
CREATE TABLE support_visits (
    id uuid PRIMARY KEY,
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    admin_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    session_id uuid NOT NULL, -- the admin's own, in the admin panel
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    approved bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    opened_at timestamptz,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX support_visits_merchant ON support_visits (merchant_id);
CREATE INDEX support_visits_admin ON support_visits (admin_id, created_at);
CREATE INDEX support_visits_created ON support_visits (created_at);

-- Whether a visit gives rights at this moment: until it is stopped or its hour is over, while the admin is one, and
-- while the session that asked for it lasts.
CREATE FUNCTION orbit_visiting(v support_visits) RETURNS boolean LANGUAGE sql STABLE
RETURN v.opened_at IS NOT NULL AND v.ended_at IS NULL AND v.expires_at > clock_timestamp()
    AND EXISTS (SELECT FROM users u WHERE u.id = v.admin_id AND u.role = 'admin' AND u.disabled_at IS NULL)
    AND EXISTS (SELECT FROM sessions s WHERE s.id = v.session_id AND s.ended_at IS NULL AND s.expires_at > now());

-- The session in the dashboard that a visit is; others have none.
ALTER TABLE sessions ADD COLUMN visit_id uuid REFERENCES support_visits ON DELETE CASCADE;
CREATE INDEX sessions_visit ON sessions (visit_id) WHERE visit_id IS NOT NULL;

-- The day, in the shop's time zone, on which each shop had its last order. It is written with the first order of a day
-- alone, so selling doesn't wait for it.
CREATE TABLE merchant_sales (
    merchant_id uuid PRIMARY KEY REFERENCES merchants ON DELETE CASCADE,
    last_day date NOT NULL
);
CREATE INDEX merchant_sales_last_day ON merchant_sales (last_day);
CREATE FUNCTION orbit_note_sale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.merchant_sales AS s (merchant_id, last_day) VALUES (NEW.merchant_id, NEW.day)
    ON CONFLICT (merchant_id) DO UPDATE SET last_day = excluded.last_day WHERE s.last_day < excluded.last_day;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_sale AFTER INSERT ON sales_days FOR EACH ROW EXECUTE FUNCTION orbit_note_sale();
DO $$
DECLARE
    m uuid;
BEGIN
    FOR m IN SELECT id FROM merchants WHERE status <> 'pending' LOOP
        PERFORM set_config('orbit.merchant_id', m::text, true);
        INSERT INTO merchant_sales (merchant_id, last_day)
        SELECT merchant_id, max(day) FROM sales_days GROUP BY merchant_id;
    END LOOP;
    PERFORM set_config('orbit.merchant_id', '', true);
END
$$;
