package pg

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"orbit360.app/orbit"
)

// DB is the database as the unprivileged serving role sees it. It is safe for concurrent use.
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

// Bun builds queries over the pool.
func (db *DB) Bun() *bun.DB { return db.bun }

// Engine returns the database itself: what embeds it is one too.
func (db *DB) Engine() *DB { return db }

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

// Busy returns the pools that have no connection left: "platform", "storefronts".
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
	err = db.pool.QueryRow(ctx, `SELECT least(current_setting('max_connections')::int -
		current_setting('superuser_reserved_connections')::int,
		nullif((SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user), -1), nullif((SELECT datconnlimit
		FROM pg_database WHERE datname = current_database()), -1))`).Scan(&n)
	return n, mapError(err)
}

// Tx is one transaction, in which all that reads and writes commits together.
type Tx struct {
	db  *DB
	pgx pgx.Tx
}

func (t Tx) source() (*DB, conn) { return t.db, t.pgx }

// InTx runs fn in a transaction.
func (db *DB) InTx(ctx context.Context, fn func(Tx) error) error {
	return mapError(pgx.BeginFunc(ctx, db.pool, func(t pgx.Tx) error { return fn(Tx{db, t}) }))
}

// Batch collects statements that go to the server together and commit together: one round trip,
// however many there are, each prepared once per connection.
type Batch struct {
	db     *DB
	queue  pgx.Batch
	events []orbit.ShopEvent
	Err    error
}

// Batch begins one.
func (db *DB) Batch() *Batch { return &Batch{db: db} }

// Exec adds a statement with $1 placeholders. Its text must not depend on data.
func (b *Batch) Exec(query string, args ...any) {
	b.queue.Queue(query, texts(args)...)
}

// texts returns arguments as pgx takes them: ids are text or NULL.
func texts(args []any) []any {
	for i, arg := range args {
		if v, ok := arg.(driver.Valuer); ok {
			args[i], _ = v.Value() // an id's can't fail
		}
	}
	return args
}

// Run sends the batch within a transaction, or as one of its own: a pipeline ends with one Sync.
func (b *Batch) Run(ctx context.Context, on Source) error {
	b.report()
	if b.Err != nil {
		return b.Err
	}
	_, conn := on.source()
	return mapError(conn.SendBatch(ctx, &b.queue).Close())
}

// AsMerchant opens row-level security to one merchant for the rest of the batch.
func (b *Batch) AsMerchant(id orbit.MerchantID) {
	b.Exec(`SELECT set_config('orbit.merchant_id', $1, true)`, id.String())
}

// AsPlatform closes row-level security again for the rest of the batch: the platform's own rows show, and no shop's.
func (b *Batch) AsPlatform() { b.Exec(`SELECT set_config('orbit.merchant_id', '', true)`) }

// Stamp is now, as precise as the database keeps it.
func Stamp() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Connect opens a connection outside the pools, for what holds one as long as the process lives.
func (db *DB) Connect(ctx context.Context) (*pgx.Conn, error) { return db.apart.connect(ctx) }

// PoolStats returns how the pools are used, without asking the database.
func (db *DB) PoolStats() []orbit.PoolStats {
	stats := func(name string, pool *pgxpool.Pool) orbit.PoolStats {
		s := pool.Stat()
		return orbit.PoolStats{Pool: name, Max: s.MaxConns(), Open: s.TotalConns(), Acquired: s.AcquiredConns(),
			Idle: s.IdleConns(), Acquires: s.AcquireCount(), Waited: s.EmptyAcquireCount(), WaitTime: s.AcquireDuration()}
	}
	return []orbit.PoolStats{stats("platform", db.pool), stats("storefronts", db.shops.pool)}
}
