package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Usage counts the shop's products and the bytes of its images.
func (t *Tenant) Usage(ctx context.Context) (u orbit.Usage, err error) {
	return pg.One[orbit.Usage](ctx, t, `SELECT (SELECT count(*) FROM products) AS products,
		(SELECT coalesce(sum(bytes), 0) FROM media) AS bytes`)
}

func (e *Edit) plan(ctx context.Context) (p orbit.Plan, err error) {
	return pg.One[orbit.Plan](ctx, e, `SELECT `+e.db.Columns("p", "", p)+` FROM plans p WHERE id = $1`, e.Merchant.PlanID)
}
