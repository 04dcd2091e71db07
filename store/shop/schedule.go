package shop

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// QueueSchedule is the queue of what is to happen at a set time.
const QueueSchedule = "schedule"

// PublishArgs is the durable job that publishes a shop's scheduled release. It says no time: the row does, so that a
// job of a time from which the release was moved, or of one that was canceled, finds nothing to do.
type PublishArgs struct {
	MerchantID orbit.MerchantID `json:"merchantId"`
}

// Kind names the job in river's table.
func (PublishArgs) Kind() string { return "publish" }

// InsertOpts gives the job its queue.
func (PublishArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueSchedule, MaxAttempts: pg.JobAttempts}
}

// ScheduledRelease returns the shop's scheduled release; ok is false where there is none.
func (t *Tenant) ScheduledRelease(ctx context.Context) (s orbit.ScheduledRow, ok bool, err error) {
	rows, err := pg.All[orbit.ScheduledRow](ctx, t, `SELECT `+t.db.Columns("s", "", orbit.ScheduledRelease{})+`,
			t.name AS theme_name, `+author("s")+`
		FROM scheduled_releases s LEFT JOIN themes t ON t.id = s.theme_id`)
	return pg.First(rows), len(rows) > 0, err
}

// ScheduleRelease has a release published at a time, in the place of one that was scheduled before. r is as for
// PublishRelease, upon the number of the public release. Invalid where the time has passed or is too far away, or the
// theme isn't available.
func (e *Edit) ScheduleRelease(ctx context.Context, upon int, r orbit.Release, at time.Time) error {
	if err := schedulable(at); err != nil {
		return err
	}
	theme, err := e.publishable(ctx, r)
	if err != nil {
		return err
	}
	b := e.db.Batch()
	b.Exec(`DELETE FROM scheduled_releases WHERE merchant_id = $1`, e.merchant)
	b.Insert("scheduled_releases", orbit.ScheduledRelease{MerchantID: e.merchant, ID: orbit.NewID[orbit.Release](),
		ThemeID: r.ThemeID, Engine: r.Engine, EngineVersion: r.EngineVersion, Settings: r.Settings, Upon: upon,
		PublishAt: at.UTC(), CreatedBy: e.Actor.ID, CreatedAt: pg.Stamp()})
	e.forgetDraft(b, r)
	b.JobAt(PublishArgs{e.merchant}, at)
	return e.commit(ctx, b, orbit.ActionReleaseScheduled, theme.Name, orbit.Details{"at": at.UTC()})
}

// MoveScheduled publishes the scheduled release at another time, also one that couldn't be published. NotFound where
// another one, or none, is scheduled by now.
func (e *Edit) MoveScheduled(ctx context.Context, id orbit.ReleaseID, at time.Time) error {
	if err := schedulable(at); err != nil {
		return err
	}
	if _, err := pg.One[orbit.ReleaseID](ctx, e, `UPDATE scheduled_releases SET publish_at = $1, failure = NULL
		WHERE id = $2 RETURNING id`, at.UTC(), id); err != nil {
		return unscheduled(err)
	}
	b := e.db.Batch()
	b.JobAt(PublishArgs{e.merchant}, at)
	return e.commit(ctx, b, orbit.ActionReleaseRescheduled, "", orbit.Details{"at": at.UTC()})
}

// CancelScheduled forgets the scheduled release. NotFound as for MoveScheduled.
func (e *Edit) CancelScheduled(ctx context.Context, id orbit.ReleaseID) error {
	if _, err := pg.One[orbit.ReleaseID](ctx, e, `DELETE FROM scheduled_releases WHERE id = $1 RETURNING id`,
		id); err != nil {
		return unscheduled(err)
	}
	return e.commit(ctx, e.db.Batch(), orbit.ActionReleaseUnscheduled, "", nil)
}

// unscheduled says why a scheduled release can't be changed.
func unscheduled(err error) error {
	if orbit.CodeOf(err) == orbit.NotFound {
		return orbit.Errorf(orbit.Conflict, "This version is no longer scheduled: it was published, replaced or canceled.")
	}
	return err
}

