package provision

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/store"
)

// emailWorker sends one mail. A mail is sent at least once, with a Message-ID that never changes, so
// that a mailbox can tell a second delivery.
type emailWorker struct {
	river.WorkerDefaults[store.EmailArgs]
	*Service
}

// NextRetry is for errors outside sending, which is to say the database being away.
func (w *emailWorker) NextRetry(*river.Job[store.EmailArgs]) time.Time {
	return time.Now().Add(time.Second)
}

// Timeout bounds one attempt to send.
func (w *emailWorker) Timeout(*river.Job[store.EmailArgs]) time.Duration { return 2 * time.Minute }

// mailPatience is how long a mail is tried (RFC 5321, section 4.5.4.1, advises days).
const mailPatience = 4 * 24 * time.Hour

// mailBackoff is how long to wait after the nth failure: seconds at first, for a server that restarts,
// then minutes, as greylisting wants, then hours.
func mailBackoff(attempts int) time.Duration {
	return min(2*time.Second<<min(attempts, 12), time.Hour)
}

// Work sends the mail, or notes why not and comes back later.
func (w *emailWorker) Work(ctx context.Context, job *river.Job[store.EmailArgs]) error {
	m, err := w.DB.Mail(ctx, job.Args.EmailID)
	if orbit.CodeOf(err) == orbit.NotFound || (err == nil && m.Status != orbit.EmailQueued) {
		return nil
	}
	if err != nil {
		return err
	}
	if w.Sender == nil { // it was queued while SMTP was configured, which it isn't any more
		_, err := w.DB.EmailTried(ctx, m.ID, orbit.EmailLocal, "")
		return err
	}
	err = w.Sender.Send(ctx, m)
	switch {
	case err == nil:
		w.Metrics.Mail("sent")
		_, err = w.DB.EmailTried(ctx, m.ID, orbit.EmailSent, "")
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	case orbit.IsPermanent(err) || time.Since(m.CreatedAt) > mailPatience:
		w.Metrics.Mail("failed")
		w.Log.Warn("a mail was given up", "mail", m.ID, "merchant", m.MerchantID, "attempts", m.Attempts+1, "error", err)
		_, err = w.DB.EmailTried(ctx, m.ID, orbit.EmailFailed, orbit.Sentence(err))
		return err
	}
	w.Metrics.Mail("deferred")
	w.Log.Warn("a mail couldn't be sent yet", "mail", m.ID, "merchant", m.MerchantID, "attempts", m.Attempts+1, "error",
		err)
	if _, err := w.DB.EmailTried(ctx, m.ID, orbit.EmailQueued, orbit.Sentence(err)); err != nil {
		return err
	}
	return river.JobSnooze(mailBackoff(m.Attempts))
}

// passwordWorker answers who asked for a new password: with a link, if the address is that of somebody who may enter
// there, and with nothing otherwise.
type passwordWorker struct {
	river.WorkerDefaults[store.PasswordArgs]
	*Service
}

// NextRetry is for the database being away.
func (w *passwordWorker) NextRetry(*river.Job[store.PasswordArgs]) time.Time {
	return time.Now().Add(time.Second)
}

// Work makes link and email. Done twice, as after a crash, it makes one.
func (w *passwordWorker) Work(ctx context.Context, job *river.Job[store.PasswordArgs]) error {
	if time.Since(job.CreatedAt) > orbit.ResetPasswordFor {
		return nil // nobody waits for it any more
	}
	// Where the page lives decides the link's host, never the request's Host header.
	page := w.Addresses.Dashboard("/password/")
	if job.Args.Audience == orbit.RoleAdmin {
		page = w.Addresses.Admin("/password/")
	}
	who := store.Actor{Name: "public", Address: job.Args.Address}
	return w.DB.CreatePasswordLink(ctx, job.Args.Email, who, func(u orbit.User, token string) (*orbit.Email, error) {
		if job.Args.Audience == orbit.RoleAdmin && u.Role != orbit.RoleAdmin {
			return nil, nil
		}
		m, err := w.Mail.ResetPassword(mail.ResetData{Request: job.ID, Name: u.Name, Email: u.Email, URL: page + token})
		return &m, err
	})
}
