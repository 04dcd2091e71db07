package store

import (
	"context"
	"reflect"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"orbit360.app/orbit"
)

// runViewRow is a RunView as one statement gives it.
type runViewRow struct {
	Merchant   orbit.Merchant   `bun:"embed:m__"`
	Run        orbit.Run        `bun:"embed:r__"`
	Theme      orbit.Theme      `bun:"embed:t__"`
	Plan       orbit.Plan       `bun:"embed:p__"`
	Deployment orbit.Deployment `bun:"embed:d__"`
	Steps      []stepJSON       `bun:"type:jsonb"`
}

// stepJSON is a row of provisioning_steps as to_jsonb writes it.
type stepJSON struct {
	Key         orbit.StepKey    `json:"key"`
	Position    int              `json:"position"`
	Status      orbit.StepStatus `json:"status"`
	Attempts    int              `json:"attempts"`
	StartedAt   time.Time        `json:"started_at"`
	CompletedAt time.Time        `json:"completed_at"`
	Error       string           `json:"error"`
}

// columns lists a model's columns as alias.col AS "prefix_col".
func (db *DB) columns(alias, prefix string, model any) string {
	var b strings.Builder
	for _, f := range db.bun.Table(reflect.TypeOf(model)).Fields {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(alias + `."` + f.Name + `" AS "` + prefix + f.Name + `"`)
	}
	return b.String()
}

// RunView is the newest run of a merchant with all that people see of it, read in one statement so
// that its parts agree. NotFound only for an unknown merchant.
func (db *DB) RunView(ctx context.Context, merchant orbit.MerchantID) (orbit.RunView, error) {
	var row runViewRow
	err := db.runViews(&row).Where("m.id = ?", merchant).Scan(ctx)
	if err != nil {
		return orbit.RunView{}, mapError(err)
	}
	return row.view(), nil
}

func (db *DB) runViews(dest any) *bun.SelectQuery {
	return db.bun.NewSelect().Model(dest).ModelTableExpr("merchants AS m").
		ColumnExpr(db.columns("m", "m__", orbit.Merchant{})).
		ColumnExpr(db.columns("r", "r__", orbit.Run{})).
		ColumnExpr(db.columns("t", "t__", orbit.Theme{})).
		ColumnExpr(db.columns("p", "p__", orbit.Plan{})).
		ColumnExpr(db.columns("d", "d__", orbit.Deployment{})).
		ColumnExpr("(SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.position), '[]') FROM provisioning_steps s WHERE s.run_id = r.id) AS steps").
		Join("LEFT JOIN LATERAL (SELECT * FROM merchant_provisionings p WHERE p.merchant_id = m.id ORDER BY p.created_at DESC LIMIT 1) AS r ON true").
		Join("LEFT JOIN themes t ON t.id = r.theme_id").
		Join("LEFT JOIN plans p ON p.id = r.plan_id").
		Join("LEFT JOIN deployment_metadata d ON d.merchant_id = m.id AND d.run_id = r.id")
}

func (row runViewRow) view() orbit.RunView {
	v := orbit.RunView{Merchant: row.Merchant, Run: row.Run, Theme: row.Theme, Plan: row.Plan}
	if !row.Deployment.MerchantID.IsZero() {
		v.Deployment = &row.Deployment
	}
	if v.Run.ID.IsZero() {
		v.Run = orbit.Run{MerchantID: v.Merchant.ID, Status: orbit.RunPending}
		for i, d := range orbit.StepDefinitions() {
			v.Run.Steps = append(v.Run.Steps, orbit.Step{Key: d.Key, Position: i, Status: orbit.StepPending})
		}
		return v
	}
	for _, s := range row.Steps {
		v.Run.Steps = append(v.Run.Steps, orbit.Step{RunID: v.Run.ID, Key: s.Key, Position: s.Position, Status: s.Status,
			Attempts: s.Attempts, StartedAt: s.StartedAt, CompletedAt: s.CompletedAt, Error: s.Error})
	}
	return v
}

