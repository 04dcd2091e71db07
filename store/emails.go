package store

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
)

// EmailArgs is the durable job that sends one mail.
type EmailArgs struct {
	EmailID    orbit.EmailID     `json:"emailId"`
	MerchantID *orbit.MerchantID `json:"merchantId,omitempty"` // in whose name it is sent; nil for the platform's own
}

// Kind names the job in river's table.
func (EmailArgs) Kind() string { return "mail" }

// InsertOpts gives mail a queue of its own, so that a slow mail server slows nothing else.
func (EmailArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueEmail, MaxAttempts: jobAttempts}
}

// mail adds a mail to what it tells about: for the local mailbox as it is, else with the job that sends it.
func (b *batch) mail(m *orbit.Email) {
	if m.ID.IsZero() {
		m.ID = orbit.NewID[orbit.Email]()
	}
	m.CreatedAt = time.Now().UTC()
	if m.Status == orbit.EmailLocal {
		m.SentAt = m.CreatedAt
	}
	b.insert("emails", m)
	switch {
	case m.Status == orbit.EmailLocal:
	case m.MerchantID.IsZero():
		b.job(EmailArgs{EmailID: m.ID})
	default:
		b.fairJob(EmailArgs{EmailID: m.ID, MerchantID: &m.MerchantID}, m.MerchantID)
	}
}

// Mails is one page of the mailbox, newest first, without the bodies, and how many there are.
func (db *DB) Mails(ctx context.Context, query string, limit, offset int) (mails []orbit.Email, total int, err error) {
	q := db.bun.NewSelect().Model(&mails).ExcludeColumn("html", "text").Order("created_at DESC",
		"id DESC").Limit(int64(limit)).Offset(int64(offset))
	if query != "" {
		q = q.Where("orbit_fold(?0) <> '' AND strpos(orbit_fold(recipient || ' ' || subject), orbit_fold(?0)) > 0", query)
	}
	n, err := q.ScanAndCount(ctx)
	return mails, int(n), mapError(err)
}

// Mail is one mail, whole.
func (db *DB) Mail(ctx context.Context, id orbit.EmailID) (m orbit.Email, err error) {
	err = db.bun.NewSelect().Model(&m).Where("id = ?", id).Scan(ctx)
	return m, mapError(err)
}

// EmailStatus says how the email of a Message-ID stands, "" where there is none.
func (db *DB) EmailStatus(ctx context.Context, messageID string) (orbit.EmailStatus, error) {
	var all []orbit.EmailStatus
	err := db.bun.NewRaw(`SELECT status FROM emails WHERE message_id = ?`, messageID).Scan(ctx, &all)
	return first(all), mapError(err)
}

// EmailTried notes how an attempt to send ended. Only a queued mail changes: the second of two
// senders, or one that was rolled back, finds nothing to write and is told so by false. An email that ends loses its
// links, however it ends (migrations/0011).
func (db *DB) EmailTried(ctx context.Context, id orbit.EmailID, status orbit.EmailStatus, failure string) (bool,
	error) {
	res, err := db.bun.NewRaw(`UPDATE emails SET status = ?0, attempts = attempts + 1, error = nullif(?1, ''),
		sent_at = CASE WHEN ?0 = 'sent' THEN now() END WHERE id = ?2 AND status = 'queued'`, status, failure, id).Exec(ctx)
	if err != nil {
		return false, mapError(err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// RequeueEmails gives a new job to each queued email that is older than a while and has none.
func (db *DB) RequeueEmails(ctx context.Context, unchanged time.Duration) (int, error) {
	return requeue(ctx, db, unchanged, `SELECT m.id FROM emails m WHERE m.status = 'queued'
		AND `+withoutJob("m.created_at", `j.kind = 'mail' AND j.args ->> 'emailId' = m.id::text`)+`
		LIMIT 100 FOR UPDATE OF m SKIP LOCKED`,
		func(b *batch, id orbit.EmailID) { b.job(EmailArgs{EmailID: id}) })
}
