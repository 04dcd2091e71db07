package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// DB is the platform's database as the unprivileged serving role sees it. It is safe for
// concurrent use.
type DB struct {
	pool *pgxpool.Pool
	sql  *sql.DB
	bun  *bun.DB

	apart    connector // connections outside the pools
	pulse    *pulse
	shops    *DB // the same over the pool of all shops; in that one, itself
	budget   Budget
	lists    sync.Map      // column lists and insertions of models, made once
	watching chan struct{} // places of Together
}

// Open connects as the serving role and refuses a role that could see past row-level security:
// a superuser, one with BYPASSRLS, or the owner of the tables. The schema must be there (Migrate).
func Open(ctx context.Context, url string) (*DB, error) {
	budget, err := budgetOf(url)
	if err != nil {
		return nil, err
	}
	apart, err := newConnector(url, platform)
	if err != nil {
		return nil, err
	}
	pool, err := openPool(ctx, url, platform, budget.Platform)
	if err != nil {
		return nil, err
	}
	if err := refuseStrongRole(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	shops, err := openPool(ctx, url, storefronts, budget.Storefronts)
	if err != nil {
		pool.Close()
		return nil, err
	}
	db := newDB(pool)
	db.apart, db.budget, db.pulse = apart, budget, &pulse{connector: apart}
	db.shops = newDB(shops)
	db.shops.apart, db.shops.budget, db.shops.pulse, db.shops.shops = apart, budget, db.pulse, db.shops
	return db, nil
}

func newDB(pool *pgxpool.Pool) *DB {
	db := sql.OpenDB(newTextConnector(pool))
	db.SetMaxIdleConns(0) // the pool keeps them
	return &DB{pool: pool, sql: db, bun: bun.NewDB(db, pgdialect.New()), watching: make(chan struct{}, maxWatching)}
}

// CheckHearing refuses a serving URL behind which notifications get lost.
func CheckHearing(ctx context.Context, url string) error { return checkHearing(ctx, url, platform) }

// Storefronts is the database for all that shoppers ask for: over connections of its own, which nobody else waits
// for, and with a short limit on each statement.
func (db *DB) Storefronts() *DB { return db.shops }

// Budget is how many connections this process opens at most.
func (db *DB) Budget() Budget { return db.budget }

// Pool is the pgx pool, for river's workers.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// Close waits for borrowed connections and closes them all.
func (db *DB) Close() {
	for _, d := range []*DB{db.shops, db} {
		_ = d.sql.Close() // closes nothing itself: the pool owns the connections
		d.pool.Close()
	}
	db.pulse.close()
}

// Ping answers whether the database is there, however much there is to do: it waits for no connection of the pools.
func (db *DB) Ping(ctx context.Context) error { return mapError(db.pulse.ask(ctx)) }

// Busy tells which pools have no connection left: "platform", "storefronts".
func (db *DB) Busy() (pools []string) {
	for _, s := range db.PoolStats() {
		if s.Acquired >= s.Max {
			pools = append(pools, s.Pool)
		}
	}
	return pools
}

// Room says how many connections the server has for the serving role, of all processes together: 0 where it doesn't
// bound them.
func (db *DB) Room(ctx context.Context) (n int, err error) {
	err = db.pool.QueryRow(ctx, `SELECT least(current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
		nullif((SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user), -1), nullif((SELECT datconnlimit
		FROM pg_database WHERE datname = current_database()), -1))`).Scan(&n)
	return n, mapError(err)
}

// tx is one transaction that bun queries and batches share: both commit or neither does.
type tx struct {
	bun.IDB
	pgx pgx.Tx
}

// inTx runs fn in a transaction on one connection. bun's own BeginTx would hide the *pgx.Conn that
// batches need, so the transaction is pgx's and bun rides on the same connection.
func (db *DB) inTx(ctx context.Context, fn func(tx) error) error {
	conn, err := db.bun.Conn(ctx)
	if err != nil {
		return mapError(err)
	}
	defer conn.Close()
	var raw *pgx.Conn
	// Raw locks the connection while its function runs: only the pointer is taken out of it.
	if err := conn.Raw(func(c any) error { raw = c.(textConn).Conn.Conn(); return nil }); err != nil {
		return mapError(err)
	}
	return mapError(pgx.BeginFunc(ctx, raw, func(t pgx.Tx) error { return fn(tx{IDB: conn, pgx: t}) }))
}

// batch collects statements that go to the server together and commit together: one round trip,
// however many there are, each prepared once per connection.
type batch struct {
	db    *DB
	queue pgx.Batch
	err   error
}

func (db *DB) batch() *batch { return &batch{db: db} }

// exec adds a statement with $1 placeholders. Its text must not depend on data.
func (b *batch) exec(query string, args ...any) {
	b.queue.Queue(query, texts(args)...)
}

// texts gives arguments as pgx takes them: ids are text or NULL.
func texts(args []any) []any {
	for i, arg := range args {
		if v, ok := arg.(driver.Valuer); ok {
			args[i], _ = v.Value() // an id's can't fail
		}
	}
	return args
}

// sender is a transaction, or a connection on which a whole batch is one transaction (a pipeline ends
// with one Sync).
type sender interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

func (b *batch) run(ctx context.Context, on sender) error {
	if b.err != nil {
		return b.err
	}
	return on.SendBatch(ctx, &b.queue).Close()
}

// commit runs the batch as a transaction of its own.
func (db *DB) commit(ctx context.Context, b *batch) error { return mapError(b.run(ctx, db.pool)) }
