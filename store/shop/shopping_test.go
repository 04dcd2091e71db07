package shop_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
)

func TestBrowse(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.product(m.beta, "Sweater Comb", "Other", nil, 100, 1) // never to be seen at alpha's
	small := []orbit.Option{{Name: "Size", Values: []string{"Small"}}}
	large := []orbit.Option{{Name: "Size", Values: []string{"Large", "Huge"}}}
	for name, tt := range map[string]struct {
		b    orbit.Browse
		want string
	}{
		"all":                   {orbit.Browse{}, "Merino Sweater, Wool Beanie, Stoneware Mug"},
		"price up":              {orbit.Browse{Sort: orbit.SortPriceUp}, "Stoneware Mug, Wool Beanie, Merino Sweater"},
		"price down":            {orbit.Browse{Sort: orbit.SortPriceDown}, "Merino Sweater, Wool Beanie, Stoneware Mug"},
		"newest":                {orbit.Browse{Sort: orbit.SortNewest}, "Stoneware Mug, Wool Beanie, Merino Sweater"},
		"name":                  {orbit.Browse{Sort: orbit.SortName}, "Merino Sweater, Stoneware Mug, Wool Beanie"},
		"available":             {orbit.Browse{Available: true}, "Merino Sweater, Stoneware Mug"},
		"price":                 {orbit.Browse{From: 2500, To: 5000}, "Wool Beanie"},
		"option":                {orbit.Browse{Options: small}, "Merino Sweater, Wool Beanie"},
		"option and stock":      {orbit.Browse{Options: small, Available: true}, "Merino Sweater"},
		"one variant, not two":  {orbit.Browse{Options: large, To: 13000}, ""},
		"word":                  {orbit.Browse{Query: "sweaters"}, "Merino Sweater"},
		"typo":                  {orbit.Browse{Query: "swaeter"}, "Merino Sweater"},
		"two words, one wrong":  {orbit.Browse{Query: "stonware mug"}, "Stoneware Mug"},
		"vendor":                {orbit.Browse{Query: "northfold"}, "Merino Sweater, Wool Beanie"},
		"part of a word":        {orbit.Browse{Query: "bean"}, "Wool Beanie"},
		"search, sorted":        {orbit.Browse{Query: "northfold", Sort: orbit.SortPriceUp}, "Wool Beanie, Merino Sweater"},
		"search syntax":         {orbit.Browse{Query: `"' & | ! ( % _ \ ?0`}, ""},
		"nothing":               {orbit.Browse{Query: "bicycle"}, ""},
		"another shop's":        {orbit.Browse{Query: "comb"}, ""},
		"another shop's option": {orbit.Browse{Options: []orbit.Option{{Name: "' OR true --", Values: []string{"x"}}}}, ""},
	} {
		m.in(m.alpha, func(ctx context.Context, t *shop.Tenant) error {
			tt.b.Page = 1
			r := t.Reader()
			var o *pg.Result[orbit.Outline]
			if tt.b.Query == "" {
				o = r.Outline(orbit.CollectionID{})
			}
			list := r.Browse(orbit.CollectionID{}, tt.b, 10, o)
			err := r.Read(ctx)
			l := list.Value
			if got := titles(l.Products); err != nil || got != tt.want || l.Total != len(l.Products) {
				m.Errorf("%s: %q of %d, want %q, %v", name, got, l.Total, tt.want, err)
			}
			return err
		})
	}
	m.in(m.alpha, func(ctx context.Context, t *shop.Tenant) error {
		var c orbit.Collection
		var id string
		if err := m.super.QueryRow(ctx, `SELECT id FROM collections WHERE merchant_id = $1`,
			m.alpha.String()).Scan(&id); err != nil {
			return err
		}
		var err error
		if c.ID, err = orbit.ParseID[orbit.Collection](id); err != nil {
			return err
		}
		r := t.Reader()
		product, nothing := r.Product("merino-sweater"), r.Product("no-such-thing")
		if err := r.Read(ctx); err != nil || !nothing.Value.ID.IsZero() {
			return fmt.Errorf("%+v, %w", nothing.Value, err)
		}
		p := product.Value
		r = t.Reader()
		known := r.Outline(c.ID)
		second := r.Browse(c.ID, orbit.Browse{Page: 2, Available: true}, 1, known)
		list := r.Browse(c.ID, orbit.Browse{Page: 2}, 1, known)
		beside, sitemap, latest, first := r.Related(p.Handle, 4), r.Sitemap(), r.Newest(2), r.Featured(8)
		if err := r.Read(ctx); err != nil {
			return err
		}
		past, l := second.Value, list.Value
		related, entries, newest, featured := beside.Value, sitemap.Value, latest.Value, first.Value
		if len(past.Products) != 0 {
			m.Error("a page past the last:", titles(past.Products))
		}
		if titles(l.Products) != "Wool Beanie" || l.Pages != 2 || l.Total != 2 || len(l.Products[0].Variants) != 1 {
			m.Errorf("page 2: %+v", l)
		}
		if len(l.Facets) != 1 || !slices.Equal(l.Facets[0].Values,
			[]orbit.FacetValue{{Value: "Small", Count: 2}, {Value: "Large", Count: 1}}) {
			m.Errorf("facets: %+v", l.Facets)
		}
		if titles(related) != "Wool Beanie, Stoneware Mug" {
			m.Error("related:", titles(related))
		}
		if len(entries) != 4 {
			m.Errorf("entries: %+v", entries)
		}
		if titles(newest) != "Stoneware Mug, Wool Beanie" {
			m.Error("newest:", titles(newest))
		}
		if titles(featured) != "Merino Sweater, Wool Beanie" || len(featured[0].Variants) != len(p.Variants) {
			m.Error("featured:", titles(featured))
		}
		return nil
	})
}

