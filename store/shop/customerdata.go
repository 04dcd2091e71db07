package shop

import (
	"context"
	"slices"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// CustomerData returns all that the shop knows of a customer. Each page of the orders is read in a transaction of its
// own.
func (m Member) CustomerData(ctx context.Context, id orbit.CustomerID) (d orbit.CustomerData, err error) {
	d = orbit.CustomerData{ExportedAt: pg.Stamp(), Orders: []orbit.KnownOrder{}, Unfinished: []orbit.KnownOrder{},
		Emails: []orbit.KnownEmail{}, Discounts: []orbit.KnownDiscount{}}
	var orders []orbit.OrderID
	err = m.Read(ctx, func(t *Tenant) error {
		c, err := t.Customer(ctx, id)
		if err != nil {
			return err
		}
		d.Customer = c.Known()
		if orders, err = t.orderIDs(ctx, OrderFilter{Customer: id}); err != nil {
			return err
		}
		return t.aroundOrders(ctx, id, &d)
	})
	for page := range slices.Chunk(orders, exportPage) {
		if err != nil {
			break
		}
		var whole []orbit.Order
		err = m.Read(ctx, func(t *Tenant) (err error) { whole, err = t.wholeOrders(ctx, page); return err })
		for _, o := range whole {
			d.Orders = append(d.Orders, o.Known())
		}
	}
	return d, err
}

// aroundOrders reads what there is of a customer beside the orders.
func (t *Tenant) aroundOrders(ctx context.Context, id orbit.CustomerID, d *orbit.CustomerData) error {
	r := t.Reader()
	shop := pg.Ask[struct{ Name string }](r.Reader, `SELECT name FROM merchants WHERE id = $1`, t.merchant)
	unfinished := pg.Ask[[]orbit.OpenCheckout](r.Reader, `SELECT `+t.db.Columns("c", "", orbit.OpenCheckout{})+`
		FROM checkouts c WHERE status <> 'placed' AND lower(document ->> 'Email') = ANY(`+customerEmails+`)
		ORDER BY created_at DESC, id`, id)
	emails := pg.Ask[[]struct {
		CreatedAt                time.Time
		Recipient, Subject, Text string
	}](r.Reader, `SELECT created_at, recipient, subject, text FROM emails WHERE merchant_id = $2
		AND lower(recipient) = ANY(`+customerEmails+`) ORDER BY created_at DESC, id`, id, t.merchant)
	discounts := pg.Ask[[]struct {
		CreatedAt   time.Time
		Name, Order string
	}](r.Reader, `SELECT u.created_at, coalesce(d.code, d.title) AS name, o.prefix || o.number AS order
		FROM discount_uses u JOIN discounts d ON d.merchant_id = u.merchant_id AND d.id = u.discount_id
		JOIN orders o ON o.merchant_id = u.merchant_id AND o.id = u.order_id WHERE o.customer_id = $1
		ORDER BY u.created_at DESC, o.number`, id)
	if err := r.Read(ctx); err != nil {
		return err
	}
	d.Shop = shop.Value.Name
	for _, c := range unfinished.Value {
		o := c.Document
		o.CreatedAt, o.Status = c.CreatedAt, orbit.OrderStatus(c.Status)
		d.Unfinished = append(d.Unfinished, o.Known())
	}
	for _, e := range emails.Value {
		d.Emails = append(d.Emails, orbit.KnownEmail{At: e.CreatedAt.UTC(), Recipient: e.Recipient, Subject: e.Subject,
			Text: e.Text})
	}
	for _, u := range discounts.Value {
		d.Discounts = append(d.Discounts, orbit.KnownDiscount{At: u.CreatedAt.UTC(), Discount: u.Name, Order: u.Order})
	}
	return nil
}
