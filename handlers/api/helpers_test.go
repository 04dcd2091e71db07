package api_test

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// exec changes the database behind everybody's back.
func (p *platform) exec(sql string, args ...any) {
	p.t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, p.super)
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close(ctx) //nolint:errcheck // a test's connection
	if _, err := conn.Exec(ctx, sql, args...); err != nil {
		p.t.Fatal(err)
	}
}

// count is a number from the database.
func (p *platform) count(sql string, args ...any) (n int) {
	p.t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, p.super)
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close(ctx) //nolint:errcheck // a test's connection
	if err := conn.QueryRow(ctx, sql, args...).Scan(&n); err != nil {
		p.t.Fatal(err)
	}
	return n
}
