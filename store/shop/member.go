package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Member reaches the data of one merchant in the name of one of its members. What it hands out, a *Tenant to read with
// and an *Edit to write with, takes no merchant's id and no person's.
type Member struct {
	db       *pg.DB
	actor    orbit.Actor
	merchant orbit.MerchantID
}

// MemberOf is the scope of one merchant for a person. Whether the person belongs to the merchant is asked when it is
// used.
func MemberOf(db Database, actor orbit.Actor, merchant orbit.MerchantID) Member {
	return Member{db.Engine(), actor, merchant}
}

// ID returns the merchant's id.
func (m Member) ID() orbit.MerchantID { return m.merchant }

// Read runs fn in one transaction in which row-level security shows the merchant alone. NotFound where the person isn't
// one of its members, just as for a merchant that doesn't exist.
func (m Member) Read(ctx context.Context, fn func(*Tenant) error) error {
	return m.db.InTx(ctx, func(t pg.Tx) error {
		tenant, err := m.enter(ctx, t)
		if err != nil {
			return err
		}
		return fn(tenant)
	})
}

// Edit is what a member does to a shop: one transaction in which the merchant's row is locked, so that limits that it
// counts against hold. What it writes goes to the audit log in the member's name.
type Edit struct {
	*Tenant
	Merchant orbit.Merchant // as it is locked
	Actor    orbit.Actor
}

// Change runs fn as one edit. NotFound as for Read; Conflict where the merchant isn't active.
func (m Member) Change(ctx context.Context, fn func(*Edit) error) error {
	return m.db.InTx(ctx, func(t pg.Tx) error {
		merchant, err := lockMember(ctx, m.db, t, m.actor.ID, m.merchant)
		if err != nil {
			return err
		}
		b := m.db.Batch()
		b.AsMerchant(m.merchant)
		if err := b.Run(ctx, t); err != nil {
			return err
		}
		return fn(&Edit{Tenant: &Tenant{t, m.db, m.merchant}, Merchant: merchant, Actor: m.actor})
	})
}

// enter opens row-level security to the merchant, for its members alone.
func (m Member) enter(ctx context.Context, t pg.Tx) (*Tenant, error) {
	_, err := pg.One[string](ctx, t, `SELECT set_config('orbit.merchant_id', merchant_id::text, true) FROM memberships
		WHERE user_id = $1 AND merchant_id = $2`, m.actor.ID, m.merchant)
	return &Tenant{t, m.db, m.merchant}, err
}

// lockMember returns an active merchant of a person, locked against being suspended in between. Orders that refer to
// the merchant get through: a shopper who places one may hold the stock that the caller wants next.
func lockMember(
	ctx context.Context, db *pg.DB, t pg.Tx, user orbit.UserID, id orbit.MerchantID,
) (orbit.Merchant, error) {
	m, err := pg.One[orbit.Merchant](ctx, t, `SELECT `+db.Columns("m", "", orbit.Merchant{})+` FROM merchants m
		WHERE m.id = $1 AND EXISTS (SELECT FROM memberships WHERE user_id = $2 AND merchant_id = m.id)
		FOR NO KEY UPDATE OF m`, id, user)
	if err != nil {
		return m, err
	}
	switch m.Status {
	case orbit.MerchantActive:
		return m, nil
	case orbit.MerchantSuspended:
		return m, orbit.Errorf(orbit.Conflict, "This shop is suspended, so you can't make changes.")
	}
	return m, orbit.Errorf(orbit.Conflict, "This shop is still being set up. Try again in a moment.")
}

// commit runs the statements of a change, with its line of the audit log.
func (e *Edit) commit(ctx context.Context, b *pg.Batch, action orbit.Action, target string, d orbit.Details) error {
	b.Audit(e.Actor, action, e.merchant, target, d)
	return b.Run(ctx, e)
}
