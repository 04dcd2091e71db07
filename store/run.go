package store

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// runRow is a RunView as it comes out of the database, in one statement so that its parts agree.
type runRow struct {
	ReadAt     time.Time
	Merchant   orbit.Merchant   `bun:"embed:m__"`
	Run        orbit.Run        `bun:"embed:r__"`
	Theme      orbit.Theme      `bun:"embed:t__"`
	Plan       orbit.Plan       `bun:"embed:p__"`
	Deployment orbit.Deployment `bun:"embed:d__"`
	Steps      []stepRow        `bun:"type:jsonb"`
}

type stepRow struct {
	Key         orbit.StepKey    `json:"key"`
	Position    int              `json:"position"`
	Status      orbit.StepStatus `json:"status"`
	Attempts    int              `json:"attempts"`
	StartedAt   *time.Time       `json:"started_at"`
	CompletedAt *time.Time       `json:"completed_at"`
	Error       *string          `json:"error"`
}

// runView asks for the run that join joins as r, of the merchants m that where chooses.
func runView(r *pg.Reader, join, where string, args ...any) *pg.Result[runRow] {
	var row runRow
	return pg.Ask[runRow](r, `SELECT clock_timestamp() AS read_at, `+r.DB.Columns("m", "m__", row.Merchant)+`,
		`+r.DB.Columns("r", "r__",
		row.Run)+`, `+
		r.DB.Columns("t", "t__", row.Theme)+`, `+r.DB.Columns("p", "p__", row.Plan)+`,
			`+r.DB.Columns("d", "d__", row.Deployment)+`,
			(SELECT jsonb_agg(s ORDER BY s.position) FROM provisioning_steps s WHERE s.run_id = r.id) AS steps
		FROM merchants m `+join+`
		LEFT JOIN themes t ON t.id = r.theme_id
		LEFT JOIN plans p ON p.id = r.plan_id
		LEFT JOIN deployment_metadata d ON d.merchant_id = m.id AND d.run_id = r.id
		WHERE `+where, args...)
}

const newestRun = `LEFT JOIN LATERAL (SELECT * FROM merchant_provisionings p WHERE p.merchant_id = m.id
	ORDER BY p.created_at DESC LIMIT 1) r ON true`

// RunView is the newest run of a merchant with all that people see of it. NotFound only for an unknown merchant.
func (db *DB) RunView(ctx context.Context, merchant orbit.MerchantID) (orbit.RunView, error) {
	return db.readRun(ctx, newestRun, `m.id = $1`, merchant)
}

// OneRun is a run of a merchant, not necessarily the newest, with all that people see of it. NotFound where it
// isn't that merchant's.
func (db *DB) OneRun(ctx context.Context, merchant orbit.MerchantID, run orbit.RunID) (orbit.RunView, error) {
	return db.readRun(ctx, `JOIN merchant_provisionings r ON r.merchant_id = m.id AND r.id = $2`, `m.id = $1`,
		merchant, run)
}

func (db *DB) readRun(ctx context.Context, join, where string, args ...any) (orbit.RunView, error) {
	r := pg.NewReader(db)
	row := runView(r, join, where, args...)
	if err := r.Read(ctx); err != nil {
		return orbit.RunView{}, err
	}
	if row.Value.Merchant.ID.IsZero() {
		return orbit.RunView{}, pg.NoRow()
	}
	return row.Value.view(), nil
}

func (row *runRow) view() orbit.RunView {
	v := orbit.RunView{Merchant: row.Merchant, Run: row.Run, Theme: row.Theme, Plan: row.Plan, ReadAt: row.ReadAt}
	if !row.Deployment.MerchantID.IsZero() {
		v.Deployment = &row.Deployment
	}
	for _, s := range row.Steps {
		step := orbit.Step{RunID: row.Run.ID, Key: s.Key, Position: s.Position, Status: s.Status, Attempts: s.Attempts}
		if s.StartedAt != nil {
			step.StartedAt = *s.StartedAt
		}
		if s.CompletedAt != nil {
			step.CompletedAt = *s.CompletedAt
		}
		if s.Error != nil {
			step.Error = *s.Error
		}
		v.Run.Steps = append(v.Run.Steps, step)
	}
	if v.Run.ID.IsZero() {
		v.Run = orbit.Run{MerchantID: v.Merchant.ID, Status: orbit.RunPending}
		for i, d := range orbit.StepDefinitions() {
			v.Run.Steps = append(v.Run.Steps, orbit.Step{Key: d.Key, Position: i, Status: orbit.StepPending})
		}
	}
	return v
}

