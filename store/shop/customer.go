package shop

import (
	"context"
	"fmt"
	"strings"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// CustomerFilter chooses customers. What it leaves out narrows nothing.
type CustomerFilter struct {
	Query     string // parts of the name, the email address, the tags; or of the phone number
	Group     orbit.CustomerGroup
	Tag       string // whatever its case
	Marketing bool   // those who accept it
	TaxExempt bool

	Sort   orbit.CustomerSort
	Limit  int
	Offset int
	After  orbit.CustomerID // of the newest first: those before this one; zero for the first
}

// customerTotals is what customers have ordered and spent, of orders o.
const customerTotals = `count(*) FILTER (WHERE o.status <> 'cancelled') AS orders,
	coalesce(sum(o.paid - o.refunded), 0)::bigint AS spent`

// where returns the condition on customers c, and totals t where it needs them, with its arguments.
func (f CustomerFilter) where() (condition string, args []any) {
	all := []string{`c.erased_at IS NULL`}
	and := func(condition string, arg any) {
		args = append(args, arg)
		all = append(all, fmt.Sprintf(condition, len(args)))
	}
	if digits := phoneDigits(f.Query); digits != "" {
		and(`strpos(regexp_replace(c.phone, '[^0-9]', '', 'g'), $%d) > 0`, digits)
	} else {
		for i, word := range strings.Fields(f.Query) {
			if i < maxSearched {
				and(`strpos(orbit_fold(concat_ws(' ', c.email, c.name, array_to_string(c.tags, ' '))), orbit_fold($%d)) > 0`,
					word)
			}
		}
	}
	if f.Tag != "" {
		and(`lower($%d) = ANY (lower(c.tags::text)::text[])`, f.Tag)
	}
	if !f.After.IsZero() {
		and(`c.id < $%d`, f.After)
	}
	if f.Marketing {
		all = append(all, `c.accepts_marketing`)
	}
	if f.TaxExempt {
		all = append(all, `c.tax_exempt`)
	}
	if f.Group != "" {
		all = append(all, map[orbit.CustomerGroup]string{orbit.CustomersReturning: `t.orders > 1`,
			orbit.CustomersOnce: `t.orders = 1`}[f.Group])
		if f.Group == orbit.CustomersNone {
			all[len(all)-1] = `coalesce(t.orders, 0) = 0`
		}
	}
	return strings.Join(all, ` AND `), args
}

// maxSearched is how many words of a search count.
const maxSearched = 6

// phoneDigits returns what of a number to look for, "" for what isn't one. Numbers are stored with their country's
// code, in place of the zeros that they are typed with.
func phoneDigits(query string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, query)
	if len(digits) < 4 || strings.Trim(query, "0123456789+-()/. ") != "" {
		return ""
	}
	return strings.TrimLeft(digits, "0")
}

// from returns what to select from: customers c, with totals t where they decide, and the condition.
func (f CustomerFilter) from() (from string, args []any) {
	condition, args := f.where()
	from = ` FROM customers c`
	if f.Group != "" || f.Sort == orbit.CustomersBySpent || f.Sort == orbit.CustomersByOrders {
		from += ` LEFT JOIN (SELECT o.customer_id, ` + customerTotals + ` FROM orders o WHERE NOT o.test
			GROUP BY o.customer_id) t ON t.customer_id = c.id`
	}
	return from + ` WHERE ` + condition, args
}

// Customers returns one page of the shop's customers, and how many there are in all.
func (t *Tenant) Customers(ctx context.Context, f CustomerFilter) (all []orbit.Customer, total int, err error) {
	from, args := f.from()
	r := t.Reader()
	r.planned()
	count := pg.Ask[struct{ Total int }](r.Reader, `SELECT count(*) AS total`+from, args...)
	rows := r.customers(f, from, args)
	err = r.Read(ctx)
	return whole(rows.Value), count.Value.Total, err
}

// CustomersAfter returns the customers that a filter finds after one, the newest first, however long the list is.
func (t *Tenant) CustomersAfter(ctx context.Context, f CustomerFilter) ([]orbit.Customer, error) {
	f.Sort, f.Offset = "", 0
	from, args := f.from()
	r := t.Reader()
	r.planned()
	rows := r.customers(f, from, args)
	err := r.Read(ctx)
	return whole(rows.Value), err
}

