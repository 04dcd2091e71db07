package store

import (
	"context"
	"encoding/json"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// queues counts the jobs that aren't completed, by river's index over state and queue: of those there may be millions.
const queues = `SELECT queue, state::text, count(*), min(scheduled_at) FROM river_job
	WHERE state IN ('available', 'running', 'retryable', 'scheduled', 'pending', 'discarded', 'cancelled') GROUP BY 1, 2
	ORDER BY 1, 2`

// failuresShown is how many failures Operations lists.
const failuresShown = 10

// Operations computes the promises from the runs accepted since a moment, and reads how work stands now, in one
// round trip.
func (db *DB) Operations(ctx context.Context, since time.Time) (orbit.Operations, error) {
	o := orbit.Operations{Since: since, Live: orbit.NewTimes(orbit.LiveBounds())}
	f := &o.Runs
	f.Times, f.Attempts = orbit.NewTimes(orbit.RunTimeBounds()), map[int]int{}
	bounds := make([]float64, len(f.Times.Bounds))
	for i, b := range f.Times.Bounds {
		bounds[i] = b.Seconds()
	}
	var b pgx.Batch
	b.Queue(`WITH runs AS MATERIALIZED (
			SELECT status, CASE WHEN status = 'COMPLETED' THEN greatest(extract(epoch
			FROM completed_at - created_at), 0)::float8 END AS took
			FROM merchant_provisionings WHERE created_at >= $1)
		SELECT clock_timestamp(), count(*), count(*) FILTER (WHERE status = 'COMPLETED'),
		count(*) FILTER (WHERE status = 'FAILED'),
			count(*) FILTER (WHERE status = 'ROLLBACK'), percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY took),
			coalesce(max(took), 0),
			(SELECT jsonb_object_agg(slot, n) FROM (SELECT width_bucket(took, $2::float8[]) AS slot, count(*) AS n FROM runs
			WHERE took IS NOT NULL GROUP BY 1) t)
		FROM runs`, since, bounds).QueryRow(func(row pgx.Row) error {
		var quantiles []float64
		var longest float64
		var slots []byte
		if err := row.Scan(&o.At, &f.Accepted, &f.Completed, &f.Failed, &f.RolledBack, &quantiles, &longest,
			&slots); err != nil {
			return err
		}
		f.Unfinished, f.Longest = f.Accepted-f.Ended(), seconds(longest)
		if len(quantiles) == 3 {
			f.P50, f.P95, f.P99 = seconds(quantiles[0]), seconds(quantiles[1]), seconds(quantiles[2])
		}
		if len(slots) == 0 {
			return nil
		}
		counts := map[int]int{}
		err := json.Unmarshal(slots, &counts)
		for slot, n := range counts {
			f.Times.Counts[slot] = n
		}
		return err
	})
	// Only runs that met a failure needed more than one attempt at any step: all others needn't be looked at.
	b.Queue(`SELECT most, count(*) FROM (SELECT max(s.attempts) AS most FROM merchant_provisionings r
	JOIN provisioning_steps s ON s.run_id = r.id
		WHERE r.created_at >= $1 AND r.error_log <> '[]'::jsonb GROUP BY r.id) t
		GROUP BY 1`, since).Query(each(func(r pgx.Rows) error {
		var most, n int
		err := r.Scan(&most, &n)
		f.Attempts[most] = n
		return err
	}))
	b.Queue(`SELECT at_most_ms, sum(count)::bigint FROM live_update_times WHERE hour >= date_trunc('hour', $1::timestamptz)
		GROUP BY 1`, since).Query(each(func(r pgx.Rows) error {
		var ms, n int
		err := r.Scan(&ms, &n)
		o.Live.Counts[o.Live.Slot(time.Duration(ms)*time.Millisecond)] += n
		return err
	}))
	b.Queue(queues).Query(each(func(r pgx.Rows) error { return scanQueue(r, &o.Queues) }))
	b.Queue(`SELECT w.id, w.started_at, w.id IN (` + pg.Alive + `),
			(SELECT count(*) FROM river_job j WHERE j.state = 'running' AND j.attempted_by[array_upper(j.attempted_by, 1)] = w.id)
		FROM workers w ORDER BY w.started_at, w.id`).Query(each(func(r pgx.Rows) error {
		var w orbit.WorkerState
		err := r.Scan(&w.ID, &w.StartedAt, &w.Alive, &w.Jobs)
		o.Workers = append(o.Workers, w)
		return err
	}))
	b.Queue(`SELECT r.id::text, m.id::text, m.name, r.status, jsonb_array_length(r.error_log), r.error_log -> -1
		FROM merchant_provisionings r JOIN merchants m ON m.id = r.merchant_id
		WHERE r.created_at >= $1 AND r.error_log <> '[]'::jsonb ORDER BY r.created_at DESC
		LIMIT $2`, since, failuresShown).Query(each(func(r pgx.Rows) error {
		var x orbit.RunFailure
		err := r.Scan(&x.Run, &x.Merchant, &x.Name, &x.Status, &x.Failures, &x.Last)
		o.Failures = append(o.Failures, x)
		return err
	}))
	err := db.Pool().SendBatch(ctx, &b).Close()
	tried := 0
	for _, n := range f.Attempts {
		tried += n
	}
	if first := f.Accepted - tried; first > 0 {
		f.Attempts[1] += first
	}
	return o, pg.MapError(err)
}

// Load is read at each scrape of the metrics.
func (db *DB) Load(ctx context.Context) (orbit.Load, error) {
	l := orbit.Load{Runs: map[orbit.RunStatus]int{}}
	var b pgx.Batch
	b.Queue(queues).Query(each(func(r pgx.Rows) error { return scanQueue(r, &l.Queues) }))
	// The condition of the index merchant_provisionings_open: completed runs aren't looked at.
	b.Queue(`SELECT status, count(*) FROM merchant_provisionings
		WHERE status IN ('PENDING', 'IN_PROGRESS', 'FAILED') OR (status = 'ROLLBACK' AND completed_at IS NULL)
		GROUP BY 1`).Query(each(func(r pgx.Rows) error {
		var status orbit.RunStatus
		var n int
		err := r.Scan(&status, &n)
		l.Runs[status] = n
		return err
	}))
	b.Queue(`SELECT count(*) FROM emails WHERE status = 'queued'`).QueryRow(
		func(r pgx.Row) error { return r.Scan(&l.Emails) })
	b.Queue(`SELECT count(*) FROM (` + pg.Alive + `) a`).QueryRow(func(r pgx.Row) error { return r.Scan(&l.Workers) })
	return l, pg.MapError(db.Pool().SendBatch(ctx, &b).Close())
}

// AddLiveTimes adds what a process has measured to the hour's counts.
func (db *DB) AddLiveTimes(ctx context.Context, t orbit.Times) error {
	b := db.Batch()
	for i, n := range t.Counts {
		if n == 0 {
			continue
		}
		ms := int64(math.MaxInt32)
		if i < len(t.Bounds) {
			ms = t.Bounds[i].Milliseconds()
		}
		b.Exec(`INSERT INTO live_update_times (hour, at_most_ms, count) VALUES (date_trunc('hour', now()), $1, $2)
			ON CONFLICT (hour, at_most_ms) DO UPDATE SET count = live_update_times.count + excluded.count`, ms, n)
	}
	return db.Commit(ctx, b)
}

// each reads all rows of a batch's query.
func each(read func(pgx.Rows) error) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			if err := read(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	}
}

func scanQueue(r pgx.Rows, to *[]orbit.QueueDepth) error {
	var q orbit.QueueDepth
	err := r.Scan(&q.Queue, &q.State, &q.Jobs, &q.Oldest)
	*to = append(*to, q)
	return err
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
