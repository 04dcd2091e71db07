package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"

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

// fingerprint is what the API makes of a request, to tell whether it is the same.
func (p *platform) fingerprint(method, path string, body any) []byte {
	p.t.Helper()
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			p.t.Fatal(err)
		}
	}
	h := sha256.New()
	for _, part := range [][]byte{[]byte(method), []byte(path), data} {
		h.Write(part)
		h.Write([]byte{0})
	}
	return h.Sum(nil)
}
