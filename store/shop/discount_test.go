package shop_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// discount returns a discount of a tenth off everything with a code, "" for an automatic one.
func discount(code, title string) orbit.Discount {
	return orbit.Discount{ID: orbit.NewID[orbit.Discount](), Code: code, Title: title, Kind: orbit.DiscountPercentage,
		Value: 1000, AppliesTo: orbit.OnAll, Active: true}
}

func (m till) add(d orbit.Discount) orbit.Discount {
	m.Helper()
	d, err := d.Checked()
	m.must(err)
	m.must(m.change(func(ctx context.Context, e *shop.Edit) error { return e.CreateDiscount(ctx, d) }))
	return d
}

func (m till) usesOf(d orbit.Discount) (used, uses int64) {
	m.Helper()
	return m.count(`SELECT used FROM discounts WHERE id = $1`, d.ID.String()),
		m.count(`SELECT count(*) FROM discount_uses WHERE discount_id = $1`, d.ID.String())
}

func TestDiscountEdits(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	of := func(handle string, merchant orbit.MerchantID) orbit.ProductID {
		return m.variant(merchant, handle, 0).ProductID
	}
	d := discount("MUGS", "")
	d.AppliesTo, d.Products = orbit.OnProducts, []orbit.ProductID{of("stoneware-mug", m.alpha)}
	d = m.add(d)
	m.must(m.change(func(ctx context.Context, e *shop.Edit) error { return e.CreateDiscount(ctx, d) })) // sent twice
	for name, change := range map[string]func(*orbit.Discount){
		"code":      func(d *orbit.Discount) { d.Code = "QUARTER" },
		"appliesTo": func(d *orbit.Discount) { d.Products = []orbit.ProductID{of("stoneware-mug", m.beta)} },
	} {
		bad := d
		bad.ID = orbit.NewID[orbit.Discount]()
		bad.Code = "OTHER"
		change(&bad)
		err := m.change(func(ctx context.Context, e *shop.Edit) error { return e.CreateDiscount(ctx, bad) })
		if !orbit.FaultsOf(err).On(name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	half := func(d orbit.Discount) (orbit.Discount, error) {
		d.Value, d.AppliesTo, d.Code = 5050, orbit.OnAll, "HALF"
		return d.Checked()
	}
	update := func(version int) (now orbit.Discount, err error) {
		err = m.change(func(ctx context.Context, e *shop.Edit) (err error) {
			now, err = e.UpdateDiscount(ctx, d.ID, version, half)
			return err
		})
		return now, err
	}
	if now, err := update(1); err != nil || now.Version != 2 || now.Value != 5050 || now.Code != "HALF" ||
		len(now.Products) != 0 {
		t.Errorf("%+v %v", now, err)
	}
	if now, err := update(1); orbit.CodeOf(err) != orbit.Conflict || now.Version != 2 {
		t.Errorf("a version that has passed: %+v %v", now, err)
	}
	m.in(m.beta, func(ctx context.Context, t *shop.Tenant) error {
		if _, err := t.Discount(ctx, d.ID); orbit.CodeOf(err) != orbit.NotFound {
			m.Error("another shop's discount:", err)
		}
		all, total, err := t.Discounts(ctx, shop.DiscountFilter{Query: "half", Limit: 10})
		if err != nil || total != 0 || len(all) != 0 {
			m.Error("another shop's discounts:", all, err)
		}
		return nil
	})
	m.in(m.alpha, func(ctx context.Context, t *shop.Tenant) error {
		all, total, err := t.Discounts(ctx, shop.DiscountFilter{Query: "half", Status: orbit.DiscountActive, Limit: 10})
		if err != nil || total != 1 || len(all) != 1 || all[0].ID != d.ID {
			m.Error(all, total, err)
		}
		return nil
	})
	beta := m.plans(m.beta)(m.db)
	for range 2 {
		if err := beta.Change(t.Context(), func(e *shop.Edit) error {
			return e.DeleteDiscount(t.Context(), d.ID)
		}); orbit.CodeOf(err) != orbit.NotFound {
			t.Error("deleted by another shop:", err)
		}
	}
	m.must(m.change(func(ctx context.Context, e *shop.Edit) error { return e.DeleteDiscount(ctx, d.ID) }))
}

// TestDiscountBounds: a shop has so many discounts, and so many that are automatic and active.
func TestDiscountBounds(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	for i := range orbit.MaxAutomaticDiscounts {
		m.add(discount("", fmt.Sprint("Automatic ", i)))
	}
	one := discount("", "One more")
	err := m.change(func(ctx context.Context, e *shop.Edit) error { return e.CreateDiscount(ctx, one) })
	if orbit.CodeOf(err) != orbit.Conflict {
		t.Error(err)
	}
	one.Active = false
	m.add(one)
	m.sql(`INSERT INTO discounts (merchant_id, code, kind, value) SELECT $1, 'CODE' || n, 'percent', 5
		FROM generate_series(1, $2) n`, m.alpha.String(), orbit.MaxDiscounts-orbit.MaxAutomaticDiscounts-2)
	err = m.change(func(ctx context.Context, e *shop.Edit) error { return e.CreateDiscount(ctx, discount("LAST", "")) })
	if orbit.CodeOf(err) != orbit.Conflict {
		t.Error("a shop without bounds:", err)
	}
}

// TestSeveralDiscounts: an order keeps what each of its discounts has taken off each line and the shipping, counts
// them, and gives them back when it is canceled.
func TestSeveralDiscounts(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	mugs := discount("", "Mug week")
	mugs.AppliesTo, mugs.Products = orbit.OnProducts, []orbit.ProductID{m.mug.ProductID}
	mugs.CombinesWith = orbit.DiscountClasses().Values()
	ship := discount("SHIP", "")
	ship.Kind, ship.CombinesWith = orbit.FreeShipping, mugs.CombinesWith
	mugs, ship = m.add(mugs), m.add(ship)
	token := m.cart(m.alpha, m.mug.ID, 2)
	m.in(m.alpha, func(ctx context.Context, t *shop.Tenant) error {
		for typed, want := range map[string]orbit.DiscountReason{" ship ": "", "NONE": orbit.DiscountUnknown,
			"a\nb": orbit.DiscountUnknown} {
			if no, err := t.AddCode(ctx, token, typed, ""); err != nil || no.Reason != want {
				m.Errorf("%q: %+v %v", typed, no, err)
			}
		}
		return nil
	})
	m.in(m.beta, func(ctx context.Context, t *shop.Tenant) error { return t.RemoveCode(ctx, token, "SHIP") })
	// 48.00 less a tenth and the shipping, 20 % on it
	o, err := shop.For(m.db, m.alpha).PlaceOrder(t.Context(), token, form(4320*12/10), letter)
	m.must(err)
	if o.Discount != 480 || o.ShippingDiscount != 500 || o.DiscountCode != "SHIP" || len(o.Discounts) != 2 ||
		o.Discounts[0].ID != mugs.ID || o.Discounts[0].Lines[0] != 480 || o.Discounts[1].Amount != 500 {
		t.Errorf("%+v", o)
	}
	if read := m.order(o.ID); len(read.Discounts) != 2 || read.Discounts[0].Amount != 480 || !read.Discounts[1].Shipping {
		t.Errorf("%+v", read.Discounts)
	}
	for _, d := range []orbit.Discount{mugs, ship} {
		if used, uses := m.usesOf(d); used != 1 || uses != 1 {
			t.Errorf("%s: %d used, %d uses", d.Name(), used, uses)
		}
	}
	m.must(m.change(func(ctx context.Context, e *shop.Edit) error {
		return e.CancelOrder(ctx, o.ID, shop.CancelForm{Reason: "Lost"}, write)
	}))
	for _, d := range []orbit.Discount{mugs, ship} {
		if used, uses := m.usesOf(d); used != 0 || uses != 0 {
			t.Errorf("%s: %d used, %d uses after it was canceled", d.Name(), used, uses)
		}
	}
}

// TestDiscountRaces: of many shoppers at once, as many have a discount as its limit says, and a customer has one that
// is once per customer once.
func TestDiscountRaces(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	m.sql(`UPDATE variants SET stock = 1000 WHERE id = $1`, m.mug.ID.String())
	limited := discount("LIMITED", "")
	limited.UsageLimit = 1
	once := discount("ONCE", "")
	once.OncePerCustomer = true
	for _, c := range []struct {
		orbit.Discount
		shoppers int
		email    func(i int) string
		reason   string
	}{
		{m.add(limited), 200, func(i int) string { return fmt.Sprintf("shopper%d@example.com", i) },
			"The discount code LIMITED has reached its usage limit."},
		{m.add(once), 30, func(i int) string {
			return map[bool]string{true: "ada@example.com", false: "ADA@example.com"}[i%2 == 0]
		},
			"You have used the discount code ONCE before. It works once per customer."},
	} {
		tokens := make([]string, c.shoppers)
		for i := range tokens {
			tokens[i] = m.cart(m.alpha, m.mug.ID, 1)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		placed := 0
		for i, token := range tokens {
			wg.Go(func() {
				f := form((2400 - 240 + 500) * 12 / 10)
				f.Discount, f.Email = c.Code, c.email(i)
				_, err := shop.For(m.db, m.alpha).PlaceOrder(t.Context(), token, f, letter)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					placed++
				} else if faults := orbit.FaultsOf(err); len(faults) != 1 || faults[0].Message != c.reason {
					t.Errorf("%s: %v", c.Code, err)
				}
			})
		}
		wg.Wait()
		if used, uses := m.usesOf(c.Discount); placed != 1 || used != 1 || uses != 1 {
			t.Errorf("%s: %d orders, %d used, %d uses", c.Code, placed, used, uses)
		}
	}
}

// TestHostedDiscount: what a shopper is about to pay has its discounts, which are free again when it expires, and
// aren't in the shopper's own way.
func TestHostedDiscount(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	d := discount("ONE", "")
	d.UsageLimit, d.OncePerCustomer = 1, true
	d = m.add(d)
	token := m.cart(m.alpha, m.mug.ID, 1)
	f := form((2400 - 240 + 500) * 12 / 10)
	f.Discount, f.Payment = "ONE", orbit.ProviderStripe
	o, err := shop.For(m.db, m.alpha).PlaceOrder(t.Context(), token, f, letter)
	m.must(err)
	m.in(m.alpha, func(ctx context.Context, t *shop.Tenant) error {
		c, err := t.Cart(ctx, token)
		m.must(err)
		offer, err := t.Checkout(ctx)
		m.must(err)
		sum, err := t.Totals(ctx, c, offer, orbit.CheckoutForm{Email: f.Email})
		if err != nil || len(c.Codes) != 1 || sum.Total != o.Total || len(sum.Refused) != 0 {
			m.Errorf("%v %+v %v", c.Codes, sum, err)
		}
		return nil
	})
	if used, uses := m.usesOf(d); used != 1 || uses != 1 {
		t.Error(used, uses)
	}
	m.settle(o.Payments[0], orbit.PaymentState{Status: orbit.PaymentExpired})
	if used, uses := m.usesOf(d); used != 0 || uses != 0 {
		t.Error("after it has expired:", used, uses)
	}
	m.settle(o.Payments[0], took(o.Payments[0], "ch_late"))
	if used, uses := m.usesOf(d); used != 1 || uses != 1 {
		t.Error("paid late:", used, uses)
	}
}
