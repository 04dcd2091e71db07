package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"orbit360.app/orbit"
)

// Actor is who did something, for the audit log.
type Actor struct {
	ID      orbit.UserID
	Name    string // address of a person, "system", "public"
	Address string // where the request came from
}

// System is the platform itself.
var System = Actor{Name: "system"}

// Details are a few values worth keeping beside an audit entry. Never secrets.
type Details map[string]any

func (b *batch) audit(who Actor, action string, merchant orbit.MerchantID, target string, d Details) {
	if d == nil {
		d = Details{}
	}
	row := AuditEntry{ActorID: who.ID, Actor: who.Name, Action: action, MerchantID: merchant, Target: target, Detail: d,
		Address: who.Address, At: time.Now().UTC()}
	b.insert("audit_log", row)
}

// AuditEntry is one line of the audit log.
type AuditEntry struct {
	bun.BaseModel `bun:"table:audit_log,alias:a"`
	ID            int64 `bun:",pk,autoincrement"`
	At            time.Time
	ActorID       orbit.UserID `bun:",nullzero"`
	Actor         string
	Action        string
	MerchantID    orbit.MerchantID `bun:",nullzero"`
	Target        string
	Detail        Details `bun:"type:jsonb"`
	Address       string
}

// Audit writes one line that goes with no other change.
func (db *DB) Audit(ctx context.Context, who Actor, action string, merchant orbit.MerchantID, target string,
	d Details) error {
	b := db.batch()
	b.audit(who, action, merchant, target, d)
	return db.commit(ctx, b)
}

// AuditLog is one page of the log, newest first; of one merchant unless the id is zero.
func (db *DB) AuditLog(ctx context.Context, merchant orbit.MerchantID, limit, offset int) (entries []AuditEntry,
	err error) {
	q := db.bun.NewSelect().Model(&entries).Order("at DESC", "id DESC").Limit(int64(limit)).Offset(int64(offset))
	if !merchant.IsZero() {
		q = q.Where("merchant_id = ?", merchant)
	}
	return entries, mapError(q.Scan(ctx))
}

// Tally is something that strangers can do without end, such as failing to sign in. The audit log has one line for each
// action, target, network and hour, with a count.
type Tally struct {
	Action  string
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
func (b *batch) count(t Tally) {
	b.exec(`SELECT orbit_count_refusal($1, $2, $3, $4, $5, $6, $7)`, t.Action, t.Target, t.Network, t.Address, t.At.UTC(),
		t.Count, TalliesPerHour)
}

// CountInAudit writes tallies to the audit log.
func (db *DB) CountInAudit(ctx context.Context, tallies []Tally) error {
	b := db.batch()
	for _, t := range tallies {
		b.count(t)
	}
	return db.commit(ctx, b)
}
