package shop_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/store/storetest"
)

// edits changes products of alpha's as its owner.
func (m *market) edits() func(func(*shop.Edit) error) error {
	owner := m.owner(m.alpha)
	return func(fn func(*shop.Edit) error) error {
		return shop.MemberOf(m.db, orbit.Actor{ID: owner, Name: "ada@example.com"}, m.alpha,
			orbit.PermissionProducts).Change(m.Context(), fn)
	}
}

// form returns a product's form as its page shows it, with its version.
func (m *market) form(id orbit.ProductID) (f orbit.ProductForm, version int) {
	m.Helper()
	m.in(m.alpha, func(ctx context.Context, t *shop.Tenant) error {
		s, err := t.Sheet(ctx, id)
		f, version = s.Form(), s.Product.Version
		return err
	})
	return f, version
}

// balanced checks that each ledger adds up to what there is.
func (m *market) balanced() {
	m.Helper()
	if n := m.count(`SELECT count(*) FROM variants v JOIN (SELECT variant_id, sum(delta) AS sum, (array_agg(quantity
		ORDER BY seq DESC))[1] AS last FROM inventory_adjustments GROUP BY 1) a ON a.variant_id = v.id
		WHERE a.sum <> v.stock OR a.last <> v.stock`); n != 0 {
		m.Errorf("%d ledgers don't add up", n)
	}
}

// ledger returns the lines of a variant's ledger.
func (m *market) ledger(v orbit.VariantID) (lines []string) {
	m.Helper()
	rows, err := m.super.Query(m.Context(), `SELECT reason || ' ' || delta || ' ' || quantity || ' ' || who
		|| CASE WHEN order_id IS NULL THEN '' ELSE 'order' END FROM inventory_adjustments WHERE variant_id = $1
		ORDER BY seq`, v.String())
	if err != nil {
		m.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			m.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestInventoryLedger(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	edit := m.edits()
	p := m.mug(m.alpha)
	if err := edit(func(e *shop.Edit) error { return e.CreateProduct(t.Context(), p, nil) }); err != nil {
		t.Fatal(err)
	}
	v := p.Variants[0].ID
	change := func(fn func(*orbit.VariantForm)) {
		t.Helper()
		f, version := m.form(p.ID)
		fn(&f.Variants[0])
		if err := edit(func(e *shop.Edit) error {
			_, err := e.UpdateProduct(t.Context(), p.ID, version, f)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	sale := func(n int) {
		t.Helper()
		f := form(int64(100*n+500) * 12 / 10)
		if _, err := shop.For(m.db, m.alpha).PlaceOrder(t.Context(), m.cart(m.alpha, v, n), f, letter); err != nil {
			t.Fatal(err)
		}
	}
	sale(2)
	change(func(f *orbit.VariantForm) { f.Stock = "4" })
	want := []string{"opening 5 5 ada@example.com", "sold -2 3 order", "edited 1 4 ada@example.com"}
	if got := m.ledger(v); !slices.Equal(got, want) {
		t.Errorf("%q; want %q", got, want)
	}
	change(func(f *orbit.VariantForm) { f.ContinueSelling = true })
	sale(6) // two more than there are
	if got := m.variant(m.alpha, p.Handle, 0); got.Stock != -2 || got.Available() == 0 {
		t.Error("sold beyond nothing:", got.Stock)
	}
	change(func(f *orbit.VariantForm) { f.ContinueSelling = false })
	if got := m.variant(m.alpha, p.Handle, 0); got.Available() != 0 {
		t.Error("there is less than nothing, and it can be bought")
	}
	change(func(f *orbit.VariantForm) { f.Stock, f.TrackInventory = "4", false })
	sale(9)
	if got := m.variant(m.alpha, p.Handle, 0); got.Stock != 4 {
		t.Error("what isn't tracked stays as it is:", got.Stock)
	}
	m.balanced()

	// What was there before the ledger begins with what there was; nobody writes it but the database.
	old := m.variant(m.alpha, "stoneware-mug", 0).ID
	m.sql(`DELETE FROM inventory_adjustments WHERE variant_id = $1`, old.String())
	m.sql(`UPDATE variants SET stock = stock + 3 WHERE id = $1`, old.String())
	if got := m.ledger(old); len(got) != 2 || !strings.HasPrefix(got[0], "opening") ||
		!strings.HasPrefix(got[1], "other 3") {
		t.Errorf("%q", got)
	}
	m.balanced()
	conn := m.serving()
	for _, sql := range []string{
		`INSERT INTO inventory_adjustments (merchant_id, variant_id, delta, quantity, reason) VALUES ($1, $2, 1, 9, 'other')`,
		`UPDATE inventory_adjustments SET delta = 0 WHERE merchant_id = $1 AND variant_id = $2`,
		`DELETE FROM inventory_adjustments WHERE merchant_id = $1 AND variant_id = $2`,
		`SELECT orbit_note_inventory($1, $2, 4, 5, false)`,
	} {
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), `SELECT set_config('orbit.merchant_id', $1, true)`, m.alpha.String()); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), sql, m.alpha.String(), v.String()); err == nil ||
			!strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", sql, err)
		}
		_ = tx.Rollback(t.Context())
	}
}

