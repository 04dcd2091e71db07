package pg

import (
	"context"
	"time"
)

// WithoutJob returns the condition on a row of Requeue's query: it hasn't changed for $1 seconds, and no job j that is
// still to be worked is its own.
func WithoutJob(changed, own string) string {
	return changed + ` < now() - make_interval(secs => $1) AND NOT EXISTS (SELECT FROM river_job j WHERE ` + own + `
		AND j.state IN ('available', 'running', 'retryable', 'scheduled', 'pending'))`
}

// Requeue adds a job for each id that the query selects, and returns how many.
func Requeue[ID any](ctx context.Context, db *DB, unchanged time.Duration, query string,
	add func(*Batch, ID)) (n int, err error) {
	err = db.InTx(ctx, func(t Tx) error {
		// Row-level security shows what is unfinished, of all shops.
		if _, err := Exec(ctx, t, `SELECT set_config('orbit.unfinished', 'on', true)`); err != nil {
			return err
		}
		ids, err := All[ID](ctx, t, query, unchanged.Seconds())
		if err != nil || len(ids) == 0 {
			return err
		}
		b := db.Batch()
		for _, id := range ids {
			add(b, id)
		}
		n = len(ids)
		return b.Run(ctx, t)
	})
	return n, err
}
