package store

import (
	"context"
	"hash/fnv"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Worker is this process's claim to be alive: a session-level advisory lock that ends with the process, however it
// ends, and a lease for the ends that go unseen: a process that is frozen, or has a machine that is gone, keeps
// its session and renews nothing. River itself would need minutes to find a crashed worker's jobs.
type Worker struct {
	db   *DB
	id   string
	key  int64
	conn *pgx.Conn
}

// RegisterWorker takes the lock of id, which must be unique per start, and enters it among the workers.
func (db *DB) RegisterWorker(ctx context.Context, id string) (*Worker, error) {
	w := &Worker{db: db, id: id}
	return w, w.lock(ctx)
}

func (w *Worker) lock(ctx context.Context) error {
	conn, err := w.db.Connect(ctx)
	if err != nil {
		return pg.Mapped(err)
	}
	h := fnv.New64a()
	h.Write([]byte(w.id))
	key := int64(h.Sum64())
	// First the lock, then the row: a row without its lock means dead. A lease that is lost in a crash of the database
	// is renewed a second later: no reason to wait for the disk every second.
	_, err = conn.Exec(ctx, `SET synchronous_commit TO off`)
	if err == nil {
		_, err = conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, key)
	}
	if err == nil {
		err = w.renew(ctx, conn, key)
	}
	if err != nil {
		_ = conn.Close(ctx) // the first error is the one to tell
		return pg.Mapped(err)
	}
	w.conn, w.key = conn, key
	return nil
}

// renew renews the lease. A process that was frozen past it may find its row gone.
func (w *Worker) renew(ctx context.Context, conn *pgx.Conn, key int64) error {
	_, err := conn.Exec(ctx, `INSERT INTO workers (id, lock_key) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE
		SET seen_at = now()`, w.id, key)
	return err
}

// keepPatience is how long the database may take to answer the renewal of a lease: a broken network reports no error.
const keepPatience = 5 * time.Second

// Keep renews the lease and so checks that the lock's session still lives; it takes the lock again where it was
// lost. Until then others may take this process's jobs; their writes are fenced by the run's epoch.
func (w *Worker) Keep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, keepPatience)
	defer cancel()
	if w.conn != nil {
		if err := w.renew(ctx, w.conn, w.key); err == nil {
			return nil
		}
		_ = w.conn.Close(ctx) // it is broken already
		w.conn = nil
	}
	return w.lock(ctx)
}

// Close takes the worker off the list and ends its session.
func (w *Worker) Close(ctx context.Context) error {
	if w.conn == nil {
		return nil
	}
	_, err := w.conn.Exec(ctx, `DELETE FROM workers WHERE id = $1`, w.id)
	if closeErr := w.conn.Close(ctx); err == nil {
		err = closeErr
	}
	return pg.Mapped(err)
}

// Found is what a sweep has seen.
type Found struct {
	Freed   int64    // jobs of processes that are gone
	Woken   int64    // queues that were notified of them
	Due     []string `bun:",array"` // queues in which jobs wait that could begin
	Working bool     // a job is being worked, or one will be due in a moment: look again soon
}

// Sweep frees the jobs without a worker: running jobs with a last worker that holds no lock or has let its lease run
// out, and jobs of the caller's own that it isn't working (river lost the database when it was to note their end).
// They become available again with the attempt given back, and all processes are notified. Safe to run from every
// process. A job that a dying transaction still holds is left for the next time: it must not keep the others waiting.
func (db *DB) Sweep(ctx context.Context, self string, working []int64) (f Found, err error) {
	return pg.One[Found](ctx, db, `WITH alive AS (`+pg.Alive+`),
		gone AS (DELETE FROM workers w WHERE NOT EXISTS (SELECT FROM alive WHERE alive.id = w.id)),
		freed AS (UPDATE river_job j SET state = 'available', attempt = greatest(j.attempt - 1, 0), scheduled_at = now()
			WHERE j.id IN (SELECT j.id FROM river_job j WHERE j.state = 'running' AND (NOT EXISTS (SELECT FROM alive
				WHERE alive.id = j.attempted_by[array_upper(j.attempted_by, 1)])
				OR j.attempted_by[array_upper(j.attempted_by, 1)] = $1
					AND j.attempted_at < now() - interval '5 seconds' AND j.id <> ALL ($2)) FOR UPDATE OF j SKIP LOCKED)
			RETURNING j.queue),
		woken AS (SELECT pg_notify(current_schema() || '.river_insert', json_build_object('queue', queue)::text)
			FROM (SELECT DISTINCT queue FROM freed) q),
		due AS (SELECT queue FROM freed UNION SELECT queue FROM river_job WHERE state = 'available' AND scheduled_at <= now())
		SELECT (SELECT count(*) FROM freed) AS freed, (SELECT count(*) FROM woken) AS woken,
			(SELECT array_agg(queue) FROM due)::text[] AS due, EXISTS (SELECT FROM river_job WHERE state = 'running')
				OR EXISTS (SELECT FROM river_job WHERE state = 'available' AND scheduled_at < now() + interval '10 seconds')
				AS working`, self, append([]int64{}, working...))
}

// OthersWait reports whether jobs of other merchants wait in a queue.
func (db *DB) OthersWait(ctx context.Context, queue string, m orbit.MerchantID) (waiting bool, err error) {
	return pg.One[bool](ctx, db, `SELECT EXISTS (SELECT FROM river_job WHERE queue = $1 AND state = 'available'
		AND scheduled_at <= now() AND args->>'merchantId' <> $2)`, queue, m.String())
}
