-- Orders with lines that hold what was charged for them, a ledger of what was paid and refunded, refunds, fulfillments,
-- a timeline, and payments that a provider takes. 0035 brings the orders that there are into this form; what the
-- release before still writes is brought into it by triggers.

CREATE DOMAIN fulfillment_status AS text CHECK (VALUE IN ('unfulfilled', 'partially_fulfilled', 'fulfilled'));
CREATE DOMAIN transaction_kind AS text CHECK (VALUE IN ('charge', 'refund', 'adjustment'));
CREATE DOMAIN transaction_status AS text CHECK (VALUE IN ('pending', 'succeeded', 'failed'));
CREATE DOMAIN checkout_status AS text CHECK (VALUE IN ('open', 'placed', 'expired'));

-- From here on selling waits until this ends, which is soon. Others hold these tables in any order, so the lock is let
-- go and tried again before one of both would be refused as a deadlock.
DO $$
BEGIN
    SET LOCAL lock_timeout = '300ms';
    FOR i IN 1..100 LOOP
        BEGIN
            LOCK TABLE settings, payment_methods, orders, order_lines, payments IN ACCESS EXCLUSIVE MODE;
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

-- 'fulfilled' is what the release before calls an order that is on its way; no row has it for long.
ALTER DOMAIN order_status DROP CONSTRAINT order_status_check;
ALTER DOMAIN order_status ADD CHECK (VALUE IN ('open', 'closed', 'cancelled', 'fulfilled'));
ALTER DOMAIN order_payment_status DROP CONSTRAINT order_payment_status_check;
ALTER DOMAIN order_payment_status ADD CHECK (VALUE IN ('pending', 'authorized', 'partially_paid', 'paid',
    'partially_refunded', 'refunded', 'voided'));
ALTER DOMAIN payment_status DROP CONSTRAINT payment_status_check;
ALTER DOMAIN payment_status ADD CHECK (VALUE IN ('pending', 'processing', 'paid', 'failed', 'expired'));

-- An account at a provider, with its secrets as orbit.Cipher encrypts them. Payments keep the account that took them:
-- refunds go through it after the shop has moved to another.
CREATE TABLE payment_accounts (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL,
    provider text NOT NULL,
    test boolean NOT NULL,
    account text NOT NULL, -- what the provider calls it
    name text NOT NULL DEFAULT '',
    secret bytea NOT NULL,
    last4 text NOT NULL DEFAULT '',
    webhook_id text NOT NULL DEFAULT '',
    webhook_token text NOT NULL, -- of the address that the provider sends its events to
    message text NOT NULL DEFAULT '', -- what the merchant should do; empty where all is well
    checked_at timestamptz,
    last_event_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, provider, test, account)
);

ALTER TABLE payment_methods
    ADD COLUMN test boolean NOT NULL DEFAULT false,
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN account_id uuid,
    ADD FOREIGN KEY (merchant_id, account_id) REFERENCES payment_accounts;

-- What a shopper is about to pay at a provider: the order to be, with its lines; their stock is taken. It becomes an
-- order when the provider says that it is paid, and its stock is released when the provider says that it has expired.
CREATE TABLE checkouts (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    id uuid NOT NULL, -- the order's
    token text NOT NULL, -- the order's
    cart_id uuid NOT NULL,
    status checkout_status NOT NULL DEFAULT 'open',
    document jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, token),
    CHECK ((status = 'open') = (ended_at IS NULL))
);
CREATE INDEX checkouts_cart ON checkouts (merchant_id, cart_id) WHERE status = 'open';
CREATE INDEX checkouts_ended ON checkouts (ended_at) WHERE ended_at IS NOT NULL;

-- A payment is of an order, or of a checkout that becomes one under the same id.
ALTER TABLE payments DROP CONSTRAINT payments_merchant_id_order_id_fkey;
ALTER TABLE payments
    ADD FOREIGN KEY (merchant_id) REFERENCES merchants ON DELETE CASCADE NOT VALID,
    ADD COLUMN account_id uuid,
    ADD COLUMN test boolean NOT NULL DEFAULT false,
    ADD COLUMN charge jsonb NOT NULL DEFAULT '{}', -- what the provider was asked, so that it can be asked again alike
    ADD COLUMN url text NOT NULL DEFAULT '',
    ADD COLUMN method text NOT NULL DEFAULT '',
    ADD COLUMN failure text NOT NULL DEFAULT '',
    ADD COLUMN dispute text NOT NULL DEFAULT '',
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN busy_until timestamptz, -- a process is asking the provider
    ADD COLUMN expiring boolean NOT NULL DEFAULT false, -- to be closed: the provider is asked for it
    ADD COLUMN checked_at timestamptz,
    ADD COLUMN next_check_at timestamptz,
    ADD COLUMN checks integer NOT NULL DEFAULT 0,
    ADD FOREIGN KEY (merchant_id, account_id) REFERENCES payment_accounts;
