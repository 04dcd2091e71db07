package provision

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/pg"
)

// worker walks one run through its steps, forward or back.
type worker struct {
	river.WorkerDefaults[store.ProvisionArgs]
	Config
}

// NextRetry is for errors outside any step, which is to say the database being away.
func (w *worker) NextRetry(*river.Job[store.ProvisionArgs]) time.Time {
	return time.Now().Add(500 * time.Millisecond)
}

// stepTimeout bounds one attempt of one step.
const stepTimeout = 20 * time.Second

// backoff returns how long to wait after a step's first, second, ... failure.
func backoff(attempt int) time.Duration {
	return time.Duration(attempt*attempt) * 500 * time.Millisecond
}

// Work takes the run and does what is left of it. A return without an error means that nothing is left, or that another
// worker has the run.
func (w *worker) Work(ctx context.Context, job *river.Job[store.ProvisionArgs]) error {
	for {
		err := w.work(ctx, job.Args.RunID)
		if !errors.Is(err, pg.ErrSetBack) {
			return err
		}
		w.Log.Warn("the database has lost the last steps of a run; they are done again", "run", job.Args.RunID)
	}
}

func (w *worker) work(ctx context.Context, id orbit.RunID) error {
	var v store.Taken
	err := w.insist(ctx, func() (err error) { v, err = w.DB.TakeRun(ctx, id); return err })
	switch {
	case orbit.CodeOf(err) == orbit.NotFound:
		return nil
	case err != nil:
		return err
	case v.Run.Status == orbit.RunRollback:
		err = w.rollBack(ctx, v.Run)
	default:
		err = w.forward(ctx, v)
	}
	if errors.Is(err, pg.ErrOvertaken) {
		return nil
	}
	if errors.Is(err, pg.ErrSetBack) {
		return err
	}
	if _, snooze := errors.AsType[*river.JobSnoozeError](err); err != nil && !snooze {
		w.Log.Error("a run met an error outside its steps; it goes on in a moment", "run", v.Run.ID, "merchant",
			v.Run.MerchantID, "error", err)
	}
	return err
}

func (w *worker) forward(ctx context.Context, v store.Taken) error {
	// What one attempt has made up (a code, a token) the next may make up anew: nothing of it was kept.
	attempt := &attempt{Config: w.Config, view: v}
	for _, step := range v.Run.Steps {
		if step.Status == orbit.StepDone {
			continue
		}
		begun := time.Now()
		err := w.insist(ctx, func() error { return attempt.try(ctx, step.Key) })
		took := time.Since(begun)
		switch {
		case err == nil:
			w.Metrics.Step(string(step.Key), "done", took)
			w.Log.Debug("a step is done", "run", v.Run.ID, "merchant", v.Run.MerchantID, "step", step.Key, "took", took)
		case errors.Is(err, pg.ErrStepDone):
		case errors.Is(err, pg.ErrOvertaken), errors.Is(err, pg.ErrSetBack), ctx.Err() != nil:
			return err
		default:
			return w.failed(ctx, v.Run, step.Key, err, took)
		}
	}
	w.ended(v.Run, orbit.RunCompleted)
	return nil
}

// ended counts and logs a run that came to its end here.
func (w *worker) ended(run orbit.Run, status orbit.RunStatus) {
	took := time.Since(run.CreatedAt)
	w.Metrics.RunEnded(string(status), took)
	w.Log.Info("a run ended", "run", run.ID, "merchant", run.MerchantID, "status", status, "took", took)
}

// failed writes a step's failure down and has the run come back, unless that was its last attempt.
func (w *worker) failed(ctx context.Context, run orbit.Run, key orbit.StepKey, cause error,
	took time.Duration) error {
	var f store.Failure
	err := w.insist(ctx, func() (err error) {
		f, err = w.DB.FailStep(ctx, run, key, sentence(key, cause), orbit.IsPermanent(cause))
		return err
	})
	if err != nil {
		return err
	}
	w.Log.Warn("a step failed", "run", run.ID, "merchant", run.MerchantID, "step", key, "attempt", f.Attempts, "gave_up",
		f.GaveUp, "error", cause)
	if f.GaveUp {
		w.Metrics.Step(string(key), "gave_up", took)
		w.ended(run, orbit.RunFailed)
		return nil
	}
	w.Metrics.Step(string(key), "failed", took)
	// Snoozing frees the worker and takes no attempt of River's.
	return river.JobSnooze(backoff(f.Attempts))
}

// sentence returns what anybody may read about a failure: an orbit error's own words, or that it is in the log. Inner
// errors can hold addresses, queries and secrets.
func sentence(key orbit.StepKey, err error) string {
	if e, ok := errors.AsType[*orbit.Error](err); ok {
		return e.Message
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("%s took longer than %d seconds.", orbit.Step{Key: key}.Definition().Name,
			int(stepTimeout.Seconds()))
	}
	return orbit.Step{Key: key}.Definition().Name + " met an unexpected error. The details are in the platform's log."
}

// rollBack undoes the steps in reverse order. It has no last attempt: a run that began to go back goes back.
func (w *worker) rollBack(ctx context.Context, run orbit.Run) error {
	for _, row := range slices.Backward(run.Steps) {
		if row.Status == orbit.StepUndone {
			continue
		}
		err := w.insist(ctx, func() error {
			step, err := stepOf(row.Key)
			if err != nil {
				return err
			}
			return step.undo(w.DB, ctx, run)
		})
		if err != nil && !errors.Is(err, pg.ErrStepDone) {
			return err
		}
	}
	w.ended(run, orbit.RunRollback)
	return nil
}

// insist does something that needs the database, and does it again for as long as the database is
// away: an outage is no failure of the step.
func (w *worker) insist(ctx context.Context, do func() error) error {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		err := do()
		if orbit.CodeOf(err) != orbit.Unavailable {
			return err
		}
		w.Log.Warn("the database is away; a run waits for it", "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// try does one step once, bounded in time, panics taken for errors.
func (a *attempt) try(ctx context.Context, key orbit.StepKey) (err error) {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			a.Log.Error("a step panicked", "run", a.view.Run.ID, "step", key, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	step, err := stepOf(key)
	if err != nil {
		return err
	}
	return step.do(a, ctx)
}
