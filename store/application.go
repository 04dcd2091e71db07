package store

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// How many confirmations one mailbox gets a day, for however many applications and spellings of its address.
const (
	confirmationsPerMailbox = 3
	confirmationPeriod      = 24 * time.Hour
)

// ApplicationLinks holds the secrets of an application: the token of its applicant's page, and the one in the email
// that confirms the address.
type ApplicationLinks struct{ Page, Confirm string }

// Apply keeps an application as a pending merchant. The id comes from the form, so sending the form twice makes one
// merchant: made is false the second time and nothing is written.
//
// An address that hasn't confirmed gets one email, m, with the first of its applications, and nothing with further
// ones: the applicant may not be its owner. mailed reports whether this application sent it.
func (db *DB) Apply(ctx context.Context, id orbit.MerchantID, a orbit.Application, links ApplicationLinks,
	m *orbit.Email, who orbit.Actor) (made, mailed bool, err error) {
	err = db.InTx(ctx, func(t pg.Tx) error {
		// Two applications for one address come one after the other.
		if _, err := pg.Exec(ctx, t, `SELECT pg_advisory_xact_lock(hashtextextended('apply ' || $1, 0))`,
			orbit.Mailbox(a.Email)); err != nil {
			return err
		}
		if made, err = insertMerchant(ctx, t, id, a); err != nil || !made {
			return err
		}
		owner, err := pg.One[struct{ Confirmed, Asked bool }](ctx, t, `SELECT EXISTS (SELECT FROM users
				WHERE lower(email) = lower($1) AND password_hash IS NOT NULL)
				OR EXISTS (SELECT FROM merchants m JOIN applications a USING (id) WHERE lower(m.email) = lower($1)
				AND a.confirmed_at IS NOT NULL) AS confirmed,
			EXISTS (SELECT FROM merchants m JOIN applications a USING (id) WHERE lower(m.email) = lower($1)
				AND a.confirm_hash IS NOT NULL) AS asked`, a.Email)
		if err != nil {
			return err
		}
		if mailed = m != nil && (owner.Confirmed || !owner.Asked); mailed {
			refused, _, err := allow(ctx, t, confirmationPeriod, Bucket{"confirmation " + orbit.Mailbox(a.Email),
				confirmationsPerMailbox})
			if err != nil {
				return err
			}
			mailed = refused == ""
		}
		var confirm []byte
		if mailed {
			confirm = pg.Hash(links.Confirm)
		}
		b := db.Batch()
		b.Exec(`INSERT INTO applications (id, page_hash, confirm_hash) VALUES ($1, $2, $3)`, id, pg.Hash(links.Page), confirm)
		applied(b, id, a, who)
		if mailed {
			m.MerchantID = id
			b.Email(m)
		}
		return b.Run(ctx, t)
	})
	return made && err == nil, mailed && err == nil, err
}

// ApplicationByPage finds an application by the token of its applicant's page, ApplicationByLink by the one in the
// email.
func (db *DB) ApplicationByPage(ctx context.Context, token string) (orbit.ApplicationSheet, error) {
	return db.application(ctx, `page_hash = $1`, pg.Hash(token))
}

// ApplicationByLink is ApplicationByPage for the link in the email that confirms the address.
func (db *DB) ApplicationByLink(ctx context.Context, token string) (orbit.ApplicationSheet, error) {
	return db.application(ctx, `confirm_hash = $1`, pg.Hash(token))
}

// ApplicationOf finds an application by its merchant. NotFound where an admin entered it.
func (db *DB) ApplicationOf(ctx context.Context, id orbit.MerchantID) (orbit.ApplicationSheet, error) {
	return db.application(ctx, `id = $1`, id)
}

func (db *DB) application(ctx context.Context, where string, arg any) (a orbit.ApplicationSheet, err error) {
	return pg.One[orbit.ApplicationSheet](ctx, db, `SELECT `+db.Columns("m", "m__", a.Merchant)+`,
			a.confirm_hash IS NOT NULL AS mailed, a.confirmed_at IS NOT NULL AS confirmed
		FROM applications a JOIN merchants m USING (id) WHERE `+where, arg)
}

// ConfirmApplication notes that the owner of the address has the link that was mailed there. Doing it again changes
// nothing.
func (db *DB) ConfirmApplication(ctx context.Context, token string, who orbit.Actor) error {
	return db.InTx(ctx, func(t pg.Tx) error {
		m, err := pg.One[orbit.Merchant](ctx, t, `UPDATE applications a SET confirmed_at = now() FROM merchants m
			WHERE a.confirm_hash = $1 AND a.confirmed_at IS NULL AND m.id = a.id
			RETURNING m.id, m.name`, pg.Hash(token))
		if orbit.CodeOf(err) == orbit.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		b := db.Batch()
		b.Audit(who, orbit.ActionMerchantConfirmed, m.ID, m.Name, nil)
		b.Notify(pg.MerchantChannel, m.ID.String())
		return b.Run(ctx, t)
	})
}