CREATE INDEX payments_due ON payments (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE UNIQUE INDEX payments_reference ON payments (merchant_id, kind, reference) WHERE reference <> '';
-- One question is asked across shops: which payments are to be looked at.
CREATE POLICY unfinished ON payments FOR SELECT USING (current_setting('orbit.unfinished', true) = 'on');

-- What providers have told, so that a message that comes again has no effect.
CREATE TABLE payment_events (
    merchant_id uuid NOT NULL REFERENCES merchants ON DELETE CASCADE,
    provider text NOT NULL,
    id text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, provider, id)
);
CREATE INDEX payment_events_received ON payment_events (received_at);

-- What test payments' own page knows, as a provider would.
CREATE TABLE test_payments (
    merchant_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    token text NOT NULL, -- of the page's address
    choice text NOT NULL DEFAULT '',
    chosen_at timestamptz,
    expired_at timestamptz,
    refunds jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (merchant_id, payment_id),
    UNIQUE (merchant_id, token),
    FOREIGN KEY (merchant_id, payment_id) REFERENCES payments ON DELETE CASCADE
);

ALTER TABLE orders
    ADD COLUMN shipping_discount bigint NOT NULL DEFAULT 0,
    ADD COLUMN shipping_tax bigint NOT NULL DEFAULT 0,
    ADD COLUMN shipping_taxes jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN shipping_refunded bigint NOT NULL DEFAULT 0, -- with its tax
    ADD COLUMN discounts jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN fulfillment_status fulfillment_status NOT NULL DEFAULT 'unfulfilled',
    ADD COLUMN to_fulfill integer NOT NULL DEFAULT 0 CHECK (to_fulfill >= 0), -- units
    ADD COLUMN paid bigint NOT NULL DEFAULT 0,
    ADD COLUMN refunded bigint NOT NULL DEFAULT 0,
    ADD COLUMN test boolean NOT NULL DEFAULT false,
    ADD COLUMN revision integer NOT NULL DEFAULT 0, -- the last of order_revisions; 0 until it has this form
    ADD COLUMN cancel_reason text NOT NULL DEFAULT '',
    ADD COLUMN canceled_at timestamptz,
    ADD COLUMN reopens boolean NOT NULL DEFAULT false, -- canceled as unpaid: it opens again if its money comes
    ADD COLUMN closed_at timestamptz,
    DROP CONSTRAINT orders_check1,
    ADD CONSTRAINT orders_total CHECK (total = subtotal - discount + shipping - shipping_discount +
        CASE WHEN tax_included THEN 0 ELSE tax END),
    ADD CONSTRAINT orders_shipping CHECK (shipping_discount BETWEEN 0 AND shipping AND shipping_tax BETWEEN 0 AND tax
        AND shipping_refunded BETWEEN 0 AND
            shipping - shipping_discount + CASE WHEN tax_included THEN 0 ELSE shipping_tax END),
    ADD CONSTRAINT orders_paid CHECK (paid >= 0 AND refunded BETWEEN 0 AND paid),
    ADD CONSTRAINT orders_form CHECK (revision = 0 OR status <> 'fulfilled');

ALTER TABLE order_lines
    ADD COLUMN id uuid,
    ADD COLUMN discount bigint NOT NULL DEFAULT 0,
    ADD COLUMN tax bigint NOT NULL DEFAULT 0,
    ADD COLUMN taxes jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN taxable boolean NOT NULL DEFAULT true,
    ADD COLUMN tax_included boolean NOT NULL DEFAULT true, -- the order's
    ADD COLUMN requires_shipping boolean NOT NULL DEFAULT true,
    ADD COLUMN total bigint,
    ADD COLUMN fulfilled integer NOT NULL DEFAULT 0,
    ADD COLUMN refunded integer NOT NULL DEFAULT 0,
    ADD COLUMN short integer NOT NULL DEFAULT 0, -- units that were sold though there was no stock to take
    ADD CONSTRAINT order_lines_total CHECK (total = price * quantity - discount +
        CASE WHEN tax_included THEN 0 ELSE tax END),
    ADD CONSTRAINT order_lines_amounts CHECK (discount BETWEEN 0 AND price * quantity AND tax >= 0),
    ADD CONSTRAINT order_lines_units CHECK (fulfilled BETWEEN 0 AND quantity AND refunded BETWEEN 0 AND quantity
        AND short BETWEEN 0 AND quantity);
ALTER TABLE order_lines ALTER COLUMN id SET DEFAULT gen_random_uuid();

-- What an order was at each time: its amounts and lines. Nothing of it changes.
CREATE TABLE order_revisions (
    merchant_id uuid NOT NULL,
    order_id uuid NOT NULL,
    revision integer NOT NULL CHECK (revision > 0),
    document jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, order_id, revision),
    FOREIGN KEY (merchant_id, order_id) REFERENCES orders ON DELETE CASCADE
);

CREATE TABLE refunds (
    merchant_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    lines jsonb NOT NULL DEFAULT '[]',
    shipping bigint NOT NULL DEFAULT 0 CHECK (shipping >= 0),
    amount bigint NOT NULL CHECK (amount >= 0),
    tax bigint NOT NULL DEFAULT 0 CHECK (tax >= 0),
    reason text NOT NULL DEFAULT '',
    created_by text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, order_id) REFERENCES orders ON DELETE CASCADE
);
CREATE INDEX refunds_order ON refunds (merchant_id, order_id);

