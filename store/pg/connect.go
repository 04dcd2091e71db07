package pg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"orbit360.app/orbit"
)

// Connections of one process. What the pools hold together is pool_max_conns in the address, or defaultConns. More than
// about eight transactions at once lower the throughput of a small machine (measured); the rest wait for locks.
const (
	defaultConns = 20
	leastConns   = 6
	ownConns     = 3 // outside the pools: LISTEN, the lease, readiness
	ownerConns   = 4 // at the start, before the pools fill
)

// Budget is how many connections a process opens at most.
type Budget struct {
	Platform    int // the pool of panels, dashboards, API and jobs
	Storefronts int // the pool of all shops
	Own         int // connections for one thing each
}

// Total is the budget's sum: what a process needs of the server's max_connections.
func (b Budget) Total() int { return b.Platform + b.Storefronts + b.Own }

// budgetOf splits what an address grants.
func budgetOf(address string) (Budget, error) {
	n := defaultConns
	if u, err := url.Parse(address); err == nil && u.Query().Has("pool_max_conns") {
		cfg, err := pgxpool.ParseConfig(address)
		if err != nil {
			return Budget{}, errAddress
		}
		n = int(cfg.MaxConns)
	}
	if n < leastConns {
		return Budget{}, orbit.Errorf(orbit.Invalid,
			"pool_max_conns is %d in the database URL; the program needs at least %d connections.", n, leastConns)
	}
	shops := n * 2 / 5
	return Budget{Platform: n - shops, Storefronts: shops, Own: ownConns}, nil
}

// pgx's error repeats the address, password and all.
var errAddress = orbit.Errorf(orbit.Invalid,
	"The database URL can't be read: it takes postgres://user:password@host:5432/database")

// audience is who waits for a connection's statements, which decides how long one may take.
type audience struct {
	statement time.Duration // 0: as long as it takes
	idle      time.Duration // in a transaction that does nothing
	settings  map[string]string
}

var (
	owners      = audience{}
	platform    = audience{statement: 30 * time.Second, idle: 30 * time.Second}
	storefronts = audience{statement: 2 * time.Second, idle: 5 * time.Second, settings: map[string]string{
		"max_parallel_workers_per_gather": "0", // one visitor's search is one process of the server's
	}}
)

// relied is what the program relies on, whatever the server's, database's or role's defaults are.
var relied = map[string]string{
	"application_name":              "orbit360",
	"timezone":                      "UTC",
	"datestyle":                     "ISO",
	"intervalstyle":                 "postgres",
	"bytea_output":                  "hex",
	"extra_float_digits":            "1",
	"standard_conforming_strings":   "on",
	"client_encoding":               "UTF8",
	"row_security":                  "on",
	"default_transaction_isolation": "read committed",
	"idle_session_timeout":          "0",
	"lock_timeout":                  "0",   // statement_timeout bounds waiting too
	"jit":                           "off", // compiling costs more than any of our queries takes
	"random_page_cost":              "1.1",
	// Prepared statements here find rows by key: planning them anew for each value would cost more than it finds.
	"plan_cache_mode": "force_generic_plan",
}

// prepare has every connection of an address set what the program relies on after it has connected: poolers refuse
// startup parameters, or take those of the first client. What the address itself says goes over it.
func (a audience) prepare(cfg *pgx.ConnConfig) (settle func(context.Context, *pgx.Conn) error, err error) {
	all := maps.Clone(relied)
	all["statement_timeout"] = milliseconds(a.statement)
	all["idle_in_transaction_session_timeout"] = milliseconds(a.idle)
	maps.Copy(all, a.settings)
	for name, value := range cfg.RuntimeParams {
		if name = strings.ToLower(name); name != "options" {
			all[name] = value
		}
	}
	maps.DeleteFunc(cfg.RuntimeParams, func(name, _ string) bool { return !strings.EqualFold(name, "options") })
	var sql strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !settingName.MatchString(name) {
			return nil, errAddress
		}
		fmt.Fprintf(&sql, "SET %s = '%s';", name, strings.ReplaceAll(all[name], "'", "''"))
	}
	cfg.ConnectTimeout = cmp.Or(cfg.ConnectTimeout, 5*time.Second)
	return func(ctx context.Context, c *pgx.Conn) error {
		// In the simple protocol, all in one round trip.
		return c.PgConn().Exec(ctx, sql.String()).Close()
	}, nil
}