// ExportCustomers hands each customer that a filter finds to a function, the newest first; Limit, Offset and Sort don't
// count. Each page of them is read in a transaction of its own, in which the member's right to it is asked for again:
// while the function waits for a slow reader it holds no connection.
func (m Member) ExportCustomers(ctx context.Context, f CustomerFilter, each func(orbit.Customer) error) error {
	f.Limit = exportPage
	for {
		var page []orbit.Customer
		err := m.Read(ctx, func(t *Tenant) (err error) { page, err = t.CustomersAfter(ctx, f); return err })
		if err != nil {
			return err
		}
		for _, c := range page {
			if err := each(c); err != nil {
				return err
			}
		}
		if len(page) < f.Limit {
			return nil
		}
		f.After = page[len(page)-1].ID
	}
}

// customers reads a page of customers, of which alone orders are counted. The ids say which are the newest: they begin
// with the time.
func (r *Reader) customers(f CustomerFilter, from string, args []any) *pg.Result[[]customerRow] {
	inner, outer := `c.id DESC`, `c.id DESC`
	switch f.Sort {
	case orbit.CustomersByName:
		inner = `lower(coalesce(nullif(c.name, ''), c.email)), c.id DESC`
		outer = inner
	case orbit.CustomersBySpent:
		inner, outer = `coalesce(t.spent, 0) DESC, c.id DESC`, `t.spent DESC, c.id DESC`
	case orbit.CustomersByOrders:
		inner, outer = `coalesce(t.orders, 0) DESC, c.id DESC`, `t.orders DESC, c.id DESC`
	}
	return pg.Ask[[]customerRow](r.Reader, `SELECT `+customerColumns(r.DB)+` FROM (SELECT c.id`+from+` ORDER BY `+inner+
		fmt.Sprintf(` LIMIT $%d OFFSET $%d) page JOIN customers c ON c.id = page.id`, len(args)+1, len(args)+2)+
		customerJoins+` ORDER BY `+outer, with(args, f.Limit, f.Offset)...)
}

// customerRow is a customer with what is made of the orders.
type customerRow struct {
	orbit.Customer `bun:",extend"`
	Home           orbit.Address `bun:"type:jsonb"`
	OrderCount     int
	TotalSpent     int64
}

func customerColumns(db *pg.DB) string {
	return db.Columns("c", "", orbit.Customer{}) + `, coalesce(c.address, h.address, '{}') AS home,
		t.orders AS order_count, t.spent AS total_spent`
}

const customerJoins = ` CROSS JOIN LATERAL (SELECT ` + customerTotals + ` FROM orders o
		WHERE o.merchant_id = c.merchant_id AND o.customer_id = c.id AND NOT o.test) t
	LEFT JOIN LATERAL (SELECT o.address FROM orders o WHERE c.address IS NULL AND o.merchant_id = c.merchant_id
		AND o.customer_id = c.id ORDER BY o.created_at DESC, o.id DESC LIMIT 1) h ON true`

func whole(rows []customerRow) []orbit.Customer {
	all := make([]orbit.Customer, len(rows))
	for i, row := range rows {
		all[i] = row.whole()
	}
	return all
}

func (r customerRow) whole() orbit.Customer {
	c := r.Customer.Named()
	c.Address, c.Orders, c.Spent = r.Home, r.OrderCount, r.TotalSpent
	c.Address.Name = ""
	return c
}

// Customer returns one of the shop's customers.
func (t *Tenant) Customer(ctx context.Context, id orbit.CustomerID) (orbit.Customer, error) {
	row, err := pg.One[customerRow](ctx, t, `SELECT `+customerColumns(t.db)+` FROM customers c`+customerJoins+`
		WHERE c.id = $1 AND c.erased_at IS NULL`, id)
	return row.whole(), err
}

// CustomerByEmail returns the customer with an email address, whatever its case.
func (t *Tenant) CustomerByEmail(ctx context.Context, email string) (orbit.Customer, error) {
	row, err := pg.One[customerRow](ctx, t, `SELECT `+customerColumns(t.db)+` FROM customers c`+customerJoins+`
		WHERE lower(c.email) = lower($1) AND c.erased_at IS NULL`, email)
	return row.whole(), err
}

// meet returns the customer of an order's email address, which is the new id where the shop doesn't know it yet. What
// is known of a customer stays as it is: everybody can type somebody's address.
func (t *Tenant) meet(ctx context.Context, id orbit.CustomerID, o orbit.Order) (orbit.CustomerID, error) {
	phone, _ := orbit.ParsePhone(o.Phone, o.Address.Country) // what is no number stays as it was typed
	return pg.One[orbit.CustomerID](ctx, t, `INSERT INTO customers (merchant_id, id, email, name, phone)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (merchant_id, lower(email))
		DO UPDATE SET name = coalesce(nullif(customers.name, ''), excluded.name),
			phone = coalesce(nullif(customers.phone, ''), excluded.phone), updated_at = now()
		RETURNING id`, t.merchant, id, o.Email, o.Address.Name, phone)
}
