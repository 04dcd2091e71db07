package shop

import (
	"context"
	"strconv"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// ProductQuery chooses products for programs. What is empty chooses none of them away.
type ProductQuery struct {
	Text       string // words to find, as in the shop
	Status     orbit.ProductStatus
	Collection string // an id
	Tag        string // in any case
	Vendor     string
	Stock      string // "low" (running low or sold out) or "out", of a variant that is tracked
}

// ProductsAfter returns up to n products, the newest first, those after one of a time and an id.
func (t *Tenant) ProductsAfter(ctx context.Context, q ProductQuery, at time.Time, id string, n int) (
	[]orbit.ProductSheet, error) {
	var args []any
	where := ""
	also := func(before string, value any, after string) {
		args = append(args, value)
		where += ` AND ` + before + `$` + strconv.Itoa(len(args)) + after
	}
	if q.Status != "" {
		also(`p.status = `, string(q.Status), ``)
	}
	if q.Vendor != "" {
		also(`lower(p.vendor) = lower(`, q.Vendor, `)`)
	}
	if q.Tag != "" {
		also(`EXISTS (SELECT FROM unnest(p.tags) tag WHERE lower(tag) = lower(`, q.Tag, `))`)
	}
	if q.Collection != "" {
		also(`EXISTS (SELECT FROM collection_products c WHERE c.merchant_id = p.merchant_id AND c.product_id = p.id
			AND c.collection_id = `, q.Collection, `)`)
	}
	const tracked = ` AND EXISTS (SELECT FROM variants v WHERE v.merchant_id = p.merchant_id AND v.product_id = p.id
		AND v.track_inventory AND `
	switch q.Stock {
	case "low":
		where += tracked + `v.low)`
	case "out":
		where += tracked + `v.stock <= 0)`
	}
	if !at.IsZero() {
		args = append(args, at, id)
		where += ` AND (p.created_at, p.id) < ($` + strconv.Itoa(len(args)-1) + `, $` + strconv.Itoa(len(args)) + `::uuid)`
	}
	args = append(args, n)
	end := where + ` ORDER BY p.created_at DESC, p.id DESC LIMIT $` + strconv.Itoa(len(args))
	var ids []orbit.ProductID
	if q.Text == "" {
		found, err := pg.All[orbit.ProductID](ctx, t, `SELECT p.id FROM products p WHERE true`+end, args...)
		if err != nil {
			return nil, err
		}
		ids = found
	} else {
		r := t.Reader()
		var found *pg.Result[[]struct{ ID orbit.ProductID }]
		r.asking(q.Text, true, func() {
			found = pg.Ask[[]struct{ ID orbit.ProductID }](r.Reader, `SELECT p.id FROM product_index i
				JOIN products p ON p.id = i.product_id WHERE true`+end, args...)
		})
		if err := r.Read(ctx); err != nil {
			return nil, err
		}
		for _, row := range found.Value {
			ids = append(ids, row.ID)
		}
	}
	return t.Sheets(ctx, ids)
}

// Adjustments returns up to n lines of a variant's ledger, the newest first, those before one of a number (0: of all).
func (t *Tenant) Adjustments(ctx context.Context, variant orbit.VariantID, before int64, n int) ([]orbit.Adjustment,
	error) {
	return pg.All[orbit.Adjustment](ctx, t, `SELECT `+t.db.Columns("a", "", orbit.Adjustment{})+`
		FROM inventory_adjustments a WHERE variant_id = $1 AND ($2 = 0 OR seq < $2) ORDER BY seq DESC LIMIT $3`, variant,
		before, n)
}
