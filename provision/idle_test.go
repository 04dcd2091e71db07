package provision_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/storetest"
)

// quiet is a service with nothing to do, and the superuser's view of its database.
func quiet(t *testing.T) (*store.DB, *pgx.Conn, func(id orbit.MerchantID, within time.Duration) orbit.RunView) {
	t.Helper()
	url := storetest.NewURL(t)
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	super, err := pgx.Connect(t.Context(), storetest.SuperURL(url))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = super.Close(context.Background()) })
	f := start(t, db, visitOK)
	return db, super, func(id orbit.MerchantID, within time.Duration) orbit.RunView {
		t.Helper()
		began := time.Now()
		v := await(t, f, id, ended)
		// Far above what it takes on a busy machine, far below the poll that would have found it.
		if took := time.Since(began); took > within || v.Run.Status != orbit.RunCompleted {
			t.Errorf("%s after %v", v.Run.Status, took)
		}
		return v
	}
}

// TestIdleIsQuiet: a process with nothing to do hardly asks the database anything. Polling every queue asked it 80
// times a second.
func TestIdleIsQuiet(t *testing.T) {
	t.Parallel()
	_, super, _ := quiet(t)
	transactions := func() (n int) {
		t.Helper()
		if err := super.QueryRow(t.Context(), `SELECT xact_commit FROM pg_stat_database
			WHERE datname = current_database()`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	pause := func(d time.Duration) {
		select {
		case <-time.After(d):
		case <-t.Context().Done():
		}
	}
	pause(8 * time.Second) // it has begun, and its statistics are written
	before := transactions()
	const during = 15
	pause(during * time.Second) // a rate takes time
	if n := transactions() - before; n > 5*during {
		t.Errorf("%d transactions in %d seconds", n, during)
	}
}

// TestJobsBeginAtOnce: adding a job wakes its worker, however long nothing has happened, without a poll.
func TestJobsBeginAtOnce(t *testing.T) {
	t.Parallel()
	db, _, completes := quiet(t)
	for i := range 5 {
		id := apply(t, db, fmt.Sprint("alpha", i))
		activate(t, db, id, fmt.Sprint("alpha", i))
		v := completes(id, 10*time.Second)
		t.Log("taken after", v.Run.StartedAt.Sub(v.Run.CreatedAt))
	}
}

// TestUnheardJobsBegin: a job that was added while the listener was away is found when it is back.
func TestUnheardJobsBegin(t *testing.T) {
	t.Parallel()
	db, super, completes := quiet(t)
	for i := range 3 {
		id := apply(t, db, fmt.Sprint("alpha", i))
		if _, err := super.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND query LIKE 'LISTEN%'`); err != nil {
			t.Fatal(err)
		}
		activate(t, db, id, fmt.Sprint("alpha", i))
		completes(id, 20*time.Second)
	}
}

// TestSilentWork: work without a notification, as after a restart of the database or an order by hand, is found too:
// jobs of processes that are gone, jobs that are due, and runs without a job.
func TestSilentWork(t *testing.T) {
	t.Parallel()
	db, super, completes := quiet(t)
	for i, silently := range []string{
		`UPDATE river_job SET state = 'running', attempted_by = '{w-gone}', attempted_at = now(), attempt = 1
			WHERE state = 'scheduled'`,
		`UPDATE river_job SET state = 'available', scheduled_at = now() WHERE state = 'scheduled'`,
		`DELETE FROM river_job WHERE state = 'scheduled'; UPDATE merchant_provisionings
			SET updated_at = now() - interval '1 minute' WHERE status = 'PENDING'`,
	} {
		id := apply(t, db, fmt.Sprint("alpha", i))
		// The run's job isn't due for a day, and then is, without a word.
		if _, err := super.Exec(t.Context(), `CREATE OR REPLACE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
				NEW.state := 'scheduled'; NEW.scheduled_at := now() + interval '1 day'; RETURN NEW; END $$;
			CREATE OR REPLACE TRIGGER later BEFORE INSERT ON river_job FOR EACH ROW
			WHEN (NEW.kind = 'provision') EXECUTE FUNCTION later()`); err != nil {
			t.Fatal(err)
		}
		activate(t, db, id, fmt.Sprint("alpha", i))
		if _, err := super.Exec(t.Context(), `DROP TRIGGER later ON river_job; `+silently); err != nil {
			t.Fatal(err)
		}
		completes(id, 25*time.Second)
	}
}
