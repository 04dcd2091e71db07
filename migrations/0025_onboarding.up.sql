-- What a shop says of itself, and how its orders are called.
CREATE DOMAIN weight_unit AS text CHECK (VALUE IN ('kg', 'g', 'lb', 'oz'));
CREATE DOMAIN onboarding_part AS text
    CHECK (VALUE IN ('business', 'branding', 'payments', 'marketing', 'products', 'website'));
CREATE DOMAIN release_source AS text CHECK (VALUE IN ('setup', 'theme', 'branding'));

ALTER TABLE settings
    ADD COLUMN legal_name text NOT NULL DEFAULT '',
    ADD COLUMN email text NOT NULL DEFAULT '',
    ADD COLUMN phone text NOT NULL DEFAULT '',
    ADD COLUMN address jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN weight_unit weight_unit NOT NULL DEFAULT 'kg',
    ADD COLUMN order_prefix text NOT NULL DEFAULT '#',
    ADD COLUMN title text NOT NULL DEFAULT '',
    ADD COLUMN description text NOT NULL DEFAULT '',
    ADD COLUMN social jsonb NOT NULL DEFAULT '{}',
    -- The brand as people are making it: what is published of it stands in releases.
    ADD COLUMN logo_id uuid,
    ADD COLUMN brand jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD FOREIGN KEY (merchant_id, logo_id) REFERENCES media (merchant_id, id) ON DELETE SET NULL (logo_id);

ALTER TABLE orders ADD COLUMN prefix text NOT NULL DEFAULT '#';

-- What a shop began with, until somebody makes it theirs.
ALTER TABLE products ADD COLUMN sample boolean NOT NULL DEFAULT false;
ALTER TABLE payment_methods ADD COLUMN sample boolean NOT NULL DEFAULT false;
ALTER TABLE releases ADD COLUMN source release_source NOT NULL DEFAULT 'theme';

-- The six parts of setting up a shop. What is done is seen in the shop's own rows; here stands what was skipped and
-- why, and when a part was first done or skipped.
ALTER TABLE onboarding RENAME TO onboarding_before;
CREATE TABLE onboarding (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    part onboarding_part NOT NULL,
    reason text NOT NULL DEFAULT '',
    skipped_at timestamptz,
    reached_at timestamptz,
    CONSTRAINT onboarding_part_pkey PRIMARY KEY (merchant_id, part)
);
ALTER TABLE onboarding ENABLE ROW LEVEL SECURITY;
ALTER TABLE onboarding FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON onboarding USING (merchant_id = orbit_merchant()) WITH CHECK (merchant_id = orbit_merchant());
-- Operations asks one question across shops: how far they are. It says so, and reads.
CREATE POLICY funnel ON onboarding FOR SELECT USING (current_setting('orbit.funnel', true) = 'on');
CREATE INDEX merchants_activated ON merchants (activated_at DESC) WHERE status = 'active';

-- The rows of shops, each shop in its own scope: the owner is held by row-level security as well.
DO $$
DECLARE
    m record;
BEGIN
    PERFORM set_config('orbit.unseen', 'on', true);
    FOR m IN SELECT id, email, activated_at FROM merchants LOOP
        PERFORM set_config('orbit.merchant_id', m.id::text, true);
        UPDATE settings SET email = m.email;
        UPDATE releases SET source = 'setup' WHERE number = 1;
        -- Nobody but the run that set a shop up has made anything before it was active.
        UPDATE products SET sample = true WHERE created_at <= m.activated_at AND version = 1;
        UPDATE payment_methods SET sample = true;
        INSERT INTO onboarding (merchant_id, part, reason, skipped_at, reached_at)
            SELECT merchant_id, 'website', 'Reviewed', done_at, done_at FROM onboarding_before
             WHERE key = 'review_website' AND done_at IS NOT NULL;
        INSERT INTO onboarding (merchant_id, part, reached_at)
            SELECT merchant_id, 'products', min(created_at) FROM products WHERE NOT sample AND status = 'active'
             GROUP BY 1;
        INSERT INTO onboarding (merchant_id, part, reached_at)
            SELECT merchant_id, 'website', min(created_at) FROM releases WHERE source = 'theme' GROUP BY 1
        ON CONFLICT DO NOTHING;
    END LOOP;
    PERFORM set_config('orbit.merchant_id', '', true);
    PERFORM set_config('orbit.unseen', '', true);
END
$$;
DROP TABLE onboarding_before;
