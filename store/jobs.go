package store

import (
	"encoding/json"

	"github.com/riverqueue/river"
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
	b.exec(`INSERT INTO river_job (args, kind, queue, max_attempts, priority) VALUES ($1, $2, $3, $4, $5)`, string(data), args.Kind(), opts.Queue, opts.MaxAttempts, priority)
	b.exec(`SELECT pg_notify(current_schema() || '.river_insert', $1)`, `{"queue":"`+opts.Queue+`"}`)
}

// lastJob is the id of the job that the batch has added before, in the statement of who refers to it.
const lastJob = `currval('river_job_id_seq')`