var settingName = regexp.MustCompile(`^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$`)

func milliseconds(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }

// openPool opens a pool of at most so many connections.
func openPool(ctx context.Context, address string, a audience, conns int) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, errAddress
	}
	cfg.MaxConns = int32(conns)
	cfg.MinConns = min(cfg.MinConns, cfg.MaxConns)
	cfg.MinIdleConns = min(cfg.MinIdleConns, cfg.MaxConns)
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.HealthCheckPeriod = 5 * time.Second
	if cfg.AfterConnect, err = a.prepare(cfg.ConnConfig); err != nil {
		return nil, err
	}
	cfg.AfterRelease = writable
	cfg.ConnConfig.Tracer = turnstile{}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return pool, nil
}

// connector makes connections outside the pools, for what must not wait for one.
type connector struct {
	cfg    *pgx.ConnConfig
	settle func(context.Context, *pgx.Conn) error
}

func newConnector(address string, a audience) (connector, error) {
	// By the pool's parser, which takes its own parameters out of the address.
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return connector{}, errAddress
	}
	settle, err := a.prepare(cfg.ConnConfig)
	return connector{cfg.ConnConfig, settle}, err
}

func (c connector) connect(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, c.cfg)
	if err != nil {
		return nil, err
	}
	if err := c.settle(ctx, conn); err != nil {
		_ = conn.Close(context.WithoutCancel(ctx)) // the first error is the one to tell
		return nil, err
	}
	return conn, nil
}

// writable reports whether a connection may be used again. One to a server that only reads now (a failover left it
// behind, or a full disk had it set so) would fail until it is an hour old; a new one finds the server that writes.
// PostgreSQL reports both by itself, from version 14 on.
func writable(c *pgx.Conn) bool {
	return c.PgConn().ParameterStatus("default_transaction_read_only") != "on" &&
		c.PgConn().ParameterStatus("in_hot_standby") != "on"
}

// acquirePatience is how long a request or job waits for a connection of its pool.
const acquirePatience = 5 * time.Second

// errBusy is a pool with all connections in use: the database is there, and has too much to do.
var errBusy = errors.New("store: all connections of the pool are in use")

// turnstile bounds how long everybody waits for a connection, and says that it was that which took so long.
type turnstile struct{}

// TraceAcquireStart gives acquiring a deadline of its own.
func (turnstile) TraceAcquireStart(ctx context.Context, pool *pgxpool.Pool,
	_ pgxpool.TraceAcquireStartData) context.Context {
	bounded, cancel := context.WithTimeout(ctx, acquirePatience)
	return queued{bounded, ctx, pool, cancel}
}

// TraceAcquireEnd ends the deadline.
func (turnstile) TraceAcquireEnd(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireEndData) {
	if t, ok := ctx.(queued); ok {
		t.cancel()
	}
}

// TraceQueryStart does nothing: pgx takes tracers of queries only.
func (turnstile) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

// TraceQueryEnd does nothing.
func (turnstile) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// queued is a wait at the turnstile.
type queued struct {
	context.Context
	asked  context.Context
	pool   *pgxpool.Pool
	cancel context.CancelFunc
}

// Err is errBusy where it is the turnstile's patience that has ended, not the caller's, and all connections were in
// use; otherwise one couldn't be made.
func (t queued) Err() error {
	err := t.Context.Err()
	if s := t.pool.Stat(); err != nil && t.asked.Err() == nil && s.AcquiredConns() >= s.MaxConns() {
		return errBusy
	}
	return err
}
