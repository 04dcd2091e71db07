package outbox

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/store"
)

// passwordWorker answers a request for a new password: with a link, if the address is that of a person who may enter
// there, and with nothing otherwise.
type passwordWorker struct {
	river.WorkerDefaults[store.PasswordArgs]
	Config
}

// NextRetry is for the database being away.
func (w *passwordWorker) NextRetry(*river.Job[store.PasswordArgs]) time.Time {
	return time.Now().Add(time.Second)
}

// Work makes link and email. Done twice, as after a crash, it makes one.
func (w *passwordWorker) Work(ctx context.Context, job *river.Job[store.PasswordArgs]) error {
	if time.Since(job.CreatedAt) > orbit.ResetPasswordFor {
		return nil // its link would have expired
	}
	// Where the page lives decides the link's host, never the request's Host header.
	page := w.Addresses.Dashboard("/password/")
	if job.Args.Audience == orbit.RoleAdmin {
		page = w.Addresses.Admin("/password/")
	}
	who := orbit.Actor{Name: "public", Address: job.Args.Address}
	return w.DB.CreatePasswordLink(ctx, job.Args.Email, who, func(u orbit.User, token string) (*orbit.Email, error) {
		if job.Args.Audience == orbit.RoleAdmin && u.Role != orbit.RoleAdmin {
			return nil, nil
		}
		m, err := w.Mail.ResetPassword(mail.ResetData{Request: job.ID, Name: u.Name, Email: u.Email, URL: page + token})
		return &m, err
	})
}