// Runs returns the newest runs of a merchant, without their steps.
func (db *DB) Runs(ctx context.Context, merchant orbit.MerchantID, limit int) (runs []orbit.Run, err error) {
	return pg.All[orbit.Run](ctx, db, `SELECT `+db.Columns("r", "", orbit.Run{})+` FROM merchant_provisionings r
		WHERE r.merchant_id = $1 ORDER BY r.created_at DESC LIMIT $2`, merchant, limit)
}

// Taken is a run in the hands of its only worker.
type Taken struct {
	orbit.RunView
	OwnerCanSignIn bool // somebody with the merchant's address has a password already
	OwnerConfirmed bool // or has confirmed the application by the link in its email
}

// TakeRun makes the caller the run's only worker: the epoch rises, so an earlier worker can't
// write. The first unfinished step is marked running. NotFound where nothing is left to do.
func (db *DB) TakeRun(ctx context.Context, id orbit.RunID) (taken Taken, err error) {
	r := pg.NewReader(db)
	r.Exec(`UPDATE merchant_provisionings SET epoch = epoch + 1, updated_at = clock_timestamp(),
				status = CASE status WHEN 'PENDING' THEN 'IN_PROGRESS'
				ELSE status END, started_at = coalesce(started_at, clock_timestamp())
			WHERE id = $1 AND completed_at IS NULL AND status IN ('PENDING', 'IN_PROGRESS', 'ROLLBACK')`, id)
	r.Exec(`WITH next AS (SELECT s.key, r.merchant_id FROM provisioning_steps s
		JOIN merchant_provisionings r ON r.id = s.run_id
				WHERE r.id = $1::uuid AND r.status = 'IN_PROGRESS' AND s.status <> 'done' ORDER BY s.position LIMIT 1),
			mark AS (UPDATE provisioning_steps SET status = 'running', started_at = coalesce(started_at, clock_timestamp())
				WHERE run_id = $1::uuid AND key = (SELECT key FROM next))
			SELECT pg_notify('orbit_run', $1::uuid || ' ' || merchant_id) FROM next`, id)
	row := runView(r, `JOIN merchant_provisionings r ON r.merchant_id = m.id AND r.id = $1`, `true`, id)
	owner := pg.Ask[struct{ CanSignIn, Confirmed bool }](r, `SELECT EXISTS (SELECT FROM merchant_provisionings r
		JOIN merchants m ON m.id = r.merchant_id
		JOIN users u ON lower(u.email) = lower(m.email)
			WHERE r.id = $1 AND u.password_hash IS NOT NULL) AS can_sign_in,
			EXISTS (SELECT FROM merchant_provisionings r JOIN applications a ON a.id = r.merchant_id WHERE r.id = $1
			AND a.confirmed_at IS NOT NULL) AS confirmed`, id)
	if err = r.Read(ctx); err != nil {
		return taken, err
	}
	taken = Taken{row.Value.view(), owner.Value.CanSignIn, owner.Value.CanSignIn || owner.Value.Confirmed}
	if taken.Run.ID != id || taken.Run.Ended() {
		return taken, orbit.Errorf(orbit.NotFound, "This run has nothing left to do.")
	}
	return taken, nil
}

// Failure is how a step's failure was taken.
type Failure struct {
	GaveUp   bool // the run is FAILED now
	Attempts int  // of the step, this one included
}

// FailStep notes a real failure of a step: its attempt, its sentence, and with the last
// attempt, or where trying again can't help, the end of the run. Fenced by epoch like every write.
func (db *DB) FailStep(ctx context.Context, run orbit.Run, key orbit.StepKey, sentence string,
	permanent bool) (f Failure, err error) {
	err = db.InTx(ctx, func(t pg.Tx) error {
		if _, err := pg.Exec(ctx, t, `SELECT orbit_fail_step($1::uuid, $2::text, $3::bigint)`, run.ID, key,
			run.Epoch); err != nil {
			return err
		}
		f.Attempts, err = pg.One[int](ctx, t, `SELECT attempts + 1 FROM provisioning_steps WHERE run_id = $1 AND key = $2`,
			run.ID, key)
		if err != nil {
			return err
		}
		f.GaveUp = permanent || f.Attempts >= orbit.MaxAttempts
		status := orbit.StepRunning
		if f.GaveUp {
			status = orbit.StepFailed
		}
		entry := orbit.RunError{Step: key, Message: sentence, At: time.Now().UTC().Truncate(time.Millisecond)}
		b := db.Batch()
		b.Exec(`UPDATE provisioning_steps SET status = $1, attempts = attempts + 1, error = $2 WHERE run_id = $3
			AND key = $4`,
			status, sentence, run.ID, key)
		b.Exec(`UPDATE merchant_provisionings SET error_log = error_log || $1::jsonb, current_step = $2,
		updated_at = clock_timestamp(),
			retry_count = retry_count + CASE WHEN $3 THEN 0 ELSE 1 END, status = CASE WHEN $4 THEN 'FAILED' ELSE status END
			WHERE id = $5`,
			[]orbit.RunError{entry}, key, f.GaveUp, f.GaveUp, run.ID)
		if f.GaveUp {
			b.Exec(`UPDATE merchants SET status = 'failed', updated_at = now() WHERE id = $1`, run.MerchantID)
			b.Audit(orbit.System, orbit.ActionRunFailed, run.MerchantID, string(key),
				orbit.Details{"run": run.ID.String(), "error": sentence})
			addEvent(b, orbit.MerchantRunFailed, run)
		}
		b.NotifyRun(run.ID, run.MerchantID)
		return b.Run(ctx, t)
	})
	return f, err
}

