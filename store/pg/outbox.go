package pg

import (
	"encoding/json"
	"slices"
	"strings"
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

// Event adds something that has happened in the shop that row-level security is open to: for its webhooks, for
// programs that follow it, and for its pages that are open anywhere.
func (b *Batch) Event(events ...orbit.ShopEvent) { b.events = append(b.events, events...) }

// report writes the batch's events, and notifies of all of them at once.
func (b *Batch) report() {
	if len(b.events) == 0 {
		return
	}
	data, err := json.Marshal(b.events)
	if err != nil {
		b.Err = err
		return
	}
	var kinds []string
	for _, e := range b.events {
		if !slices.Contains(kinds, string(e.Kind)) {
			kinds = append(kinds, string(e.Kind))
		}
	}
	b.Exec(`WITH made AS (INSERT INTO shop_events (merchant_id, id, kind, data)
			SELECT orbit_merchant(), e.id, e.kind, e.data FROM jsonb_to_recordset($1) e(id uuid, kind text, data jsonb))
		SELECT pg_notify($2, orbit_merchant() || ' ' || $3)`, string(data), LiveChannel, strings.Join(kinds, " "))
	b.events = nil
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

// Email adds an email to what it is about: for the local mailbox as it is, else with the job that sends it. Nil adds
// none.
func (b *Batch) Email(m *orbit.Email) {
	if m == nil {
		return
	}
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
