package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// CreateCustomer adds a customer, who has been checked. The same id again changes nothing. Faults are on email, where
// the shop has a customer with it; Conflict beyond orbit.MaxCustomers.
func (e *Edit) CreateCustomer(ctx context.Context, c orbit.Customer) error {
	has, err := pg.One[struct {
		Known bool
		Total int
	}](ctx, e, `SELECT EXISTS (SELECT FROM customers WHERE id = $1) AS known, (SELECT count(*) FROM customers) AS total`,
		c.ID)
	switch {
	case err != nil || has.Known:
		return err
	case has.Total >= orbit.MaxCustomers:
		return orbit.Errorf(orbit.Conflict, "A shop can have %d customers. Erase one first.", orbit.MaxCustomers)
	}
	if err := e.emailFree(ctx, c); err != nil {
		return err
	}
	b := e.db.Batch()
	b.Exec(`INSERT INTO customers (merchant_id, id, email, name, first_name, last_name, phone, address, tags, note,
			accepts_marketing, tax_exempt)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, e.merchant, c.ID, c.Email, c.Name, c.FirstName,
		c.LastName, c.Phone, address(c.Address), c.Tags, c.Note, c.AcceptsMarketing, c.TaxExempt)
	b.Event(orbit.CustomerEvent(orbit.CustomerWasCreated, c.ID))
	return e.commitCustomer(ctx, b, orbit.ActionCustomerCreated, c.ID)
}

// address is what is stored of one that staff have set: NULL for none, which is that of the latest order.
func address(a orbit.Address) any {
	if a == (orbit.Address{}) {
		return nil
	}
	return a
}

// emailFree is nil where no other customer has the email address.
func (e *Edit) emailFree(ctx context.Context, c orbit.Customer) error {
	taken, err := pg.One[bool](ctx, e, `SELECT EXISTS (SELECT FROM customers WHERE lower(email) = lower($1)
		AND id <> $2)`, c.Email, c.ID)
	if err == nil && taken {
		return orbit.FaultOn(orbit.Invalid, "email", c.Email,
			"Another customer has this email address. Merge the two, or enter another one.")
	}
	return err
}

// lockCustomers locks customers, in the order of their ids, and returns how many there are.
func (e *Edit) lockCustomers(ctx context.Context, ids ...orbit.CustomerID) (int, error) {
	locked, err := pg.All[orbit.CustomerID](ctx, e, `SELECT id FROM customers WHERE id = ANY($1::uuid[])
		AND erased_at IS NULL ORDER BY id FOR UPDATE`, texts(ids))
	return len(locked), err
}

// UpdateCustomer makes a customer what change returns of it, checked, if it is still at a version (0: whichever).
// Conflict comes with what is there now. Faults as for CreateCustomer.
func (e *Edit) UpdateCustomer(ctx context.Context, id orbit.CustomerID, version int,
	change func(orbit.Customer) (orbit.Customer, error)) (now orbit.Customer, err error) {
	if _, err := e.lockCustomers(ctx, id); err != nil {
		return now, err
	}
	if now, err = e.Customer(ctx, id); err != nil {
		return now, err
	}
	if version != 0 && version != now.Version {
		return now, orbit.Errorf(orbit.Conflict, "Someone changed this customer since you opened it. Nothing of yours is "+
			"lost: look at what is there now, and save again to make it as you have it here.")
	}
	c, err := change(now)
	if err == nil {
		err = e.emailFree(ctx, c)
	}
	if err != nil {
		return now, err
	}
	b := e.db.Batch()
	e.putCustomer(b, now, c)
	if err := e.commitCustomer(ctx, b, orbit.ActionCustomerUpdated, id); err != nil {
		return now, err
	}
	return e.Customer(ctx, id)
}

// putCustomer writes what a customer is to be. An address that isn't changed stays that of the latest order.
func (e *Edit) putCustomer(b *pg.Batch, now, c orbit.Customer) {
	b.Exec(`UPDATE customers SET email = $2, name = $3, first_name = $4, last_name = $5, phone = $6, tags = $7, note = $8,
			accepts_marketing = $9, tax_exempt = $10, version = version + 1, updated_at = now() WHERE id = $1`, now.ID,
		c.Email, c.Name, c.FirstName, c.LastName, c.Phone, c.Tags, c.Note, c.AcceptsMarketing, c.TaxExempt)
	switch {
	case c.Address == now.Address:
	case c.Address == orbit.Address{}:
		b.Exec(`UPDATE customers SET address = '{}' WHERE id = $1`, now.ID)
	default:
		b.Exec(`UPDATE customers SET address = $2 WHERE id = $1`, now.ID, c.Address)
	}
}

// commitCustomer ends a change of a customer, which the log names by id alone.
func (e *Edit) commitCustomer(ctx context.Context, b *pg.Batch, action orbit.Action, id orbit.CustomerID) error {
	return e.commit(ctx, b, action, "", orbit.Details{"customer": id.String()})
}

// MergeCustomers makes one customer of two: orders, notes and tags of the second go over to the first, with what the
// first has none of (orbit.Customer.Joined), and the second is gone. NotFound where either isn't there.
func (e *Edit) MergeCustomers(ctx context.Context, id, other orbit.CustomerID) (c orbit.Customer, err error) {
	if id == other {
		return c, orbit.FaultOn(orbit.Invalid, "customer", "", "Choose another customer than this one.")
	}
	if n, err := e.lockCustomers(ctx, id, other); err != nil || n < 2 {
		if err == nil {
			err = pg.NoRow()
		}
		return c, err
	}
	now, err := e.Customer(ctx, id)
	if err != nil {
		return c, err
	}
	from, err := e.Customer(ctx, other)
	if err == nil {
		c, err = now.Joined(from)
	}
	if err != nil {
		return c, err
	}
	b := e.db.Batch()
	e.putCustomer(b, now, c)
	b.Exec(`UPDATE orders SET customer_id = $1 WHERE customer_id = $2`, id, other)
	b.Exec(`DELETE FROM customers WHERE id = $1`, other)
	b.Audit(e.Actor, orbit.ActionCustomerMerged, e.merchant, "", orbit.Details{"customer": id.String(),
		"merged": other.String()})
	if err := b.Run(ctx, e); err != nil {
		return c, err
	}
	return e.Customer(ctx, id)
}
