package store

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// CreateMerchant keeps a pending merchant that an admin enters, with an email unless m is nil, in one transaction.
// With the same id again nothing is written and made is false. What strangers send in comes by Apply.
func (db *DB) CreateMerchant(ctx context.Context, id orbit.MerchantID, a orbit.Application, m *orbit.Email,
	who orbit.Actor) (made bool, err error) {
	err = db.InTx(ctx, func(t pg.Tx) error {
		if made, err = insertMerchant(ctx, t, id, a); err != nil || !made {
			return err
		}
		b := db.Batch()
		applied(b, id, a, who)
		if m != nil {
			m.MerchantID = id
			b.Email(m)
		}
		return b.Run(ctx, t)
	})
	return made && err == nil, err
}

func insertMerchant(ctx context.Context, t pg.Tx, id orbit.MerchantID, a orbit.Application) (made bool, err error) {
	n, err := pg.Exec(ctx, t, `INSERT INTO merchants (id, name, owner_name, email, category, status)
		VALUES ($1, $2, $3, $4, $5, 'pending') ON CONFLICT (id) DO NOTHING`, id, a.Name, a.OwnerName, a.Email, a.Category)
	return n == 1, err
}

func applied(b *pg.Batch, id orbit.MerchantID, a orbit.Application, who orbit.Actor) {
	b.Audit(who, orbit.ActionMerchantApplied, id, a.Name, nil)
	b.Notify(pg.MerchantChannel, id.String())
}

// Merchant is one merchant.
func (db *DB) Merchant(ctx context.Context, id orbit.MerchantID) (orbit.Merchant, error) {
	return pg.One[orbit.Merchant](ctx, db, `SELECT `+db.Columns("m", "", orbit.Merchant{})+` FROM merchants m
		WHERE id = $1`, id)
}

func (db *DB) merchantRows() *bun.SelectQuery {
	return db.Bun().NewSelect().ModelTableExpr("merchants AS merchant").
		ColumnExpr(
			"merchant.*, th.name AS theme_name, pl.name AS plan_name, run.status AS run_status, run.current_step AS run_step, " +
				"coalesce(run.completion_percent, 0) AS run_percent").
		Join("LEFT JOIN LATERAL (SELECT * FROM merchant_provisionings p WHERE p.merchant_id = merchant.id " +
			"ORDER BY p.created_at DESC LIMIT 1) AS run ON true").
		Join("LEFT JOIN themes th ON th.id = coalesce(merchant.theme_id, CASE WHEN merchant.status <> 'pending' " +
			"THEN run.theme_id END)").
		Join("LEFT JOIN plans pl ON pl.id = coalesce(merchant.plan_id, CASE WHEN merchant.status <> 'pending' " +
			"THEN run.plan_id END)")
}

// merchantFilter chooses merchants by status and search. Those being set up count as active.
func merchantFilter(f orbit.MerchantFilter) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		switch f.Status {
		case "":
		case orbit.MerchantActive:
			q = q.Where("merchant.status IN ('active', 'activating')")
		default:
			q = q.Where("merchant.status = ?", f.Status)
		}
		if !f.Plan.IsZero() {
			q = q.Where("merchant.plan_id = ?", f.Plan)
		}
		if !f.Theme.IsZero() {
			q = q.Where("merchant.theme_id = ?", f.Theme)
		}
		if f.Category != "" {
			q = q.Where("merchant.category = ?", f.Category)
		}
		const sold = "EXISTS (SELECT FROM merchant_sales s WHERE s.merchant_id = merchant.id"
		switch f.LastOrder {
		case "":
		case orbit.LastOrderNone:
			q = q.Where("NOT " + sold + ")")
		default:
			at, days := soldAt(f.LastOrder)
			q = q.Where(sold+" AND "+at+")", days)
		}
		if f.Query != "" {
			q = q.Where("merchant.id IN (SELECT id FROM merchant_index WHERE found LIKE orbit_pattern(?))", f.Query)
		}
		return q
	}
}

// soldAt is the condition on a shop's last day with an order.
func soldAt(last orbit.LastOrder) (condition, days string) {
	if last == orbit.LastOrderOlder {
		return "s.last_day < current_date - ?::integer", string(orbit.LastOrder90)
	}
	return "s.last_day >= current_date - ?::integer", string(last)
}

// MaxFound is how many merchants of a search or a narrowed list are counted; a total above it says that there are more.
const MaxFound = 10_000

// fewFound is how many merchants of a search or a narrowed list are found and sorted; where there are more, they are
// met soon enough in the order of the list.
const fewFound = 1_000

