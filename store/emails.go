package store

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Mails is one page of the mailbox, newest first, without the bodies, and how many there are.
func (db *DB) Mails(ctx context.Context, query string, limit, offset int) (mails []orbit.Email, total int, err error) {
	q := db.Bun().NewSelect().Model(&mails).ExcludeColumn("html", "text").Order("created_at DESC",
		"id DESC").Limit(int64(limit)).Offset(int64(offset))
	if query != "" {
		q = q.Where("orbit_fold(?0) <> '' AND strpos(orbit_fold(recipient || ' ' || subject), orbit_fold(?0)) > 0", query)
	}
	n, err := q.ScanAndCount(ctx)
	return mails, int(n), pg.MapError(err)
}

// Mail is one mail, whole.
func (db *DB) Mail(ctx context.Context, id orbit.EmailID) (m orbit.Email, err error) {
	err = db.Bun().NewSelect().Model(&m).Where("id = ?", id).Scan(ctx)
	return m, pg.MapError(err)
}

// EmailStatus says how the email of a Message-ID stands, "" where there is none.
func (db *DB) EmailStatus(ctx context.Context, messageID string) (orbit.EmailStatus, error) {
	var all []orbit.EmailStatus
	err := db.Bun().NewRaw(`SELECT status FROM emails WHERE message_id = ?`, messageID).Scan(ctx, &all)
	return pg.First(all), pg.MapError(err)
}

// EmailTried notes how an attempt to send ended. Only a queued mail changes: the second of two
// senders, or one that was rolled back, finds nothing to write and is told so by false. An email that ends loses its
// links, however it ends (migrations/0011).
func (db *DB) EmailTried(ctx context.Context, id orbit.EmailID, status orbit.EmailStatus, failure string) (bool,
	error) {
	res, err := db.Bun().NewRaw(`UPDATE emails SET status = ?0, attempts = attempts + 1, error = nullif(?1, ''),
		sent_at = CASE WHEN ?0 = 'sent' THEN now() END WHERE id = ?2 AND status = 'queued'`, status, failure, id).Exec(ctx)
	if err != nil {
		return false, pg.MapError(err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// RequeueEmails gives a new job to each queued email that is older than a while and has none.
func (db *DB) RequeueEmails(ctx context.Context, unchanged time.Duration) (int, error) {
	return pg.Requeue(ctx, db.DB, unchanged, `SELECT m.id FROM emails m WHERE m.status = 'queued'
		AND `+pg.WithoutJob("m.created_at", `j.kind = 'mail' AND j.args ->> 'emailId' = m.id::text`)+`
		LIMIT 100 FOR UPDATE OF m SKIP LOCKED`,
		func(b *pg.Batch, id orbit.EmailID) { b.Job(pg.EmailArgs{EmailID: id}) })
}
