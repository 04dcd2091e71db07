package shop_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
)

// TestTheBooksHold: the role that the program serves as can't take a line from the ledger, change what an order was,
// add a line to an order that is there, or say that another amount was paid or refunded than the ledger does.
func TestTheBooksHold(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	o := m.paid(2)
	const forbidden, wrong = "42501", "23514"
	for sql, want := range map[string]string{
		`DELETE FROM order_transactions WHERE order_id = $1`:                         forbidden,
		`DELETE FROM order_revisions WHERE order_id = $1`:                            forbidden,
		`UPDATE order_revisions SET document = '{}' WHERE order_id = $1`:             forbidden,
		`UPDATE order_transactions SET amount = amount + 1 WHERE order_id = $1`:      "23000",
		`UPDATE orders SET paid = paid - 1 WHERE id = $1`:                            wrong,
		`UPDATE orders SET refunded = 1 WHERE id = $1`:                               wrong,
		`UPDATE order_lines SET price = price + 1 WHERE order_id = $1`:               wrong,
		`DELETE FROM order_lines WHERE order_id = $1`:                                wrong,
		`UPDATE orders SET total = total - 1, subtotal = subtotal - 1 WHERE id = $1`: wrong,
		`INSERT INTO order_lines (merchant_id, order_id, position, handle, title, price, quantity)
			SELECT merchant_id, id, 99, '', 'More', 100, 1 FROM orders WHERE id = $1`: wrong,
	} {
		err := shop.For(m.db, m.alpha).Do(t.Context(), func(tenant *shop.Tenant) error {
			return second(pg.Exec(context.Background(), tenant, sql, o.ID))
		})
		if refused, _ := errors.AsType[*pgconn.PgError](err); refused == nil || refused.Code != want {
			t.Errorf("%s: %v, want %s", sql, err, want)
		}
	}
	if got := m.order(o.ID); got.Paid != o.Paid || got.Refunded != 0 || len(got.Lines) != len(o.Lines) {
		t.Errorf("%+v", got)
	}
}

func second(_ int, err error) error { return err }
