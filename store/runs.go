package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
)

// runView reads the parts of a RunView as JSON, so that the statement is planned once a connection.
const (
	runView = runParts + `LEFT JOIN LATERAL (SELECT * FROM merchant_provisionings p WHERE p.merchant_id = m.id ORDER BY p.created_at DESC LIMIT 1) r ON true` + runRest

	runParts = `SELECT clock_timestamp(), to_jsonb(m), to_jsonb(r), to_jsonb(t), to_jsonb(p), to_jsonb(d),
		(SELECT jsonb_agg(to_jsonb(s) ORDER BY s.position) FROM provisioning_steps s WHERE s.run_id = r.id)
	FROM merchants m
	`
	runRest = `
	LEFT JOIN themes t ON t.id = r.theme_id
	LEFT JOIN plans p ON p.id = r.plan_id
	LEFT JOIN deployment_metadata d ON d.merchant_id = m.id AND d.run_id = r.id `
)

// RunView is the newest run of a merchant with all that people see of it, read in one statement so
// that its parts agree. NotFound only for an unknown merchant.
func (db *DB) RunView(ctx context.Context, merchant orbit.MerchantID) (orbit.RunView, error) {
	return db.scanRunView(db.pool.QueryRow(ctx, runView+`WHERE m.id = $1`, merchant.String()))
}

// OneRun is a run of a merchant, not necessarily the newest, with all that people see of it. NotFound where it
// isn't that merchant's.
func (db *DB) OneRun(ctx context.Context, merchant orbit.MerchantID, run orbit.RunID) (orbit.RunView, error) {
	return db.scanRunView(db.pool.QueryRow(ctx, runParts+`JOIN merchant_provisionings r ON r.merchant_id = m.id AND r.id = $2`+runRest+`WHERE m.id = $1`, merchant.String(), run.String()))
}

// Runs are the newest runs of a merchant, without their steps.
func (db *DB) Runs(ctx context.Context, merchant orbit.MerchantID, limit int) (runs []orbit.Run, err error) {
	err = db.scan(ctx, db.pool, &runs, `SELECT `+db.columns("r", "", orbit.Run{})+` FROM merchant_provisionings r WHERE r.merchant_id = $1 ORDER BY r.created_at DESC LIMIT $2`, merchant.String(), limit)
	return runs, err
}

func (db *DB) scanRunView(row pgx.Row) (v orbit.RunView, err error) {
	var merchant, run, theme, plan, deployment, steps []byte
	if err := row.Scan(&v.ReadAt, &merchant, &run, &theme, &plan, &deployment, &steps); err != nil {
		return v, mapError(err)
	}
	var d orbit.Deployment
	var rows []json.RawMessage
	err = errors.Join(db.fromJSON(merchant, &v.Merchant), db.fromJSON(run, &v.Run), db.fromJSON(theme, &v.Theme), db.fromJSON(plan, &v.Plan), db.fromJSON(deployment, &d))
	if err == nil && len(steps) > 0 {
		err = json.Unmarshal(steps, &rows)
	}
	for _, row := range rows {
		var step orbit.Step
		err = errors.Join(err, db.fromJSON(row, &step))
		v.Run.Steps = append(v.Run.Steps, step)
	}
	if !d.MerchantID.IsZero() {
		v.Deployment = &d
	}
	if v.Run.ID.IsZero() {
		v.Run = orbit.Run{MerchantID: v.Merchant.ID, Status: orbit.RunPending}
		for i, d := range orbit.StepDefinitions() {
			v.Run.Steps = append(v.Run.Steps, orbit.Step{Key: d.Key, Position: i, Status: orbit.StepPending})
		}
	}
	return v, err
}

// TakeRun makes the caller the run's only worker: the epoch rises, so whoever held it before can't
// write any more. The first unfinished step is marked running. NotFound where nothing is left to do.
func (db *DB) TakeRun(ctx context.Context, id orbit.RunID) (orbit.RunView, error) {
	b := db.batch()
	b.exec(`UPDATE merchant_provisionings SET epoch = epoch + 1, updated_at = clock_timestamp(),
			status = CASE status WHEN 'PENDING' THEN 'IN_PROGRESS' ELSE status END, started_at = coalesce(started_at, clock_timestamp())
		WHERE id = $1 AND completed_at IS NULL AND status IN ('PENDING', 'IN_PROGRESS', 'ROLLBACK')`, id)
	b.exec(`WITH next AS (SELECT s.key, r.merchant_id FROM provisioning_steps s JOIN merchant_provisionings r ON r.id = s.run_id
			WHERE r.id = $1 AND r.status = 'IN_PROGRESS' AND s.status <> 'done' ORDER BY s.position LIMIT 1),
		mark AS (UPDATE provisioning_steps SET status = 'running', started_at = coalesce(started_at, clock_timestamp())
			WHERE run_id = $2 AND key = (SELECT key FROM next))
		SELECT pg_notify('orbit_run', $3::text || ' ' || merchant_id) FROM next`, id, id, id.String())
	var v orbit.RunView
	b.queue.Queue(runView+`WHERE m.id = (SELECT merchant_id FROM merchant_provisionings WHERE id = $1)`, id.String()).QueryRow(func(row pgx.Row) (err error) {
		v, err = db.scanRunView(row)
		return err
	})
	if err := db.commit(ctx, b); err != nil {
		return v, err
	}
	if v.Run.ID != id || v.Run.Ended() {
		return v, orbit.Errorf(orbit.NotFound, "There is nothing left to do for this run.")
	}
	return v, nil
}

