package api_test

import (
	"context"
	"strconv"

	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// market opens a shop in which things cost an odd amount, are taxed on top of it, and there is a discount code.
func (p *platform) market(merchant string) {
	p.t.Helper()
	p.ready(merchant)
	p.exec(`UPDATE merchants SET live_at = coalesce(live_at, now()) WHERE id = $1`, merchant)
	p.exec(`UPDATE variants SET stock = 50, price = 2390 WHERE merchant_id = $1`, merchant)
	p.exec(`UPDATE settings SET tax_name = 'Sales tax', tax_rate = 725, currency = 'USD' WHERE merchant_id = $1`, merchant)
	p.exec(`INSERT INTO discounts (merchant_id, code, kind, value) VALUES ($1, 'QUARTER', 'percent', 25)
		ON CONFLICT DO NOTHING`, merchant)
}

// sell has somebody buy three of one thing and one of another, with the code.
func (p *platform) sell(merchant, email string) (o orbit.Order) {
	p.t.Helper()
	m, err := orbit.ParseID[orbit.Merchant](merchant)
	if err != nil {
		p.t.Fatal(err)
	}
	ctx, of := p.t.Context(), shop.For(p.db, m)
	form := orbit.CheckoutForm{Key: orbit.NewID[orbit.Order]().String(), Email: email, Name: "Grace Hopper",
		Line1: "1 Pier Road", City: "Portland", Region: "OR", Postcode: "97201", Country: "US", Payment: "manual",
		Discount: "QUARTER", Note: "Ring twice."}
	token := ""
	err = of.Do(ctx, func(t *shop.Tenant) error {
		r := t.Reader()
		products := r.Newest(2)
		if err := r.Read(ctx); err != nil {
			return err
		}
		for i, product := range products.Value {
			if token, _, err = t.AddToCart(ctx, token, product.Variants[0].ID, 3-2*i); err != nil {
				return err
			}
		}
		offer, err := t.Checkout(ctx)
		if err != nil {
			return err
		}
		cart, err := t.Cart(ctx, token)
		if err != nil {
			return err
		}
		rates := offer.Rates(cart, form.Destination(), cart.Subtotal())
		form.Shipping = rates[len(rates)-1].Name
		sum, err := t.Totals(ctx, cart, offer, form)
		form.Seen = strconv.FormatInt(sum.Total, 10)
		return err
	})
	if err == nil {
		o, err = of.PlaceOrder(context.WithoutCancel(ctx), token, form, shop.Placing{
			Write: mail.Composer{Addresses: p.kit.Addresses, Status: orbit.EmailLocal}.OrderWriter(
				orbit.Merchant{ID: m, Name: "Shop"}, "hello@example.com", "http://shop.localhost")})
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return o
}

// orderPath is where an order is.
func orderPath(o orbit.Order, rest string) string {
	return shopBase + "/orders/" + o.ID.String() + rest
}

// emails counts the emails to somebody.
func (p *platform) emails(to string) int {
	p.t.Helper()
	return p.count(`SELECT count(*)::int FROM emails WHERE recipient = $1`, to)
}
