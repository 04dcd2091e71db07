package store

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"orbit360.app/orbit"
)

// Scope reaches the data of one merchant. It is the first of three locks: products, orders and the
// rest are methods of *Tenant, which only a Scope hands out, and none of them takes a merchant id.
type Scope struct {
	db       *DB
	merchant orbit.MerchantID
}

// For is the scope of one merchant.
func (db *DB) For(merchant orbit.MerchantID) Scope { return Scope{db, merchant} }

// Tenant is one merchant's data within one transaction. It must not be kept beyond it.
type Tenant struct {
	db       *DB
	tx       bun.IDB
	pgx      pgx.Tx
	merchant orbit.MerchantID
}

func (db *DB) tenant(t tx, merchant orbit.MerchantID) *Tenant {
	return &Tenant{db: db, tx: t.IDB, pgx: t.pgx, merchant: merchant}
}

// Do runs fn in one transaction in which row-level security shows the scope's merchant alone.
func (s Scope) Do(ctx context.Context, fn func(*Tenant) error) error {
	return s.db.inTx(ctx, func(t tx) error {
		if _, err := t.pgx.Exec(ctx, `SELECT set_config('orbit.merchant_id', $1, true)`, s.merchant.String()); err != nil {
			return err
		}
		return fn(s.db.tenant(t, s.merchant))
	})
}

// asMerchant opens row-level security to one merchant for the rest of the batch.
func (b *batch) asMerchant(id orbit.MerchantID) {
	b.exec(`SELECT set_config('orbit.merchant_id', $1, true)`, id.String())
}
