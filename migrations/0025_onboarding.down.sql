ALTER TABLE onboarding RENAME TO onboarding_after;
CREATE TABLE onboarding (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    key text NOT NULL,
    position integer NOT NULL,
    done_at timestamptz,
    PRIMARY KEY (merchant_id, key)
);
ALTER TABLE onboarding ENABLE ROW LEVEL SECURITY;
ALTER TABLE onboarding FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON onboarding USING (merchant_id = orbit_merchant()) WITH CHECK (merchant_id = orbit_merchant());
DO $$
DECLARE
    m record;
BEGIN
    FOR m IN SELECT id, live_at FROM merchants WHERE owner_id IS NOT NULL LOOP
        PERFORM set_config('orbit.merchant_id', m.id::text, true);
        INSERT INTO onboarding (merchant_id, key, position, done_at) VALUES
            (m.id, 'set_password', 0, (SELECT password_changed_at FROM users u JOIN merchants o ON o.owner_id = u.id
                WHERE o.id = m.id)),
            (m.id, 'review_website', 1, (SELECT reached_at FROM onboarding_after WHERE part = 'website')),
            (m.id, 'add_product', 2, (SELECT reached_at FROM onboarding_after WHERE part = 'products')),
            (m.id, 'set_up_shipping', 3, NULL),
            (m.id, 'go_live', 4, m.live_at);
    END LOOP;
    PERFORM set_config('orbit.merchant_id', '', true);
END
$$;
DROP TABLE onboarding_after;
DROP INDEX merchants_activated;
ALTER TABLE releases DROP COLUMN source;
ALTER TABLE payment_methods DROP COLUMN sample;
ALTER TABLE products DROP COLUMN sample;
ALTER TABLE orders DROP COLUMN prefix;
ALTER TABLE settings DROP COLUMN legal_name, DROP COLUMN email, DROP COLUMN phone, DROP COLUMN address,
    DROP COLUMN weight_unit, DROP COLUMN order_prefix, DROP COLUMN title, DROP COLUMN description, DROP COLUMN social,
    DROP COLUMN logo_id, DROP COLUMN brand, DROP COLUMN version;
DROP DOMAIN release_source;
DROP DOMAIN onboarding_part;
DROP DOMAIN weight_unit;
