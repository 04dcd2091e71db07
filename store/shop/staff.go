package shop

import (
	"context"
	"slices"
	"strings"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Staff returns everybody who works in the shop, or is invited to.
func (t *Tenant) Staff(ctx context.Context) (s orbit.Staff, err error) {
	if s.Members, err = pg.All[orbit.StaffMember](ctx, t, staffRows+` WHERE s.merchant_id = $1
		ORDER BY s.role, lower(u.name), u.id`, t.merchant); err != nil {
		return s, err
	}
	if s.Invitations, err = pg.All[orbit.Invitation](ctx, t, `SELECT `+t.db.Columns("i", "", orbit.Invitation{})+`
		FROM invitations i ORDER BY lower(email), id`); err != nil {
		return s, err
	}
	s.TwoStepRequired, err = pg.One[bool](ctx, t, `SELECT two_step_required FROM merchants WHERE id = $1`, t.merchant)
	return s, err
}

const staffRows = `SELECT u.id AS user_id, u.name, u.email, s.role AS member_role, s.permissions,
		u.two_step_at IS NOT NULL AS two_step, s.seen_at, s.created_at, s.version, s.updated_at
	FROM memberships s JOIN users u ON u.id = s.user_id`

// StaffMember returns one who works in the shop.
func (t *Tenant) StaffMember(ctx context.Context, id orbit.UserID) (orbit.StaffMember, error) {
	return pg.One[orbit.StaffMember](ctx, t, staffRows+` WHERE s.merchant_id = $1 AND s.user_id = $2`, t.merchant, id)
}

// Invitation returns one that is open or has expired.
func (t *Tenant) Invitation(ctx context.Context, id orbit.InvitationID) (orbit.Invitation, error) {
	return pg.One[orbit.Invitation](ctx, t, `SELECT `+t.db.Columns("i", "", orbit.Invitation{})+` FROM invitations i
		WHERE id = $1`, id)
}

// InvitationEmail writes the email of an invitation, with the token of its link.
type InvitationEmail func(m orbit.Merchant, i orbit.Invitation, token string) (orbit.Email, error)

// Invite invites somebody with the permissions that they are to have. Faults on email: somebody who works here or is
// invited already. Conflict where the shop has orbit.MaxStaff.
func (e *Edit) Invite(ctx context.Context, email string, permissions []orbit.Permission, write InvitationEmail) (
	orbit.Invitation, error) {
	i := orbit.Invitation{ID: orbit.NewID[orbit.Invitation](), MerchantID: e.merchant, Email: email,
		Permissions: permissions, InvitedBy: e.Actor.ID}
	if err := e.Invitable(ctx, email); err != nil {
		return i, err
	}
	i.CreatedAt = pg.Stamp()
	b := e.db.Batch()
	if err := e.send(b, &i, write); err != nil {
		return i, err
	}
	return i, e.commit(ctx, b, orbit.ActionStaffInvited, email, nil)
}

// Invitable is nil where an address can be invited: Invite's refusals, for asking before anything is counted.
func (t *Tenant) Invitable(ctx context.Context, email string) error {
	has, err := pg.One[struct {
		Total           int
		Member, Invited bool
	}](ctx, t, `SELECT (SELECT count(*) FROM memberships WHERE merchant_id = $1) +
			(SELECT count(*) FROM invitations) AS total,
		EXISTS (SELECT FROM memberships s JOIN users u ON u.id = s.user_id
			WHERE s.merchant_id = $1 AND lower(u.email) = lower($2)) AS member,
		EXISTS (SELECT FROM invitations WHERE lower(email) = lower($2)) AS invited`, t.merchant, email)
	switch {
	case err != nil:
		return err
	case has.Member:
		return orbit.FaultOn(orbit.Invalid, "email", email, "This person works in your shop already.")
	case has.Invited:
		return orbit.FaultOn(orbit.Invalid, "email", email,
			"This person has been invited already. You can resend the invitation.")
	case has.Total >= orbit.MaxStaff:
		return orbit.Errorf(orbit.Conflict,
			"A shop can have %d staff and open invitations. Remove a member or revoke an invitation first.", orbit.MaxStaff)
	}
	return nil
}

// ResendInvitation sends an invitation again, with a link of its own that holds as long as the first did. The link
// before is void.
func (e *Edit) ResendInvitation(ctx context.Context, id orbit.InvitationID, write InvitationEmail) error {
	i, err := e.Invitation(ctx, id)
	if err != nil {
		return err
	}
	b := e.db.Batch()
	b.Exec(`DELETE FROM one_time_links WHERE merchant_id = $1 AND invitation_id = $2`, e.merchant, id)
	if err := e.send(b, &i, write); err != nil {
		return err
	}
	return e.commit(ctx, b, orbit.ActionStaffResent, i.Email, nil)
}

// send adds the invitation's row, its link and the email with it.
func (e *Edit) send(b *pg.Batch, i *orbit.Invitation, write InvitationEmail) error {
	i.SentAt = pg.Stamp()
	i.ExpiresAt = i.SentAt.Add(orbit.InvitationFor)
	token := pg.Token()
	m, err := write(e.Merchant, *i, token)
	if err != nil {
		return err
	}
	b.Exec(`INSERT INTO invitations (merchant_id, id, email, permissions, invited_by, created_at, updated_at, sent_at,
			expires_at)
		VALUES ($1, $2, $3, $4::text[], $5, $6, $6, $7, $8)
		ON CONFLICT (merchant_id, id) DO UPDATE SET sent_at = excluded.sent_at, expires_at = excluded.expires_at`,
		i.MerchantID, i.ID, i.Email, i.Permissions, i.InvitedBy, i.CreatedAt, i.SentAt, i.ExpiresAt)
	b.Exec(`INSERT INTO one_time_links (token_hash, purpose, merchant_id, invitation_id, expires_at)
		VALUES ($1, $2, $3, $4, $5)`, pg.Hash(token), orbit.LinkInvitation, i.MerchantID, i.ID, i.ExpiresAt)
	b.Email(&m)
	return nil
}

// RevokeInvitation ends an invitation: its link is void.
func (e *Edit) RevokeInvitation(ctx context.Context, id orbit.InvitationID) error {
	email, err := pg.One[string](ctx, e, `DELETE FROM invitations WHERE id = $1 RETURNING email`, id)
	if err != nil {
		return err
	}
	return e.commit(ctx, e.db.Batch(), orbit.ActionStaffRevoked, email, nil)
}

// InvitePermissions changes what an invited person is to have.
func (e *Edit) InvitePermissions(ctx context.Context, id orbit.InvitationID, permissions []orbit.Permission) error {
	email, err := pg.One[string](ctx, e, `UPDATE invitations SET permissions = $2::text[], version = version + 1,
		updated_at = now() WHERE id = $1 RETURNING email`, id, permissions)
	if err != nil {
		return err
	}
	return e.commit(ctx, e.db.Batch(), orbit.ActionStaffPermitted, email, nil)
}

var errOwner = orbit.Errorf(orbit.Conflict,
	"This person owns the shop. Transfer the ownership to another member first.")

// member returns a member for a change of them, locked: who is using their rights in a change finishes that first.
func (e *Edit) member(ctx context.Context, id orbit.UserID) (orbit.StaffMember, error) {
	return pg.One[orbit.StaffMember](ctx, e, staffRows+` WHERE s.merchant_id = $1 AND s.user_id = $2 FOR UPDATE OF s`,
		e.merchant, id)
}

// SetPermissions changes what a member of the staff may do, at once. Conflict for the owner, who may do everything.
func (e *Edit) SetPermissions(ctx context.Context, id orbit.UserID, permissions []orbit.Permission) error {
	m, err := e.member(ctx, id)
	if err == nil && m.Owner() {
		err = errOwner
	}
	if err != nil || slices.Equal(m.Permissions, permissions) {
		return err
	}
	b := e.db.Batch()
	b.Exec(`UPDATE memberships SET permissions = $3::text[], version = version + 1, updated_at = now()
		WHERE merchant_id = $1 AND user_id = $2`, e.merchant, id, permissions)
	return e.commit(ctx, b, orbit.ActionStaffPermitted, m.Email, orbit.Details{
		"permissions": map[string]any{"from": names(m.Permissions), "to": names(permissions)}})
}

func names(list []orbit.Permission) string {
	words := make([]string, len(list))
	for i, p := range list {
		words[i] = orbit.Permissions().Name(p)
	}
	return strings.Join(words, ", ")
}

// RemoveMember ends a membership, at once. Conflict for the owner. Removing oneself is leaving.
func (e *Edit) RemoveMember(ctx context.Context, id orbit.UserID) error {
	m, err := e.member(ctx, id)
	if err == nil && m.Owner() {
		err = errOwner
	}
	if err != nil {
		return err
	}
	b := e.db.Batch()
	b.Exec(`DELETE FROM memberships WHERE merchant_id = $1 AND user_id = $2`, e.merchant, id)
	if id == e.Actor.ID {
		return e.commit(ctx, b, orbit.ActionStaffLeft, "", nil)
	}
	return e.commit(ctx, b, orbit.ActionStaffRemoved, m.Email, nil)
}

// TransferOwnership makes a member the owner, and the owner one of the staff with every permission. Write returns the
// notice to each of the two.
func (e *Edit) TransferOwnership(ctx context.Context, to orbit.UserID,
	write func(shop orbit.Merchant, from, to, who orbit.StaffMember) (orbit.Email, error)) error {
	from, err := e.member(ctx, e.Actor.ID)
	if err == nil && !from.Owner() {
		err = orbit.Errorf(orbit.Forbidden, "Only the owner of the shop may do this.")
	}
	if err != nil {
		return err
	}
	next, err := e.member(ctx, to)
	if err == nil && next.Owner() {
		err = orbit.Errorf(orbit.Conflict, "%s owns the shop already.", next.Name)
	}
	if err != nil {
		return err
	}
	b := e.db.Batch()
	b.Exec(`UPDATE memberships SET role = 'owner', permissions = '{}', version = version + 1, updated_at = now()
		WHERE merchant_id = $1 AND user_id = $2`, e.merchant, to)
	b.Exec(`UPDATE memberships SET role = 'staff', permissions = $3::text[], version = version + 1, updated_at = now()
		WHERE merchant_id = $1 AND user_id = $2`, e.merchant, from.UserID, orbit.Permissions().Values())
	// The platform knows the merchant by the present owner. The shop's contact email is a setting, and stays.
	b.Exec(`UPDATE merchants SET owner_id = $2, owner_name = $3, email = $4, updated_at = now() WHERE id = $1`, e.merchant,
		to, next.Name, next.Email)
	for _, who := range []orbit.StaffMember{from, next} {
		m, err := write(e.Merchant, from, next, who)
		if err != nil {
			return err
		}
		b.Email(&m)
	}
	return e.commit(ctx, b, orbit.ActionStaffOwner, next.Email, nil)
}

// RequireTwoStep says whether members need two-step sign-in to enter the shop's dashboard. Conflict where the owner who
// requires it has none.
func (e *Edit) RequireTwoStep(ctx context.Context, required bool) error {
	if required {
		m, err := e.member(ctx, e.Actor.ID)
		if err == nil && !m.TwoStep {
			err = orbit.Errorf(orbit.Conflict, "Set up two-step sign-in for your own account first.")
		}
		if err != nil {
			return err
		}
	}
	b := e.db.Batch()
	b.Exec(`UPDATE merchants SET two_step_required = $2, updated_at = now() WHERE id = $1`, e.merchant, required)
	b.Notify(pg.MerchantChannel, e.merchant.String()) // open pages ask anew who may see them
	return e.commit(ctx, b, orbit.ActionStaffTwoStep, "", orbit.Details{"required": required})
}
