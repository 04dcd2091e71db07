package store

import (
	"context"
	"math"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// queues counts the jobs that aren't completed, by river's index over state and queue: of those there may be millions.
const queues = `SELECT queue, state::text, count(*) AS jobs, min(scheduled_at) AS oldest FROM river_job
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
	r := pg.NewReader(db)
	runs := pg.Ask[runFigures](r, runFiguresQuery, since, bounds)
	// Only runs that met a failure needed more than one attempt at any step: all others needn't be looked at.
	attempts := pg.Ask[[]struct{ Most, N int }](r, `SELECT most, count(*) AS n FROM (SELECT max(s.attempts) AS most
		FROM merchant_provisionings r
			JOIN provisioning_steps s ON s.run_id = r.id
			WHERE r.created_at >= $1 AND r.error_log <> '[]'::jsonb GROUP BY r.id) t GROUP BY 1`, since)
	live := pg.Ask[[]struct{ AtMostMs, N int }](r, `SELECT at_most_ms, sum(count)::bigint AS n FROM live_update_times
			WHERE hour >= date_trunc('hour', $1::timestamptz) GROUP BY 1`, since)
	waiting := pg.Ask[[]orbit.QueueDepth](r, queues)
	workers := pg.Ask[[]orbit.WorkerState](r, `SELECT w.id, w.started_at, w.id IN (`+pg.Alive+`) AS alive,
		(SELECT count(*) FROM river_job j
				WHERE j.state = 'running' AND j.attempted_by[array_upper(j.attempted_by, 1)] = w.id) AS jobs
			FROM workers w ORDER BY w.started_at, w.id`)
	failures := pg.Ask[[]orbit.RunFailure](r, `SELECT r.id AS run, m.id AS merchant, m.name, r.status,
				jsonb_array_length(r.error_log) AS failures, r.error_log -> -1 AS last
			FROM merchant_provisionings r JOIN merchants m ON m.id = r.merchant_id
			WHERE r.created_at >= $1 AND r.error_log <> '[]'::jsonb ORDER BY r.created_at DESC
			LIMIT $2`, since, failuresShown)
	err := r.Read(ctx)
	o.At, o.Queues, o.Workers, o.Failures = runs.Value.At, waiting.Value, workers.Value, failures.Value
	runs.Value.fill(f)
	for _, l := range live.Value {
		o.Live.Counts[o.Live.Slot(time.Duration(l.AtMostMs)*time.Millisecond)] += l.N
	}
	for _, a := range attempts.Value {
		f.Attempts[a.Most] = a.N
	}
	tried := 0
	for _, n := range f.Attempts {
		tried += n
	}
	if first := f.Accepted - tried; first > 0 {
		f.Attempts[1] += first
	}
	return o, err
}

// runFigures holds the figures of runs as one statement returns them; times are in seconds.
type runFigures struct {
	At                                      time.Time
	Accepted, Completed, Failed, RolledBack int
	Quantiles                               []float64 `bun:",array"`
	Longest                                 float64
	Slots                                   map[int]int `bun:"type:jsonb"`
}

const runFiguresQuery = `WITH runs AS MATERIALIZED (
		SELECT status, CASE WHEN status = 'COMPLETED' THEN
			greatest(extract(epoch FROM completed_at - created_at), 0)::float8 END AS took
		FROM merchant_provisionings WHERE created_at >= $1)
	SELECT clock_timestamp() AS at, count(*) AS accepted, count(*) FILTER (WHERE status = 'COMPLETED') AS completed,
		count(*) FILTER (WHERE status = 'FAILED') AS failed, count(*) FILTER (WHERE status = 'ROLLBACK') AS rolled_back,
		percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY took) AS quantiles, coalesce(max(took), 0) AS longest,
		(SELECT jsonb_object_agg(slot, n) FROM (SELECT width_bucket(took, $2::float8[]) AS slot, count(*) AS n FROM runs
			WHERE took IS NOT NULL GROUP BY 1) t) AS slots
	FROM runs`

func (r runFigures) fill(f *orbit.RunFigures) {
	f.Accepted, f.Completed, f.Failed, f.RolledBack = r.Accepted, r.Completed, r.Failed, r.RolledBack
	f.Unfinished, f.Longest = f.Accepted-f.Ended(), seconds(r.Longest)
	if len(r.Quantiles) == 3 {
		f.P50, f.P95, f.P99 = seconds(r.Quantiles[0]), seconds(r.Quantiles[1]), seconds(r.Quantiles[2])
	}
	for slot, n := range r.Slots {
		f.Times.Counts[slot] = n
	}
}

// Load is read at each scrape of the metrics.
func (db *DB) Load(ctx context.Context) (orbit.Load, error) {
	l := orbit.Load{Runs: map[orbit.RunStatus]int{}}
	r := pg.NewReader(db)
	waiting := pg.Ask[[]orbit.QueueDepth](r, queues)
	// The condition of the index merchant_provisionings_open: completed runs aren't looked at.
	runs := pg.Ask[[]struct {
		Status orbit.RunStatus
		N      int
	}](r, `SELECT status, count(*) AS n FROM merchant_provisionings
			WHERE status IN ('PENDING', 'IN_PROGRESS', 'FAILED') OR (status = 'ROLLBACK' AND completed_at IS NULL)
			GROUP BY 1`)
	now := pg.Ask[struct{ Emails, Workers int }](r, `SELECT (SELECT count(*) FROM emails
		WHERE status = 'queued') AS emails,
			(SELECT count(*) FROM (`+pg.Alive+`) a) AS workers`)
	err := r.Read(ctx)
	l.Queues, l.Emails, l.Workers = waiting.Value, now.Value.Emails, now.Value.Workers
	for _, r := range runs.Value {
		l.Runs[r.Status] = r.N
	}
	return l, err
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
	return b.Run(ctx, db)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
