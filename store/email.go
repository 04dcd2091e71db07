package store

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// emailColumns holds all columns but the bodies.
const emailColumns = `id, message_id, merchant_id, recipient, subject, status, attempts, error, created_at, sent_at`

// Emails returns one page of the mailbox, newest first, without the bodies, and how many there are.
func (db *DB) Emails(ctx context.Context, query string, limit, offset int) (emails []orbit.Email, total int,
	err error) {
	const where = ` FROM emails e WHERE $1 = '' OR orbit_fold($1) <> ''
		AND strpos(orbit_fold(recipient || ' ' || subject), orbit_fold($1)) > 0`
	if total, err = pg.One[int](ctx, db, `SELECT count(*)`+where, query); err != nil {
		return nil, 0, err
	}
	emails, err = pg.All[orbit.Email](ctx, db, `SELECT `+emailColumns+where+`
		ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3`, query, limit, offset)
	return emails, total, err
}

// Email returns one email, whole.
func (db *DB) Email(ctx context.Context, id orbit.EmailID) (m orbit.Email, err error) {
	return pg.One[orbit.Email](ctx, db, `SELECT `+db.Columns("e", "", m)+` FROM emails e WHERE id = $1`, id)
}

// EmailStatus returns the status of the email of a Message-ID, "" where there is none.
func (db *DB) EmailStatus(ctx context.Context, messageID string) (orbit.EmailStatus, error) {
	all, err := pg.All[orbit.EmailStatus](ctx, db, `SELECT status FROM emails WHERE message_id = $1`, messageID)
	return pg.First(all), err
}

// EmailTried notes how an attempt to send ended, and reports whether it did: only a queued email changes, not for the
// second of two senders, nor one that was rolled back. An email that ends loses its links, however it ends
// (migrations/0011).
func (db *DB) EmailTried(ctx context.Context, id orbit.EmailID, status orbit.EmailStatus,
	failure string) (noted bool, err error) {
	n, err := pg.Exec(ctx, db, `UPDATE emails SET status = $1::text, attempts = attempts + 1, error = nullif($2, ''),
		sent_at = CASE WHEN $1::text = 'sent' THEN now() END WHERE id = $3 AND status = 'queued'`, status, failure, id)
	return n == 1, err
}

// RequeueEmails gives a new job to each queued email that is older than a while and has none.
func (db *DB) RequeueEmails(ctx context.Context, unchanged time.Duration) (int, error) {
	return pg.Requeue(ctx, db.DB, unchanged, `SELECT m.id FROM emails m WHERE m.status = 'queued'
		AND `+pg.WithoutJob("m.created_at", `j.kind = 'mail' AND j.args ->> 'emailId' = m.id::text`)+`
		LIMIT 100 FOR UPDATE OF m SKIP LOCKED`,
		func(b *pg.Batch, id orbit.EmailID) { b.Job(pg.EmailArgs{EmailID: id}) })
}

// EmailFilter says which emails a page shows.
type EmailFilter struct {
	Status orbit.EmailStatus // "": any
	Query  string
	From   Place
	Limit  int
}

// EmailPage is one page of the emails that were written, without their bodies.
func (db *DB) EmailPage(ctx context.Context, f EmailFilter) (List[orbit.Email], error) {
	n := newest{table: "emails", at: "created_at", key: "uuid",
		columns: emailColumns, from: f.From, limit: f.Limit, words: orbit.Fold(f.Query)}
	if _, err := orbit.ParseID[orbit.Email](f.From.ID); err != nil {
		n.from = Place{}
	}
	if f.Status != "" {
		n.each, n.values = "status", []string{string(f.Status)}
	}
	return page[orbit.Email](ctx, db, n)
}