func TestCart(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	mug, sweater, beanie := m.variant(m.alpha, "stoneware-mug", 0), m.variant(m.alpha, "merino-sweater", 1),
		m.variant(m.alpha, "wool-beanie", 0)
	token := m.cart(m.alpha, mug.ID, 2)
	m.in(m.alpha, func(ctx context.Context, t *shop.Tenant) error {
		if _, _, err := t.AddToCart(ctx, token, beanie.ID, 1); orbit.CodeOf(err) != orbit.Conflict {
			m.Error("sold out:", err)
		}
		if _, _, err := t.AddToCart(ctx, token, m.variant(m.beta, "stoneware-mug", 0).ID,
			1); orbit.CodeOf(err) != orbit.NotFound {
			m.Error("another shop's variant:", err)
		}
		kept, added, err := t.AddToCart(ctx, token, sweater.ID, 7)
		if err != nil || kept != token || added != 3 {
			m.Error("no more than there are:", added, err)
		}
		if _, _, err := t.AddToCart(ctx, token, sweater.ID, 1); orbit.CodeOf(err) != orbit.Conflict {
			m.Error("all there is:", err)
		}
		c, err := t.Cart(ctx, token)
		if err != nil || len(c.Lines) != 2 || c.Count() != 5 || c.Subtotal() != 2*2400+3*13800 ||
			c.Lines[1].Variant != "Large" || c.Lines[0].Variant != "" {
			m.Errorf("%+v %v", c, err)
		}
		if _, err := t.ChangeCart(ctx, token, map[orbit.VariantID]int{mug.ID: 4, sweater.ID: 0, beanie.ID: 3}); err != nil {
			return err
		}
		c, err = t.Cart(ctx, token)
		if err != nil || len(c.Lines) != 1 || c.Count() != 4 {
			m.Errorf("%+v %v", c, err)
		}
		return nil
	})
	m.in(m.beta, func(ctx context.Context, t *shop.Tenant) error {
		if c, err := t.Cart(ctx, token); err != nil || len(c.Lines) != 0 {
			m.Errorf("another shop's cart: %+v %v", c, err)
		}
		if _, err := t.ChangeCart(ctx, token, map[orbit.VariantID]int{mug.ID: 0}); err != nil {
			return err
		}
		kept, _, err := t.AddToCart(ctx, token, m.variant(m.beta, "stoneware-mug", 0).ID, 1)
		if err != nil || kept == token {
			m.Error("a foreign token opens a cart of its own:", err)
		}
		return nil
	})
	m.sql(`UPDATE carts SET expires_at = now() - interval '1 second'`)
	m.in(m.alpha, func(ctx context.Context, t *shop.Tenant) error {
		if c, err := t.Cart(ctx, token); err != nil || len(c.Lines) != 0 {
			m.Errorf("expired: %+v %v", c, err)
		}
		return nil
	})
	m.cart(m.alpha, mug.ID, 1)
	var carts int
	if err := m.super.QueryRow(t.Context(), `SELECT count(*) FROM carts WHERE merchant_id = $1`,
		m.alpha.String()).Scan(&carts); err != nil || carts != 1 {
		t.Error("expired carts stay:", carts, err)
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.sql(`INSERT INTO discounts (merchant_id, code, kind, value)
		VALUES ($1, 'TENTH', 'percent', 10), ($2, 'BETA', 'percent', 50)`, m.alpha.String(), m.beta.String())
	mug := m.variant(m.alpha, "stoneware-mug", 0)
	token := m.cart(m.alpha, mug.ID, 2)
	// 48.00 less a tenth, 5.00 to send, 20 % on both
	const goods, off, tax = 4800, 480, 964
	f := form(goods - off + 500 + tax)
	f.Discount = "tenth"
	ctx, scope := t.Context(), shop.For(m.db, m.alpha)

	for name, change := range map[string]func(*orbit.CheckoutForm){
		"discount": func(f *orbit.CheckoutForm) { f.Discount = "beta" },
		"shipping": func(f *orbit.CheckoutForm) { f.Shipping = "Rocket" },
		"payment":  func(f *orbit.CheckoutForm) { f.Payment = "stripe" },
		"email":    func(f *orbit.CheckoutForm) { f.Email = "ada" },
	} {
		bad := f
		change(&bad)
		if _, err := scope.PlaceOrder(ctx, token, bad, letter); len(orbit.FaultsOf(err)) != 1 ||
			orbit.FaultsOf(err)[0].Field != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	cheap := f
	cheap.Seen = "1"
	if _, err := scope.PlaceOrder(ctx, token, cheap, letter); err != shop.ErrTotalChanged {
		t.Error("another total than the page showed:", err)
	}
	if _, err := shop.For(m.db, m.beta).PlaceOrder(ctx, token, f, letter); err != shop.ErrCartEmpty {
		t.Error("another shop's cart:", err)
	}

	o, err := scope.PlaceOrder(ctx, token, f, letter)
	if err != nil {
		t.Fatal(err)
	}
	if o.Number != 1001 || o.Subtotal != goods || o.Discount != off || o.DiscountCode != "TENTH" || o.Shipping != 500 ||
		o.Tax != tax || o.Total != goods-off+500+tax || len(o.Lines) != 1 || o.Lines[0].Quantity != 2 {
		t.Errorf("%+v", o)
	}
	again, err := scope.PlaceOrder(ctx, token, f, letter)
	if err != nil || again.ID != o.ID || again.Token != o.Token || again.Number != 1001 {
		t.Errorf("sent twice: %+v %v", again, err)
	}
	if _, err := scope.PlaceOrder(ctx, m.cart(m.alpha, mug.ID, 1), f, letter); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("another's form:", err)
	}
	if _, err := scope.PlaceOrder(ctx, token, form(1), letter); err != shop.ErrCartEmpty {
		t.Error("an emptied cart:", err)
	}
	var stock, emails, jobs, used int
	if err := m.super.QueryRow(ctx, `SELECT (SELECT stock FROM variants WHERE id = $1), (SELECT count(*) FROM emails
	WHERE recipient = 'ada@example.com' AND subject = 'confirmation #1001'),
		(SELECT count(*) FROM river_job WHERE kind = 'mail'), (SELECT used FROM discounts
		WHERE code = 'TENTH')`, mug.ID.String()).Scan(&stock, &emails, &jobs,
		&used); err != nil || stock != 8 || emails != 1 || jobs != 1 || used != 1 {
		t.Error(stock, emails, jobs, used, err)
	}
	// the other shop counts for itself, and sees nothing of this
	other, err := shop.For(m.db, m.beta).PlaceOrder(ctx, m.cart(m.beta, m.variant(m.beta, "stoneware-mug", 0).ID, 1),
		form((2400+500)*12/10), letter)
	if err != nil || other.Number != 1001 {
		t.Error(other.Number, err)
	}
	m.in(m.beta, func(ctx context.Context, t *shop.Tenant) error {
		if o, err := t.OrderByToken(ctx, o.Token); orbit.CodeOf(err) != orbit.NotFound {
			m.Error("another shop's order:", o.Number, err)
		}
		rows, total, err := t.Orders(ctx, shop.OrderFilter{Limit: 10})
		if err != nil || total != 1 || rows[0].ID != other.ID || rows[0].Items != 1 {
			m.Errorf("%+v %v", rows, err)
		}
		return nil
	})
	m.in(m.alpha, func(ctx context.Context, t *shop.Tenant) error {
		read, err := t.OrderByToken(ctx, o.Token)
		if err != nil || read.Address.City != "Bristol" || len(read.Lines) != 1 || len(read.Payments) != 1 ||
			read.Payments[0].Amount != o.Total {
			m.Errorf("%+v %v", read, err)
		}
		for query, want := range map[string]int{"#1001": 1, "1001": 1, "lovelace": 1, "ADA@": 1, "ada@exa": 1,
			"love ADA": 1, "example.com": 1, "lace": 0, "ada@example.org": 0, "zz": 0} {
			if _, total, err := t.Orders(ctx, shop.OrderFilter{Query: query, Due: true, Limit: 10}); err != nil ||
				total != want {
				m.Error(query, total, err)
			}
		}
		return nil
	})
}

func TestTheDatabaseRefusesForeignRows(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	foreign := m.variant(m.beta, "stoneware-mug", 0).ID.String()
	token := m.cart(m.alpha, m.variant(m.alpha, "stoneware-mug", 0).ID, 1)
	if _, err := shop.For(m.db, m.alpha).PlaceOrder(t.Context(), token, form((2400+500)*12/10), letter); err != nil {
		t.Fatal(err)
	}
	// even a superuser can't put another shop's variant into a cart or an order
	for _, query := range []string{
		`INSERT INTO cart_lines (merchant_id, cart_id, variant_id, quantity) SELECT merchant_id, id, $1, 1 FROM carts
			LIMIT 1`,
		`INSERT INTO order_lines (merchant_id, order_id, position, variant_id, handle, title, price, quantity)
			SELECT merchant_id, id, 9, $1, '', '', 1, 1 FROM orders LIMIT 1`,
	} {
		if _, err := m.super.Exec(t.Context(), query, foreign); err == nil || !strings.Contains(err.Error(), "foreign key") {
			t.Error(err)
		}
	}
}

// Two hundred people want the last one.
func TestStockIsNeverOversold(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	mug := m.variant(m.alpha, "stoneware-mug", 0)
	m.sql(`UPDATE variants SET stock = 1 WHERE id = $1`, mug.ID.String())
	tokens := make([]string, 200)
	for i := range tokens {
		tokens[i] = m.cart(m.alpha, mug.ID, 1)
	}
	bought, refused := m.race(len(tokens), func(i int) error {
		_, err := shop.For(m.db, m.alpha).PlaceOrder(t.Context(), tokens[i], form((2400+500)*12/10), letter)
		return err
	})
	if bought != 1 || refused != 199 {
		t.Errorf("%d bought, %d refused", bought, refused)
	}
	var stock, orders, last int
	if err := m.super.QueryRow(t.Context(), `SELECT (SELECT stock FROM variants WHERE id = $1), (SELECT count(*)
		FROM orders), (SELECT last FROM order_numbers)`,
		mug.ID.String()).Scan(&stock, &orders, &last); err != nil || stock != 0 || orders != 1 || last != 1001 {
		t.Error(stock, orders, last, err)
	}
}

// race runs n of something at once: how many went well, how many were refused.
func (m *market) race(n int, do func(int) error) (well, refused int) {
	m.Helper()
	errs := make([]error, n)
	var wg sync.WaitGroup
	gate := make(chan struct{})
	for i := range n {
		wg.Go(func() { <-gate; errs[i] = do(i) })
	}
	close(gate)
	wg.Wait()
	for _, err := range errs {
		switch orbit.CodeOf(err) {
		case "":
			well++
		case orbit.Conflict:
			refused++
		default:
			m.Error(err)
		}
	}
	return well, refused
}

func TestDoubleSubmitMakesOneOrder(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	token := m.cart(m.alpha, m.variant(m.alpha, "stoneware-mug", 0).ID, 1)
	f := form((2400 + 500) * 12 / 10)
	if well, _ := m.race(20, func(int) error {
		o, err := shop.For(m.db, m.alpha).PlaceOrder(t.Context(), token, f, letter)
		if err == nil && o.Number != 1001 {
			t.Errorf("number %d", o.Number)
		}
		return err
	}); well != 20 {
		t.Errorf("%d of 20 got their order", well)
	}
	var orders int
	if err := m.super.QueryRow(t.Context(), `SELECT count(*) FROM orders`).Scan(&orders); err != nil || orders != 1 {
		t.Error(orders, err)
	}
}

func TestPlanLimitsOrders(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	mug := m.variant(m.alpha, "stoneware-mug", 0)
	m.sql(`UPDATE variants SET stock = 1000`)
	m.sql(`UPDATE plans SET limits = '{"ordersPerMonth": 100}' WHERE slug = 'starter'`)
	m.sql(`INSERT INTO order_numbers VALUES ($1, 1099, date_trunc('month', now() AT TIME ZONE 'UTC'), 99)`,
		m.alpha.String())
	tokens := make([]string, 50)
	for i := range tokens {
		tokens[i] = m.cart(m.alpha, mug.ID, 1)
	}
	well, refused := m.race(50, func(i int) error {
		_, err := shop.For(m.db, m.alpha).PlaceOrder(t.Context(), tokens[i], form((2400+500)*12/10), letter)
		return err
	})
	if well != 1 || refused != 49 {
		t.Error(well, refused)
	}
	// a new month begins at one
	m.sql(`UPDATE order_numbers SET month = month - interval '1 month'`)
	o, err := shop.For(m.db, m.alpha).PlaceOrder(t.Context(), m.cart(m.alpha, mug.ID, 1), form((2400+500)*12/10), letter)
	if err != nil || o.Number != 1101 {
		t.Error(o.Number, err)
	}
	for _, closed := range []string{`UPDATE merchants SET live_at = NULL`,
		`UPDATE merchants SET live_at = now(), status = 'suspended'`} {
		m.sql(closed)
		if _, err := shop.For(m.db, m.alpha).PlaceOrder(t.Context(), m.cart(m.alpha, mug.ID, 1), form((2400+500)*12/10),
			letter); orbit.CodeOf(err) != orbit.Conflict {
			t.Error(closed, err)
		}
	}
}
