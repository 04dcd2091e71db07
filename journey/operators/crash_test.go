package operators

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"orbit360.app/journey/journeytest"
	"orbit360.app/orbit"
	"orbit360.app/programtest"
)

// database is a PostgreSQL of the test's own that outlives the program's deaths. It is read as its superuser, past the
// program's own code.
func database(t *testing.T) (url string, pool *pgxpool.Pool) {
	t.Helper()
	pg, err := programtest.StartDatabase(t.Context(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pg.Stop(); err != nil {
			t.Error(err)
		}
	})
	if pool, err = pgxpool.New(t.Context(), pg.SuperURL()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pg.URL(), pool
}

// activate activates a merchant, and retries while the program is killed and restarted.
func activate(c *journeytest.Client, id orbit.MerchantID, subdomain string) error {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		status, body, _, err := c.Do("admin", "/merchants/"+id.String()+"/activation", "theme", "upfront-minimal", "plan",
			"starter", "subdomain", subdomain, "category", "books")
		switch {
		case err == nil && (status == 303 || status == 409): // 409: an earlier try was accepted and its answer lost
			return nil
		case err == nil && status < 500:
			return fmt.Errorf("activation of %s: %d\n%.1500s", subdomain, status, body)
		case time.Now().After(deadline):
			return fmt.Errorf("activation of %s: %d %w", subdomain, status, err)
		}
	}
}

// checkEffects holds the promise of "exactly once" against the rows themselves.
func checkEffects(t *testing.T, pool *pgxpool.Pool, n int) {
	t.Helper()
	for sql, want := range map[string]int{
		`SELECT count(*) FROM merchant_provisionings WHERE status = 'COMPLETED' AND completion_percent = 100`: n,
		`SELECT count(*) FROM merchant_provisionings`:                                                         n,
		`SELECT count(*) FROM provisioning_steps WHERE status = 'done' AND attempts = 1`:                      7 * n,
		`SELECT count(*) FROM merchant_provisionings WHERE retry_count > 0 OR error_log <> '[]'`:              0,
		`SELECT count(DISTINCT code) FROM merchants WHERE status = 'active'`:                                  n,
		`SELECT count(*) FROM releases WHERE number = 1`:                                                      n,
		`SELECT count(*) FROM releases`:                                                                       n,
		`SELECT count(*) FROM memberships`:                                                                    n,
		`SELECT count(*) FROM users WHERE role = 'merchant'`:                                                  n,
		`SELECT count(*) FROM domains`:                                                                        n,
		`SELECT count(*) FROM products`:                                                                       6 * n,
		`SELECT count(*) FROM emails WHERE message_id LIKE '<welcome.%'`:                                      n,
		`SELECT count(*) FROM one_time_links`:                                                                 n,
		`SELECT count(*) FROM audit_log WHERE action = 'run.completed'`:                                       n,

		`SELECT count(*) FROM river_job WHERE kind = 'provision'
			AND state NOT IN ('completed', 'discarded', 'cancelled')`: 0,
	} {
		if got := journeytest.Count(t, pool, sql); got != want {
			t.Errorf("%s: %d instead of %d", sql, got, want)
		}
	}
}

