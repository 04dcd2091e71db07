package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"orbit360.app/migrations"
	"orbit360.app/store/storetest"
)

// TestDiscountsUpgraded: codes of the release before are carried over, it goes on reading and counting them, what it
// can't apply is inactive to it, and down takes the old form back.
func TestDiscountsUpgraded(t *testing.T) {
	t.Parallel()
	b := newBefore(t)
	b.up()
	b.downTo("0038_discounts")
	for _, shop := range b.shops {
		b.as(shop, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO discounts (merchant_id, code, kind, value, minimum, max_uses, used,
					active)
				VALUES ($1, 'TENTH', 'percent', 10, 5000, 3, 2, true), ($1, 'FIVE', 'amount', 500, 0, NULL, 0, false)`, shop)
			return err
		})
	}
	b.up()
	alpha, beta := b.shops[0], b.shops[1]
	want := func(shop, query, answer string) {
		t.Helper()
		var got string
		b.as(shop, func(tx pgx.Tx) error { return tx.QueryRow(t.Context(), query).Scan(&got) })
		if got != answer {
			t.Errorf("%s: %s, not %s", query, got, answer)
		}
	}
	const newForm = `SELECT string_agg(concat_ws(' ', code, title, discount_type, amount, minimum_amount,
		usage_limit, used, enabled), ', ' ORDER BY code) FROM discounts`
	for _, shop := range b.shops {
		want(shop, newForm, "FIVE FIVE fixed_amount 500 0 f, TENTH TENTH percentage 1000 5000 3 2 t")
	}
	const oldForm = `SELECT string_agg(concat_ws(' ', code, kind, value, minimum, max_uses, used, active), ', '
		ORDER BY code)
		FROM discounts`
	exec := func(shop, query string) {
		t.Helper()
		b.as(shop, func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), query); return err })
	}
	exec(alpha, `UPDATE discounts SET used = used + 1 WHERE code = 'TENTH'`)
	exec(alpha, `UPDATE discounts SET minimum = minimum * 2,
		value = CASE kind WHEN 'amount' THEN value * 2 ELSE value END`)
	want(alpha, newForm, "FIVE FIVE fixed_amount 1000 0 f, TENTH TENTH percentage 1000 10000 3 3 t")
	exec(alpha, `UPDATE discounts SET amount = 2500, minimum_amount = NULL, usage_limit = NULL WHERE code = 'TENTH'`)
	want(alpha, oldForm, "FIVE amount 1000 0 0 f, TENTH percent 25 0 3 t")
	for _, change := range []string{`amount = 1250`, `once_per_customer = true`, `applies_to = 'products'`,
		`minimum_quantity = 2, minimum_amount = NULL`, `discount_type = 'free_shipping', amount = 0`} {
		exec(beta, `UPDATE discounts SET `+change+` WHERE code = 'TENTH'`)
		want(beta, `SELECT concat(enabled, active) FROM discounts WHERE code = 'TENTH'`, "tf")
		exec(beta, `UPDATE discounts SET discount_type = 'percentage', amount = 1000, once_per_customer = false,
			applies_to = 'all', minimum_quantity = NULL,
			minimum_amount = 5000 WHERE code = 'TENTH'`)
		want(beta, `SELECT concat(enabled, active) FROM discounts WHERE code = 'TENTH'`, "tt")
	}
	exec(beta, `INSERT INTO discounts (merchant_id, title, discount_type, amount, enabled)
		VALUES ('`+beta+`', 'Summer', 'percentage', 500, true)`)
	b.downTo("0038_discounts")
	want(alpha, oldForm, "FIVE amount 1000 0 0 f, TENTH percent 25 0 3 t")
	want(beta, oldForm, "FIVE amount 500 0 0 f, TENTH percent 10 5000 3 2 t")
	b.up()
}

// downTo takes the database back to before a migration.
func (b *before) downTo(first string) {
	b.Helper()
	names, err := migrations.Files.ReadDir(".")
	if err != nil {
		b.Fatal(err)
	}
	owner := connect(b.T, storetest.OwnerURL(b.url))
	for i := len(names) - 1; i >= 0; i-- {
		name, down := strings.CutSuffix(names[i].Name(), ".down.sql")
		if !down || name < first {
			continue
		}
		sql, err := migrations.Files.ReadFile(names[i].Name())
		if err != nil {
			b.Fatal(err)
		}
		if err := pgx.BeginFunc(b.Context(), owner, func(tx pgx.Tx) error {
			return errors.Join(run(b.Context(), tx, string(sql)),
				run(b.Context(), tx, fmt.Sprintf(`DELETE FROM schema_migrations WHERE name = '%s'`, name)))
		}); err != nil {
			b.Fatal(name, err)
		}
	}
}

func run(ctx context.Context, tx pgx.Tx, sql string) error {
	_, err := tx.Exec(ctx, sql)
	return err
}