// Failure is how a step's failure was taken.
type Failure struct {
	GaveUp   bool // the run is FAILED now
	Attempts int  // of the step, this one included
}

// FailStep writes down a real failure of a step: its attempt, its sentence, and with the last
// attempt, or where trying again can't help, the end of the run. Fenced by epoch like every write.
func (db *DB) FailStep(ctx context.Context, run orbit.Run, key orbit.StepKey, sentence string, permanent bool) (f Failure, err error) {
	err = db.inTx(ctx, func(t tx) error {
		if _, err := t.pgx.Exec(ctx, `SELECT orbit_fail_step($1::uuid, $2::text, $3::bigint)`, run.ID.String(), string(key), run.Epoch); err != nil {
			return err
		}
		if err := t.pgx.QueryRow(ctx, `SELECT attempts + 1 FROM provisioning_steps WHERE run_id = $1 AND key = $2`, run.ID.String(), string(key)).Scan(&f.Attempts); err != nil {
			return err
		}
		f.GaveUp = permanent || f.Attempts >= orbit.MaxAttempts
		status := orbit.StepRunning
		if f.GaveUp {
			status = orbit.StepFailed
		}
		entry := orbit.RunError{Step: key, Message: sentence, At: time.Now().UTC().Truncate(time.Millisecond)}
		b := db.batch()
		b.exec(`UPDATE provisioning_steps SET status = $1, attempts = attempts + 1, error = $2 WHERE run_id = $3 AND key = $4`, status, sentence, run.ID, key)
		b.exec(`UPDATE merchant_provisionings SET error_log = error_log || $1::jsonb, current_step = $2, updated_at = clock_timestamp(),
			retry_count = retry_count + CASE WHEN $3 THEN 0 ELSE 1 END, status = CASE WHEN $4 THEN 'FAILED' ELSE status END WHERE id = $5`,
			[]orbit.RunError{entry}, key, f.GaveUp, f.GaveUp, run.ID)
		if f.GaveUp {
			b.exec(`UPDATE merchants SET status = 'failed', updated_at = now() WHERE id = $1`, run.MerchantID)
			b.audit(System, "run.failed", run.MerchantID, string(key), Details{"run": run.ID.String(), "error": sentence})
			b.tell(orbit.MerchantRunFailed, run)
		}
		b.notifyRun(run.ID, run.MerchantID)
		return b.run(ctx, t.pgx)
	})
	return f, err
}

// RetryRun sends a FAILED run on from its first unfinished step, with fresh attempts.
func (db *DB) RetryRun(ctx context.Context, merchant orbit.MerchantID, who Actor) error {
	return db.reviveRun(ctx, merchant, who, "run.retried", "Only a failed run can be retried.", func(b *batch, run orbit.RunID) {
		b.exec(`UPDATE provisioning_steps SET status = 'pending', attempts = 0, error = NULL WHERE run_id = $1 AND status <> 'done'`, run)
		b.exec(`UPDATE merchant_provisionings SET status = 'IN_PROGRESS', retry_count = retry_count + 1, updated_at = clock_timestamp() WHERE id = $1`, run)
		b.exec(`UPDATE merchants SET status = 'activating', updated_at = now() WHERE id = $1`, merchant)
	})
}

// RollBackRun begins to undo a FAILED run. There is no retry once it has begun.
func (db *DB) RollBackRun(ctx context.Context, merchant orbit.MerchantID, who Actor) error {
	return db.reviveRun(ctx, merchant, who, "run.rolled_back", "Only a failed run can be rolled back.", func(b *batch, run orbit.RunID) {
		b.exec(`UPDATE merchant_provisionings SET status = 'ROLLBACK', updated_at = clock_timestamp() WHERE id = $1`, run)
		b.exec(`UPDATE merchants SET status = 'activating', updated_at = now() WHERE id = $1`, merchant)
	})
}

func (db *DB) reviveRun(ctx context.Context, merchant orbit.MerchantID, who Actor, action, refusal string, change func(*batch, orbit.RunID)) error {
	return db.inTx(ctx, func(t tx) error {
		var run orbit.Run
		// The merchant's lock comes first, as in Activate: two admins, one answer.
		err := t.pgx.QueryRow(ctx, `SELECT r.id::text, coalesce(r.status, '') FROM merchants m LEFT JOIN LATERAL (SELECT id, status FROM merchant_provisionings
			WHERE merchant_id = m.id ORDER BY created_at DESC LIMIT 1) r ON true WHERE m.id = $1 FOR UPDATE OF m`, merchant.String()).Scan(&run.ID, &run.Status)
		if err != nil {
			return err
		}
		if run.Status != orbit.RunFailed {
			return orbit.Errorf(orbit.Conflict, "%s", refusal)
		}
		job, err := db.jobs.InsertTx(ctx, t.pgx, ProvisionArgs{RunID: run.ID}, nil)
		if err != nil {
			return err
		}
		b := db.batch()
		change(b, run.ID)
		b.exec(`UPDATE merchant_provisionings SET job_id = $1 WHERE id = $2`, job.Job.ID, run.ID)
		b.audit(who, action, merchant, "", Details{"run": run.ID.String()})
		b.notifyRun(run.ID, merchant)
		return b.run(ctx, t.pgx)
	})
}
