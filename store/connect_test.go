package store_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
	"orbit360.app/store/storetest"
)

// with adds a parameter to an address.
func with(t *testing.T, address, name, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// What the program relies on it sets on every connection, whatever the database's defaults are; by no startup
// parameter.
func TestSettings(t *testing.T) {
	t.Parallel()
	address := storetest.NewURL(t)
	super := connect(t, storetest.SuperURL(address))
	name := super.Config().Database
	for _, set := range []string{"jit = on", "random_page_cost = 4", "statement_timeout = 0", "plan_cache_mode = auto",
		"timezone = 'Asia/Kolkata'", "datestyle = 'German'",
		"bytea_output = escape", "intervalstyle = iso_8601", "default_transaction_isolation = serializable",
		"idle_session_timeout = '1s'", "max_parallel_workers_per_gather = 2"} {
		if _, err := super.Exec(t.Context(), "ALTER DATABASE "+name+" SET "+set); err != nil {
			t.Fatal(err)
		}
	}
	if conn := connect(t, address); setting(t, conn, "jit") != "on" || setting(t, conn, "timezone") != "Asia/Kolkata" {
		t.Fatal("the database's defaults aren't those of this test")
	}
	db, err := store.Open(t.Context(), with(t, address, "work_mem", "5MB"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	same := map[string]string{"jit": "off", "random_page_cost": "1.1", "plan_cache_mode": "force_generic_plan",
		"TimeZone": "UTC", "DateStyle": "ISO, DMY", "bytea_output": "hex",
		"IntervalStyle": "postgres", "default_transaction_isolation": "read committed", "idle_session_timeout": "0",
		"application_name": "orbit360", "work_mem": "5MB"}
	for audience, c := range map[string]struct {
		db   *store.DB
		also map[string]string
	}{
		"platform": {db, map[string]string{"statement_timeout": "30s", "idle_in_transaction_session_timeout": "30s"}},
		"storefronts": {db.Storefronts(), map[string]string{"statement_timeout": "2s",
			"idle_in_transaction_session_timeout": "5s", "max_parallel_workers_per_gather": "0"}},
	} {
		conn, err := c.db.Pool().Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []map[string]string{same, c.also} {
			for name, value := range want {
				if got := setting(t, conn.Conn(), name); got != value {
					t.Errorf("%s: %s is %s instead of %s", audience, name, got, value)
				}
			}
		}
		if params := conn.Conn().Config().RuntimeParams; len(params) > 0 {
			t.Errorf("%s: startup parameters %v", audience, params)
		}
		conn.Release()
	}
	if _, err := store.Open(t.Context(), with(t, address, "work_mem;drop", "5MB")); orbit.CodeOf(err) != orbit.Invalid {
		t.Error("a name that is no setting's:", err)
	}
}

func setting(t *testing.T, conn *pgx.Conn, name string) (value string) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), `SELECT current_setting($1)`, name).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestBudget(t *testing.T) {
	t.Parallel()
	address := storetest.NewURL(t)
	for asked, want := range map[string]pg.Budget{"": {Platform: 12, Storefronts: 8, Own: 3},
		"6": {Platform: 4, Storefronts: 2, Own: 3}, "50": {Platform: 30, Storefronts: 20, Own: 3}} {
		with := with(t, address, "pool_max_conns", asked)
		if asked == "" {
			with = address
		}
		db, err := store.Open(t.Context(), with)
		if err != nil {
			t.Fatal(err)
		}
		got := db.Budget()
		for _, s := range db.PoolStats() {
			if (s.Pool == "platform" && int(s.Max) != want.Platform) ||
				(s.Pool == "storefronts" && int(s.Max) != want.Storefronts) {
				t.Errorf("%q: %+v", asked, s)
			}
		}
		if room, err := db.Room(t.Context()); err != nil || room < 100 {
			t.Error(room, err)
		}
		db.Close()
		if got != want {
			t.Errorf("pool_max_conns %q: %+v instead of %+v", asked, got, want)
		}
	}
	for _, bad := range []string{"2", "0", "many"} {
		if _, err := store.Open(t.Context(), with(t, address, "pool_max_conns", bad)); orbit.CodeOf(err) != orbit.Invalid ||
			strings.Contains(err.Error(), "0123456789abcdef") {
			t.Errorf("pool_max_conns=%s: %v", bad, err)
		}
	}
}

// All connections in use is something else than no database: Ping doesn't wait, and who waits gets an error that says
// it is busy.
func TestBusyIsNotAway(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	for _, of := range []*store.DB{db, db.Storefronts()} {
		for range of.Pool().Config().MaxConns {
			conn, err := of.Pool().Acquire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Release()
		}
	}
	if busy := strings.Join(db.Busy(), " "); busy != "platform storefronts" {
		t.Errorf("busy: %q", busy)
	}
	if err := db.Ping(t.Context()); err != nil {
		t.Error("a busy database is away:", err)
	}
	for name, ask := range map[string]func(context.Context) error{
		"bun":    func(ctx context.Context) error { _, err := db.HasAdmin(ctx); return err },
		"reader": func(ctx context.Context) error { _, err := shop.ByHost(ctx, db.Storefronts(), "x"); return err },
		"batch":  func(ctx context.Context) error { return db.Audit(ctx, orbit.System, "x", orbit.MerchantID{}, "", nil) },
	} {
		t.Run(name, func(t *testing.T) {
			err := ask(t.Context())
			if orbit.CodeOf(err) != orbit.Unavailable || !strings.Contains(err.Error(), "The platform is busy") {
				t.Error(err)
			}
		})
	}
}

// A shopper's statement is ended after two seconds, and the page says that it took too long.
func TestStorefrontStatementTimeout(t *testing.T) {
	t.Parallel()
	address := storetest.NewURL(t)
	db, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := connect(t, storetest.SuperURL(address)).Exec(t.Context(),
		`BEGIN; LOCK TABLE domains IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_, err = shop.ByHost(t.Context(), db.Storefronts(), "x.localhost")
	if orbit.CodeOf(err) != orbit.Unavailable || !strings.Contains(err.Error(), "took too long") {
		t.Error(err)
	}
	if took := time.Since(began); took < 1900*time.Millisecond || took > 20*time.Second { // the 30 of the platform's
		t.Errorf("it took %v", took)
	}
}

// A connection that answers but no longer hears anything is found out: what is kept is dropped, and it is made anew.
func TestDeafListener(t *testing.T) {
	t.Parallel()
	address := storetest.NewURL(t)
	through := mute(t, address)
	db, err := store.Open(t.Context(), through.address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	heard := make(chan pg.Change, 100)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		db.Listen(ctx, discard(), func(c pg.Change) { heard <- c })
	}()
	defer func() { stop(); <-done }()
	if c := next(t, heard); c != (pg.Change{}) {
		t.Fatalf("first: %+v", c)
	}
	through.muted.Store(true)
	select {
	case c := <-heard:
		if !c.Lost {
			t.Fatalf("deaf: %+v", c)
		}
	case <-time.After(60 * time.Second):
		t.Fatal("a deaf connection wasn't found out")
	}
	// As long as nothing is heard no one hears that all is well.
	select {
	case c := <-heard:
		if !c.Lost {
			t.Fatalf("still deaf: %+v", c)
		}
	case <-time.After(time.Second):
	}
	through.muted.Store(false)
	for {
		select {
		case c := <-heard:
			if c == (pg.Change{}) {
				return
			}
		case <-time.After(60 * time.Second):
			t.Fatal("it isn't back")
		}
	}
}

// muffler is a way to a database that can swallow notifications, and nothing else, as some poolers do.
type muffler struct {
	address string
	muted   atomic.Bool
}

func mute(t *testing.T, address string) *muffler {
	t.Helper()
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	host, port, _ := net.SplitHostPort(l.Addr().String())
	m := &muffler{address: with(t, with(t, with(t, address, "host", host), "port", port), "sslmode", "disable")}
	network, at := pgconn.NetworkAddress(cfg.Host, cfg.Port)
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial(network, at)
			if err != nil {
				_ = client.Close()
				continue
			}
			go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
			go func() { m.pass(client, server); _ = client.Close() }()
		}
	}()
	return m
}

// pass copies the server's messages (a letter, a length that counts itself, a body) but notifications.
func (m *muffler) pass(client io.Writer, server io.Reader) {
	in := bufio.NewReader(server)
	for {
		head := make([]byte, 5)
		if _, err := io.ReadFull(in, head); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		if head[0] == 'A' && m.muted.Load() {
			continue
		}
		if _, err := client.Write(append(head, body...)); err != nil {
			return
		}
	}
}
