package store_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestCatalogUpgraded: rates and taxes of the release before are carried over, what it writes afterwards is understood,
// what is written in the new form it can read, and down takes the old form back. The same of products and their stock.
func TestCatalogUpgraded(t *testing.T) {
	t.Parallel()
	b := newBefore(t)
	b.up()
	b.downTo("0036_products")
	alpha, beta := b.shops[0], b.shops[1]
	exec := func(shop, query string, args ...any) {
		t.Helper()
		b.as(shop, func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), query, args...); return err })
	}
	want := func(shop, query, answer string) {
		t.Helper()
		var got string
		b.as(shop, func(tx pgx.Tx) error { return tx.QueryRow(t.Context(), query).Scan(&got) })
		if got != answer {
			t.Errorf("%s: %q, not %q", query, got, answer)
		}
	}
	exec(alpha, `INSERT INTO settings (merchant_id, tax_name, tax_rate, address)
		VALUES ($1, 'VAT', 2000, '{"country": "GB"}')`, alpha)
	exec(beta, `INSERT INTO settings (merchant_id) VALUES ($1)`, beta)
	exec(alpha, `INSERT INTO shipping_rates (merchant_id, name, price, free_from, position)
		VALUES ($1, 'Standard', 500, 7500, 0), ($1, 'Express', 1500, NULL, 1)`, alpha)
	exec(alpha, `INSERT INTO products (merchant_id, id, handle, title, description)
		VALUES ($1::uuid, $1::uuid, 'mug', 'Mug', 'A mug.')`, alpha)
	exec(alpha, `INSERT INTO variants (merchant_id, id, product_id, price, stock)
		VALUES ($1::uuid, $1::uuid, $1::uuid, 100, 5)`, alpha)
	b.up()
	if err := b.owner.GrantTo(t.Context(), b.url); err != nil { // as at each start
		t.Fatal(err)
	}

	const (
		zones = `SELECT coalesce(string_agg(concat_ws(' ', z.name, cardinality(z.countries), r.name, r.kind, r.price,
			r.free_from), ', ' ORDER BY r.position), '') FROM shipping_zones z JOIN shipping_rates r ON r.zone_id = z.id`
		taxes = `SELECT coalesce(string_agg(concat_ws(' ', country, name, rate, applies_to_shipping), ', '
			ORDER BY country), '') FROM tax_rates`
		oldTax   = `SELECT concat_ws(' ', tax_name, tax_rate) FROM settings`
		oldRates = `SELECT string_agg(concat_ws(' ', name, price, free_from), ', ' ORDER BY position, name)
			FROM shipping_rates`
		ledger = `SELECT coalesce(string_agg(concat_ws(' ', reason, delta, quantity), ', ' ORDER BY seq), '')
			FROM inventory_adjustments`
	)
	want(alpha, zones, "Everywhere 0 Standard flat 500 7500, Everywhere 0 Express flat 1500")
	want(alpha, taxes, " VAT 2000 t")
	want(beta, zones, "")
	want(beta, taxes, "")
	want(alpha, ledger, "")

	// The release before goes on.
	exec(alpha, `INSERT INTO shipping_rates (merchant_id, name, price, position) VALUES ($1, 'Bike', 300, 2)`, alpha)
	exec(beta, `INSERT INTO shipping_rates (merchant_id, name, price, position) VALUES ($1, 'Post', 400, 0)`, beta)
	want(alpha, zones, "Everywhere 0 Standard flat 500 7500, Everywhere 0 Express flat 1500, Everywhere 0 Bike flat 300")
	want(beta, zones, "Everywhere 0 Post flat 400")
	exec(alpha, `UPDATE settings SET tax_rate = 700`)
	want(alpha, taxes, " VAT 700 t")
	exec(alpha, `UPDATE settings SET tax_rate = 0`)
	want(alpha, taxes, "")
	exec(alpha, `UPDATE variants SET stock = stock - 2`)
	want(alpha, ledger, "opening 5 5, other -2 3")
	exec(alpha, `UPDATE products SET description = 'Bold', description_html = '<p><b>Bold</b></p>'`)
	exec(alpha, `UPDATE products SET title = 'Mugs'`)
	want(alpha, `SELECT description_html FROM products`, "<p><b>Bold</b></p>")
	exec(alpha, `UPDATE products SET description = 'Plain'`)
	want(alpha, `SELECT description_html FROM products`, "")

	// It reads what this one writes: the taxes of the shop's own country.
	exec(alpha, `INSERT INTO tax_rates (merchant_id, country, name, rate)
		VALUES ($1, 'GB', 'VAT', 2000), ($1, 'DE', 'USt', 1900)`, alpha)
	want(alpha, oldTax, "VAT 2000")
	exec(alpha, `DELETE FROM tax_rates WHERE country = 'GB'`)
	want(alpha, oldTax, "Tax 0")
	exec(alpha, `INSERT INTO tax_rates (merchant_id, name, rate) VALUES ($1, 'VAT', 500)`, alpha)
	want(alpha, oldTax, "VAT 500")
	want(beta, oldTax, "Tax 0") // as at first

	// Two zones may have rates of one name; down keeps one of them.
	exec(alpha, `WITH z AS (INSERT INTO shipping_zones (merchant_id, name, countries, position)
		VALUES ($1, 'Germany', '{DE}', 1) RETURNING id)
		INSERT INTO shipping_rates (merchant_id, zone_id, name, price, position) SELECT $1, id, 'Standard', 900, 0 FROM z`,
		alpha)
	exec(alpha, `UPDATE variants SET stock = -3`)
	exec(alpha, `UPDATE products SET status = 'archived'`)
	b.downTo("0036_products")
	want(alpha, oldRates, "Standard 500 7500, Express 1500, Bike 300")
	want(alpha, oldTax, "VAT 500")
	want(alpha, `SELECT p.status || v.stock FROM products p, variants v`, "draft0")
	b.up()
	if err := b.owner.GrantTo(t.Context(), b.url); err != nil {
		t.Fatal(err)
	}
	want(alpha, zones, "Everywhere 0 Standard flat 500 7500, Everywhere 0 Express flat 1500, Everywhere 0 Bike flat 300")
}
