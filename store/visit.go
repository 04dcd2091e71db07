package store

import (
	"context"
	"crypto/subtle"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// errVisitOver is the answer to every way in that doesn't lead anywhere: used, too late, or somebody else's.
var errVisitOver = orbit.Errorf(orbit.Gone,
	"This link has expired. Choose View as merchant on the merchant's page again.")

// RequestVisit asks for an admin's visit to a shop. token is of the admin's session: when it ends, so does the visit.
// Conflict where the shop isn't active, or the admin is a member of it anyway.
func (db *DB) RequestVisit(ctx context.Context, m orbit.MerchantID, reason, token string, who orbit.Actor) (
	orbit.VisitID, error) {
	id := orbit.NewID[orbit.Visit]()
	err := db.InTx(ctx, func(t pg.Tx) error {
		of, err := pg.One[struct {
			Status orbit.MerchantStatus
			Member bool
		}](ctx, t, `SELECT m.status, EXISTS (SELECT FROM memberships s WHERE s.merchant_id = m.id AND s.user_id = $2)
			AS member FROM merchants m WHERE m.id = $1`, m, who.ID)
		switch {
		case err != nil:
			return err
		case of.Status != orbit.MerchantActive:
			return orbit.Errorf(orbit.Conflict, "Only an active merchant's dashboard can be viewed.")
		case of.Member:
			return orbit.Errorf(orbit.Conflict, "You are a member of this shop. Sign in to its dashboard instead.")
		}
		_, err = pg.One[orbit.VisitID](ctx, t, `INSERT INTO support_visits (id, merchant_id, admin_id, session_id, reason,
				expires_at)
			SELECT $1, $2, $3, s.id, $4, now() + make_interval(secs => $5) FROM sessions s
			WHERE s.token_hash = $6 AND s.user_id = $3 AND s.ended_at IS NULL RETURNING id`,
			id, m, who.ID, reason, orbit.VisitOpensFor.Seconds(), pg.Hash(token))
		return err
	})
	return id, err
}

// ApproveVisit approves the one browser that holds the secret of a hash. Only the session that asked for the visit can,
// once. Gone where it can't.
func (db *DB) ApproveVisit(ctx context.Context, id orbit.VisitID, hash []byte, token string, who orbit.Actor) error {
	n, err := pg.Exec(ctx, db, `UPDATE support_visits v SET approved = $1 WHERE v.id = $2 AND v.admin_id = $3
		AND v.approved IS NULL AND v.opened_at IS NULL AND v.expires_at > now()
		AND v.session_id = (SELECT s.id FROM sessions s WHERE s.token_hash = $4 AND s.ended_at IS NULL)`,
		hash, id, who.ID, pg.Hash(token))
	if err == nil && n == 0 {
		err = errVisitOver
	}
	return err
}

// OpenVisit begins a visit for the browser that holds the approved secret, and uses the way in up. It returns the
// admin, with the visit. Gone where there is nothing to open.
func (db *DB) OpenVisit(ctx context.Context, id orbit.VisitID, hash []byte, address string) (
	v orbit.Visit, u orbit.User, err error) {
	err = db.InTx(ctx, func(t pg.Tx) error {
		opened, err := pg.One[struct {
			orbit.Visit `bun:",extend"`
			Approved    []byte
		}](ctx, t, `UPDATE support_visits v SET opened_at = now(), expires_at = now() + make_interval(secs => $2)
			WHERE id = $1 AND approved IS NOT NULL AND opened_at IS NULL AND ended_at IS NULL AND expires_at > now()
			RETURNING id, merchant_id, admin_id, reason, expires_at, approved`, id, orbit.VisitFor.Seconds())
		if orbit.CodeOf(err) == orbit.NotFound || (err == nil && subtle.ConstantTimeCompare(opened.Approved, hash) != 1) {
			return errVisitOver
		}
		if err != nil {
			return err
		}
		v = opened.Visit
		lives, err := pg.One[bool](ctx, t, `SELECT orbit_visiting(v) FROM support_visits v WHERE id = $1`, id)
		if err == nil && !lives {
			err = errVisitOver
		}
		if err != nil {
			return err
		}
		if u, err = pg.One[orbit.User](ctx, t, `SELECT `+db.Columns("u", "", orbit.User{})+` FROM users u WHERE id = $1`,
			v.AdminID); err != nil {
			return err
		}
		u.Visit, u.VisitEnds = v.ID, v.ExpiresAt
		b := db.Batch()
		b.Audit(orbit.Actor{ID: u.ID, Name: u.Email, Address: address, Visit: v.ID}, orbit.ActionVisitOpened, v.MerchantID,
			"", orbit.Details{"reason": v.Reason})
		return b.Run(ctx, t)
	})
	return v, u, err
}

// StopVisit ends a visit at once, with all that is open in its name. Ending it again changes nothing.
func (db *DB) StopVisit(ctx context.Context, id orbit.VisitID, who orbit.Actor) error {
	return db.InTx(ctx, func(t pg.Tx) error {
		m, err := pg.One[orbit.MerchantID](ctx, t, `UPDATE support_visits SET ended_at = now()
			WHERE id = $1 AND ended_at IS NULL RETURNING merchant_id`, id)
		if orbit.CodeOf(err) == orbit.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		b := db.Batch()
		b.Audit(who, orbit.ActionVisitStopped, m, "", nil)
		b.Notify(pg.MerchantChannel, m.String())
		return b.Run(ctx, t)
	})
}
