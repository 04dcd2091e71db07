package store

import (
	"context"
	"time"

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
func (db *DB) merchantRecords(rows any) *bun.SelectQuery {
	return db.Bun().NewSelect().Model(rows).ModelTableExpr("merchants AS merchant").
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
	err = db.merchantRecords(&r).Where("merchant.id = ?", id).Scan(ctx)
	return r, pg.MapError(err)
}

// MerchantsAfter are the next merchants of a filter (its Status, Query and Limit), newest first.
func (db *DB) MerchantsAfter(ctx context.Context, f orbit.MerchantFilter, after After) (rows []MerchantRecord,
	err error) {
	q := db.merchantRecords(&rows).Apply(merchantFilter(f)).OrderExpr("merchant.created_at DESC, merchant.id DESC").Limit(
		int64(f.Limit))
	if after.ID != "" {
		q = q.Where("(merchant.created_at, merchant.id) < (?, ?::uuid)", after.Time, after.ID)
	}
	return rows, pg.MapError(q.Scan(ctx))
}

// ThemesAfter are the next themes, oldest first; all of them or those on offer.
func (db *DB) ThemesAfter(ctx context.Context, activeOnly bool, limit int, after After) (themes []orbit.Theme,
	err error) {
	q := db.Bun().NewSelect().Model(&themes).Order("created_at", "id").Limit(int64(limit))
	if activeOnly {
		q = q.Where("active")
	}
	if after.ID != "" {
		q = q.Where("(created_at, id) > (?, ?::uuid)", after.Time, after.ID)
	}
	return themes, pg.MapError(q.Scan(ctx))
}

// PlansAfter are the next plans, cheapest first; all of them or those on offer.
func (db *DB) PlansAfter(ctx context.Context, activeOnly bool, limit int, after After) (plans []orbit.Plan, err error) {
	q := db.Bun().NewSelect().Model(&plans).Order("price", "id").Limit(int64(limit))
	if activeOnly {
		q = q.Where("active")
	}
	if after.ID != "" {
		q = q.Where("(price, id) > (?, ?::uuid)", after.Price, after.ID)
	}
	return plans, pg.MapError(q.Scan(ctx))
}
