-- Discounts with and without codes: percentages, amounts and free shipping, on all products or some, with a minimum,
-- once per customer, combined with others or not. The release before reads kind, value, minimum, max_uses and active,
-- by a code, and counts used: a trigger keeps those columns what it would have to see.

CREATE DOMAIN discount_type AS text CHECK (VALUE IN ('percentage', 'fixed_amount', 'free_shipping'));
CREATE DOMAIN discount_scope AS text CHECK (VALUE IN ('all', 'products', 'collections'));
CREATE DOMAIN discount_classes AS text[] CHECK (VALUE <@ ARRAY['product', 'order', 'shipping']::text[]);

-- Others hold these tables in any order, so the lock is let go and tried again before one of both would be refused as
-- a deadlock.
DO $$
BEGIN
    SET LOCAL lock_timeout = '300ms';
    FOR i IN 1..100 LOOP
        BEGIN
            LOCK TABLE carts, discounts IN ACCESS EXCLUSIVE MODE;
            LOCK TABLE collections, products IN SHARE ROW EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF i = 100 THEN
                RAISE;
            END IF;
        END;
        PERFORM pg_sleep(0.1);
    END LOOP;
    SET LOCAL lock_timeout = 0;
END
$$;

ALTER TABLE discounts
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN title text,
    ADD COLUMN discount_type text,
    ADD COLUMN amount bigint, -- hundredths of a percent, minor units, or 0 for free shipping
    ADD COLUMN applies_to discount_scope NOT NULL DEFAULT 'all',
    ADD COLUMN minimum_amount bigint CHECK (minimum_amount > 0),
    ADD COLUMN minimum_quantity integer CHECK (minimum_quantity > 0),
    ADD COLUMN usage_limit integer CHECK (usage_limit > 0),
    ADD COLUMN once_per_customer boolean NOT NULL DEFAULT false,
    ADD COLUMN combines_with discount_classes NOT NULL DEFAULT '{}',
    ADD COLUMN enabled boolean,
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
-- USING takes all rows over, those of every shop, which no UPDATE could see under row-level security.
ALTER TABLE discounts
    ALTER COLUMN title TYPE text USING code,
    ALTER COLUMN discount_type TYPE discount_type
        USING CASE kind WHEN 'percent' THEN 'percentage' ELSE 'fixed_amount' END,
    ALTER COLUMN amount TYPE bigint USING CASE kind WHEN 'percent' THEN value * 100 ELSE value END,
    ALTER COLUMN minimum_amount TYPE bigint USING nullif(minimum, 0),
    ALTER COLUMN usage_limit TYPE integer USING max_uses,
    ALTER COLUMN enabled TYPE boolean USING active,
    ALTER COLUMN updated_at TYPE timestamptz USING created_at;
ALTER TABLE discounts
    ALTER COLUMN title SET NOT NULL,
    ALTER COLUMN discount_type SET NOT NULL,
    ALTER COLUMN amount SET NOT NULL,
    ALTER COLUMN enabled SET NOT NULL,
    ADD CONSTRAINT discounts_amount CHECK (CASE discount_type WHEN 'percentage' THEN amount BETWEEN 1 AND 10000
        WHEN 'fixed_amount' THEN amount > 0 ELSE amount = 0 END),
    ADD CONSTRAINT discounts_minimum CHECK (minimum_amount IS NULL OR minimum_quantity IS NULL),
    DROP CONSTRAINT discounts_pkey,
    ADD PRIMARY KEY (merchant_id, id),
    ALTER COLUMN code DROP NOT NULL,
    ADD CONSTRAINT discounts_code UNIQUE (merchant_id, code); -- automatic ones have none
CREATE INDEX discounts_automatic ON discounts (merchant_id) WHERE code IS NULL AND enabled;