func TestProductMoves(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	edit := m.edits()
	p := m.mug(m.alpha)
	if err := edit(func(e *shop.Edit) error { return e.CreateProduct(t.Context(), p, nil) }); err != nil {
		t.Fatal(err)
	}
	move := func(handle string) error {
		f, version := m.form(p.ID)
		f.Handle = handle
		return edit(func(e *shop.Edit) error {
			_, err := e.UpdateProduct(t.Context(), p.ID, version, f)
			return err
		})
	}
	leads := func(id orbit.MerchantID, path string) (to string) {
		m.in(id, func(ctx context.Context, t *shop.Tenant) error {
			r := t.Reader()
			found := r.Redirect(path)
			err := r.Read(ctx)
			to = found.Value
			return err
		})
		return to
	}
	for _, handle := range []string{"Cup of tea", "teacup"} {
		if err := move(handle); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{"/products/mug": "/products/teacup",
		"/products/cup-of-tea": "/products/teacup", "/products/teacup": ""} {
		if got := leads(m.alpha, path); got != want {
			t.Errorf("%s leads to %q", path, got)
		}
		if got := leads(m.beta, path); got != "" {
			t.Errorf("another shop's %s leads to %q", path, got)
		}
	}
	if err := move("mug"); err != nil { // and back
		t.Fatal(err)
	}
	if a, b := leads(m.alpha, "/products/mug"), leads(m.alpha, "/products/teacup"); a != "" || b != "/products/mug" {
		t.Error(a, b)
	}
	if err := move("stoneware-mug"); orbit.CodeOf(err) != orbit.Invalid || orbit.FaultsOf(err)[0].Field != "handle" {
		t.Error("a handle that is taken:", err)
	}
}

func TestProductsGoOnSale(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	edit := m.edits()
	p := m.mug(m.alpha)
	p.Status, p.PublishAt = orbit.ProductDraft, time.Now().Add(time.Hour).UTC()
	if err := edit(func(e *shop.Edit) error { return e.CreateProduct(t.Context(), p, nil) }); err != nil {
		t.Fatal(err)
	}
	due := func() int {
		t.Helper()
		n, err := shop.ActivateDue(t.Context(), m.db, m.alpha)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := due(); n != 0 || m.count(`SELECT count(*) FROM river_job WHERE kind = 'products_due'`) != 1 {
		t.Error("before its time:", n)
	}
	m.sql(`UPDATE products SET publish_at = now() - interval '1 second' WHERE id = $1`, p.ID.String())
	if n := due(); n != 1 {
		t.Error(n)
	}
	if f, version := m.form(p.ID); f.Status != orbit.ProductActive || f.PublishAt != "" || version != 2 {
		t.Error(f.Status, f.PublishAt, version)
	}
	if n := due(); n != 0 {
		t.Error("twice:", n)
	}
	// One that the plan has no room for stays a draft.
	m.sql(`UPDATE products SET status = 'draft', publish_at = now() - interval '1 second' WHERE id = $1`, p.ID.String())
	m.sql(`UPDATE plans SET limits = '{"products": 1}' WHERE slug = 'starter'`)
	if n := due(); n != 1 {
		t.Error(n)
	}
	if f, _ := m.form(p.ID); f.Status != orbit.ProductDraft || f.PublishAt != "" {
		t.Error(f.Status, f.PublishAt)
	}
}

func TestDuplicateProduct(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	edit := m.edits()
	p := m.mug(m.alpha)
	p.Tags = []string{"Kitchen"}
	if err := edit(func(e *shop.Edit) error { return e.CreateProduct(t.Context(), p, nil) }); err != nil {
		t.Fatal(err)
	}
	as := orbit.NewID[orbit.Product]()
	for range 2 { // a double click makes one
		if err := edit(func(e *shop.Edit) error {
			return e.DuplicateProduct(t.Context(), p.ID, as, "Mug (copy)")
		}); err != nil {
			t.Fatal(err)
		}
	}
	f, _ := m.form(as)
	if f.Title != "Mug (copy)" || f.Handle != "mug-copy" || f.Status != orbit.ProductDraft || f.Tags != "Kitchen" ||
		f.Variants[0].Stock != "0" || f.Variants[0].Price != "1.00" {
		t.Errorf("%+v", f)
	}
	if err := edit(func(e *shop.Edit) error {
		return e.DuplicateProduct(t.Context(), p.ID, orbit.NewID[orbit.Product](), " ")
	}); orbit.CodeOf(err) != orbit.Invalid {
		t.Error(err)
	}
	foreign := orbit.NewID[orbit.Product]()
	m.sql(`INSERT INTO products (merchant_id, id, handle, title) VALUES ($1, $2, 'theirs', 'Theirs')`, m.beta.String(),
		foreign.String())
	if err := edit(func(e *shop.Edit) error {
		return e.DuplicateProduct(t.Context(), foreign, orbit.NewID[orbit.Product](), "Mine")
	}); orbit.CodeOf(err) != orbit.NotFound {
		t.Error("another shop's:", err)
	}
}

// An order that waits for the stock takes its units from what there is then, also where the one before it has put back
// as many.
func TestStockTakenAfterWaiting(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	v := m.variant(m.alpha, "stoneware-mug", 0)
	tx, err := m.super.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `UPDATE variants SET stock = stock + 2 WHERE id = $1`, v.ID.String()); err != nil {
		t.Fatal(err)
	}
	token := m.cart(m.alpha, v.ID, 2)
	done := make(chan error, 1)
	go func() {
		_, err := shop.For(m.db, m.alpha).PlaceOrder(t.Context(), token, form((2*2400+500)*12/10), letter)
		done <- err
	}()
	other := connect(t, storetest.SuperURL(m.url))
	// The database has no signal for it.
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		var waits bool
		if err := other.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock')`).Scan(&waits); err != nil {
			t.Fatal(err)
		}
		if waits {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the order doesn't wait")
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := m.variant(m.alpha, "stoneware-mug", 0).Stock; got != v.Stock {
		t.Errorf("%d of %d left after two came and two were sold", got, v.Stock)
	}
	m.balanced()
}