-- The ledger. Amounts are signed: what comes in is above zero.
CREATE TABLE order_transactions (
    merchant_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    payment_id uuid,
    refund_id uuid,
    kind transaction_kind NOT NULL,
    provider text NOT NULL,
    amount bigint NOT NULL CHECK (CASE kind WHEN 'charge' THEN amount > 0 WHEN 'refund' THEN amount < 0 ELSE true END),
    currency currency NOT NULL,
    status transaction_status NOT NULL,
    reference text NOT NULL DEFAULT '',
    failure text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, order_id) REFERENCES orders ON DELETE CASCADE,
    FOREIGN KEY (merchant_id, payment_id) REFERENCES payments ON DELETE CASCADE,
    FOREIGN KEY (merchant_id, refund_id) REFERENCES refunds ON DELETE CASCADE
);
CREATE INDEX order_transactions_order ON order_transactions (merchant_id, order_id);
CREATE INDEX order_transactions_payment ON order_transactions (merchant_id, payment_id) WHERE payment_id IS NOT NULL;
-- What a provider has taken or given back is in the ledger once.
CREATE UNIQUE INDEX order_transactions_reference ON order_transactions (merchant_id, provider, reference)
    WHERE reference <> '';

CREATE TABLE fulfillments (
    merchant_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    lines jsonb NOT NULL,
    carrier text NOT NULL DEFAULT '',
    tracking_number text NOT NULL DEFAULT '',
    tracking_url text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, order_id) REFERENCES orders ON DELETE CASCADE
);
CREATE INDEX fulfillments_order ON fulfillments (merchant_id, order_id);

-- The timeline. who is nobody's id: the entry stays when the person goes.
CREATE TABLE order_entries (
    merchant_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    kind text NOT NULL,
    who text NOT NULL DEFAULT '',
    detail jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, order_id) REFERENCES orders ON DELETE CASCADE
);
CREATE INDEX order_entries_order ON order_entries (merchant_id, order_id, id);

DO $$
DECLARE
    t text;
    role text;
