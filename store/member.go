package store

import (
	"context"

	"orbit360.app/orbit"
)

// Member reaches the data of one merchant in the name of one of its members. What it hands out, a *Tenant to read with
// and an *Edit to write with, takes no merchant's id and no person's.
type Member struct {
	db       *DB
	actor    Actor
	merchant orbit.MerchantID
}

// Member is the scope of one merchant for a person. Whether the person belongs to the merchant is asked when it is used.
func (db *DB) Member(actor Actor, merchant orbit.MerchantID) Member {
	return Member{db, actor, merchant}
}

// ID returns the merchant's id.
func (m Member) ID() orbit.MerchantID { return m.merchant }

// Read runs fn in one transaction in which row-level security shows the merchant alone. NotFound where the person isn't
// one of its members, just as for a merchant that doesn't exist.
func (m Member) Read(ctx context.Context, fn func(*Tenant) error) error {
	return m.db.inTx(ctx, func(t tx) error {
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
	Actor    Actor
}

// Change runs fn as one edit. NotFound as for Read; Conflict where the merchant isn't active.
func (m Member) Change(ctx context.Context, fn func(*Edit) error) error {
	return m.db.inTx(ctx, func(t tx) error {
		merchant, err := t.lockMember(ctx, m.actor.ID, m.merchant)
		if err != nil {
			return err
		}
		b := m.db.batch()
		b.asMerchant(m.merchant)
		if err := b.run(ctx, t.pgx); err != nil {
			return err
		}
		return fn(&Edit{Tenant: m.db.tenant(t, m.merchant), Merchant: merchant, Actor: m.actor})
	})
}

// enter opens row-level security to the merchant, for its members alone.
func (m Member) enter(ctx context.Context, t tx) (*Tenant, error) {
	var found int
	err := t.pgx.QueryRow(ctx, `SELECT length(set_config('orbit.merchant_id', merchant_id::text, true)) FROM memberships
		WHERE user_id = $1 AND merchant_id = $2`, m.actor.ID.String(), m.merchant.String()).Scan(&found)
	return m.db.tenant(t, m.merchant), err
}

// lockMember returns an active merchant of a person, locked against being suspended in between. Orders that refer to the
// merchant get through: a shopper who places one may hold the stock that the caller wants next.
func (t tx) lockMember(ctx context.Context, user orbit.UserID, id orbit.MerchantID) (orbit.Merchant, error) {
	var m orbit.Merchant
	err := t.NewSelect().Model(&m).Where("merchant.id = ?", id).
		Where("EXISTS (SELECT FROM memberships WHERE user_id = ? AND merchant_id = merchant.id)", user).
		For("NO KEY UPDATE OF merchant").Scan(ctx)
	if err != nil {
		return m, err
	}
	switch m.Status {
	case orbit.MerchantActive:
		return m, nil
	case orbit.MerchantSuspended:
		return m, orbit.Errorf(orbit.Conflict, "This shop is suspended: nothing can be changed for now.")
	}
	return m, orbit.Errorf(orbit.Conflict, "This shop is still being set up. Try again when it is done.")
}

// commit runs the statements of a change, with its line of the audit log.
func (e *Edit) commit(ctx context.Context, b *batch, action, target string, d Details) error {
	b.audit(e.Actor, action, e.merchant, target, d)
	return b.run(ctx, e.pgx)
}