// Merchants is one page of merchants and how many there are in all; of f.Chosen, at most MaxFound + 1.
func (db *DB) Merchants(ctx context.Context, f orbit.MerchantFilter) (rows []orbit.MerchantRow, total int, err error) {
	count := db.Bun().NewSelect().ColumnExpr("1")
	switch {
	case !f.Chosen():
		count = count.TableExpr("merchants AS merchant").Apply(merchantFilter(f))
	case f.Query != "" && f.Status == "" && !f.Narrowed(): // each merchant has its row there
		count = count.TableExpr("merchant_index").Where("found LIKE orbit_pattern(?)", f.Query).Limit(MaxFound + 1)
	case f.LastOrder != "" && f.LastOrder != orbit.LastOrderNone && f.Query == "" && f.Status == "" && f.Plan.IsZero() &&
		f.Theme.IsZero() && f.Category == "": // each shop that has sold has its row there
		at, days := soldAt(f.LastOrder)
		count = count.TableExpr("merchant_sales AS s").Where(at, days).Limit(MaxFound + 1)
	default:
		count = count.TableExpr("merchants AS merchant").Apply(merchantFilter(f)).Limit(MaxFound + 1)
	}
	counts, err := pg.Select[int](ctx, db.Bun().NewSelect().TableExpr("(?) AS found", count).ColumnExpr("count(*)"))
	if err != nil {
		return nil, 0, err
	}
	total = pg.First(counts)

	// The page's ids first, by an index of their own order; the rest is read of those alone.
	key, compare, back := "created_at", "<", ">"
	switch f.Sort {
	case "oldest":
		compare, back = back, compare
	case "name":
		key, compare, back = "name COLLATE orbit_order", ">", "<"
	}
	ids := db.Bun().NewSelect().ColumnExpr("merchant.id").Limit(int64(f.Limit))
	chosen := f
	switch {
	case f.Chosen() && total <= fewFound:
		hits := db.Bun().NewSelect().TableExpr("merchants AS merchant").ColumnExpr(
			"merchant.id, merchant.created_at, merchant.name").Apply(merchantFilter(f))
		// Materialized: the planner would rather walk the list's order for them.
		ids = ids.WithQuery(bun.NewWithQuery("hits", hits).Materialized()).TableExpr("hits AS merchant")
		chosen = orbit.MerchantFilter{}
	case f.Query == "":
		ids = ids.TableExpr("merchants AS merchant")
	default:
		// Not a join: the planner would find and sort them all.
		ids = ids.TableExpr("merchants AS merchant").Where(
			"(SELECT found FROM merchant_index i WHERE i.id = merchant.id) LIKE orbit_pattern(?)", f.Query)
		chosen.Query = ""
	}
	ids = ids.Apply(merchantFilter(chosen))
	backwards := false
	switch {
	case !f.After.IsZero():
		ids = ids.Where("(merchant."+key+", merchant.id) "+compare+" (SELECT "+key+", id FROM merchants WHERE id = ?)",
			f.After)
	case !f.Before.IsZero():
		ids = ids.Where("(merchant."+key+", merchant.id) "+back+" (SELECT "+key+", id FROM merchants WHERE id = ?)", f.Before)
		compare, backwards = back, true
	case f.Offset > total/2 && (!f.Chosen() || total <= MaxFound):
		// Counted from the end, which is nearer.
		n := min(f.Limit, max(0, total-f.Offset))
		ids = ids.Limit(int64(n)).Offset(int64(total - f.Offset - n))
		compare, backwards = back, true
		if n == 0 {
			return nil, total, nil
		}
	default:
		ids = ids.Offset(int64(f.Offset))
	}
	direction := ""
	if compare == "<" {
		direction = " DESC"
	}
	ids = ids.OrderExpr("merchant." + key + direction + ", merchant.id" + direction)

	found, err := pg.Select[orbit.MerchantID](ctx, ids)
	if err != nil {
		return nil, 0, err
	}
	if backwards {
		slices.Reverse(found)
	}
	rows, err = db.MerchantRowsByID(ctx, found)
	slices.SortFunc(rows, func(a, b orbit.MerchantRow) int {
		return slices.Index(found, a.ID) - slices.Index(found, b.ID)
	})
	return rows, total, err
}

// MerchantRowsByID returns the list's lines of some merchants, in no particular order.
func (db *DB) MerchantRowsByID(ctx context.Context, ids []orbit.MerchantID) (rows []orbit.MerchantRow, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return pg.Select[orbit.MerchantRow](ctx, db.merchantRows().Where("merchant.id IN (?)", bun.List(ids)))
}

// MerchantCounts is how many merchants have each status.
func (db *DB) MerchantCounts(ctx context.Context) (map[orbit.MerchantStatus]int, error) {
	rows, err := pg.All[struct {
		Status orbit.MerchantStatus
		N      int
	}](ctx, db, `SELECT status, count(*) AS n FROM merchants GROUP BY status`)
	counts := map[orbit.MerchantStatus]int{}
	for _, r := range rows {
		counts[r.Status] = r.N
	}
	return counts, err
}

// SuspensionEmail writes the email to a merchant's owner about a suspension, or its end.
type SuspensionEmail func(m orbit.Merchant, owner orbit.User, at time.Time) (orbit.Email, error)

