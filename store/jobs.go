package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
)

// jobAttempts is high because a crash consumes an attempt of river's, and real failures are counted
// in our own rows.
const jobAttempts = 10000

// job adds a durable job to what it is for, and wakes who works its queue. It is written as river's clients in other
// languages write it: no round trip of its own, and there is no job without the thing and no thing without its job.
func (b *batch) job(args interface {
	river.JobArgs
	river.JobArgsWithInsertOpts
}) {
	b.jobOf(args, 1)
}

// jobOf adds a job of a priority, 1 (first) to 4.
func (b *batch) jobOf(args interface {
	river.JobArgs
	river.JobArgsWithInsertOpts
}, priority int) {
	data, err := json.Marshal(args)
	if err != nil {
		b.err = err
		return
	}
	opts := args.InsertOpts()
	b.exec(`INSERT INTO river_job (args, kind, queue, max_attempts, priority) VALUES ($1, $2, $3, $4, $5)`,
		string(data), args.Kind(), opts.Queue, opts.MaxAttempts, priority)
	b.exec(`SELECT pg_notify(current_schema() || '.river_insert', $1)`, `{"queue":"`+opts.Queue+`"}`)
}

// fairJob adds a job of a merchant's, whose arguments name it as merchantId. The more of the same merchant's wait in
// the queue, the more others go first: a shop with a thousand orders doesn't hold up another's.
func (b *batch) fairJob(args interface {
	river.JobArgs
	river.JobArgsWithInsertOpts
}, m orbit.MerchantID) {
	data, err := json.Marshal(args)
	if err != nil {
		b.err = err
		return
	}
	opts := args.InsertOpts()
	b.exec(`INSERT INTO river_job (args, kind, queue, max_attempts, priority)
		SELECT $1::jsonb, $2, $3, $4::smallint, CASE WHEN n < 16 THEN 1 WHEN n < 64 THEN 2 WHEN n < 256 THEN 3 ELSE 4 END
		  FROM (SELECT count(*) AS n FROM (SELECT FROM river_job WHERE queue = $3 AND state = 'available'
		  AND args->>'merchantId' = $5 LIMIT 256) w) waiting`,
		string(data), args.Kind(), opts.Queue, opts.MaxAttempts, m.String())
	b.exec(`SELECT pg_notify(current_schema() || '.river_insert', $1)`, `{"queue":"`+opts.Queue+`"}`)
}

// lastJob is the id of the job that the batch has added before, in the statement of who refers to it.
const lastJob = `currval('river_job_id_seq')`

// withoutJob returns the condition on a row of requeue's query: it hasn't changed for ?0 seconds, and no job j that is
// still to be worked is its own.
func withoutJob(changed, own string) string {
	return changed + ` < now() - make_interval(secs => ?0) AND NOT EXISTS (SELECT FROM river_job j WHERE ` + own + `
		AND j.state IN ('available', 'running', 'retryable', 'scheduled', 'pending'))`
}

// requeue adds a job for each id that the query selects, and returns how many.
func requeue[ID any](ctx context.Context, db *DB, unchanged time.Duration, query string,
	add func(*batch, ID)) (n int, err error) {
	err = db.inTx(ctx, func(t tx) error {
		// Row-level security shows what is unfinished, of all shops.
		if _, err := t.pgx.Exec(ctx, `SELECT set_config('orbit.unfinished', 'on', true)`); err != nil {
			return err
		}
		var ids []ID
		if err := t.NewRaw(query, unchanged.Seconds()).Scan(ctx, &ids); err != nil || len(ids) == 0 {
			return err
		}
		b := db.batch()
		for _, id := range ids {
			add(b, id)
		}
		n = len(ids)
		return b.run(ctx, t.pgx)
	})
	return n, err
}
