package shop_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
	"orbit360.app/store/storetest"
)

// market has two open shops that must never meet. Beta sells what alpha sells, under the same handles.
type market struct {
	*testing.T
	db          *store.DB
	url         string // as the serving role
	super       *pgx.Conn
	alpha, beta orbit.MerchantID
}

func newMarket(t *testing.T) *market {
	t.Helper()
	url := storetest.NewURL(t)
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	m := &market{T: t, db: db, url: url, super: connect(t, storetest.SuperURL(url))}
	m.alpha, m.beta = m.open("Alpha"), m.open("Beta")
	return m
}

func (m *market) sql(query string, args ...any) {
	m.Helper()
	if _, err := m.super.Exec(m.Context(), query, args...); err != nil {
		m.Fatal(err)
	}
}

func (m *market) open(name string) orbit.MerchantID {
	m.Helper()
	id := apply(m.T, m.db, name)
	key := id.String()
	m.sql(`UPDATE merchants SET status = 'active', live_at = now(), plan_id = (SELECT id FROM plans WHERE slug = 'starter')
		WHERE id = $1`, key)
	m.sql(`INSERT INTO settings (merchant_id, tax_name, tax_rate) VALUES ($1, 'VAT', 2000)`, key)
	m.sql(`INSERT INTO shipping_rates (merchant_id, name, price, free_from, position)
		VALUES ($1, 'Standard', 500, 7500, 0), ($1, 'Express', 1500, NULL, 1)`, key)
	m.sql(`INSERT INTO payment_methods (merchant_id, kind, name) VALUES ($1, 'manual', 'Bank transfer')`, key)
	m.sql(`INSERT INTO collections (merchant_id, id, handle, title)
		VALUES ($1, gen_random_uuid(), 'knitwear', 'Knitwear')`,
		key)
	m.product(id, "Merino Sweater", "Northfold", []string{"Small", "Large"}, 12800, 3)
	m.product(id, "Wool Beanie", "Northfold", []string{"Small"}, 2900, 0)
	m.product(id, "Stoneware Mug", "Tidewater", nil, 2400, 10)
	m.sql(`INSERT INTO collection_products SELECT p.merchant_id, c.id, p.id, p.position FROM products p
		JOIN collections c USING (merchant_id) WHERE p.merchant_id = $1 AND p.vendor = 'Northfold'`, key)
	return id
}

func (m *market) product(id orbit.MerchantID, title, vendor string, sizes []string, price int64, stock int) {
	m.Helper()
	options := "[]"
	if len(sizes) > 0 {
		data, _ := json.Marshal([]orbit.Option{{Name: "Size", Values: sizes}}) // strings always marshal
		options = string(data)
	} else {
		sizes = []string{""}
	}
	p := orbit.NewID[orbit.Product]().String()
	m.sql(`INSERT INTO products (merchant_id, id, handle, title, vendor, options, position, created_at)
		SELECT $1::uuid, $2::uuid, $3, $4, $5, $6::jsonb, count(*), now() + count(*) * interval '1 second' FROM products
		WHERE merchant_id = $1::uuid`, id.String(), p, orbit.Handle(title, p), title, vendor, options)
	for i, size := range sizes {
		values := "[]"
		if size != "" {
			values = fmt.Sprintf("[%q]", size)
		}
		m.sql(`INSERT INTO variants (merchant_id, id, product_id, title, "values", price, stock, position)
			VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8)`,
			id.String(), orbit.NewID[orbit.Variant]().String(), p, size, values, price+int64(i)*1000, stock, i)
	}
}

// in runs fn in a shop's scope.
func (m *market) in(id orbit.MerchantID, fn func(context.Context, *shop.Tenant) error) {
	m.Helper()
	if err := shop.For(m.db, id).Do(m.Context(), func(t *shop.Tenant) error { return fn(m.Context(), t) }); err != nil {
		m.Fatal(err)
	}
}

func (m *market) variant(id orbit.MerchantID, handle string, n int) (v orbit.Variant) {
	m.Helper()
	m.in(id, func(ctx context.Context, t *shop.Tenant) error {
		r := t.Reader()
		p := r.Product(handle)
		err := r.Read(ctx)
		if err == nil {
			v = p.Value.Variants[n]
		}
		return err
	})
	return v
}

// cart is the token of a new cart with n of a variant.
func (m *market) cart(id orbit.MerchantID, v orbit.VariantID, n int) (token string) {
	m.Helper()
	m.in(id, func(ctx context.Context, t *shop.Tenant) (err error) {
		token, _, err = t.AddToCart(ctx, "", v, n)
		return err
	})
	return token
}

func form(seen int64) orbit.CheckoutForm {
	return orbit.CheckoutForm{Key: orbit.NewID[orbit.Order]().String(), Email: "ada@example.com", Name: "Ada Lovelace",
		Line1: "12 Quay Street", City: "Bristol", Postcode: "BS1 4QA", Country: "GB",
		Shipping: "Standard", Payment: "manual", Seen: strconv.FormatInt(seen, 10)}
}

// letter is what placing an order takes of others, in tests of the store.
var letter = shop.Placing{
	Write: write,
	Charge: func(o orbit.Order, p orbit.Payment) orbit.Charge {
		return orbit.Charge{Description: o.Token, ReturnURL: "https://shop.test/orders/" + o.Token}
	},
}

func write(kind orbit.OrderEmail, o orbit.Order) (orbit.Email, error) {
	id := "<order." + o.ID.String() + "." + string(kind) + "." + orbit.NewID[orbit.Email]().String() + "@test>"
	return orbit.Email{MessageID: id,
		MerchantID: o.MerchantID, Recipient: o.Email, Subject: string(kind) + " " + o.Name(),
		Status: orbit.EmailQueued}, nil
}

func titles(ps []orbit.Product) string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Title)
	}
	return strings.Join(out, ", ")
}
