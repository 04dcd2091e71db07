package store

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
)

// MailArgs is the durable job that sends one mail.
type MailArgs struct {
	MailID     orbit.MailID      `json:"mailId"`
	MerchantID *orbit.MerchantID `json:"merchantId,omitempty"` // in whose name it is sent; nil for the platform's own
}

// Kind names the job in river's table.
func (MailArgs) Kind() string { return "mail" }

// InsertOpts gives mail a queue of its own, so that a slow mail server slows nothing else.
func (MailArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueMail, MaxAttempts: jobAttempts}
}

// mail adds a mail to what it tells about: for the local mailbox as it is, else with the job that sends it.
func (b *batch) mail(m *orbit.Mail) {
	if m.ID.IsZero() {
		m.ID = orbit.NewID[orbit.Mail]()
	}
	m.CreatedAt = time.Now().UTC()
	if m.Status == orbit.MailLocal {
		m.SentAt = m.CreatedAt
	}
	b.insert("mails", m)
	switch {
	case m.Status == orbit.MailLocal:
	case m.MerchantID.IsZero():
		b.job(MailArgs{MailID: m.ID})
	default:
		b.fairJob(MailArgs{MailID: m.ID, MerchantID: &m.MerchantID}, m.MerchantID)
	}
}

// Mails is one page of the mailbox, newest first, without the bodies, and how many there are.
func (db *DB) Mails(ctx context.Context, query string, limit, offset int) (mails []orbit.Mail, total int, err error) {
	q := db.bun.NewSelect().Model(&mails).ExcludeColumn("html", "text").Order("created_at DESC", "id DESC").Limit(int64(limit)).Offset(int64(offset))
	if query != "" {
		q = q.Where("orbit_fold(?0) <> '' AND strpos(orbit_fold(recipient || ' ' || subject), orbit_fold(?0)) > 0", query)
	}
	n, err := q.ScanAndCount(ctx)
	return mails, int(n), mapError(err)
}

// Mail is one mail, whole.
func (db *DB) Mail(ctx context.Context, id orbit.MailID) (m orbit.Mail, err error) {
	err = db.bun.NewSelect().Model(&m).Where("id = ?", id).Scan(ctx)
	return m, mapError(err)
}

// MailStatus says how the email of a Message-ID stands, "" where there is none.
func (db *DB) MailStatus(ctx context.Context, messageID string) (orbit.MailStatus, error) {
	var all []orbit.MailStatus
	err := db.bun.NewRaw(`SELECT status FROM mails WHERE message_id = ?`, messageID).Scan(ctx, &all)
	return first(all), mapError(err)
}

// MailTried notes how an attempt to send ended. Only a queued mail changes: the second of two
// senders, or one that was rolled back, finds nothing to write and is told so by false. An email that ends loses its
// links, however it ends (migrations/0011).
func (db *DB) MailTried(ctx context.Context, id orbit.MailID, status orbit.MailStatus, failure string) (bool, error) {
	res, err := db.bun.NewRaw(`UPDATE mails SET status = ?0, attempts = attempts + 1, error = nullif(?1, ''),
		sent_at = CASE WHEN ?0 = 'sent' THEN now() END WHERE id = ?2 AND status = 'queued'`, status, failure, id).Exec(ctx)
	if err != nil {
		return false, mapError(err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}
