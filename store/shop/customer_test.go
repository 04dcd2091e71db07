package shop_test

import (
	"context"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// person adds a customer to alpha.
func (m till) person(c orbit.Customer) orbit.Customer {
	m.Helper()
	c.ID = orbit.NewID[orbit.Customer]()
	c, err := c.Checked(orbit.Customer{}, "GB")
	m.must(err)
	m.must(m.change(func(ctx context.Context, e *shop.Edit) error { return e.CreateCustomer(ctx, c) }))
	return m.known(c.ID)
}

func (m till) known(id orbit.CustomerID) (c orbit.Customer) {
	m.Helper()
	m.in(m.alpha, func(ctx context.Context, t *shop.Tenant) (err error) {
		c, err = t.Customer(ctx, id)
		return err
	})
	return c
}

// rename edits a customer's name at a version.
func (m till) rename(id orbit.CustomerID, version int, first, last string) (now orbit.Customer, err error) {
	err = m.change(func(ctx context.Context, e *shop.Edit) (err error) {
		now, err = e.UpdateCustomer(ctx, id, version, func(now orbit.Customer) (orbit.Customer, error) {
			c := now
			c.FirstName, c.LastName = first, last
			return c.Checked(now, "GB")
		})
		return err
	})
	return now, err
}

// upsert is what the checkout of the release before does.
const upsert = `INSERT INTO customers (merchant_id, id, email, name, phone) VALUES ($1, $2, $3, $4, $5)
	ON CONFLICT (merchant_id, lower(email)) DO UPDATE SET name = excluded.name,
		phone = coalesce(nullif(excluded.phone, ''), customers.phone), updated_at = now()`

// TestCustomerKept: who orders becomes a customer, with the latest order's address; what is known or was edited stays
// whatever is typed with the same email address, also in the release before.
func TestCustomerKept(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	o := m.paid(2)
	c := m.known(o.CustomerID)
	if c.Email != o.Email || c.Title() != o.Address.Name || c.Orders != 1 || c.Spent != o.Total || c.Version != 1 ||
		c.Address.Line1 != o.Address.Line1 || c.Address.Name != "" {
		t.Errorf("%+v", c)
	}
	c, err := m.rename(c.ID, 1, "Augusta", "King\t")
	if err != nil || c.Name != "Augusta King" || c.Version != 2 {
		t.Errorf("%+v %v", c, err)
	}
	if now, err := m.rename(c.ID, 1, "Ada", "Byron"); orbit.CodeOf(err) != orbit.Conflict || now.FirstName != "Augusta" {
		t.Errorf("a version that has passed: %+v %v", now, err)
	}
	again := m.paid(1)
	if now := m.known(c.ID); again.CustomerID != c.ID || now.Name != "Augusta King" || now.Orders != 2 ||
		now.Version != 2 {
		t.Errorf("ordered again: %+v", now)
	}
	for _, phone := range []string{"12 34", "56 78", ""} {
		m.sql(upsert, m.alpha.String(), orbit.NewID[orbit.Customer]().String(), c.Email, "Mallory", phone)
	}
	if now := m.known(c.ID); now.Name != "Augusta King" || now.FirstName != "Augusta" || now.Phone != "12 34" ||
		now.Version != 3 {
		t.Errorf("the release before: %+v", now)
	}
	bare := m.person(orbit.Customer{Email: "bare@example.com"})
	m.sql(upsert, m.alpha.String(), orbit.NewID[orbit.Customer]().String(), "BARE@example.com", "Ludwig van Beethoven",
		"020 7946\t")
	if now := m.known(bare.ID); now.FirstName != "Ludwig" || now.LastName != "van Beethoven" ||
		now.Phone != "020 7946\t" || now.Version != 2 {
		t.Errorf("filled in by the release before: %+v", now)
	}
	// What was typed there stays while nobody changes it.
	if now, err := m.rename(bare.ID, 2, "Ludwig", "Beethoven"); err != nil || now.Phone != "020 7946\t" {
		t.Errorf("%+v %v", now, err)
	}
	m.in(m.beta, func(ctx context.Context, t *shop.Tenant) error {
		if _, err := t.Customer(ctx, c.ID); orbit.CodeOf(err) != orbit.NotFound {
			m.Error("another shop's customer:", err)
		}
		all, total, err := t.Customers(ctx, shop.CustomerFilter{Limit: 10})
		after, err2 := t.CustomersAfter(ctx, shop.CustomerFilter{Limit: 10})
		if err != nil || err2 != nil || total != 0 || len(all)+len(after) != 0 {
			m.Error("another shop's customers:", all, after, err, err2)
		}
		return nil
	})
}

// TestMergedCustomers: two customers become one with all orders, tags and notes; not with oneself, nor with another
// shop's.
func TestMergedCustomers(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	keep := m.known(m.paid(1).CustomerID)
	gone := m.person(orbit.Customer{Email: "ada@work.example.com", FirstName: "A.", Phone: "+44 20 7946 0000",
		Tags: []string{"vip"}, Note: "Also Countess.", AcceptsMarketing: true, TaxExempt: true})
	m.sql(`UPDATE orders SET customer_id = $1 WHERE merchant_id = $2`, gone.ID.String(), m.alpha.String())
	m.paid(1)
	foreign := orbit.NewID[orbit.Customer]()
	m.sql(`INSERT INTO customers (merchant_id, id, email, name) VALUES ($1, $2, 'other@example.com', '')`,
		m.beta.String(), foreign.String())
	merge := func(id, other orbit.CustomerID) (c orbit.Customer, err error) {
		err = m.change(func(ctx context.Context, e *shop.Edit) (err error) {
			c, err = e.MergeCustomers(ctx, id, other)
			return err
		})
		return c, err
	}
	if _, err := merge(keep.ID, keep.ID); !orbit.FaultsOf(err).On("customer") {
		t.Error("with oneself:", err)
	}
	for _, ids := range [][2]orbit.CustomerID{{keep.ID, foreign}, {foreign, keep.ID}} {
		if _, err := merge(ids[0], ids[1]); orbit.CodeOf(err) != orbit.NotFound {
			t.Error("with another shop's:", err)
		}
	}
	c, err := merge(keep.ID, gone.ID)
	if err != nil || c.Email != keep.Email || c.Name != keep.Name || c.Phone != "+442079460000" || c.Orders != 2 ||
		len(c.Tags) != 1 || c.Note != "Also Countess." || c.AcceptsMarketing || c.TaxExempt || c.Version != 2 {
		t.Errorf("%+v %v", c, err)
	}
	if _, err := merge(keep.ID, gone.ID); orbit.CodeOf(err) != orbit.NotFound {
		t.Error("again:", err)
	}
	if n := m.count(`SELECT count(*) FROM customers WHERE merchant_id = $1`, m.alpha.String()); n != 1 {
		t.Error(n, "customers are left")
	}
}
