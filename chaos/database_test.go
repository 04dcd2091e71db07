package chaos

import (
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"
)

// terminate ends backends of the program; more narrows down which.
const terminate = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name <> 'chaos'
	AND usename = 'orbit360_app' `

// fault is something that happens to the database, for a while.
type fault struct {
	name  string
	begin func()
	end   func()        // nil where it ends by itself
	lasts time.Duration // how long it is let be
	away  bool          // nothing can be read during the fault
}

func (w *world) databaseFaults(wire *network) []fault {
	quit := func(s syscall.Signal) func() {
		return func() {
			if err := syscall.Kill(w.pg.PID(), s); err != nil {
				w.t.Error(err)
			}
		}
	}
	return []fault{
		{name: "backends terminated", begin: func() {
			for range 10 {
				w.exec(terminate)
				time.Sleep(w.upTo(100 * time.Millisecond))
			}
		}},
		{name: "backends that listen terminated, so that NOTIFYs are lost", begin: func() {
			for range 5 {
				w.exec(terminate + `AND (query ILIKE 'listen%' OR query LIKE '%ping%')`)
				time.Sleep(w.upTo(200 * time.Millisecond))
			}
		}},
		{name: "connection limit reached", lasts: 2 * time.Second,
			begin: func() { w.exec(`ALTER ROLE orbit360_app CONNECTION LIMIT 2`); w.exec(terminate) },
			end:   func() { w.exec(`ALTER ROLE orbit360_app CONNECTION LIMIT -1`) }},
		{name: "database read-only", lasts: time.Second,
			begin: func() { w.exec(`ALTER DATABASE orbit360 SET default_transaction_read_only = on`); w.exec(terminate) },
			end:   func() { w.exec(`ALTER DATABASE orbit360 RESET default_transaction_read_only`) }},
		{name: "PostgreSQL killed with -9", begin: quit(syscall.SIGKILL)},
		{name: "PostgreSQL shut down at once", begin: quit(syscall.SIGQUIT)},
		{name: "database slow", lasts: 2 * time.Second, begin: func() {
			wire.poison("latency",
				`{"latency": 40, "jitter": 20}`)
		}, end: wire.heal},
		{name: "connections reset", lasts: time.Second, begin: func() { wire.poison("reset_peer", `{"timeout": 0}`) },
			end: wire.heal},
		{name: "connections refused", lasts: 2 * time.Second, begin: wire.cut, end: wire.mend, away: true},
		{name: "connections silent", lasts: time.Duration(either(0, 30)) * time.Second,
			begin: func() { wire.poison("timeout", `{"timeout": 0}`) }, end: wire.heal, away: true},
	}
}

// TestDatabaseFaults does to the database, or to the way there, what happens to databases, each while runs are under
// way and pages watch them. Pages answer 503 with when to come back while it is away, and all goes on by itself after
// it.
func TestDatabaseFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	wire := w.wire()
	n := w.node()
	n.start()
	batch, total := either(10, 50), 0
	for _, f := range w.databaseFaults(wire) {
		for range either(1, 3) {
			ids := w.applicants(batch)
			w.watch(ids[:3]...)
			ordered := w.order(ids, 3*time.Millisecond)
			w.under(20 * time.Millisecond)
			f.begin()
			if f.away {
				w.checkAway(n)
			}
			time.Sleep(f.lasts)
			if f.end != nil {
				f.end()
			}
			over := time.Now()
			<-ordered
			w.settle()
			n.ready()
			t.Logf("%s: all %d runs had ended %v after it", f.name, batch, time.Since(over).Round(time.Millisecond))
			total += batch
			w.check(total)
			w.watchers = nil
			if t.Failed() {
				t.Fatal(f.name)
			}
		}
	}
}

// checkAway holds a node to what it says while the database is away.
func (w *world) checkAway(n *node) {
	w.t.Helper()
	var wait sync.WaitGroup
	ask := func(host, path string) {
		res, err := n.do(http.MethodGet, w.cookie(), host, path, "")
		if err != nil {
			w.t.Errorf("%s: %v", path, err)
			return
		}
		_ = res.Body.Close() // only the head is wanted
		if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
			w.t.Errorf("%s answered %d, Retry-After %q, while the database was away", path, res.StatusCode,
				res.Header.Get("Retry-After"))
		}
	}
	for range 8 { // enough to get hold of connections that seem to be good
		wait.Go(func() { ask("admin."+base, "/merchants") })
		wait.Go(func() { ask(base, "/") })
	}
	wait.Go(func() { ask(base, "/readyz") })
	wait.Wait()
	if status, _, err := n.get("", base, "/healthz"); err != nil || status != 200 {
		w.t.Errorf("/healthz: %d %v while the database was away", status, err)
	}
}
