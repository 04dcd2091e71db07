package store

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Audit writes one line that goes with no other change.
func (db *DB) Audit(ctx context.Context, who orbit.Actor, action orbit.Action, merchant orbit.MerchantID, target string,
	d orbit.Details) error {
	b := db.Batch()
	b.Audit(who, action, merchant, target, d)
	return b.Run(ctx, db)
}

// person is the name of who did what a line of the log says.
const person = `coalesce((SELECT u.name FROM users u WHERE u.id = actor_id), '') AS person`

// AuditLog returns one page of the log, newest first; of one merchant unless the id is zero.
func (db *DB) AuditLog(ctx context.Context, merchant orbit.MerchantID, limit, offset int) (lines []orbit.AuditLine,
	err error) {
	// The log's indexes are by time, and by merchant and time: each takes a statement of its own.
	where, args := ``, []any{limit, offset}
	if !merchant.IsZero() {
		where, args = `WHERE merchant_id = $3`, append(args, merchant)
	}
	return pg.All[orbit.AuditLine](ctx, db, `SELECT `+db.Columns("a", "", orbit.AuditEntry{})+`, `+person+`
		FROM audit_log a `+where+` ORDER BY at DESC, id DESC LIMIT $1 OFFSET $2`, args...)
}

// Tally is something that strangers can do without end, such as failing to sign in. The audit log has one line for each
// action, target, network and hour, with a count.
type Tally struct {
	Action  orbit.Action
	Target  string // an account, or what was asked; "" for what isn't known
	Network string // orbit.Network.Near
	Address string // the last one it came from
	At      time.Time
	Count   int
}

// TalliesPerHour is how many lines of an action the log takes in an hour; what comes beyond is counted in one more
// line, of no target and no network.
const TalliesPerHour = 1000

// count adds to the line of a tally, or begins it.
func count(b *pg.Batch, t Tally) {
	b.Exec(`SELECT orbit_count_refusal($1, $2, $3, $4, $5, $6, $7)`, t.Action, t.Target, t.Network, t.Address, t.At.UTC(),
		t.Count, TalliesPerHour)
}

// CountInAudit writes tallies to the audit log.
func (db *DB) CountInAudit(ctx context.Context, tallies []Tally) error {
	b := db.Batch()
	for _, t := range tallies {
		count(b, t)
	}
	return b.Run(ctx, db)
}

// AuditFilter says which lines of the audit log a page shows.
type AuditFilter struct {
	Merchant orbit.MerchantID // zero: of all
	Areas    []string         // what actions begin with, up to the dot; none: all
	Query    string           // a part of a person's name too
	From     Place
	Limit    int
}

// AuditPage is one page of the audit log.
func (db *DB) AuditPage(ctx context.Context, f AuditFilter) (List[orbit.AuditLine], error) {
	n := newest{table: "audit_log", at: "at", key: "bigint",
		columns: "id, at, actor_id, actor, action, merchant_id, target, detail, address, " + person, from: f.From,
		limit: f.Limit, words: orbit.Fold(f.Query), actors: true}
	if strings.Trim(f.From.ID, "0123456789") != "" || len(f.From.ID) > 18 {
		n.from = Place{}
	}
	if len(f.Areas) > 0 {
		n.each, n.values = "split_part(action, '.', 1)", f.Areas
	}
	if !f.Merchant.IsZero() {
		n.owner.condition, n.owner.arg = "merchant_id = ?", f.Merchant
	}
	return page[orbit.AuditLine](ctx, db, n)
}

// ActivityFilter says which lines of a shop's activity log a page shows.
type ActivityFilter struct {
	Merchant orbit.MerchantID
	Areas    []orbit.ActivityArea
	Person   orbit.UserID // zero: of everybody
	Support  bool         // of the platform's admins alone
	From     Place
	Limit    int
}

// Activity is one page of what was done in a shop, newest first, without what is the platform's own.
func (db *DB) Activity(ctx context.Context, f ActivityFilter) (List[orbit.ActivityLine], error) {
	const member = `EXISTS (SELECT FROM memberships s
		WHERE s.user_id = actor_id AND s.merchant_id = audit_log.merchant_id)`
	const admin = `EXISTS (SELECT FROM users u WHERE u.id = actor_id AND u.role = 'admin')`
	n := newest{table: "audit_log", at: "at", key: "bigint", from: f.From, limit: f.Limit,
		columns: `id, at, actor_id, actor, action, merchant_id, target,
			CASE WHEN action = '` + string(orbit.ActionMerchantUpdated) + `' THEN detail END AS detail,
			` + person + `, ` + member + ` AS member, ` + admin + ` AS admin`}
	if strings.Trim(f.From.ID, "0123456789") != "" || len(f.From.ID) > 18 {
		n.from = Place{}
	}
	areas, actions := []string{""}, []orbit.Action{""} // an empty list is no SQL
	for _, a := range f.Areas {
		areas, actions = append(areas, a.Areas...), append(actions, a.Actions...)
	}
	n.and("(split_part(action, '.', 1) IN (?) OR action IN (?))", bun.List(areas), bun.List(actions))
	if !f.Person.IsZero() {
		n.and("actor_id = ?", f.Person)
	}
	if f.Support {
		n.and(admin + " AND NOT " + member)
	}
	n.owner.condition, n.owner.arg = "merchant_id = ?", f.Merchant
	return page[orbit.ActivityLine](ctx, db, n)
}