// TestKilledWhileProvisioning kills the program with -9 ten times, at random moments of a hundred runs.
func TestKilledWhileProvisioning(t *testing.T) {
	t.Parallel()
	const runs, kills = 100, 10
	url, pool := database(t)
	p := journeytest.Install(t, "DATABASE_URL="+url)
	p.MustStart()
	ids := journeytest.Applicants(t, pool, runs)
	admin := p.Client()
	admin.SignIn()

	var wait sync.WaitGroup
	next := make(chan int)
	for range 4 {
		wait.Go(func() {
			for i := range next {
				if err := activate(admin, ids[i], fmt.Sprintf("shop%d", i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		defer close(next)
		for i := range ids {
			next <- i
			time.Sleep(20 * time.Millisecond) // spreads the runs over the kills
		}
	}()
	for range kills {
		time.Sleep(time.Duration(20+rand.IntN(250)) * time.Millisecond) // the random moment
		p.Kill()
		p.MustStart()
	}
	restarted := time.Now()
	<-fed
	wait.Wait()
	accepted := time.Now()
	journeytest.Eventually(t, "all runs completed", func() bool {
		return journeytest.Count(t, pool, `SELECT count(*) FROM merchant_provisionings WHERE status = 'COMPLETED'`) == runs
	})
	t.Logf("all %d runs were completed %v after the last restart, %v after the last activation", runs,
		time.Since(restarted), time.Since(accepted))
	journeytest.Eventually(t, "the jobs are written off", func() bool {
		return journeytest.Count(t, pool, `SELECT count(*) FROM river_job
			WHERE kind = 'provision' AND state = 'running'`) == 0
	})
	checkEffects(t, pool, runs)
}

// TestDatabaseKilled kills the program's own PostgreSQL with -9 under runs, then both together.
func TestDatabaseKilled(t *testing.T) {
	t.Parallel()
	const runs = 30
	p := journeytest.Install(t)
	p.MustStart()
	pool := p.Database()
	ids := journeytest.Applicants(t, pool, runs)
	admin := p.Client()
	admin.SignIn()
	activated := make(chan error, 1)
	go func() {
		for i, id := range ids {
			if err := activate(admin, id, fmt.Sprintf("shop%d", i)); err != nil {
				activated <- err
				return
			}
		}
		activated <- nil
	}()
	for i := range 4 {
		time.Sleep(time.Duration(50+rand.IntN(200)) * time.Millisecond) // a random moment
		if i == 3 {
			p.Kill()
		}
		// After its program's death it may have gone down by itself.
		journeytest.Eventually(t, "a PostgreSQL to kill", func() bool {
			return syscall.Kill(postmaster(t, p), syscall.SIGKILL) == nil ||
				i == 3
		})
		if i == 3 {
			p.MustStart()
		}
		journeytest.Eventually(t, "the platform is back", func() bool {
			status, _, _, err := admin.Do("", "/readyz")
			return err == nil && status == 200
		})
	}
	if err := <-activated; err != nil {
		t.Fatal(err)
	}
	pool = p.Database()
	journeytest.Eventually(t, "all runs completed", func() bool {
		return journeytest.Count(t, pool, `SELECT count(*) FROM merchant_provisionings WHERE status = 'COMPLETED'`) == runs
	})
	journeytest.Eventually(t, "the jobs are written off", func() bool {
		return journeytest.Count(t, pool, `SELECT count(*) FROM river_job
			WHERE kind = 'provision' AND state = 'running'`) == 0
	})
	checkEffects(t, pool, runs)
	if t.Failed() {
		t.Log(p.Out)
	}
}

// postmaster is the process id of the installation's own PostgreSQL.
func postmaster(t *testing.T, p *journeytest.Program) int {
	t.Helper()
	var pid int
	journeytest.Eventually(t, "a postmaster.pid", func() bool {
		content, err := os.ReadFile(filepath.Join(p.Dir, "postgres", "data", "postmaster.pid"))
		if err != nil {
			return false
		}
		line, _, _ := strings.Cut(string(content), "\n")
		pid, err = strconv.Atoi(line)
		return err == nil
	})
	return pid
}

// TestStartAndStop is the program's life without accidents.
func TestStartAndStop(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	admin := p.Client()
	admin.SignIn()
	body, _ := admin.Must(200, "", "/apply")
	id := between(body, `name="id" value="`, `"`)
	admin.Must(303, "", "/apply", "id", id, "name", "Kept", "ownerName", "Ada", "email", "ada@example.com", "category",
		"books")

	second := journeytest.At(t, p.Dir)
	err := second.Start()
	if err == nil || !strings.Contains(err.Error(), "another ORBIT360 (pid "+strconv.Itoa(p.PID())+")") {
		t.Error("a second start on the same folder:", err)
	}
	// First the log says that it starts, with the version.
	first, message, _ := strings.Cut(strings.TrimSpace(second.Out.String()), "\n")
	if !strings.Contains(first, "starting") {
		t.Errorf("its first line is %q", first)
	}
	if !strings.HasPrefix(message, "orbit360: ") || strings.Contains(message, "\n") {
		t.Errorf("the error isn't one line that begins with orbit360:\n%s", message)
	}

	pid := postmaster(t, p)
	if err := p.Stop(); err != nil {
		t.Fatal("SIGTERM:", err, p.Out)
	}
	if syscall.Kill(pid, 0) == nil {
		t.Error("PostgreSQL is still running")
	}
	p.MustStart()
	if _, location := admin.Must(200, "admin", "/merchants"); location != "" {
		t.Error("the session is gone")
	}
	if body, _ := admin.Must(200, "admin", "/merchants"); !strings.Contains(body, "Kept") {
		t.Error("the merchant is gone")
	}
	if err := p.Stop(); err != nil {
		t.Fatal("SIGTERM:", err, p.Out)
	}
	// The serving role's password comes from the secret key: a new key makes a new password, where it is meant.
	before, err := os.ReadFile(filepath.Join(p.Dir, "secret-key"))
	if err != nil {
		t.Fatal(err)
	}
	const key = "SECRET_KEY=another secret key, long enough to be one"
	if err := p.Start(key); err == nil || !strings.Contains(err.Error(), "SECRET_KEY_OLD") {
		t.Error("a start with another key:", err)
	}
	p.MustStart(key, "SECRET_KEY_PREVIOUS="+string(before)) // its older name
	admin.Must(200, "admin", "/merchants")
}

// between is what stands between two texts.
func between(s, before, after string) string {
	_, rest, _ := strings.Cut(s, before)
	middle, _, _ := strings.Cut(rest, after)
	return middle
}
