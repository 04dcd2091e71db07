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
	if !who.Visit.IsZero() {
		d["support"] = who.Visit.String()
	}
	b.Insert("audit_log", orbit.AuditEntry{ActorID: who.ID, Actor: who.Name, Action: action, MerchantID: merchant,
		Target: target, Detail: d, Address: who.Address, At: time.Now().UTC()})
}

// Event adds something that has happened in the shop that row-level security is open to: for its webhooks, for
// programs that follow it, and for its pages that are open anywhere.
func (b *Batch) Event(events ...orbit.ShopEvent) { b.events = append(b.events, events...) }

// insertEvents adds events of a shop ($1), with the deliveries to those of its webhooks that want them and their jobs,
// in the form of FairJob's; $2 is notified of the kinds ($3).
const insertEvents = `
	WITH made AS (INSERT INTO shop_events (merchant_id, id, kind, data)
		SELECT orbit_merchant(), e.id, e.kind, e.data FROM jsonb_to_recordset($1) e(id uuid, kind text, data jsonb)
		RETURNING id, kind, data),
	wanted AS (SELECT w.id AS webhook, m.* FROM made m JOIN webhooks w ON w.merchant_id = orbit_merchant()
		AND w.disabled_at IS NULL AND w.events @> to_jsonb(m.kind::text)),
	event AS (INSERT INTO webhook_events (id, kind, merchant_id, body)
		SELECT DISTINCT id, kind, orbit_merchant(), json_build_object('id', id, 'type', kind, 'createdAt',
			to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'data', data)::text FROM wanted),
	delivery AS (INSERT INTO webhook_deliveries (id, merchant_id, event_id, webhook_id)
		SELECT gen_random_uuid(), orbit_merchant(), id, webhook FROM wanted RETURNING id),
	job AS (INSERT INTO river_job (args, kind, max_attempts, queue, priority)
		SELECT jsonb_build_object('deliveryId', d.id, 'merchantId', orbit_merchant()), 'webhook', $4, 'webhook',
			(SELECT CASE WHEN count(*) < 16 THEN 1 WHEN count(*) < 64 THEN 2 WHEN count(*) < 256 THEN 3 ELSE 4 END FROM (
				SELECT FROM river_job WHERE queue = 'webhook' AND state = 'available'
				AND args ->> 'merchantId' = orbit_merchant()::text LIMIT 256) waiting)
		FROM delivery d)
	SELECT pg_notify($2, orbit_merchant() || ' ' || $3),
		(SELECT pg_notify(current_schema() || '.river_insert', '{"queue":"webhook"}') FROM delivery LIMIT 1)`

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
	b.Exec(insertEvents, string(data), LiveChannel, strings.Join(kinds, " "), JobAttempts)
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
