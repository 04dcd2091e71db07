package chaos

import (
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
)

// under waits until runs are under way and then for a random moment of theirs.
func (w *world) under(most time.Duration) {
	w.t.Helper()
	w.eventually("runs are under way", func() bool {
		return w.count(`SELECT count(*) FROM merchant_provisionings WHERE status = 'IN_PROGRESS'`) > 0
	})
	time.Sleep(w.upTo(most))
}

// TestKilledAtRandom kills the program with -9 at random moments of runs, some of them again while it recovers, and
// measures from the kill until every run that was under way has come to its end. In the long form these are the
// thousand runs and the hundred kills that the platform promises to survive.
func TestKilledAtRandom(t *testing.T) {
	t.Parallel()
	const batch = 10
	rounds := either(6, 100)
	w, n := one(t)
	var took times
	var kills, hit int
	began := time.Now()
	for range rounds {
		ids := w.applicants(batch)
		w.watch(ids[:2]...)
		ordered := w.order(ids, 2*time.Millisecond)
		w.under(30 * time.Millisecond)
		killed := time.Now()
		n.Kill()
		kills++
		runs := w.underWay()
		n.start()
		if w.rng.IntN(4) == 0 {
			time.Sleep(w.upTo(50 * time.Millisecond))
			killed = time.Now()
			n.Kill()
			kills++
			runs = w.underWay()
			n.start()
		}
		if len(runs) > 0 {
			hit += len(runs)
			took = append(took, w.recover(killed, runs))
		}
		<-ordered
	}
	w.check(batch * rounds)
	t.Logf("%d runs, %d kills, %d runs were under way at a kill, in %v", batch*rounds, kills, hit,
		time.Since(began).Round(time.Second))
	within(t, "recovery after kill -9, from the kill to the end of every run that was under way", took,
		time.Duration(either(10, 3))*time.Second, 10*time.Second)
}

// TestReplicas kills two processes over one database by turns: the runs of the killed one are ended by the other, which
// is all that there is until they have ended.
func TestReplicas(t *testing.T) {
	t.Parallel()
	const batch = 8
	rounds := either(4, 40)
	w, a := one(t)
	b := w.node()
	b.start()
	var took times
	for i := range rounds {
		ids := w.applicants(batch)
		w.watch(ids[:2]...)
		ordered := w.order(ids, 2*time.Millisecond)
		w.under(30 * time.Millisecond)
		victim := []*node{a, b}[i%2]
		killed := time.Now()
		victim.Kill()
		if runs := w.underWay(); len(runs) > 0 {
			took = append(took, w.recover(killed, runs))
		}
		<-ordered
		victim.start()
	}
	w.check(batch * rounds)
	within(t, "takeover by the other replica, from the kill to the end of every run that was under way", took, time.Minute,
		time.Minute)
}

// TestFrozen stops a process (SIGSTOP) that holds a run at each step, past its lease: it keeps its connections and its
// lock, and is alive by every sign but that it says nothing. Another takes over and finishes; the first then wakes,
// goes on where it was, and must change nothing. In the long form it has an open transaction.
func TestFrozen(t *testing.T) {
	t.Parallel()
	w, a := one(t)
	w.exec(holds)
	gate, err := pgx.ConnectConfig(t.Context(), w.db.Config().ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gate.Exec(t.Context(), `SELECT pg_advisory_lock($1)`, holdKey); err != nil {
		t.Fatal(err)
	}
	var keys []orbit.StepKey
	for _, d := range orbit.StepDefinitions() {
		// That one's transaction waits for its client: with it in the row's way only PostgreSQL's time limit of 30 s helps.
		if d.Key != orbit.StepCredentials || long {
			keys = append(keys, d.Key)
		}
	}
	ids := w.applicants(len(keys))
	for i, id := range ids {
		w.exec(`INSERT INTO chaos.holds VALUES ($1, $2)`, id.String(), "mark "+string(keys[i]))
	}
	<-w.order(ids, 0)
	w.eventually("the runs are held", func() bool {
		return w.count(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = 0
			AND objid = $1`, holdKey) == len(ids)
	})
	w.exec(`DELETE FROM chaos.holds`)
	frozen := time.Now()
	a.signal(syscall.SIGSTOP)
	b := w.node()
	b.start()
	w.nodes = []*node{b, a} // a takes connections and answers none
	if _, err := gate.Exec(t.Context(), `SELECT pg_advisory_unlock($1)`, holdKey); err != nil {
		t.Fatal(err)
	}
	w.watch(ids...)
	took := times{w.recover(frozen, w.underWay())}
	a.signal(syscall.SIGCONT)
	a.ready()
	more := w.applicants(10)
	w.watch(more[:4]...)
	<-w.order(more, 0)
	w.check(len(ids) + len(more))
	w.eventually("both are alive again", func() bool {
		return w.count(`SELECT count(*) FROM workers WHERE seen_at > now() - interval '5 seconds'`) == 2
	})
	within(t, "takeover of a frozen process, from its freezing to the end of every run that it held", took, time.Minute,
		time.Minute)
}
