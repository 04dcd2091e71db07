package operators

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"orbit360.app/journey/journeytest"
)

// A real PgBouncer in front of the database. In session mode everything works, live changes too; in transaction mode,
// where notifications get lost and pages would stay old forever, the start is refused with a sentence.
func TestPgBouncer(t *testing.T) {
	t.Parallel()
	bouncer, err := exec.LookPath("pgbouncer")
	if err != nil {
		t.Skip("pgbouncer isn't installed (Debian: apt install pgbouncer)")
	}
	owner, pool := database(t)
	password := servingPassword(t, firstKey)
	through := func(mode string) string { return pooler(t, bouncer, owner, mode, password) }

	transactions := journeytest.Install(t, "DATABASE_URL="+through("transaction"), "SECRET_KEY="+firstKey)
	if err := transactions.Start(); err == nil || !strings.Contains(err.Error(),
		"orbit360: The database doesn't pass on notifications: there is a pooler in between") {
		t.Fatal("transaction mode:", err)
	}
	var tables int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`).Scan(
		&tables); err != nil || tables > 0 {
		t.Errorf("the refused start left %d tables, %v", tables, err)
	}

	p := journeytest.Install(t, "DATABASE_URL="+through("session"), "SECRET_KEY="+firstKey)
	p.MustStart()
	admin := p.Client()
	admin.SignIn()
	p.OpenShop(admin, "modern")
	visitor := p.Client()
	for range 3 { // kept by now
		visitor.Must(200, "modern", "/products/stoneware-mug")
	}
	if _, err := pool.Exec(t.Context(),
		`UPDATE products SET title = 'Earthenware Mug' WHERE handle = 'stoneware-mug'`); err != nil {
		t.Fatal(err)
	}
	journeytest.Eventually(t, "the page is new", func() bool {
		body, _ := visitor.Must(200, "modern", "/products/stoneware-mug")
		return strings.Contains(body, "Earthenware Mug")
	})
	if !strings.Contains(p.Out.String(), "Database connections: at most 23 (platform 12, storefronts 8, others 3)") {
		t.Errorf("the budget isn't printed:\n%s", p.Out)
	}
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}

	// The serving role's way may be another one.
	mixed := journeytest.Install(t, "DATABASE_URL="+owner,
		"DATABASE_APP_URL="+asServing(t, through("transaction"), password), "SECRET_KEY="+firstKey)
	if err := mixed.Start(); err == nil || !strings.Contains(err.Error(), "doesn't pass on notifications") {
		t.Error("transaction mode for the serving role:", err)
	}
}

// pooler starts a PgBouncer that takes no startup parameters but its own few, and gives the owner's address through it.
func pooler(t *testing.T, bouncer, owner, mode, servingPassword string) (address string) {
	t.Helper()
	cfg, err := pgx.ParseConfig(owner)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "orbit360-pooler-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	port := journeytest.FreePort(t)
	for name, text := range map[string]string{
		"users": fmt.Sprintf("%q %q\n%q %q\n", cfg.User, cfg.Password, "orbit360_app", servingPassword),
		"ini": fmt.Sprintf(
			"[databases]\n* = host=%s port=%d\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %s\n"+
				"unix_socket_dir =\nauth_type = trust\nauth_file = %s/users\n"+
				"pool_mode = %s\ndefault_pool_size = 40\nmax_client_conn = 200\n", cfg.Host, cfg.Port, port, dir, mode),
	} {
		// nolint:gosec // passwords of a test's own database, read by another user
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{filepath.Join(dir, "ini")}
	if os.Getuid() == 0 {
		args = append([]string{"-u", "postgres"}, args...) // it refuses root
	}
	cmd := exec.Command(bouncer, args...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	journeytest.Eventually(t, "PgBouncer listens", func() bool {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return "postgres://" + url.UserPassword(cfg.User, cfg.Password).String() + "@127.0.0.1:" + port +
		"/orbit360?sslmode=disable"
}

// asServing is an address with the serving role's name and password.
func asServing(t *testing.T, address, password string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("orbit360_app", password)
	return u.String()
}