// Suspend closes an active merchant's shop to everybody. Any other status is a Conflict. The owner gets the email that
// write returns; nil sends none.
func (db *DB) Suspend(ctx context.Context, id orbit.MerchantID, reason string, who orbit.Actor,
	write SuspensionEmail) error {
	return db.setStatus(ctx, id, orbit.MerchantActive, orbit.MerchantSuspended, write, func(b *pg.Batch) {
		b.Audit(who, orbit.ActionMerchantSuspended, id, "", orbit.Details{"reason": reason})
	})
}

// Resume ends a suspension, as Suspend begins it.
func (db *DB) Resume(ctx context.Context, id orbit.MerchantID, who orbit.Actor, write SuspensionEmail) error {
	return db.setStatus(ctx, id, orbit.MerchantSuspended, orbit.MerchantActive, write, func(b *pg.Batch) {
		b.Audit(who, orbit.ActionMerchantResumed, id, "", nil)
	})
}

func (db *DB) setStatus(ctx context.Context, id orbit.MerchantID, from, to orbit.MerchantStatus,
	write SuspensionEmail, audit func(*pg.Batch)) error {
	return db.InTx(ctx, func(t pg.Tx) error {
		n, err := pg.Exec(ctx, t, `UPDATE merchants SET status = $1, updated_at = now() WHERE id = $2 AND status = $3`,
			to, id, from)
		if err != nil {
			return err
		}
		m, err := db.Merchant(ctx, id)
		if err == nil && n == 0 {
			err = orbit.Errorf(orbit.Conflict, "Only a merchant that is %s can become %s.", from, to)
		}
		if err != nil {
			return err
		}
		b := db.Batch()
		audit(b)
		b.Notify(pg.MerchantChannel, id.String())
		if write != nil {
			owners, err := pg.All[orbit.User](ctx, t, `SELECT `+db.Columns("u", "", orbit.User{})+` FROM memberships s
				JOIN users u ON u.id = s.user_id AND u.disabled_at IS NULL
				WHERE s.merchant_id = $1 AND s.role = 'owner' ORDER BY u.id`, id)
			if err != nil {
				return err
			}
			for _, owner := range owners {
				m, err := write(m, owner, pg.Stamp())
				if err != nil {
					return err
				}
				b.Email(&m)
			}
		}
		return b.Run(ctx, t)
	})
}

// MerchantSheet returns one merchant.
func (db *DB) MerchantSheet(ctx context.Context, id orbit.MerchantID) (r orbit.MerchantSheet, err error) {
	rows, err := pg.Select[orbit.MerchantSheet](ctx, db.merchantSheets().Where("merchant.id = ?", id))
	if err == nil && len(rows) == 0 {
		err = pg.NoRow()
	}
	return pg.First(rows), err
}

// MerchantsAfter returns the next merchants of a filter (its Status, Query and Limit), newest first.
func (db *DB) MerchantsAfter(ctx context.Context, f orbit.MerchantFilter, after After) (rows []orbit.MerchantSheet,
	err error) {
	q := db.merchantSheets().Apply(merchantFilter(f)).OrderExpr("merchant.created_at DESC, merchant.id DESC").Limit(
		int64(f.Limit))
	if after.ID != "" {
		q = q.Where("(merchant.created_at, merchant.id) < (?, ?::uuid)", after.Time, after.ID)
	}
	return pg.Select[orbit.MerchantSheet](ctx, q)
}

// merchantSheets shows what a run has been ordered to do for a merchant that isn't configured yet.
func (db *DB) merchantSheets() *bun.SelectQuery {
	return db.Bun().NewSelect().ModelTableExpr("merchants AS merchant").
		ColumnExpr(
			"merchant.*, th.id AS theme_id, th.slug AS theme_slug, th.name AS theme_name, pl.id AS plan_id, " +
				"pl.slug AS plan_slug, pl.name AS plan_name, run.status AS run_status").
		ColumnExpr(
			"CASE WHEN merchant.status = 'pending' THEN merchant.subdomain ELSE coalesce(merchant.subdomain, run.subdomain) " +
				"END AS subdomain").
		ColumnExpr(
			"CASE WHEN merchant.status = 'pending' THEN merchant.custom_domain ELSE coalesce(merchant.custom_domain, " +
				"run.custom_domain) END AS custom_domain").
		Join("LEFT JOIN LATERAL (SELECT * FROM merchant_provisionings p WHERE p.merchant_id = merchant.id " +
			"ORDER BY p.created_at DESC LIMIT 1) AS run ON true").
		Join("LEFT JOIN themes th ON th.id = coalesce(merchant.theme_id, CASE WHEN merchant.status <> 'pending' " +
			"THEN run.theme_id END)").
		Join("LEFT JOIN plans pl ON pl.id = coalesce(merchant.plan_id, CASE WHEN merchant.status <> 'pending' " +
			"THEN run.plan_id END)")
}
