package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Member reaches the data of one merchant in the name of one of its members. What it hands out, a *Tenant to read with
// and an *Edit to write with, takes no merchant's id and no person's.
type Member struct {
	db         *pg.DB
	actor      orbit.Actor
	merchant   orbit.MerchantID
	permission orbit.Permission
}

// MemberOf is the scope of one merchant for a person, for something that takes a permission. Whether the person belongs
// to the merchant and has the permission is asked whenever it is used.
func MemberOf(db Database, actor orbit.Actor, merchant orbit.MerchantID, permission orbit.Permission) Member {
	return Member{db.Engine(), actor, merchant, permission}
}

// ID returns the merchant's id.
func (m Member) ID() orbit.MerchantID { return m.merchant }

// Read runs fn in one transaction in which row-level security shows the merchant alone. NotFound where the person isn't
// one of its members, just as for a merchant that doesn't exist; Forbidden for a member without the permission.
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

	// Entry, where it is set, is the id of the timeline's entry that the next change of an order makes: a request that
	// is sent again can tell by it whether the change was made (Order.Entered).
	Entry orbit.ID[orbit.OrderEntry]
}

// Change runs fn as one edit. NotFound as for Read; Conflict where the merchant isn't active.
func (m Member) Change(ctx context.Context, fn func(*Edit) error) error {
	return m.db.InTx(ctx, func(t pg.Tx) error {
		merchant, err := m.lock(ctx, t)
		if err != nil {
			return err
		}
		b := m.db.Batch()
		b.AsMerchant(m.merchant)
		if err := b.Run(ctx, t); err != nil {
			return err
		}
		e := &Edit{Tenant: &Tenant{t, m.db, m.merchant, m.actor.ID}, Merchant: merchant, Actor: m.actor}
		if err := fn(e); err != nil {
			return err
		}
		return e.reach(ctx)
	})
}

// enter opens row-level security to the merchant, for its members alone. What they ask is planned for their shop and
// the values at hand: plans are made once otherwise, for the first shop that a connection meets, and one for a small
// shop can take half a minute in a large one. Planning adds a fraction of a millisecond to a page that isn't kept.
func (m Member) enter(ctx context.Context, t pg.Tx) (*Tenant, error) {
	member, err := pg.One[struct {
		SetConfig    string
		Planned      string
		orbit.Rights `bun:",extend"`
	}](ctx, t, `SELECT set_config('orbit.merchant_id', s.merchant_id::text, true),
			set_config('plan_cache_mode', 'force_custom_plan', true) AS planned, `+m.as()+`
		WHERE s.merchant_id = $1 AND `+m.is(), m.merchant, m.actor.ID, m.actor.Visit)
	if err == nil {
		err = member.Check(m.permission)
	}
	return &Tenant{t, m.db, m.merchant, m.actor.ID}, err
}

// lock returns the merchant, which has to be active, locked against being suspended in between; the membership is
// locked against being changed or taken away. Orders that refer to the merchant get through: a shopper who places one
// may hold the stock that the caller wants next.
func (m Member) lock(ctx context.Context, t pg.Tx) (orbit.Merchant, error) {
	of, err := pg.One[orbit.Membership](ctx, t, `SELECT `+m.db.Columns("m", "", orbit.Merchant{})+`, `+m.as()+`
		JOIN merchants m ON m.id = s.merchant_id WHERE m.id = $1 AND `+m.is()+`
		FOR NO KEY UPDATE OF m FOR SHARE OF s`, m.merchant, m.actor.ID, m.actor.Visit)
	if err == nil {
		err = of.Check(m.permission)
	}
	switch {
	case err != nil:
		return of.Merchant, err
	case of.Status == orbit.MerchantActive:
		return of.Merchant, nil
	case of.Status == orbit.MerchantSuspended:
		return of.Merchant, orbit.Errorf(orbit.Conflict, "This shop is suspended, so you can't make changes.")
	}
	return of.Merchant, orbit.Errorf(orbit.Conflict, "This shop is still being set up. Try again in a moment.")
}

// as returns what says who somebody is in a shop, with its rights: a membership, or the visit of an admin.
func (m Member) as() string {
	if m.actor.Visit.IsZero() {
		return `s.role AS member_role, s.permissions FROM memberships s`
	}
	return `'support' AS member_role, '{}'::text[] AS permissions FROM support_visits s`
}

// is returns the condition that it is the actor's, by its id $2 and its visit $3.
func (m Member) is() string {
	if m.actor.Visit.IsZero() {
		return `s.user_id = $2 AND $3::uuid IS NULL`
	}
	return `s.admin_id = $2 AND s.id = $3 AND orbit_visiting(s)`
}

// commit runs the statements of a change, with its line of the audit log.
func (e *Edit) commit(ctx context.Context, b *pg.Batch, action orbit.Action, target string, d orbit.Details) error {
	b.Audit(e.Actor, action, e.merchant, target, d)
	return b.Run(ctx, e)
}