// TakeRun makes the caller the run's only worker: the epoch rises, so whoever held it before can't
// write any more. The first unfinished step is marked running. NotFound where nothing is left to do.
func (db *DB) TakeRun(ctx context.Context, id orbit.RunID) (orbit.RunView, error) {
	b := db.batch()
	b.exec(`UPDATE merchant_provisionings SET epoch = epoch + 1, updated_at = clock_timestamp(),
			status = CASE status WHEN 'PENDING' THEN 'IN_PROGRESS' ELSE status END, started_at = coalesce(started_at, clock_timestamp())
		WHERE id = ? AND completed_at IS NULL AND status IN ('PENDING', 'IN_PROGRESS', 'ROLLBACK')`, id)
	b.exec(`WITH next AS (SELECT s.key, r.merchant_id FROM provisioning_steps s JOIN merchant_provisionings r ON r.id = s.run_id
			WHERE r.id = ? AND r.status = 'IN_PROGRESS' AND s.status <> 'done' ORDER BY s.position LIMIT 1),
		mark AS (UPDATE provisioning_steps SET status = 'running', started_at = coalesce(started_at, clock_timestamp())
			WHERE run_id = ? AND key = (SELECT key FROM next))
		SELECT pg_notify('orbit_run', ? || ' ' || merchant_id) FROM next`, id, id, id.String())
	if err := db.commit(ctx, b); err != nil {
		return orbit.RunView{}, err
	}
	var row runViewRow
	if err := db.runViews(&row).Where("m.id = (SELECT merchant_id FROM merchant_provisionings WHERE id = ?)", id).Scan(ctx); err != nil {
		return orbit.RunView{}, mapError(err)
	}
	v := row.view()
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
		if _, err := t.pgx.Exec(ctx, `SELECT orbit_enter_step($1::uuid, $2::text, $3::bigint, 'IN_PROGRESS')`, run.ID.String(), string(key), run.Epoch); err != nil {
			return err
		}
		if err := t.NewRaw(`SELECT attempts + 1 FROM provisioning_steps WHERE run_id = ? AND key = ?`, run.ID, key).Scan(ctx, &f.Attempts); err != nil {
			return err
		}
		f.GaveUp = permanent || f.Attempts >= orbit.MaxAttempts
		status := orbit.StepRunning
		if f.GaveUp {
			status = orbit.StepFailed
		}
		entry := orbit.RunError{Step: key, Message: sentence, At: time.Now().UTC().Truncate(time.Millisecond)}
		b := db.batch()
		b.exec(`UPDATE provisioning_steps SET status = ?, attempts = attempts + 1, error = ? WHERE run_id = ? AND key = ?`, status, sentence, run.ID, key)
		b.exec(`UPDATE merchant_provisionings SET error_log = error_log || ?::jsonb, current_step = ?, updated_at = clock_timestamp(),
			retry_count = retry_count + CASE WHEN ? THEN 0 ELSE 1 END, status = CASE WHEN ? THEN 'FAILED' ELSE status END WHERE id = ?`,
			[]orbit.RunError{entry}, key, f.GaveUp, f.GaveUp, run.ID)
		if f.GaveUp {
			b.exec(`UPDATE merchants SET status = 'failed', updated_at = now() WHERE id = ?`, run.MerchantID)
			b.audit(System, "run.failed", run.MerchantID, string(key), Details{"run": run.ID.String(), "error": sentence})
		}
		b.notifyRun(run.ID, run.MerchantID)
		return b.run(ctx, t.pgx.Conn().PgConn())
	})
	return f, err
}

// RetryRun sends a FAILED run on from its first unfinished step, with fresh attempts.
func (db *DB) RetryRun(ctx context.Context, merchant orbit.MerchantID, who Actor) error {
	return db.reviveRun(ctx, merchant, who, "run.retried", "Only a failed run can be retried.", func(b *batch, run orbit.RunID) {
		b.exec(`UPDATE provisioning_steps SET status = 'pending', attempts = 0, error = NULL WHERE run_id = ? AND status <> 'done'`, run)
		b.exec(`UPDATE merchant_provisionings SET status = 'IN_PROGRESS', retry_count = retry_count + 1, updated_at = clock_timestamp() WHERE id = ?`, run)
		b.exec(`UPDATE merchants SET status = 'activating', updated_at = now() WHERE id = ?`, merchant)
	})
}

// RollBackRun begins to undo a FAILED run. There is no retry once it has begun.
func (db *DB) RollBackRun(ctx context.Context, merchant orbit.MerchantID, who Actor) error {
	return db.reviveRun(ctx, merchant, who, "run.rolled_back", "Only a failed run can be rolled back.", func(b *batch, run orbit.RunID) {
		b.exec(`UPDATE merchant_provisionings SET status = 'ROLLBACK', updated_at = clock_timestamp() WHERE id = ?`, run)
		b.exec(`UPDATE merchants SET status = 'activating', updated_at = now() WHERE id = ?`, merchant)
	})
}

func (db *DB) reviveRun(ctx context.Context, merchant orbit.MerchantID, who Actor, action, refusal string, change func(*batch, orbit.RunID)) error {
	return db.inTx(ctx, func(t tx) error {
		var run struct {
			ID     orbit.RunID
			Status orbit.RunStatus
		}
		// The merchant's lock comes first, as in Activate: two admins, one answer.
		err := t.NewRaw(`SELECT r.id, r.status FROM merchants m LEFT JOIN LATERAL (SELECT id, status FROM merchant_provisionings
			WHERE merchant_id = m.id ORDER BY created_at DESC LIMIT 1) r ON true WHERE m.id = ? FOR UPDATE OF m`, merchant).Scan(ctx, &run)
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
		b.exec(`UPDATE merchant_provisionings SET job_id = ? WHERE id = ?`, job.Job.ID, run.ID)
		b.audit(who, action, merchant, "", Details{"run": run.ID.String()})
		b.notifyRun(run.ID, merchant)
		return b.run(ctx, t.pgx.Conn().PgConn())
	})
}
