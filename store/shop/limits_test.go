package shop_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// TestProductLimit: of fifty products that two processes add at once to ninety-nine of a hundred, one is added.
func TestProductLimit(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	owner := m.plans(m.alpha)
	m.sql(`INSERT INTO products (merchant_id, id, handle, title, status)
		SELECT $1, gen_random_uuid(), 'p' || n, 'P', 'draft' FROM generate_series(4, 99) n`, m.alpha.String())
	other, err := store.Open(t.Context(), m.url)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	errs := m.at50(func(i int) error {
		return owner([]*store.DB{m.db, other}[i%2]).Change(t.Context(), func(e *shop.Edit) error {
			return e.CreateProduct(t.Context(), m.mug(m.alpha), nil)
		})
	})
	if errs[""] != 1 || errs[orbit.Conflict] != 49 {
		t.Error(errs)
	}
	if n := m.count(`SELECT count(*) FROM products WHERE merchant_id = $1`, m.alpha.String()); n != 100 {
		t.Error("products:", n)
	}
	// Both levels were passed by then; one job writes of them.
	if n := m.count(`SELECT count(*) FROM river_job WHERE kind = 'notice'`); n != 1 {
		t.Error("notices:", n)
	}
}

// limit saves a plan with another limit of products, as an admin does.
func (m *market) limit(slug string, products int64) error {
	p := m.plan(slug)
	in := p.Input()
	in.Limits.Products = &products
	_, err := m.db.UpdatePlan(m.Context(), p.ID, in, orbit.System)
	return err
}

// TestLimitLowered: an admin who lowers a plan's limit doesn't wait for a product that is being added. It counts as
// added before, is read-only like what was there beyond the limit, and is the last one.
func TestLimitLowered(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	owner := m.plans(m.alpha)
	add := func(then func() error) error {
		return owner(m.db).Change(t.Context(), func(e *shop.Edit) error {
			if err := e.CreateProduct(t.Context(), m.mug(m.alpha), nil); err != nil {
				return err
			}
			return then()
		})
	}
	d := downgraded{m, func(do func(context.Context, *shop.Edit) error) error {
		return owner(m.db).Change(t.Context(), func(e *shop.Edit) error { return do(t.Context(), e) })
	}}
	err := add(func() error { return m.limit("starter", 2) }) // three are there
	if err != nil {
		t.Fatal(err)
	}
	if err := add(func() error { return nil }); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("another one:", err)
	}
	list, _ := d.readOnly()
	if ids := d.byAge(); len(ids) != 4 || len(list) != 2 || !list[ids[2]] || !list[ids[3]] {
		t.Errorf("of %v read-only: %v", ids, list)
	}
}

// TestLimitLoweredAtOnce: of fifty products that are added while the limit is lowered, one at most is added after that.
func TestLimitLoweredAtOnce(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	owner := m.plans(m.alpha)
	m.sql(`INSERT INTO products (merchant_id, id, handle, title, status)
		SELECT $1, gen_random_uuid(), 'p' || n, 'P', 'draft' FROM generate_series(4, 60) n`, m.alpha.String())
	count := func() int64 { return m.count(`SELECT count(*) FROM products WHERE merchant_id = $1`, m.alpha.String()) }
	other, err := store.Open(t.Context(), m.url)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	var added atomic.Int64
	some, lowered := make(chan struct{}), make(chan int64, 1)
	go func() {
		<-some
		if err := m.limit("starter", 50); err != nil {
			t.Error(err)
		}
		lowered <- count()
	}()
	ended := m.at50(func(i int) error {
		err := owner([]*store.DB{m.db, other}[i%2]).Change(t.Context(), func(e *shop.Edit) error {
			return e.CreateProduct(t.Context(), m.mug(m.alpha), nil)
		})
		if err == nil && added.Add(1) == 5 {
			close(some)
		}
		return err
	})
	then, now := <-lowered, count()
	if now-then > 1 || now != 60+int64(ended[""]) || ended[""]+ended[orbit.Conflict] != 50 {
		t.Errorf("%d products when the limit was lowered, %d now; %v", then, now, ended)
	}
	m.in(m.alpha, func(ctx context.Context, in *shop.Tenant) error {
		p, err := in.PreviewPlan(ctx, m.sheet(m.alpha), m.plan("starter"))
		if n := int64(len(p.ReadOnly) + p.Unnamed); n != now-50 {
			t.Errorf("%d of %d products are read-only", n, now)
		}
		return err
	})
}

