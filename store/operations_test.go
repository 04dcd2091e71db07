package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/storetest"
)

// ran puts a run that has been into the database, with the failures and attempts it met.
func ran(t *testing.T, conn *pgx.Conn, status orbit.RunStatus, accepted, took time.Duration,
	failures int) (orbit.MerchantID, orbit.RunID) {
	t.Helper()
	m, r := orbit.NewID[orbit.Merchant](), orbit.NewID[orbit.Run]()
	log := "[]"
	if failures > 0 {
		log = `[{"step": "website_deployment", "message": "It didn't work.", "at": "2026-11-23T08:00:00Z"}]`
	}
	var b pgx.Batch
	b.Queue(`INSERT INTO merchants (id, name, owner_name, email, category, status)
		VALUES ($1, 'Shop', 'Ada', $2, 'books', 'active')`, m.String(), m.String()+"@example.com")
	b.Queue(`INSERT INTO merchant_provisionings (id, merchant_id, status, theme_id, plan_id, subdomain, category,
	error_log, created_at, started_at, completed_at)
		SELECT $1, $2, $3::text, t.id, p.id, 'x', 'books', $4, now() - $5::interval, now() - $5::interval, CASE
		WHEN $3 IN ('COMPLETED', 'ROLLBACK') THEN now() - $5::interval + $6::interval END FROM themes t, plans p LIMIT 1`,
		r.String(), m.String(), string(status), log, accepted, took)
	b.Queue(`INSERT INTO provisioning_steps (run_id, key, position, status, attempts)
		VALUES ($1, 'website_deployment', 3, 'done', $2), ($1, 'completion', 6, 'done', 1)`, r.String(), failures+1)
	if err := conn.SendBatch(t.Context(), &b).Close(); err != nil {
		t.Fatal(err)
	}
	return m, r
}

func TestOperations(t *testing.T) {
	t.Parallel()
	url := storetest.NewURL(t)
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	conn, err := pgx.Connect(t.Context(), storetest.SuperURL(url))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) }) // a test's connection
	if o, err := db.Operations(t.Context(), time.Now().Add(-time.Hour)); err != nil || o.Runs.Accepted != 0 ||
		o.Runs.Times.Total() != 0 || len(o.Failures) != 0 || o.At.IsZero() {
		t.Fatalf("of nothing: %+v, %v", o, err)
	}
	for i := range 9 {
		ran(t, conn, orbit.RunCompleted, time.Minute, time.Duration(i+1)*10*time.Millisecond, 0)
	}
	ran(t, conn, orbit.RunCompleted, 2*time.Minute, 40*time.Second, 1)
	merchant, run := ran(t, conn, orbit.RunFailed, time.Second, 0, 2)
	ran(t, conn, orbit.RunRollback, time.Minute, time.Second, 2)
	ran(t, conn, orbit.RunInProgress, time.Second, 0, 0)
	ran(t, conn, orbit.RunFailed, 100*time.Hour, 0, 2) // before what is asked for
	live := orbit.NewTimes(orbit.LiveBounds())
	live.Counts[live.Slot(3*time.Millisecond)], live.Counts[live.Slot(time.Hour)] = 5, 1
	for range 2 { // two processes
		if err := db.AddLiveTimes(t.Context(), live); err != nil {
			t.Fatal(err)
		}
	}
	worker, err := db.RegisterWorker(t.Context(), "w-alive")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = worker.Close(t.Context()) }) // ends with the database
	if _, err := conn.Exec(t.Context(), `INSERT INTO workers (id, lock_key) VALUES ('w-gone', 42)`); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), `INSERT INTO river_job (kind, queue, state, args, max_attempts, attempted_by,
		attempt) SELECT 'x', 'mail', 'running', '{}', 5, ARRAY['w-gone', 'w-alive'], 1`); err != nil {
		t.Fatal(err)
	}

	o, err := db.Operations(t.Context(), time.Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	f := o.Runs
	if f.Accepted != 13 || f.Completed != 10 || f.Failed != 1 || f.RolledBack != 1 || f.Unfinished != 1 ||
		f.Ended() != 12 {
		t.Errorf("%+v", f)
	}
	if f.P50 < 50*time.Millisecond || f.P50 > 60*time.Millisecond || f.P99 < 30*time.Second ||
		f.Longest.Round(time.Second) != 40*time.Second {
		t.Errorf("p50 %v, p99 %v, longest %v", f.P50, f.P99, f.Longest)
	}
	if f.Times.Total() != 10 || f.Times.Counts[len(f.Times.Counts)-1] != 1 {
		t.Errorf("%+v", f.Times)
	}
	if diff := cmp.Diff(map[int]int{1: 10, 2: 1, 3: 2}, f.Attempts); diff != "" {
		t.Error(diff)
	}
	if p50, ok := o.Live.Quantile(0.5); !ok || p50 != 5*time.Millisecond || o.Live.Total() != 12 {
		t.Errorf("%+v", o.Live)
	}
	if _, ok := o.Live.Quantile(0.99); ok {
		t.Error("what took an hour is within a bound")
	}
	var alive []string
	for _, w := range o.Workers {
		alive = append(alive, fmt.Sprint(w.ID, " ", w.Alive, " ", w.Jobs))
	}
	if diff := cmp.Diff([]string{"w-alive true 1", "w-gone false 0"}, alive); diff != "" {
		t.Error(diff)
	}
	if len(o.Queues) != 1 || o.Queues[0].Queue != "mail" || o.Queues[0].State != "running" || o.Queues[0].Jobs != 1 {
		t.Errorf("%+v", o.Queues)
	}
	if len(o.Failures) != 3 || o.Failures[0].Run != run || o.Failures[0].Merchant != merchant ||
		o.Failures[0].Last.Message != "It didn't work." {
		t.Errorf("%+v", o.Failures)
	}
	load, err := db.Load(t.Context())
	if err != nil || load.Runs[orbit.RunFailed] != 2 || load.Runs[orbit.RunInProgress] != 1 ||
		load.Runs[orbit.RunCompleted] != 0 || load.Workers != 1 || len(load.Queues) != 1 {
		t.Errorf("%+v, %v", load, err)
	}

	// A run is shown by its own merchant alone.
	if v, err := db.OneRun(t.Context(), merchant, run); err != nil || v.Run.ID != run || len(v.Run.Steps) != 2 ||
		v.ReadAt.IsZero() {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err := db.OneRun(t.Context(), orbit.NewID[orbit.Merchant](), run); orbit.CodeOf(err) != orbit.NotFound {
		t.Errorf("another merchant's run: %v", err)
	}
	if runs, err := db.Runs(t.Context(), merchant, 5); err != nil || len(runs) != 1 || runs[0].ID != run ||
		len(runs[0].ErrorLog) != 1 {
		t.Errorf("%+v, %v", runs, err)
	}
}
