package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Database is where shops are: the engine, or what embeds it.
type Database interface{ Engine() *pg.DB }

// Scope reaches the data of one merchant in the platform's name. It is the first of three locks: products, orders and
// the rest are methods of *Tenant, which only a Scope or a Member hands out, and none of them takes a merchant id.
type Scope struct {
	db       *pg.DB
	merchant orbit.MerchantID
}

// For is the scope of one merchant.
func For(db Database, merchant orbit.MerchantID) Scope { return Scope{db.Engine(), merchant} }

// Tenant is one merchant's data within one transaction. It must not be kept beyond it.
type Tenant struct {
	pg.Tx
	db       *pg.DB
	merchant orbit.MerchantID
	person   orbit.UserID // who asks; zero for the platform
}

// Reader collects what is to be read of one merchant's data; see pg.Reader.
type Reader struct{ *pg.Reader }

// Do runs fn in one transaction in which row-level security shows the scope's merchant alone.
func (s Scope) Do(ctx context.Context, fn func(*Tenant) error) error {
	return s.db.InTx(ctx, func(t pg.Tx) error {
		if _, err := pg.Exec(ctx, t, `SELECT set_config('orbit.merchant_id', $1, true)`, s.merchant); err != nil {
			return err
		}
		return fn(&Tenant{Tx: t, db: s.db, merchant: s.merchant})
	})
}

// Reader reads in one round trip and one transaction in which row-level security shows the scope's merchant alone.
func (s Scope) Reader() *Reader {
	r := pg.NewReader(s.db)
	r.AsMerchant(s.merchant)
	return &Reader{r}
}

// Reader reads in one round trip within the transaction.
func (t *Tenant) Reader() *Reader { return &Reader{pg.NewReader(t)} }

// planned has PostgreSQL plan what is asked after it for this shop and these values. Plans are made once otherwise, for
// the first shop that a connection meets, and one for a small shop can take seconds in a large one.
func (r *Reader) planned() { r.Exec(`SELECT set_config('plan_cache_mode', 'force_custom_plan', true)`) }