// TestLimitLoweredDuringChange: a change to a plan of which the limit is lowered at the same time comes before that, or
// is refused, for what its preview showed isn't so.
func TestLimitLoweredDuringChange(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.begins(m.alpha, time.Minute)
	for i := range 8 {
		to := []string{"professional", "starter"}[i%2]
		c := m.sheet(m.alpha).Preview(m.plan(to)).Change()
		var changed error
		m.race(2, func(n int) error {
			if n == 0 {
				return m.limit(to, int64(100+i))
			}
			changed = shop.For(m.db, m.alpha).ChangePlan(t.Context(), c, orbit.Actor{Name: "x"})
			return nil
		})
		if code := orbit.CodeOf(changed); code != "" && code != orbit.Conflict {
			t.Error(changed)
		}
		late := m.count(`SELECT count(*) FROM audit_log WHERE action = 'merchant.plan' AND id >
			(SELECT max(id) FROM audit_log WHERE action = 'plan.updated')`)
		if late != 0 {
			t.Error("the plan was changed to one that isn't as it was previewed")
		}
		if changed != nil { // the next round changes from where this one should have led
			again := m.sheet(m.alpha).Preview(m.plan(to)).Change()
			if err := shop.For(m.db, m.alpha).ChangePlan(t.Context(), again, orbit.Actor{Name: "x"}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (m *market) mug(id orbit.MerchantID) orbit.Product {
	m.Helper()
	p, err := orbit.ProductForm{Title: "Mug", Status: orbit.ProductActive,
		Variant: orbit.VariantForm{Price: "1", Stock: "5", TrackInventory: true, Taxable: true,
			RequiresShipping: true}}.New(id, orbit.NewID[orbit.Product](),
		orbit.Units{Currency: "USD"}, time.Now())
	if err != nil {
		m.Fatal(err)
	}
	return p
}

// at50 does something fifty times at once and counts how it ended.
func (m *market) at50(do func(i int) error) map[orbit.Code]int {
	m.Helper()
	var wg sync.WaitGroup
	errs := make([]error, 50)
	for i := range errs {
		wg.Go(func() {
			// The pool is smaller than 50; who has waited 5 s for it is asked to try again.
			for try := 0; try == 0 || try < 10 && orbit.CodeOf(errs[i]) == orbit.Unavailable; try++ {
				errs[i] = do(i)
			}
		})
	}
	wg.Wait()
	ended := map[orbit.Code]int{}
	for _, err := range errs {
		ended[orbit.CodeOf(err)]++
		if code := orbit.CodeOf(err); code != "" && code != orbit.Conflict {
			m.Error(err)
		}
	}
	return ended
}

// TestOrderLimit is TestProductLimit for orders, which shoppers place.
func TestOrderLimit(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.sql(`INSERT INTO order_numbers (merchant_id, last, month, in_month)
		VALUES ($1, 1099, date_trunc('month', now(), 'UTC') AT TIME ZONE 'UTC', 99)`, m.alpha.String())
	m.limits("starter", `{"ordersPerMonth": 100}`)
	m.sql(`UPDATE variants SET stock = 1000 WHERE merchant_id = $1`, m.alpha.String())
	other, err := store.Open(t.Context(), m.url)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	mug := m.variant(m.alpha, "stoneware-mug", 0)
	var carts []string
	for range 50 {
		carts = append(carts, m.cart(m.alpha, mug.ID, 1))
	}
	errs := m.at50(func(i int) error {
		_, err := shop.For([]*store.DB{m.db, other}[i%2], m.alpha).PlaceOrder(t.Context(), carts[i], form(2900+580), letter)
		return err
	})
	if errs[""] != 1 || errs[orbit.Conflict] != 49 {
		t.Error(errs)
	}
	if n := m.sheet(m.alpha).Usage.OrdersThisMonth; n != 100 {
		t.Error("orders:", n)
	}
	if n := m.count(`SELECT count(*) FROM river_job WHERE kind = 'notice'`); n != 1 {
		t.Error("notices:", n)
	}
}

// TestStorageLimit: of fifty images of a tenth of what is left, uploaded at once, nine find room beside what is there.
func TestStorageLimit(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	owner := m.plans(m.alpha)
	m.limits("starter", `{"storageBytes": 1000}`)
	m.sql(`INSERT INTO media (merchant_id, id, hash, width, height, bytes)
		VALUES ($1, gen_random_uuid(), repeat('a', 32), 1, 1, 100)`, m.alpha.String())
	other, err := store.Open(t.Context(), m.url)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	errs := m.at50(func(i int) error {
		return owner([]*store.DB{m.db, other}[i%2]).Change(t.Context(), func(e *shop.Edit) error {
			_, err := e.ReserveImage(t.Context(), orbit.Media{MerchantID: m.alpha, ID: orbit.MediaID(uuid.New()),
				Hash: fmt.Sprintf("%032x", i), Width: 1, Height: 1, Bytes: 100})
			return err
		})
	})
	if errs[""] != 9 || errs[orbit.Conflict] != 41 {
		t.Error(errs)
	}
}
