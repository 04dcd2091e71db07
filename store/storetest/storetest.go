package storetest

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/postgres"
	"orbit360.app/store"
	"orbit360.app/store/pg"
)

// server is the one PostgreSQL of this test binary.
var server struct {
	once    sync.Once
	dir     string
	pg      *postgres.Server
	serving string // URL of the serving role on the template
	err     error
	count   atomic.Int64
	cloning sync.Mutex // a template can't be cloned twice at once
}

const password = "0123456789abcdef"

// Main runs a package's tests and stops the server that they started. Call it from TestMain.
func Main(m *testing.M) { os.Exit(Run(m)) }

// Run is Main for a TestMain that has more to clean up: it gives the code to exit with.
func Run(m *testing.M) int {
	code := m.Run()
	if server.pg != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		if err := server.pg.Stop(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "storetest:", err)
			code = 1
		}
		cancel()
	}
	if server.dir != "" {
		_ = os.RemoveAll(server.dir) // a leftover in the temporary folder is no failure
	}
	return code
}

func start() error {
	dir, err := os.MkdirTemp("", "orbit360-test-")
	if err != nil {
		return err
	}
	server.dir = dir
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	// Durability isn't what these tests are about; the tests that kill things start the real program.
	server.pg, err = postgres.Start(ctx, postgres.Config{Dir: filepath.Join(dir, "pg"), Settings: map[string]string{
		"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "400",
		"shared_buffers": "64MB"}})
	if err != nil {
		return err
	}
	owner, err := pg.OpenOwner(ctx, server.pg.URL(), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer owner.Close()
	if err := owner.Migrate(ctx); err != nil {
		return err
	}
	server.serving, err = owner.ServingRole(ctx, server.pg.URL(), password)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, server.serving)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.SeedDefaults(ctx)
	return err
}

// New is a database of the test's own, with the default themes and plans, as the serving role sees it.
func New(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), NewURL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

// NewURL is New for tests that start the program themselves: the serving role's URL.
func NewURL(t testing.TB) string {
	t.Helper()
	server.once.Do(func() { server.err = start() })
	if server.err != nil {
		t.Fatal("storetest:", server.err)
	}
	name := fmt.Sprintf("t%d", server.count.Add(1))
	server.cloning.Lock()
	defer server.cloning.Unlock()
	admin(t, "CREATE DATABASE "+name+" TEMPLATE orbit360 OWNER orbit")
	t.Cleanup(func() { admin(t, "DROP DATABASE "+name+" WITH (FORCE)") })
	return onDatabase(server.serving, name)
}

// OwnerURL is the owner's URL of the same database as a serving URL.
func OwnerURL(serving string) string {
	u, _ := url.Parse(serving) // made by us
	return onDatabase(server.pg.URL(), strings.TrimPrefix(u.Path, "/"))
}

// SuperURL is the superuser's URL of the same database as a serving URL, for tests that must look past
// row-level security.
func SuperURL(serving string) string {
	u, _ := url.Parse(serving) // made by us
	return onDatabase(server.pg.SuperURL(), strings.TrimPrefix(u.Path, "/"))
}

func onDatabase(serverURL, name string) string {
	u, err := url.Parse(serverURL)
	if err != nil {
		panic(err)
	}
	u.Path = "/" + name
	return u.String()
}

func admin(t testing.TB, sql string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, onDatabase(server.pg.SuperURL(), "postgres"))
	if err != nil {
		t.Fatal("storetest:", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // a test's connection
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatal("storetest:", err)
	}
}
