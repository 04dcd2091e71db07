package pg

import (
	"encoding/json"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
)

// JobAttempts is high because a crash consumes an attempt of river's, and real failures are counted
// in our own rows.
const JobAttempts = 10000

// Job adds a durable job to what it is for, and wakes who works its queue. It is written as river's clients in other
// languages write it: no round trip of its own, and job and row commit together.
func (b *Batch) Job(args interface {
	river.JobArgs
	river.JobArgsWithInsertOpts
}) {
	b.JobOf(args, 1)
}

// JobOf adds a job of a priority, 1 (first) to 4.
func (b *Batch) JobOf(args interface {
	river.JobArgs
	river.JobArgsWithInsertOpts
}, priority int) {
	data, err := json.Marshal(args)
	if err != nil {
		b.Err = err
		return
	}
	opts := args.InsertOpts()
	b.Exec(`INSERT INTO river_job (args, kind, queue, max_attempts, priority) VALUES ($1, $2, $3, $4, $5)`,
		string(data), args.Kind(), opts.Queue, opts.MaxAttempts, priority)
	b.Exec(`SELECT pg_notify(current_schema() || '.river_insert', $1)`, `{"queue":"`+opts.Queue+`"}`)
}

// JobAt adds a job for a time to come. River looks every few seconds which are due.
func (b *Batch) JobAt(args interface {
	river.JobArgs
	river.JobArgsWithInsertOpts
}, at time.Time) {
	data, err := json.Marshal(args)
	if err != nil {
		b.Err = err
		return
	}
	opts := args.InsertOpts()
	b.Exec(`INSERT INTO river_job (args, kind, queue, max_attempts, priority, state, scheduled_at)
		VALUES ($1, $2, $3, $4, 1, 'scheduled', $5)`, string(data), args.Kind(), opts.Queue, opts.MaxAttempts, at)
}

// FairJob adds a job of a merchant's, with arguments that name it as merchantId. The more of the same merchant's wait
// in the queue, the more others go first: a shop with a thousand orders doesn't hold up another's.
func (b *Batch) FairJob(args interface {
	river.JobArgs
	river.JobArgsWithInsertOpts
}, m orbit.MerchantID) {
	data, err := json.Marshal(args)
	if err != nil {
		b.Err = err
		return
	}
	opts := args.InsertOpts()
	b.Exec(`INSERT INTO river_job (args, kind, queue, max_attempts, priority)
		SELECT $1::jsonb, $2, $3, $4::smallint, CASE WHEN n < 16 THEN 1 WHEN n < 64 THEN 2 WHEN n < 256 THEN 3 ELSE 4 END
		  FROM (SELECT count(*) AS n FROM (SELECT FROM river_job WHERE queue = $3 AND state = 'available'
		  AND args->>'merchantId' = $5 LIMIT 256) w) waiting`,
		string(data), args.Kind(), opts.Queue, opts.MaxAttempts, m.String())
	b.Exec(`SELECT pg_notify(current_schema() || '.river_insert', $1)`, `{"queue":"`+opts.Queue+`"}`)
}

// LastJob is the id of the job that the batch has added before, in the statement of who refers to it.
const LastJob = `currval('river_job_id_seq')`
