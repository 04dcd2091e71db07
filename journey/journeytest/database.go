package journeytest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"orbit360.app/orbit"
)

// Database connects to the installation's own PostgreSQL as its superuser.
func (p *Program) Database() *pgxpool.Pool {
	p.t.Helper()
	pg := filepath.Join(p.Dir, "postgres")
	var secrets struct{ Superuser string }
	content, err := os.ReadFile(filepath.Join(pg, "secrets"))
	if err == nil {
		err = json.Unmarshal(content, &secrets)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	pid, err := os.ReadFile(filepath.Join(pg, "data", "postmaster.pid"))
	if err != nil {
		p.t.Fatal(err)
	}
	socket := strings.Split(string(pid), "\n")[4] // PostgreSQL's documentation of postmaster.pid: line 5
	cfg, err := pgxpool.ParseConfig(
		fmt.Sprintf("host=%s port=5432 user=postgres password=%s dbname=orbit360 sslmode=disable", socket, secrets.Superuser))
	if err != nil {
		p.t.Fatal(err)
	}
	cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	pool, err := pgxpool.NewWithConfig(p.t.Context(), cfg)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(pool.Close)
	return pool
}

// Applicants puts pending merchants into the database: applying is rate limited.
func Applicants(t *testing.T, pool *pgxpool.Pool, n int) []orbit.MerchantID {
	t.Helper()
	ids := make([]orbit.MerchantID, n)
	for i := range ids {
		ids[i] = orbit.NewID[orbit.Merchant]()
		_, err := pool.Exec(t.Context(), `INSERT INTO merchants (id, name, owner_name, email, category, status)
			VALUES ($1, $2, 'Ada', $3, 'books', 'pending')`,
			ids[i].String(), fmt.Sprintf("Shop %d", i), fmt.Sprintf("owner%d@example.com", i))
		if err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

// Count returns what a query counts.
func Count(t *testing.T, pool *pgxpool.Pool, sql string) (n int) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(sql, err)
	}
	return n
}
