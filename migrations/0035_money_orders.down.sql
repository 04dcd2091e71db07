CREATE INDEX orders_open ON orders (merchant_id, created_at DESC) WHERE status = 'open';
CREATE INDEX orders_unpaid ON orders (merchant_id, created_at DESC)
    WHERE payment_status = 'pending' AND status <> 'cancelled';
DROP INDEX orders_due, orders_to_fulfill, orders_fulfillment, orders_payment, orders_status, order_lines_id;
ALTER TABLE order_lines DROP CONSTRAINT order_lines_form;