func schedulable(at time.Time) error {
	switch now := time.Now(); {
	case !at.After(now):
		return orbit.Errorf(orbit.Invalid, "That time has passed. Choose one to come.").With(
			orbit.Fault{Field: "publish_at", Message: "Choose a time to come."})
	case at.Sub(now) > orbit.ScheduleWithin:
		return orbit.Errorf(orbit.Invalid, "That is too far away. Choose a time within a year.").With(
			orbit.Fault{Field: "publish_at", Message: "Choose a time within a year."})
	}
	return nil
}

// PublishScheduled publishes a shop's scheduled release where its time has come, in the name of who scheduled it, and
// once: the row goes with the same commit. It replaces whatever is public. What can't be published stays, with the
// reason; published is false then, and where there is nothing due.
func PublishScheduled(ctx context.Context, db Database, merchant orbit.MerchantID) (published bool, err error) {
	err = db.Engine().InTx(ctx, func(t pg.Tx) error {
		e, err := alone(ctx, db, t, merchant)
		if err != nil || e == nil {
			return err
		}
		row, ok, err := e.ScheduledRelease(ctx)
		if err != nil || !ok || row.Failure != "" || row.PublishAt.After(time.Now()) {
			return err
		}
		if err := e.inNameOf(ctx, row.CreatedBy); err != nil {
			return err
		}
		if e.Merchant.Status != orbit.MerchantActive {
			return e.notPublished(ctx, "The shop was suspended at that time.")
		}
		_, err = e.publish(ctx, row.Release(), publication{always: true, settle: keepDraft,
			action: orbit.ActionReleasePublished, details: orbit.Details{"scheduled": true}})
		if code := orbit.CodeOf(err); code == orbit.Invalid || code == orbit.NotFound {
			return e.notPublished(ctx, "Its theme was no longer available.")
		}
		if err != nil {
			return err
		}
		published = true
		_, err = pg.Exec(ctx, e, `DELETE FROM scheduled_releases WHERE merchant_id = $1`, merchant)
		return err
	})
	return published && err == nil, err
}

// alone is an edit of a shop by the platform itself, with the merchant's row locked; nil where the merchant is gone.
func alone(ctx context.Context, db Database, t pg.Tx, merchant orbit.MerchantID) (*Edit, error) {
	e := &Edit{Tenant: &Tenant{Tx: t, db: db.Engine(), merchant: merchant}, Actor: orbit.System}
	of, err := pg.All[orbit.Merchant](ctx, t, `SELECT `+e.db.Columns("m", "", orbit.Merchant{})+`
		FROM merchants m WHERE id = $1 FOR NO KEY UPDATE`, merchant)
	if err != nil || len(of) == 0 {
		return nil, err
	}
	e.Merchant = of[0]
	b := e.db.Batch()
	b.AsMerchant(merchant)
	return e, b.Run(ctx, t)
}

// inNameOf has the edit done by the person who ordered it; by the platform where that person is gone.
func (e *Edit) inNameOf(ctx context.Context, id orbit.UserID) error {
	e.Actor, e.person = orbit.System, id
	emails, err := pg.All[string](ctx, e, `SELECT email FROM users WHERE id = $1`, id)
	if err == nil && len(emails) > 0 {
		e.Actor = orbit.Actor{ID: id, Name: emails[0]}
	}
	return err
}

func (e *Edit) notPublished(ctx context.Context, why string) error {
	_, err := pg.Exec(ctx, e, `UPDATE scheduled_releases SET failure = $1 WHERE merchant_id = $2`, why, e.merchant)
	return err
}

// RequeueScheduled gives a new job to each scheduled release that is overdue and has none.
func RequeueScheduled(ctx context.Context, db Database, unchanged time.Duration) (int, error) {
	return pg.Requeue(ctx, db.Engine(), unchanged, `SELECT s.merchant_id FROM scheduled_releases s
		WHERE s.failure IS NULL AND `+pg.WithoutJob("s.publish_at",
		`j.kind = 'publish' AND j.args ->> 'merchantId' = s.merchant_id::text`)+` LIMIT 100`,
		func(b *pg.Batch, id orbit.MerchantID) { b.Job(PublishArgs{id}) })
}
