package pg

import (
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
)

// What both worlds write along with what they change: lines of the audit log, notifications, jobs and emails.

// Audit adds a line of the audit log.
func (b *Batch) Audit(who orbit.Actor, action orbit.Action, merchant orbit.MerchantID, target string, d orbit.Details) {
	if d == nil {
		d = orbit.Details{}
	}
	b.Insert("audit_log", orbit.AuditEntry{ActorID: who.ID, Actor: who.Name, Action: action, MerchantID: merchant,
		Target: target, Detail: d, Address: who.Address, At: time.Now().UTC()})
}

// QueueEmail is the queue of the jobs that send emails: a slow mail server slows nothing else.
const QueueEmail = "mail"

// EmailArgs is the durable job that sends one email.
type EmailArgs struct {
	EmailID    orbit.EmailID     `json:"emailId"`
	MerchantID *orbit.MerchantID `json:"merchantId,omitempty"` // that it is sent for; nil for the platform's own
}

// Kind names the job in river's table.
func (EmailArgs) Kind() string { return "mail" }

// InsertOpts gives emails their queue.
func (EmailArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueEmail, MaxAttempts: JobAttempts}
}

// Email adds an email to what it is about: for the local mailbox as it is, else with the job that sends it.
func (b *Batch) Email(m *orbit.Email) {
	if m.ID.IsZero() {
		m.ID = orbit.NewID[orbit.Email]()
	}
	m.CreatedAt = time.Now().UTC()
	if m.Status == orbit.EmailLocal {
		m.SentAt = m.CreatedAt
	}
	b.Insert("emails", m)
	switch {
	case m.Status == orbit.EmailLocal:
	case m.MerchantID.IsZero():
		b.Job(EmailArgs{EmailID: m.ID})
	default:
		b.FairJob(EmailArgs{EmailID: m.ID, MerchantID: &m.MerchantID}, m.MerchantID)
	}
}
