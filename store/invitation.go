package store

import (
	"context"
	"strings"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

var (
	errInvitationGone = orbit.Errorf(orbit.Gone,
		"This invitation has been used, was revoked or has expired. Ask for a new one.")
	errInvitationOther = orbit.Errorf(orbit.Gone,
		"This invitation is for another account. Sign out, and open the link again with the address that it was sent to.")
)

// FindInvitation looks at an invitation by the token of its link, without using it: in the name of who is signed in, or
// of nobody. Gone where the link works no longer, or is another's.
func (db *DB) FindInvitation(ctx context.Context, token string, as orbit.User) (v orbit.InvitationView, err error) {
	err = db.InTx(ctx, func(t pg.Tx) error {
		link, err := pg.One[invitationLink](ctx, t, `SELECT merchant_id, invitation_id FROM one_time_links
			WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > now()`, pg.Hash(token),
			orbit.LinkInvitation)
		if err == nil {
			v, err = db.invitation(ctx, t, link, as)
		}
		return err
	})
	return v, invited(err)
}

type invitationLink struct {
	MerchantID   orbit.MerchantID
	InvitationID orbit.InvitationID
}

// invited says of an invitation that isn't there that it is gone.
func invited(err error) error {
	if orbit.CodeOf(err) == orbit.NotFound {
		return errInvitationGone
	}
	return err
}

// invitation opens row-level security to the shop of a link and reads its invitation.
func (db *DB) invitation(ctx context.Context, t pg.Tx, link invitationLink, as orbit.User) (v orbit.InvitationView,
	err error) {
	b := db.Batch()
	b.AsMerchant(link.MerchantID)
	if err := b.Run(ctx, t); err != nil {
		return v, err
	}
	v, err = pg.One[orbit.InvitationView](ctx, t, `SELECT `+db.Columns("i", "", orbit.Invitation{})+`, m.name AS shop,
			m.subdomain, coalesce(u.name, '') AS inviter, EXISTS (SELECT FROM users a
				WHERE lower(a.email) = lower(i.email) AND a.password_hash IS NOT NULL) AS account
		FROM invitations i JOIN merchants m ON m.id = i.merchant_id LEFT JOIN users u ON u.id = i.invited_by
		WHERE i.merchant_id = $1 AND i.id = $2`, link.MerchantID, link.InvitationID)
	if err == nil && !as.ID.IsZero() && !strings.EqualFold(as.Email, v.Email) {
		err = errInvitationOther
	}
	return v, err
}

// AcceptInvitation makes somebody a member of the shop that invited them, once: who is signed in, or, where as has no
// id, a new person with as's name and password. Gone as for FindInvitation; Conflict where the address has an account
// by now and the request is no person's.
func (db *DB) AcceptInvitation(ctx context.Context, token string, as orbit.User, address string) (
	v orbit.InvitationView, user orbit.User, err error) {
	err = db.InTx(ctx, func(t pg.Tx) error {
		link, err := pg.One[invitationLink](ctx, t, `UPDATE one_time_links SET used_at = now()
			WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > now()
			RETURNING merchant_id, invitation_id`, pg.Hash(token), orbit.LinkInvitation)
		if err != nil {
			return err
		}
		if v, err = db.invitation(ctx, t, link, as); err != nil {
			return err
		}
		if user = as; as.ID.IsZero() {
			if user, err = db.invitedUser(ctx, t, v, as); err != nil {
				return err
			}
		}
		b := db.Batch()
		b.Exec(`INSERT INTO memberships (merchant_id, user_id, role, permissions) VALUES ($1, $2, $3, $4::text[])
			ON CONFLICT (user_id, merchant_id) DO NOTHING`, v.MerchantID, user.ID, orbit.MemberStaff, v.Permissions)
		b.Exec(`DELETE FROM invitations WHERE merchant_id = $1 AND id = $2`, v.MerchantID, v.ID)
		b.Audit(orbit.Actor{ID: user.ID, Name: user.Email, Address: address}, orbit.ActionStaffJoined, v.MerchantID, "", nil)
		return b.Run(ctx, t)
	})
	return v, user, invited(err)
}

// invitedUser makes the account of an invited person, or sets the first password of one that has none.
func (db *DB) invitedUser(ctx context.Context, t pg.Tx, v orbit.InvitationView, as orbit.User) (orbit.User, error) {
	u, err := pg.One[orbit.User](ctx, t, `INSERT INTO users AS u (id, email, name, role, password_hash,
			password_changed_at)
		VALUES ($1, $2, $3, $4, $5, now())
		ON CONFLICT (lower(email)) DO UPDATE SET name = excluded.name, password_hash = excluded.password_hash,
			password_changed_at = now() WHERE u.password_hash IS NULL AND u.disabled_at IS NULL
		RETURNING `+db.Columns("u", "", orbit.User{}), orbit.NewID[orbit.User](), v.Email, as.Name, orbit.RoleMerchant,
		as.PasswordHash)
	if orbit.CodeOf(err) == orbit.NotFound {
		err = orbit.Errorf(orbit.Conflict, "There is an account with this address. Sign in to accept the invitation.")
	}
	return u, err
}
