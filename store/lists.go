package store

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/uptrace/bun"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// After is where a list goes on: the sort value and the id of the last line seen. The zero After is the
// beginning.
type After struct {
	Time  time.Time
	Price int64
	ID    string
}

// MerchantRecord is a merchant with what has been chosen for it and how its newest run stands.
type MerchantRecord struct {
	orbit.Merchant `bun:",extend"`
	ThemeSlug      string          `bun:",nullzero"`
	ThemeName      string          `bun:",nullzero"`
	PlanSlug       string          `bun:",nullzero"`
	PlanName       string          `bun:",nullzero"`
	RunStatus      orbit.RunStatus `bun:",nullzero"`
}

// merchantRecords shows what a run has been ordered to do for a merchant that isn't configured yet.
func (db *DB) merchantRecords() *bun.SelectQuery {
	return db.Bun().NewSelect().ModelTableExpr("merchants AS merchant").
		ColumnExpr(
			"merchant.*, th.id AS theme_id, th.slug AS theme_slug, th.name AS theme_name, pl.id AS plan_id, pl.slug AS plan_slug, pl.name AS plan_name, run.status AS run_status").
		ColumnExpr(
			"CASE WHEN merchant.status = 'pending' THEN merchant.subdomain ELSE coalesce(merchant.subdomain, run.subdomain) END AS subdomain").
		ColumnExpr(
			"CASE WHEN merchant.status = 'pending' THEN merchant.custom_domain ELSE coalesce(merchant.custom_domain, run.custom_domain) END AS custom_domain").
		Join("LEFT JOIN LATERAL (SELECT * FROM merchant_provisionings p WHERE p.merchant_id = merchant.id ORDER BY p.created_at DESC LIMIT 1) AS run ON true").
		Join("LEFT JOIN themes th ON th.id = coalesce(merchant.theme_id, CASE WHEN merchant.status <> 'pending' THEN run.theme_id END)").
		Join("LEFT JOIN plans pl ON pl.id = coalesce(merchant.plan_id, CASE WHEN merchant.status <> 'pending' THEN run.plan_id END)")
}

// MerchantRecord is one merchant.
func (db *DB) MerchantRecord(ctx context.Context, id orbit.MerchantID) (r MerchantRecord, err error) {
	rows, err := pg.Select[MerchantRecord](ctx, db.merchantRecords().Where("merchant.id = ?", id))
	if err == nil && len(rows) == 0 {
		err = pg.NoRow()
	}
	return pg.First(rows), err
}

// MerchantsAfter returns the next merchants of a filter (its Status, Query and Limit), newest first.
func (db *DB) MerchantsAfter(ctx context.Context, f orbit.MerchantFilter, after After) (rows []MerchantRecord,
	err error) {
	q := db.merchantRecords().Apply(merchantFilter(f)).OrderExpr("merchant.created_at DESC, merchant.id DESC").Limit(
		int64(f.Limit))
	if after.ID != "" {
		q = q.Where("(merchant.created_at, merchant.id) < (?, ?::uuid)", after.Time, after.ID)
	}
	return pg.Select[MerchantRecord](ctx, q)
}

// ThemesAfter returns the next themes, oldest first; all of them or those on offer.
func (db *DB) ThemesAfter(ctx context.Context, activeOnly bool, limit int, after After) (themes []orbit.Theme,
	err error) {
	return pg.All[orbit.Theme](ctx, db, `SELECT `+db.Columns("t", "", orbit.Theme{})+` FROM themes t
		WHERE (active OR NOT $1) AND (created_at, id) > ($2, $3::uuid) ORDER BY created_at, id LIMIT $4`,
		activeOnly, after.Time, cmp.Or(after.ID, uuid.Nil.String()), limit)
}

// PlansAfter returns the next plans, cheapest first; all of them or those on offer.
func (db *DB) PlansAfter(ctx context.Context, activeOnly bool, limit int, after After) (plans []orbit.Plan, err error) {
	return pg.All[orbit.Plan](ctx, db, `SELECT `+db.Columns("p", "", orbit.Plan{})+` FROM plans p
		WHERE (active OR NOT $1) AND (price, id) > ($2, $3::uuid) ORDER BY price, id LIMIT $4`,
		activeOnly, after.Price, cmp.Or(after.ID, uuid.Nil.String()), limit)
}
