package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"orbit360.app/orbit"
)

// DB is the platform's database as the unprivileged serving role sees it. It is safe for
// concurrent use.
type DB struct {
	pool *pgxpool.Pool
	sql  *sql.DB
	bun  *bun.DB

	lists    sync.Map      // column lists and insertions of models, made once
	watching chan struct{} // places of Together
}

// maxConns bounds the pool. More than about eight transactions at once lower the throughput of a
// small machine (measured); the rest are for listeners, locks and reads.
const maxConns = 20

// Open connects as the serving role and refuses a role that could see past row-level security:
// a superuser, one with BYPASSRLS, or the owner of the tables. The schema must be there (Migrate).
func Open(ctx context.Context, url string) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		// pgx's error repeats the URL, password and all.
		return nil, orbit.Errorf(orbit.Invalid, "The database URL can't be read: it takes postgres://user:password@host:5432/database")
	}
	if cfg.MaxConns < maxConns {
		cfg.MaxConns = maxConns
	}
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.HealthCheckPeriod = 5 * time.Second
	cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	setDefault(cfg.ConnConfig.RuntimeParams, "application_name", "orbit360")
	setDefault(cfg.ConnConfig.RuntimeParams, "statement_timeout", "30000")
	setDefault(cfg.ConnConfig.RuntimeParams, "idle_in_transaction_session_timeout", "30000")
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	// Prepared statements here find rows by key: planning them anew for each value would cost more than it finds.
	cfg.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"

	cfg.AfterRelease = writable

	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err := refuseStrongRole(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	db := sql.OpenDB(newTextConnector(pool))
	db.SetMaxIdleConns(0) // the pool keeps them
	return &DB{pool: pool, sql: db, bun: bun.NewDB(db, pgdialect.New()), watching: make(chan struct{}, maxWatching)}, nil
}

// writable tells whether a connection may be used again. One to a server that only reads now (a failover left it
// behind, or a full disk had it set so) would fail until it is an hour old; a new one finds the server that writes.
// PostgreSQL tells of both by itself, from version 14 on.
func writable(c *pgx.Conn) bool {
	return c.PgConn().ParameterStatus("default_transaction_read_only") != "on" && c.PgConn().ParameterStatus("in_hot_standby") != "on"
}

func setDefault(m map[string]string, key, value string) {
	if _, ok := m[key]; !ok {
		m[key] = value
	}
}

// Pool is the pgx pool, for river's workers.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// Close waits for borrowed connections and closes them all.
func (db *DB) Close() {
	_ = db.sql.Close() // closes nothing itself: the pool owns the connections
	db.pool.Close()
}

// Ping answers whether the database takes queries now.
func (db *DB) Ping(ctx context.Context) error { return mapError(db.pool.Ping(ctx)) }

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
