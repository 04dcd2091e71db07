package store

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// HostTaken reports whether a host name belongs to a merchant other than except.
func (db *DB) HostTaken(ctx context.Context, host string, except orbit.MerchantID) (bool, error) {
	return pg.One[bool](ctx, db, `SELECT EXISTS (SELECT FROM domains WHERE host = $1
		AND merchant_id IS DISTINCT FROM $2)`, host, except)
}

// Domains returns the host names of a merchant, the platform's own first.
func (db *DB) Domains(ctx context.Context, merchant orbit.MerchantID) (domains []orbit.Domain, err error) {
	return pg.All[orbit.Domain](ctx, db, `SELECT `+db.Columns("d", "", orbit.Domain{})+` FROM domains d
		WHERE merchant_id = $1 ORDER BY kind DESC, created_at, id`, merchant)
}
