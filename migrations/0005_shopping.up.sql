-- What shoppers need: finding, carts, orders. The rules of 0002 hold: merchant_id leads every key, foreign
-- keys carry it, row-level security is enabled and forced.

CREATE DOMAIN discount_kind AS text CHECK (VALUE IN ('percent', 'amount'));
CREATE DOMAIN order_status AS text CHECK (VALUE IN ('open', 'sent', 'cancelled'));
CREATE DOMAIN order_payment_status AS text CHECK (VALUE IN ('pending', 'paid', 'refunded'));
CREATE DOMAIN payment_status AS text CHECK (VALUE IN ('pending', 'paid', 'failed', 'refunded'));

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- No GIN index on these: under row-level security PostgreSQL never lets an operator that isn't leakproof
-- (@@, %) drive an index, so one would cost writes and serve nobody. A search reads the products of one shop
-- through products_listing.
ALTER TABLE products
    ADD COLUMN search tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('english'::regconfig, title), 'A') ||
        setweight(to_tsvector('english'::regconfig, vendor || ' ' || kind), 'B') ||
        setweight(to_tsvector('english'::regconfig, description), 'C') ||
        setweight(jsonb_to_tsvector('simple'::regconfig, options, '["string"]'), 'D')) STORED,
    ADD COLUMN words text GENERATED ALWAYS AS (lower(title || ' ' || vendor || ' ' || kind)) STORED;
CREATE INDEX products_newest ON products (merchant_id, status, created_at DESC, id);

ALTER TABLE settings
    ADD COLUMN tax_name text NOT NULL DEFAULT 'Tax',
    ADD COLUMN tax_rate integer NOT NULL DEFAULT 0 CHECK (tax_rate BETWEEN 0 AND 10000), -- hundredths of a percent
    ADD COLUMN tax_included boolean NOT NULL DEFAULT false;

CREATE TABLE carts (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL,
    token_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, token_hash)
);
CREATE INDEX carts_expires ON carts (merchant_id, expires_at);

CREATE TABLE cart_lines (
    merchant_id uuid NOT NULL,
    cart_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 999),
    added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (merchant_id, cart_id, variant_id),
    FOREIGN KEY (merchant_id, cart_id) REFERENCES carts ON DELETE CASCADE,
    FOREIGN KEY (merchant_id, variant_id) REFERENCES variants ON DELETE CASCADE
);
CREATE INDEX cart_lines_variant ON cart_lines (merchant_id, variant_id);

CREATE TABLE customers (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    phone text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id)
);
CREATE UNIQUE INDEX customers_email_key ON customers (merchant_id, lower(email));

CREATE TABLE discounts (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    code text NOT NULL CHECK (code = upper(code) AND code <> ''),
    kind discount_kind NOT NULL,
    value bigint NOT NULL CHECK (value > 0 AND (kind = 'amount' OR value <= 100)),
    minimum bigint NOT NULL DEFAULT 0 CHECK (minimum >= 0), -- value of goods from which it holds
    max_uses integer CHECK (max_uses > 0),
    used integer NOT NULL DEFAULT 0,
    starts_at timestamptz,
    ends_at timestamptz,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, code)
);

-- One row a shop, locked while an order is made: it gives the order's number and holds the plan's limit
-- of orders a month (UTC) without counting.
CREATE TABLE order_numbers (
    merchant_id uuid PRIMARY KEY REFERENCES merchants ON DELETE CASCADE,
    last bigint NOT NULL,
    month date NOT NULL,
    in_month bigint NOT NULL
);

-- What was bought, and everything about it as it was then: later changes of products, prices and people
-- don't reach an order. Amounts are minor units of currency.
CREATE TABLE orders (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL,
    number bigint NOT NULL,
    token text NOT NULL, -- of the confirmation's address; a second submit of the same form is led there too
    cart_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    status order_status NOT NULL DEFAULT 'open',
    payment_status order_payment_status NOT NULL DEFAULT 'pending',
    email text NOT NULL,
    phone text NOT NULL DEFAULT '',
    address jsonb NOT NULL,
    currency currency NOT NULL,
    subtotal bigint NOT NULL CHECK (subtotal >= 0),
    discount bigint NOT NULL DEFAULT 0 CHECK (discount BETWEEN 0 AND subtotal),
    discount_code text NOT NULL DEFAULT '',
    shipping bigint NOT NULL DEFAULT 0 CHECK (shipping >= 0),
    shipping_name text NOT NULL DEFAULT '',
    tax bigint NOT NULL DEFAULT 0 CHECK (tax >= 0),
    tax_name text NOT NULL DEFAULT '',
    tax_rate integer NOT NULL DEFAULT 0,
    tax_included boolean NOT NULL DEFAULT false,
    total bigint NOT NULL,
    note text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    paid_at timestamptz,
    sent_at timestamptz,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, number),
    UNIQUE (merchant_id, token),
    CHECK (total = subtotal - discount + shipping + CASE WHEN tax_included THEN 0 ELSE tax END),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customers
);
CREATE INDEX orders_created ON orders (merchant_id, created_at DESC);
CREATE INDEX orders_customer ON orders (merchant_id, customer_id);

CREATE TABLE order_lines (
    merchant_id uuid NOT NULL,
    order_id uuid NOT NULL,
    position integer NOT NULL,
    variant_id uuid, -- NULL once the product is deleted
    handle text NOT NULL,
    title text NOT NULL,
    kind text NOT NULL DEFAULT '',
    variant text NOT NULL DEFAULT '',
    sku text NOT NULL DEFAULT '',
    price bigint NOT NULL CHECK (price >= 0),
    quantity integer NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (merchant_id, order_id, position),
    FOREIGN KEY (merchant_id, order_id) REFERENCES orders ON DELETE CASCADE,
    FOREIGN KEY (merchant_id, variant_id) REFERENCES variants ON DELETE SET NULL (variant_id)
);
CREATE INDEX order_lines_variant ON order_lines (merchant_id, variant_id);

-- One row each time money is asked for. Kind is the payment method's; "manual" is settled by hand, others
-- keep what their provider calls the payment in reference.
CREATE TABLE payments (
    merchant_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    instructions text NOT NULL DEFAULT '',
    amount bigint NOT NULL CHECK (amount >= 0),
    currency currency NOT NULL,
    status payment_status NOT NULL DEFAULT 'pending',
    reference text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    paid_at timestamptz,
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, order_id) REFERENCES orders ON DELETE CASCADE
);
CREATE INDEX payments_order ON payments (merchant_id, order_id);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['carts', 'cart_lines', 'customers', 'discounts', 'order_numbers', 'orders', 'order_lines', 'payments'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (merchant_id = orbit_merchant()) WITH CHECK (merchant_id = orbit_merchant())', t);
    END LOOP;
END
$$;
