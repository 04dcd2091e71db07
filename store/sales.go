package store

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"orbit360.app/store/pg"
)

// salesShops is how many shops one transaction of CheckSales compares.
const salesShops = 50

// RecountSales counts the sales of shops anew that are to be (migration 0024): those that are older than the tables, or
// have changed their time zone. It returns when there is nothing left to do, or others do it. A month of a shop is one
// transaction; where it is cut off, it goes on later.
func (db *DB) RecountSales(ctx context.Context) error {
	for {
		m, err := pg.One[*string](ctx, db, `SELECT orbit_recount_sales()::text`)
		if err != nil || m == nil {
			return err
		}
	}
}

// CheckSales compares what was counted of all shops' sales with their orders, and mends it where they differ: the last
// days, and a month of those before, another at every turn. It returns the shops in which something differed, which
// nothing should.
func (db *DB) CheckSales(ctx context.Context, turn int64) (wrong []string, err error) {
	for after := uuid.Nil.String(); after != ""; {
		found, err := pg.One[struct{ Resume, Wrong string }](ctx, db, `SELECT coalesce(resume::text, '') AS resume, wrong
			FROM orbit_check_sales($1, $2, $3)`, after, salesShops, turn)
		if err != nil {
			return wrong, err
		}
		wrong = append(wrong, strings.Fields(found.Wrong)...)
		after = found.Resume
	}
	return wrong, nil
}
