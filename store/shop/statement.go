package shop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// maxStatements is how many a list has: five years of them.
const maxStatements = 60

// Statements returns the shop's closed statements, newest first.
func (t *Tenant) Statements(ctx context.Context) ([]orbit.Statement, error) {
	return pg.All[orbit.Statement](ctx, t, `SELECT `+t.db.Columns("s", "", orbit.Statement{})+` FROM statements s
		ORDER BY month DESC LIMIT $1`, maxStatements)
}

// Statement returns the shop's statement of a month: as it was closed, or what it comes to if the plan stays. NotFound
// for a month in which the shop had no plan, and for one that hasn't begun.
func (t *Tenant) Statement(ctx context.Context, month time.Time) (orbit.Statement, error) {
	if month.After(time.Now()) || month.Year() < 1 { // PostgreSQL has no year 0, and writes 10000 in another way
		return orbit.Statement{}, pg.NoRow()
	}
	closed, err := pg.All[orbit.Statement](ctx, t, `SELECT `+t.db.Columns("s", "", orbit.Statement{})+` FROM statements s
		WHERE month = $1::date`, day(month))
	if err != nil || len(closed) > 0 {
		return pg.First(closed), err
	}
	s, err := t.statement(ctx, month)
	if err == nil && len(s.Lines) == 0 {
		err = pg.NoRow()
	}
	return s, err
}

// statement computes a statement.
func (t *Tenant) statement(ctx context.Context, month time.Time) (orbit.Statement, error) {
	r := t.Reader()
	periods := r.periods(month)
	used := pg.Ask[orbit.Statement](r.Reader, `SELECT
		(SELECT count(*) FROM orders WHERE created_at >= $2 AND created_at < $3) AS orders,
		coalesce((SELECT bytes FROM traffic WHERE month = $1::date), 0) AS bandwidth_bytes`,
		day(month), month, orbit.NextMonth(month))
	err := r.Read(ctx)
	s := used.Value
	s.Month, s.Lines = month, orbit.Charges(month, periods.Value)
	return s, err
}

// closeStatements closes the months up to one that have no statement yet, the oldest first. Done by two processes at
// once each month is closed once.
func (t *Tenant) closeStatements(ctx context.Context, last time.Time) (closed int, err error) {
	first, err := pg.One[time.Time](ctx, t, `SELECT coalesce(
			(SELECT max(month) + interval '1 month' FROM statements),
			(SELECT min(started_at) AT TIME ZONE 'UTC' FROM merchant_plans))`)
	if err != nil {
		return 0, err
	}
	for month := orbit.MonthOf(first); !month.After(last); month = orbit.NextMonth(month) {
		s, err := t.statement(ctx, month)
		if err != nil {
			return closed, err
		}
		lines, err := json.Marshal(s.Lines)
		if err != nil {
			return closed, err
		}
		n, err := pg.Exec(ctx, t, `INSERT INTO statements (merchant_id, month, lines, orders, bandwidth_bytes)
			VALUES ($1, $2::date, $3, $4, $5) ON CONFLICT DO NOTHING`,
			t.merchant, day(month), string(lines), s.Orders, s.BandwidthBytes)
		if err != nil {
			return closed, err
		}
		closed += n
	}
	return closed, nil
}

// unstatedShops is how many shops are looked at in one statement.
const unstatedShops = 500

// CloseStatements closes the months that are over at a time for all shops that have no statement of them, and returns
// how many statements it made. A shop that can't be closed doesn't keep the others.
func CloseStatements(ctx context.Context, db Database, now time.Time) (closed int, errs error) {
	last := orbit.MonthOf(now.Add(-orbit.StatementGrace)).AddDate(0, -1, 0)
	for after := uuid.Nil.String(); after != ""; {
		found, err := pg.One[struct {
			Resume string
			Due    []string `bun:",array"`
		}](ctx, db.Engine(), `SELECT coalesce(resume::text, '') AS resume, due::text[] FROM orbit_unstated($1, $2, $3)`,
			day(last), after, unstatedShops)
		if err != nil {
			return closed, errors.Join(errs, err)
		}
		for _, key := range found.Due {
			id, err := orbit.ParseID[orbit.Merchant](key)
			if err != nil {
				return closed, err
			}
			err = For(db, id).Do(ctx, func(t *Tenant) error {
				n, err := t.closeStatements(ctx, last)
				closed += n
				return err
			})
			if err != nil {
				errs = errors.Join(errs, fmt.Errorf("close the statements of %s: %w", key, err))
			}
		}
		after = found.Resume
	}
	return closed, errs
}
