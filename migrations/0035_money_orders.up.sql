-- What is checked at a transaction's end is checked at once: no table changes with checks that are still to come.
SET CONSTRAINTS ALL IMMEDIATE;

-- The orders that there are, in the form of 0034, each shop in its own scope, while selling goes on.
DO $$
DECLARE
    m uuid;
BEGIN
    FOR m IN SELECT id FROM merchants WHERE status <> 'pending' LOOP
        PERFORM set_config('orbit.merchant_id', m::text, true);
        PERFORM orbit_form_order(m, o.id) FROM orders o WHERE o.revision = 0;
        INSERT INTO order_revisions (merchant_id, order_id, revision, document, created_at)
        SELECT m, o.id, 1, jsonb_build_object('currency', o.currency, 'subtotal', o.subtotal, 'discount', o.discount,
                   'discounts', o.discounts, 'shipping', o.shipping, 'shippingName', o.shipping_name,
                   'shippingDiscount', o.shipping_discount, 'shippingTax', o.shipping_tax,
                   'shippingTaxes', o.shipping_taxes, 'tax', o.tax, 'taxIncluded', o.tax_included, 'total', o.total,
                   'lines', (SELECT coalesce(jsonb_agg(to_jsonb(l) - ARRAY['merchant_id', 'order_id', 'fulfilled',
                           'refunded', 'short'] ORDER BY l.position), '[]')
                        FROM order_lines l WHERE l.merchant_id = m AND l.order_id = o.id)), o.created_at
          FROM orders o ON CONFLICT DO NOTHING;
        UPDATE order_index i SET document = orbit_order_document(m, o.email, o.address ->> 'name', s.skus)
          FROM orders o CROSS JOIN LATERAL (SELECT string_agg(DISTINCT l.sku, ' ') AS skus FROM order_lines l
                    WHERE l.merchant_id = m AND l.order_id = o.id AND l.sku <> '') s
         WHERE i.merchant_id = m AND i.order_id = o.id AND s.skus <> '';
    END LOOP;
    PERFORM set_config('orbit.merchant_id', '', true);
END
$$;
ALTER TABLE order_lines ADD CONSTRAINT order_lines_form CHECK (id IS NOT NULL AND total IS NOT NULL) NOT VALID;
ALTER TABLE order_lines VALIDATE CONSTRAINT order_lines_form;
ALTER TABLE payments VALIDATE CONSTRAINT payments_merchant_id_fkey;
CREATE UNIQUE INDEX order_lines_id ON order_lines (merchant_id, id);

-- What most orders are not. The list narrowed to what most are reads orders_newest.
CREATE INDEX orders_status ON orders (merchant_id, status, created_at DESC, id DESC) WHERE status <> 'closed';
CREATE INDEX orders_payment ON orders (merchant_id, payment_status, created_at DESC, id DESC)
    WHERE payment_status <> 'paid';
CREATE INDEX orders_fulfillment ON orders (merchant_id, fulfillment_status, created_at DESC, id DESC)
    WHERE fulfillment_status <> 'fulfilled';
CREATE INDEX orders_to_fulfill ON orders (merchant_id, created_at DESC, id DESC) WHERE to_fulfill > 0;
CREATE INDEX orders_due ON orders (merchant_id, created_at DESC, id DESC)
    WHERE payment_status IN ('pending', 'authorized', 'partially_paid') AND status <> 'cancelled';
DROP INDEX orders_open, orders_unpaid;
ANALYZE orders, order_lines;