BEGIN
    FOREACH t IN ARRAY ARRAY['payment_accounts', 'test_payments', 'checkouts', 'payment_events', 'order_revisions',
                             'refunds',
                             'order_transactions', 'fulfillments', 'order_entries'] LOOP
        -- What the release before writes comes into these by triggers, before the next is given its rights.
        FOR role IN SELECT DISTINCT a.grantee::regrole FROM pg_class c, aclexplode(c.relacl) a
                     WHERE c.oid = 'orders'::regclass AND a.privilege_type = 'INSERT'
                       AND a.grantee NOT IN (0, c.relowner) LOOP
            EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO %s', t, role);
        END LOOP;
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (merchant_id = orbit_merchant())
            WITH CHECK (merchant_id = orbit_merchant())', t);
    END LOOP;
    -- What has had its time goes from all shops at once.
    FOREACH t IN ARRAY ARRAY['checkouts', 'payment_events'] LOOP
        EXECUTE format('CREATE POLICY had_their_time ON %I FOR SELECT
            USING (current_setting(''orbit.sweeping'', true) = ''on'')', t);
        EXECUTE format('CREATE POLICY go ON %I FOR DELETE
            USING (current_setting(''orbit.sweeping'', true) = ''on'')', t);
    END LOOP;
END
$$;
-- A change of the key that secrets are encrypted with goes through all shops.
CREATE POLICY encrypted_anew ON payment_accounts FOR SELECT
    USING (current_setting('orbit.reencrypting', true) = 'on');
CREATE POLICY encrypt_anew ON payment_accounts FOR UPDATE
    USING (current_setting('orbit.reencrypting', true) = 'on');

-- Deletes checkouts that have ended and events of providers, 90 days later.
CREATE FUNCTION orbit_sweep_checkouts(p_rows integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    ended bigint;
    told bigint;
BEGIN
    PERFORM set_config('orbit.sweeping', 'on', true);
    DELETE FROM public.checkouts c WHERE c.ctid = ANY (ARRAY(
        SELECT o.ctid FROM public.checkouts o WHERE o.ended_at < now() - interval '90 days'
        ORDER BY o.ended_at LIMIT p_rows));
    GET DIAGNOSTICS ended = ROW_COUNT;
    DELETE FROM public.payment_events e WHERE e.ctid = ANY (ARRAY(
        SELECT o.ctid FROM public.payment_events o WHERE o.received_at < now() - interval '90 days'
        ORDER BY o.received_at LIMIT p_rows));
    GET DIAGNOSTICS told = ROW_COUNT;
    PERFORM set_config('orbit.sweeping', '', true);
    RETURN greatest(ended, told);
END
$$;

-- Splits an amount by weights to the last unit: by largest remainder, the first of equal ones first (orbit.Allocate).
CREATE FUNCTION orbit_allocate(amount bigint, weights bigint[]) RETURNS bigint[] LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(s.part + CASE WHEN s.place <= s.missing THEN 1 ELSE 0 END ORDER BY s.i) FROM (
        SELECT p.i, p.part, amount - sum(p.part) OVER () AS missing,
               row_number() OVER (ORDER BY p.rest DESC, p.i) AS place
          FROM (SELECT u.i, div(amount::numeric * u.w, t.w)::bigint AS part, mod(amount::numeric * u.w, t.w) AS rest
                  FROM unnest(weights) WITH ORDINALITY u(w, i),
                       (SELECT greatest(sum(x.w), 1) AS w FROM unnest(weights) x(w)) t) p) s
$$;

-- Brings an order of the release before into this form: its discount and its tax, which were worked out on the whole,
-- are split over lines and shipping; what was paid and fulfilled gets its rows.
CREATE FUNCTION orbit_form_order(m uuid, p_order uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    o public.orders;
    off bigint[];
    due bigint[]; -- the tax of each line, and of the shipping
    of_shipping bigint;
BEGIN
    SELECT * INTO o FROM public.orders x WHERE x.merchant_id = m AND x.id = p_order AND x.revision = 0 FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT public.orbit_allocate(o.discount, array_agg(l.price * l.quantity ORDER BY l.position)) INTO off
      FROM public.order_lines l WHERE l.merchant_id = m AND l.order_id = o.id;
    SELECT public.orbit_allocate(o.tax,
               array_agg(l.price * l.quantity - off[l.n] ORDER BY l.position) || o.shipping) INTO due
      FROM (SELECT l.position, l.price, l.quantity, row_number() OVER (ORDER BY l.position) AS n
              FROM public.order_lines l WHERE l.merchant_id = m AND l.order_id = o.id) l;
    of_shipping := coalesce(due[array_length(due, 1)], o.tax);
    UPDATE public.order_lines l
       SET id = coalesce(l.id, gen_random_uuid()), discount = off[s.n], tax = due[s.n],
           taxes = public.orbit_tax(o.tax_name, o.tax_rate, due[s.n]), tax_included = o.tax_included,
           total = l.price * l.quantity - off[s.n] + CASE WHEN o.tax_included THEN 0 ELSE due[s.n] END
      FROM (SELECT x.position, row_number() OVER (ORDER BY x.position) AS n
              FROM public.order_lines x WHERE x.merchant_id = m AND x.order_id = o.id) s
     WHERE l.merchant_id = m AND l.order_id = o.id AND l.position = s.position;
    UPDATE public.orders x
       SET revision = 1, shipping_tax = of_shipping,
           shipping_taxes = public.orbit_tax(o.tax_name, o.tax_rate, of_shipping),
           discounts = CASE WHEN o.discount > 0 THEN jsonb_build_array(jsonb_build_object('code', o.discount_code,
               'title', o.discount_code, 'amount', o.discount)) ELSE '[]' END,
           status = CASE WHEN o.status = 'fulfilled' THEN 'open' ELSE o.status END,
           fulfillment_status = CASE WHEN o.status = 'fulfilled' THEN 'fulfilled' ELSE 'unfulfilled' END,
           to_fulfill = CASE WHEN o.status = 'open' THEN (SELECT coalesce(sum(l.quantity), 0) FROM public.order_lines l
               WHERE l.merchant_id = m AND l.order_id = o.id) ELSE 0 END
     WHERE x.merchant_id = m AND x.id = o.id;
    INSERT INTO public.order_entries (merchant_id, id, order_id, kind, created_at)
    VALUES (m, gen_random_uuid(), o.id, 'placed', o.created_at);
    IF o.status = 'fulfilled' THEN
        PERFORM public.orbit_form_fulfillment(m, o.id, o.fulfilled_at);
        UPDATE public.order_lines l SET fulfilled = l.quantity WHERE l.merchant_id = m AND l.order_id = o.id;
    END IF;
    IF o.payment_status <> 'pending' AND o.total > 0 THEN
        PERFORM public.orbit_form_charge(m, o.id, o.total, o.paid_at);
    END IF;
END
$$;

CREATE FUNCTION orbit_tax(name text, rate integer, amount bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN rate = 0 THEN '[]' ELSE jsonb_build_array(jsonb_build_object('name', name, 'rate', rate,
        'amount', amount)) END
$$;

CREATE FUNCTION orbit_form_fulfillment(m uuid, p_order uuid, at timestamptz) RETURNS void LANGUAGE sql AS $$
    INSERT INTO public.fulfillments (merchant_id, id, order_id, lines, created_at)
    SELECT m, gen_random_uuid(), p_order, coalesce(jsonb_agg(jsonb_build_object('id', l.id, 'quantity',
               l.quantity - l.refunded - l.fulfilled) ORDER BY l.position), '[]'), coalesce(at, now())
      FROM public.order_lines l WHERE l.merchant_id = m AND l.order_id = p_order
       AND l.quantity - l.refunded > l.fulfilled;
    INSERT INTO public.order_entries (merchant_id, id, order_id, kind, created_at)
    VALUES (m, gen_random_uuid(), p_order, 'fulfilled', coalesce(at, now()));
$$;

CREATE FUNCTION orbit_form_charge(m uuid, p_order uuid, amount bigint, at timestamptz) RETURNS void LANGUAGE sql AS $$
    INSERT INTO public.order_transactions (merchant_id, id, order_id, payment_id, kind, provider, amount, currency,
        status, created_at, settled_at)
    SELECT m, gen_random_uuid(), o.id, p.id, 'charge', coalesce(p.kind, 'manual'), amount, o.currency, 'succeeded',
           coalesce(at, now()), coalesce(at, now())
      FROM public.orders o LEFT JOIN LATERAL (SELECT p.id, p.kind FROM public.payments p
               WHERE p.merchant_id = m AND p.order_id = p_order ORDER BY p.created_at, p.id LIMIT 1) p ON true
     WHERE o.merchant_id = m AND o.id = p_order;
    INSERT INTO public.order_entries (merchant_id, id, order_id, kind, detail, created_at)
    VALUES (m, gen_random_uuid(), p_order, 'marked_paid', jsonb_build_object('amount', amount), coalesce(at, now()));
$$;

-- What follows from an order's amounts and units: orbit.Order.Settle says the same. An order is closed when nothing is
-- left to fulfill and to pay.
CREATE FUNCTION orbit_order_statuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.revision > 0 THEN
        -- The release before marks orders so; orbit_order_before writes the rows that belong to it.
        IF NEW.status = 'fulfilled' THEN
            NEW.status := OLD.status;
            IF OLD.to_fulfill > 0 THEN
                NEW.fulfillment_status := 'fulfilled';
                NEW.to_fulfill := 0;
            END IF;
        END IF;
        IF NEW.payment_status = 'paid' AND OLD.payment_status = 'pending' AND NEW.paid = OLD.paid
                AND NEW.paid < NEW.total THEN
            NEW.paid := NEW.total;
        END IF;
    END IF;
    NEW.payment_status := CASE
        WHEN NEW.refunded > 0 AND NEW.refunded = NEW.paid THEN 'refunded'
        WHEN NEW.refunded > 0 THEN 'partially_refunded'
        WHEN NEW.status = 'cancelled' AND NEW.paid = 0 THEN 'voided'
        WHEN NEW.paid >= NEW.total THEN 'paid'
        WHEN NEW.paid > 0 THEN 'partially_paid'
        ELSE 'pending' END;
    IF NEW.status = 'cancelled' THEN
        NEW.to_fulfill := 0;
    ELSE
        NEW.status := CASE WHEN NEW.to_fulfill = 0
            AND NEW.payment_status IN ('paid', 'partially_refunded', 'refunded') THEN 'closed' ELSE 'open' END;
    END IF;
    IF NEW.paid >= NEW.total AND NEW.status <> 'cancelled' THEN
        NEW.paid_at := coalesce(NEW.paid_at, now());
    END IF;
    NEW.closed_at := CASE WHEN NEW.status = 'closed' THEN coalesce(NEW.closed_at, now()) END;
    RETURN NEW;
END
$$;
CREATE TRIGGER statuses BEFORE INSERT OR UPDATE OF status, payment_status, to_fulfill, paid, refunded, total, revision
    ON orders FOR EACH ROW WHEN (NEW.revision > 0) EXECUTE FUNCTION orbit_order_statuses();

-- The rows of what the release before has marked.
CREATE FUNCTION orbit_order_before() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    charged bigint;
BEGIN
    IF NEW.paid > OLD.paid THEN
        SELECT coalesce(sum(t.amount), 0) INTO charged FROM public.order_transactions t
         WHERE t.merchant_id = NEW.merchant_id AND t.order_id = NEW.id AND t.kind <> 'refund' AND t.status <> 'failed';
        IF charged < NEW.paid THEN
            PERFORM public.orbit_form_charge(NEW.merchant_id, NEW.id, NEW.paid - charged, NEW.paid_at);
        END IF;
    END IF;
    IF NEW.fulfillment_status = 'fulfilled' AND OLD.to_fulfill > 0 THEN
        PERFORM public.orbit_form_fulfillment(NEW.merchant_id, NEW.id, NEW.fulfilled_at);
        UPDATE public.order_lines l SET fulfilled = l.quantity - l.refunded
         WHERE l.merchant_id = NEW.merchant_id AND l.order_id = NEW.id AND l.quantity - l.refunded > l.fulfilled;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER marked AFTER UPDATE OF status, payment_status ON orders FOR EACH ROW
    WHEN (OLD.revision > 0 AND NEW.revision > 0) EXECUTE FUNCTION orbit_order_before();

-- What the ledger says was paid and refunded.
CREATE FUNCTION orbit_ledger(m uuid, p_order uuid, OUT paid bigint, OUT refunded bigint) LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(t.amount) FILTER (WHERE t.kind <> 'refund' AND (t.status = 'succeeded' OR t.amount < 0)), 0),
           coalesce(-sum(t.amount) FILTER (WHERE t.kind = 'refund'), 0)
      FROM public.order_transactions t
     WHERE t.merchant_id = m AND t.order_id = p_order AND t.status <> 'failed'
$$;

-- Paid and refunded are the sums of the ledger. The lock comes first: the sums are taken when all who had it have
-- committed.
CREATE FUNCTION orbit_sum_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM public.orders o WHERE o.merchant_id = NEW.merchant_id AND o.id = NEW.order_id FOR UPDATE;
    UPDATE public.orders o SET paid = s.paid, refunded = s.refunded
      FROM public.orbit_ledger(NEW.merchant_id, NEW.order_id) s
     WHERE o.merchant_id = NEW.merchant_id AND o.id = NEW.order_id
       AND (o.paid, o.refunded) IS DISTINCT FROM (s.paid, s.refunded);
    RETURN NULL;
END
$$;
CREATE TRIGGER sum_ledger AFTER INSERT OR UPDATE ON order_transactions
    FOR EACH ROW EXECUTE FUNCTION orbit_sum_ledger();

-- A line of the ledger is never another one: how far it is may change, what it is doesn't.
CREATE FUNCTION orbit_keep_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a transaction doesn''t change' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER keep BEFORE UPDATE ON order_transactions FOR EACH ROW
    WHEN ((OLD.merchant_id, OLD.id, OLD.order_id, OLD.payment_id, OLD.refund_id, OLD.kind, OLD.provider, OLD.amount,
        OLD.currency, OLD.created_at) IS DISTINCT FROM (NEW.merchant_id, NEW.id, NEW.order_id, NEW.payment_id,
        NEW.refund_id, NEW.kind, NEW.provider, NEW.amount, NEW.currency, NEW.created_at))
    EXECUTE FUNCTION orbit_keep_transaction();
CREATE TRIGGER keep BEFORE UPDATE ON order_revisions FOR EACH ROW EXECUTE FUNCTION orbit_keep_transaction();

-- How far an order is follows from its units. Units that are refunded count as those that weren't sent first.
CREATE FUNCTION orbit_sum_units() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM public.orders o WHERE o.merchant_id = NEW.merchant_id AND o.id = NEW.order_id FOR UPDATE;
    UPDATE public.orders o SET fulfillment_status = s.status, to_fulfill = s.units,
           fulfilled_at = CASE WHEN s.status = 'fulfilled' THEN coalesce(o.fulfilled_at, now()) END
      FROM (SELECT sum(greatest(l.quantity - l.refunded - l.fulfilled, 0)) AS units,
                   CASE WHEN sum(l.fulfilled) = 0 THEN 'unfulfilled'
                        WHEN sum(greatest(l.quantity - l.refunded - l.fulfilled, 0)) = 0 THEN 'fulfilled'
                        ELSE 'partially_fulfilled' END AS status
              FROM public.order_lines l WHERE l.merchant_id = NEW.merchant_id AND l.order_id = NEW.order_id) s
     WHERE o.merchant_id = NEW.merchant_id AND o.id = NEW.order_id AND o.revision > 0
       AND (o.fulfillment_status, o.to_fulfill) IS DISTINCT FROM (s.status, s.units);
    RETURN NULL;
END
$$;
CREATE TRIGGER sum_units AFTER UPDATE OF fulfilled, refunded, quantity ON order_lines FOR EACH ROW
    WHEN ((OLD.fulfilled, OLD.refunded, OLD.quantity) IS DISTINCT FROM (NEW.fulfilled, NEW.refunded, NEW.quantity))
    EXECUTE FUNCTION orbit_sum_units();

-- For lines that the release before writes: what orbit_form_order makes of them comes at the end.
CREATE FUNCTION orbit_form_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.total := NEW.price * NEW.quantity;
    RETURN NEW;
END
$$;
CREATE TRIGGER form_line BEFORE INSERT ON order_lines
    FOR EACH ROW WHEN (NEW.total IS NULL) EXECUTE FUNCTION orbit_form_line();

-- At the end of the transaction, when lines and ledger are there: an order of the release before gets its form, and the
-- sums of every order are held to its lines. Its state at this revision is kept.
CREATE FUNCTION orbit_check_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    m uuid := NEW.merchant_id;
    before text := coalesce(current_setting('orbit.merchant_id', true), '');
    o public.orders;
    l record;
BEGIN
    IF before <> m::text THEN -- at the end of a transaction that wrote to several shops
        PERFORM set_config('orbit.merchant_id', m::text, true);
    END IF;
    PERFORM public.orbit_form_order(m, NEW.id);
    SELECT * INTO o FROM public.orders x WHERE x.merchant_id = m AND x.id = NEW.id;
    IF FOUND THEN
        SELECT coalesce(sum(x.price * x.quantity), 0) AS gross, coalesce(sum(x.discount), 0) AS discount,
               coalesce(sum(x.tax), 0) AS tax, coalesce(sum(x.total), 0) AS total,
               coalesce(bool_and(x.tax_included = o.tax_included), true) AS alike,
               coalesce(jsonb_agg(to_jsonb(x) - ARRAY['merchant_id', 'order_id', 'fulfilled', 'refunded',
                   'short'] ORDER BY x.position), '[]') AS document
          INTO l FROM public.order_lines x WHERE x.merchant_id = m AND x.order_id = o.id;
        IF NOT l.alike OR (l.gross, l.discount, l.tax + o.shipping_tax) IS DISTINCT FROM (o.subtotal, o.discount, o.tax)
                OR l.total + o.shipping - o.shipping_discount
                    + (CASE WHEN o.tax_included THEN 0 ELSE o.shipping_tax END) <> o.total THEN
            RAISE EXCEPTION 'the lines of order % don''t add up to it', o.id USING ERRCODE = 'check_violation',
                CONSTRAINT = 'orders_sums';
        END IF;
        INSERT INTO public.order_revisions (merchant_id, order_id, revision, document)
        VALUES (m, o.id, o.revision, jsonb_build_object('currency', o.currency, 'subtotal', o.subtotal,
            'discount', o.discount, 'discounts', o.discounts, 'shipping', o.shipping, 'shippingName', o.shipping_name,
            'shippingDiscount', o.shipping_discount, 'shippingTax', o.shipping_tax, 'shippingTaxes', o.shipping_taxes,
            'tax', o.tax, 'taxIncluded', o.tax_included, 'total', o.total, 'lines', l.document))
        ON CONFLICT DO NOTHING;
    END IF;
    IF before <> m::text THEN
        PERFORM set_config('orbit.merchant_id', before, true);
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER check_insert AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION orbit_check_order();
CREATE CONSTRAINT TRIGGER check_update AFTER UPDATE ON orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.revision > 0 AND (OLD.subtotal, OLD.discount, OLD.shipping, OLD.shipping_discount,
        OLD.shipping_tax, OLD.tax, OLD.total, OLD.revision) IS DISTINCT FROM (NEW.subtotal, NEW.discount, NEW.shipping,
        NEW.shipping_discount, NEW.shipping_tax, NEW.tax, NEW.total, NEW.revision))
    EXECUTE FUNCTION orbit_check_order();

-- Lines that change without their order.
CREATE FUNCTION orbit_check_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    m uuid := coalesce(NEW.merchant_id, OLD.merchant_id);
    before text := coalesce(current_setting('orbit.merchant_id', true), '');
    wrong boolean;
BEGIN
    IF before <> m::text THEN
        PERFORM set_config('orbit.merchant_id', m::text, true);
    END IF;
    SELECT s.gross <> o.subtotal OR s.discount <> o.discount OR s.tax + o.shipping_tax <> o.tax INTO wrong
      FROM public.orders o CROSS JOIN LATERAL (
           SELECT coalesce(sum(l.price * l.quantity), 0) AS gross, coalesce(sum(l.discount), 0) AS discount,
                  coalesce(sum(l.tax), 0) AS tax
             FROM public.order_lines l WHERE l.merchant_id = m AND l.order_id = o.id) s
     WHERE o.merchant_id = m AND o.id = coalesce(NEW.order_id, OLD.order_id) AND o.revision > 0;
    IF before <> m::text THEN
        PERFORM set_config('orbit.merchant_id', before, true);
    END IF;
    IF wrong THEN
        RAISE EXCEPTION 'the lines of an order don''t add up to it' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'orders_sums';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER check_sums AFTER UPDATE OF price, quantity, discount, tax ON order_lines
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION orbit_check_line();
CREATE CONSTRAINT TRIGGER check_more AFTER INSERT ON order_lines DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION orbit_check_line();
CREATE CONSTRAINT TRIGGER check_gone AFTER DELETE ON order_lines DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION orbit_check_line();

-- What an order says was paid and refunded is held to its ledger.
CREATE FUNCTION orbit_check_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    m uuid := NEW.merchant_id;
    before text := coalesce(current_setting('orbit.merchant_id', true), '');
    wrong boolean;
BEGIN
    IF before <> m::text THEN
        PERFORM set_config('orbit.merchant_id', m::text, true);
    END IF;
    SELECT (o.paid, o.refunded) IS DISTINCT FROM (s.paid, s.refunded) INTO wrong
      FROM public.orders o CROSS JOIN LATERAL public.orbit_ledger(m, o.id) s
     WHERE o.merchant_id = m AND o.id = NEW.id;
    IF before <> m::text THEN
        PERFORM set_config('orbit.merchant_id', before, true);
    END IF;
    IF wrong THEN
        RAISE EXCEPTION 'what was paid and refunded of order % isn''t what its ledger says', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'orders_ledger';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER check_ledger AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((NEW.paid, NEW.refunded) <> (0, 0)) EXECUTE FUNCTION orbit_check_ledger();
CREATE CONSTRAINT TRIGGER check_ledger_update AFTER UPDATE ON orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.paid, OLD.refunded) IS DISTINCT FROM (NEW.paid, NEW.refunded))
    EXECUTE FUNCTION orbit_check_ledger();

-- Test orders are no sales.
CREATE OR REPLACE FUNCTION orbit_count_orders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.status <> 'cancelled' AND NOT OLD.test THEN
        PERFORM public.orbit_count_order(OLD, -1);
    END IF;
    IF NEW.status <> 'cancelled' AND NOT NEW.test THEN
        PERFORM public.orbit_count_order(NEW, 1);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION orbit_mend_sales(first date, last date, OUT days bigint, OUT products bigint)
LANGUAGE plpgsql
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    m uuid := public.orbit_merchant();
    zone text;
    since timestamptz := first - 1; -- a day more at both ends, for all zones
    until timestamptz := last + 1;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(public.orbit_sales_key(m));
    PERFORM pg_advisory_xact_lock(hashtextextended(m::text, 25)); -- a difference is added once
    zone := coalesce((SELECT s.timezone FROM public.settings s), 'UTC');
    WITH counted AS (
        SELECT (o.created_at AT TIME ZONE zone)::date AS day, o.currency, 1 AS orders, o.total,
               (SELECT sum(l.quantity) FROM public.order_lines l
                 WHERE l.merchant_id = o.merchant_id AND l.order_id = o.id) AS units
          FROM public.orders o
         WHERE o.created_at >= since AND o.created_at < until AND o.status <> 'cancelled' AND NOT o.test
        UNION ALL
        SELECT s.day, s.currency, -s.orders, -s.total, -s.units
          FROM public.sales_days s WHERE s.day >= first AND s.day < last
    ), added AS (
        INSERT INTO public.sales_days AS s (merchant_id, day, currency, orders, units, total)
        SELECT m, c.day, c.currency, sum(c.orders), coalesce(sum(c.units), 0), sum(c.total)
          FROM counted c WHERE c.day >= first AND c.day < last
         GROUP BY c.day, c.currency HAVING (sum(c.orders), coalesce(sum(c.units), 0), sum(c.total)) <> (0, 0, 0)
         ORDER BY c.day, c.currency
        ON CONFLICT (merchant_id, day, currency) DO UPDATE
           SET orders = s.orders + excluded.orders, units = s.units + excluded.units, total = s.total + excluded.total
        RETURNING 1
    )
    SELECT count(*) INTO days FROM added;
    WITH counted AS (
        SELECT (o.created_at AT TIME ZONE zone)::date AS day, o.currency, l.product_id, l.quantity AS units,
               l.price * l.quantity AS total
          FROM public.orders o CROSS JOIN LATERAL (SELECT l.* FROM public.order_lines l
                 WHERE l.merchant_id = o.merchant_id AND l.order_id = o.id AND l.product_id IS NOT NULL OFFSET 0) l
         WHERE o.created_at >= since AND o.created_at < until AND o.status <> 'cancelled' AND NOT o.test
        UNION ALL
        SELECT s.day, s.currency, s.product_id, -s.units, -s.total
          FROM public.sales_products s WHERE s.day >= first AND s.day < last
    ), added AS (
        INSERT INTO public.sales_products AS s (merchant_id, day, currency, product_id, units, total)
        SELECT m, c.day, c.currency, c.product_id, sum(c.units), sum(c.total)
          FROM counted c WHERE c.day >= first AND c.day < last
         GROUP BY c.day, c.currency, c.product_id HAVING (sum(c.units), sum(c.total)) <> (0, 0)
         ORDER BY c.day, c.currency, c.product_id
        ON CONFLICT (merchant_id, day, currency, product_id) DO UPDATE
           SET units = s.units + excluded.units, total = s.total + excluded.total
        RETURNING 1
    )
    SELECT count(*) INTO products FROM added;
END
$$;

-- Orders are found by the SKUs of their lines as well. At the end of the transaction: the lines are there then.
CREATE FUNCTION orbit_order_document(merchant uuid, email text, name text, skus text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH words AS (SELECT w.word FROM public.orbit_words(concat_ws(' ', email, left(name, 400), left(skus, 4000))) w)
    SELECT array_to_tsvector(array_agg(public.orbit_key(merchant) || x.word)) FROM (
        SELECT left(replace(public.orbit_fold(email), ' ', ''), 120) AS word
        UNION SELECT w.word FROM words w
        UNION SELECT substr(w.word, i, 12) FROM words w CROSS JOIN LATERAL generate_series(2, length(w.word)) i
         WHERE public.orbit_unspaced(w.word)) x;
END;
CREATE OR REPLACE FUNCTION orbit_index_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    m uuid := NEW.merchant_id;
    before text := coalesce(current_setting('orbit.merchant_id', true), '');
BEGIN
    IF before <> m::text THEN
        PERFORM set_config('orbit.merchant_id', m::text, true);
    END IF;
    INSERT INTO public.order_index (merchant_id, order_id, placed_at, document)
    SELECT m, o.id, o.created_at, public.orbit_order_document(m, o.email, o.address ->> 'name',
               (SELECT string_agg(DISTINCT l.sku, ' ') FROM public.order_lines l
                 WHERE l.merchant_id = m AND l.order_id = o.id AND l.sku <> ''))
      FROM public.orders o WHERE o.merchant_id = m AND o.id = NEW.id
    ON CONFLICT (order_id, merchant_id) DO UPDATE SET placed_at = excluded.placed_at, document = excluded.document;
    IF before <> m::text THEN
        PERFORM set_config('orbit.merchant_id', before, true);
    END IF;
    RETURN NULL;
END
$$;
DROP TRIGGER index_insert ON orders;
CREATE CONSTRAINT TRIGGER index_insert AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION orbit_index_order();