// RetryRun sends a FAILED run on from its first unfinished step, with fresh attempts.
func (db *DB) RetryRun(ctx context.Context, merchant orbit.MerchantID, who orbit.Actor) error {
	return db.reviveRun(ctx, merchant, who, orbit.ActionRunRetried, "Only a failed run can be retried.",
		func(b *pg.Batch, run orbit.RunID) {
			b.Exec(`UPDATE provisioning_steps SET status = 'pending', attempts = 0, error = NULL WHERE run_id = $1
			AND status <> 'done'`, run)
			b.Exec(`UPDATE merchant_provisionings SET status = 'IN_PROGRESS', retry_count = retry_count + 1,
			updated_at = clock_timestamp() WHERE id = $1`, run)
			b.Exec(`UPDATE merchants SET status = 'activating', updated_at = now() WHERE id = $1`, merchant)
		})
}

// RollBackRun begins to undo a FAILED run. There is no retry once it has begun.
func (db *DB) RollBackRun(ctx context.Context, merchant orbit.MerchantID, who orbit.Actor) error {
	return db.reviveRun(ctx, merchant, who, orbit.ActionRunRolledBack, "Only a failed run can be rolled back.",
		func(b *pg.Batch, run orbit.RunID) {
			b.Exec(`UPDATE merchant_provisionings SET status = 'ROLLBACK', updated_at = clock_timestamp() WHERE id = $1`, run)
			b.Exec(`UPDATE merchants SET status = 'activating', updated_at = now() WHERE id = $1`, merchant)
		})
}

func (db *DB) reviveRun(ctx context.Context, merchant orbit.MerchantID, who orbit.Actor, action orbit.Action,
	refusal string, change func(*pg.Batch, orbit.RunID)) error {
	return db.InTx(ctx, func(t pg.Tx) error {
		// The merchant's lock comes first, as in Activate: two admins, one answer.
		run, err := pg.One[orbit.Run](ctx, t, `SELECT r.id, r.status FROM merchants m LEFT JOIN LATERAL (SELECT id, status
			FROM merchant_provisionings
			WHERE merchant_id = m.id ORDER BY created_at DESC LIMIT 1) r ON true
			WHERE m.id = $1 FOR UPDATE OF m`, merchant)
		if err != nil {
			return err
		}
		if run.Status != orbit.RunFailed {
			return orbit.Errorf(orbit.Conflict, "%s", refusal)
		}
		b := db.Batch()
		change(b, run.ID)
		b.Job(ProvisionArgs{RunID: run.ID})
		b.Exec(`UPDATE merchant_provisionings SET job_id = `+pg.LastJob+` WHERE id = $1`, run.ID)
		b.Audit(who, action, merchant, "", orbit.Details{"run": run.ID.String()})
		b.NotifyRun(run.ID, merchant)
		return b.Run(ctx, t)
	})
}

// RequeueRuns gives a new job to each unfinished run that hasn't changed for a while and has none.
func (db *DB) RequeueRuns(ctx context.Context, unchanged time.Duration) (int, error) {
	return pg.Requeue(ctx, db.DB, unchanged, `SELECT r.id FROM merchant_provisionings r
		WHERE (r.status IN ('PENDING', 'IN_PROGRESS') OR (r.status = 'ROLLBACK' AND r.completed_at IS NULL))
		AND `+pg.WithoutJob("r.updated_at", `j.id = r.job_id`)+` FOR UPDATE OF r SKIP LOCKED`,
		func(b *pg.Batch, id orbit.RunID) {
			b.Job(ProvisionArgs{RunID: id})
			b.Exec(`UPDATE merchant_provisionings SET job_id = `+pg.LastJob+` WHERE id = $1`, id)
		})
}
