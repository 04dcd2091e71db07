package outbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/jobs"
	"orbit360.app/mail"
	"orbit360.app/metrics"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
)

// Config is what the queue works with.
type Config struct {
	DB        *store.DB
	Log       *slog.Logger
	Addresses orbit.Addresses
	Mail      mail.Composer
	Sender    *mail.Sender     // nil keeps emails in the database
	Metrics   *metrics.Metrics // nil counts nothing
}

// maxWorkers is how many emails this process sends at once; sending mostly waits.
const maxWorkers = 8

// Queue returns the queue of emails.
func Queue(cfg Config) jobs.Queue {
	return jobs.Queue{Name: pg.QueueEmail, MaxWorkers: maxWorkers, Outbound: true, Requeue: cfg.requeue,
		Workers: []jobs.Worker{jobs.Work(&sendWorker{Config: cfg}), jobs.Work(&passwordWorker{Config: cfg}),
			jobs.Work(&noticeWorker{Config: cfg})}}
}

// requeue gives a new job to emails and notices that have none.
func (cfg Config) requeue(ctx context.Context, unchanged time.Duration) (int, error) {
	emails, err := cfg.DB.RequeueEmails(ctx, unchanged)
	if err != nil {
		return emails, err
	}
	notices, err := shop.RequeueNotices(ctx, cfg.DB, unchanged)
	return emails + notices, err
}

// sendWorker sends one email. It is sent at least once, with a Message-ID that never changes, so that a mailbox can
// recognize a second delivery.
type sendWorker struct {
	river.WorkerDefaults[pg.EmailArgs]
	Config
}

// NextRetry is for errors outside sending, which is to say the database being away.
func (w *sendWorker) NextRetry(*river.Job[pg.EmailArgs]) time.Time {
	return time.Now().Add(time.Second)
}

// Timeout bounds one attempt to send.
func (w *sendWorker) Timeout(*river.Job[pg.EmailArgs]) time.Duration { return 2 * time.Minute }

// patience is how long sending an email is tried (RFC 5321, section 4.5.4.1, advises days).
const patience = 4 * 24 * time.Hour

// backoff returns how long to wait after the nth failure: seconds at first, for a server that restarts, then minutes,
// as greylisting wants, then hours.
func backoff(attempts int) time.Duration {
	return min(2*time.Second<<min(attempts, 12), time.Hour)
}

// Work sends the email, or notes why not and comes back later.
func (w *sendWorker) Work(ctx context.Context, job *river.Job[pg.EmailArgs]) error {
	m, err := w.DB.Email(ctx, job.Args.EmailID)
	if orbit.CodeOf(err) == orbit.NotFound || (err == nil && m.Status != orbit.EmailQueued) {
		return nil
	}
	if err != nil {
		return err
	}
	if w.Sender == nil { // it was queued while SMTP was configured, which it no longer is
		_, err := w.DB.EmailTried(ctx, m.ID, orbit.EmailLocal, "")
		return err
	}
	err = w.Sender.Send(ctx, m)
	switch {
	case err == nil:
		w.Metrics.Email("sent")
		_, err = w.DB.EmailTried(ctx, m.ID, orbit.EmailSent, "")
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	case orbit.IsPermanent(err) || time.Since(m.CreatedAt) > patience:
		w.Metrics.Email("failed")
		w.Log.Warn("an email failed for good", "email", m.ID, "merchant", m.MerchantID, "attempts", m.Attempts+1,
			"error", err)
		_, err = w.DB.EmailTried(ctx, m.ID, orbit.EmailFailed, orbit.Sentence(err))
		return err
	}
	w.Metrics.Email("deferred")
	w.Log.Warn("an email couldn't be sent yet", "email", m.ID, "merchant", m.MerchantID, "attempts", m.Attempts+1,
		"error", err)
	if _, err := w.DB.EmailTried(ctx, m.ID, orbit.EmailQueued, orbit.Sentence(err)); err != nil {
		return err
	}
	return river.JobSnooze(backoff(m.Attempts))
}
