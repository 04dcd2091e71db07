-- What belongs to one merchant. merchant_id leads every key, foreign keys carry it (a plain foreign key
-- would accept another tenant's row), and row-level security is enabled and forced on every table.

CREATE DOMAIN integration_kind AS text CHECK (VALUE IN ('meta_ads', 'stripe', 'paypal', 'analytics'));
CREATE DOMAIN integration_status AS text CHECK (VALUE IN ('requested', 'connected', 'failed'));
CREATE DOMAIN product_status AS text CHECK (VALUE IN ('active', 'draft'));

-- The merchant of this transaction, NULL where none is set. A connection that had one before
-- has '' instead of NULL.
CREATE FUNCTION orbit_merchant() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT nullif(current_setting('orbit.merchant_id', true), '')::uuid $$;

CREATE TABLE settings (
    merchant_id uuid PRIMARY KEY REFERENCES merchants ON DELETE CASCADE,
    currency currency NOT NULL DEFAULT 'USD',
    locale text NOT NULL DEFAULT 'en',
    timezone text NOT NULL DEFAULT 'UTC',
    tagline text NOT NULL DEFAULT '',
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE onboarding (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    key text NOT NULL,
    position integer NOT NULL,
    done_at timestamptz,
    PRIMARY KEY (merchant_id, key)
);

CREATE TABLE integrations (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    kind integration_kind NOT NULL,
    status integration_status NOT NULL DEFAULT 'requested',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, kind)
);

CREATE TABLE products (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL,
    handle text NOT NULL,
    title text NOT NULL,
    description text NOT NULL DEFAULT '',
    vendor text NOT NULL DEFAULT '',
    kind text NOT NULL DEFAULT '',
    status product_status NOT NULL DEFAULT 'active',
    options jsonb NOT NULL DEFAULT '[]',
    position integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, handle)
);
CREATE INDEX products_listing ON products (merchant_id, status, position, id);

CREATE TABLE variants (
    merchant_id uuid NOT NULL,
    id uuid NOT NULL,
    product_id uuid NOT NULL,
    title text NOT NULL DEFAULT '',
    sku text NOT NULL DEFAULT '',
    "values" jsonb NOT NULL DEFAULT '[]',
    price bigint NOT NULL CHECK (price >= 0),
    compare_at bigint CHECK (compare_at > 0),
    stock integer NOT NULL DEFAULT 0 CHECK (stock >= 0),
    position integer NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, product_id) REFERENCES products ON DELETE CASCADE
);
CREATE INDEX variants_product ON variants (merchant_id, product_id, position);

CREATE TABLE collections (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL,
    handle text NOT NULL,
    title text NOT NULL,
    description text NOT NULL DEFAULT '',
    position integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, handle)
);

CREATE TABLE collection_products (
    merchant_id uuid NOT NULL,
    collection_id uuid NOT NULL,
    product_id uuid NOT NULL,
    position integer NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant_id, collection_id, product_id),
    FOREIGN KEY (merchant_id, collection_id) REFERENCES collections ON DELETE CASCADE,
    FOREIGN KEY (merchant_id, product_id) REFERENCES products ON DELETE CASCADE
);
CREATE INDEX collection_products_product ON collection_products (merchant_id, product_id);

CREATE TABLE pages (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL,
    handle text NOT NULL,
    title text NOT NULL,
    body text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, handle)
);

CREATE TABLE menus (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    handle text NOT NULL,
    items jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (merchant_id, handle)
);

CREATE TABLE shipping_rates (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    name text NOT NULL,
    price bigint NOT NULL CHECK (price >= 0),
    free_from bigint CHECK (free_from > 0),
    position integer NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant_id, name)
);

CREATE TABLE payment_methods (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    kind text NOT NULL,
    name text NOT NULL,
    instructions text NOT NULL DEFAULT '',
    enabled boolean NOT NULL DEFAULT true,
    PRIMARY KEY (merchant_id, kind)
);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['settings', 'onboarding', 'integrations', 'products', 'variants', 'collections',
                             'collection_products', 'pages', 'menus', 'shipping_rates', 'payment_methods'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (merchant_id = orbit_merchant()) WITH CHECK (merchant_id = orbit_merchant())', t);
    END LOOP;
END
$$;