-- What the release before writes is taken over; what it reads is made of the rest. It knows a percentage of whole
-- percents and an amount, off all products: to it every other code is inactive.
CREATE FUNCTION orbit_form_discount() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    known boolean;
BEGIN
    IF TG_OP = 'INSERT' AND NEW.discount_type IS NULL THEN
        NEW.title := coalesce(NEW.title, NEW.code);
        NEW.discount_type := CASE NEW.kind WHEN 'percent' THEN 'percentage' ELSE 'fixed_amount' END;
        NEW.amount := CASE NEW.kind WHEN 'percent' THEN NEW.value * 100 ELSE NEW.value END;
        NEW.minimum_amount := nullif(NEW.minimum, 0);
        NEW.usage_limit := NEW.max_uses;
        NEW.enabled := NEW.active;
    ELSIF TG_OP = 'UPDATE' THEN
        IF NEW.value <> OLD.value AND NEW.amount = OLD.amount AND NEW.discount_type = 'fixed_amount' THEN
            NEW.amount := NEW.value;
        END IF;
        IF NEW.minimum <> OLD.minimum AND NEW.minimum_amount = OLD.minimum_amount THEN
            NEW.minimum_amount := nullif(NEW.minimum, 0);
        END IF;
    END IF;
    known := NEW.code IS NOT NULL AND NEW.applies_to = 'all' AND NEW.minimum_quantity IS NULL
        AND NOT NEW.once_per_customer AND NEW.discount_type <> 'free_shipping'
        AND (NEW.discount_type = 'fixed_amount' OR NEW.amount % 100 = 0);
    NEW.kind := CASE NEW.discount_type WHEN 'percentage' THEN 'percent' ELSE 'amount' END;
    NEW.value := CASE NEW.discount_type WHEN 'percentage' THEN greatest(NEW.amount / 100, 1)
        WHEN 'fixed_amount' THEN NEW.amount ELSE 1 END;
    NEW.minimum := coalesce(NEW.minimum_amount, 0);
    NEW.max_uses := NEW.usage_limit;
    NEW.active := NEW.enabled AND known;
    RETURN NEW;
END
$$;
CREATE TRIGGER form BEFORE INSERT OR UPDATE ON discounts FOR EACH ROW EXECUTE FUNCTION orbit_form_discount();

CREATE TABLE discount_products (
    merchant_id uuid NOT NULL,
    discount_id uuid NOT NULL,
    product_id uuid NOT NULL,
    PRIMARY KEY (merchant_id, discount_id, product_id),
    FOREIGN KEY (merchant_id, discount_id) REFERENCES discounts ON DELETE CASCADE,
    FOREIGN KEY (merchant_id, product_id) REFERENCES products ON DELETE CASCADE
);
CREATE INDEX discount_products_product ON discount_products (merchant_id, product_id);

CREATE TABLE discount_collections (
    merchant_id uuid NOT NULL,
    discount_id uuid NOT NULL,
    collection_id uuid NOT NULL,
    PRIMARY KEY (merchant_id, discount_id, collection_id),
    FOREIGN KEY (merchant_id, discount_id) REFERENCES discounts ON DELETE CASCADE,
    FOREIGN KEY (merchant_id, collection_id) REFERENCES collections ON DELETE CASCADE
);
CREATE INDEX discount_collections_collection ON discount_collections (merchant_id, collection_id);

-- Which order of which customer has had a discount. An order is a checkout first, so order_id has no foreign key; an
-- order that is canceled gives its uses back.
CREATE TABLE discount_uses (
    merchant_id uuid NOT NULL,
    discount_id uuid NOT NULL,
    order_id uuid NOT NULL,
    customer_hash bytea NOT NULL, -- of the email address
    once boolean NOT NULL, -- the discount was one per customer then
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, discount_id, order_id),
    FOREIGN KEY (merchant_id, discount_id) REFERENCES discounts ON DELETE CASCADE
);
CREATE INDEX discount_uses_customer ON discount_uses (merchant_id, discount_id, customer_hash);
CREATE UNIQUE INDEX discount_uses_once ON discount_uses (merchant_id, discount_id, customer_hash) WHERE once;

ALTER TABLE carts ADD COLUMN discount_codes text[] NOT NULL DEFAULT '{}';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['discount_products', 'discount_collections', 'discount_uses'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (merchant_id = orbit_merchant())
            WITH CHECK (merchant_id = orbit_merchant())', t);
    END LOOP;
END
$$;
