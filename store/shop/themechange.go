package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// ChangeTheme gives the shop another theme in an admin's name: a new release, public from the commit on, that looks as
// dress returns it from the theme and the release before. The drafts of the shop's people stay. Its owners get the
// email that write makes for each. Conflict where the shop isn't set up, has the theme already, or isn't as the change
// was previewed; Invalid where the theme isn't available.
func (s Scope) ChangeTheme(ctx context.Context, c orbit.ThemeChange, who orbit.Actor,
	dress func(from, to orbit.Theme, was orbit.Release) (orbit.Release, error),
	write func(orbit.ThemeChanged, orbit.User) (orbit.Email, error)) error {
	return s.Do(ctx, func(t *Tenant) error {
		m, err := t.provisioned(ctx, "theme")
		if err != nil {
			return err
		}
		e := &Edit{Tenant: t, Merchant: m, Actor: who}
		was, from, to, err := e.otherTheme(ctx, c)
		if err != nil {
			return err
		}
		next, err := dress(from, to, was)
		if err != nil {
			return err
		}
		next.Source = orbit.FromSupport
		next, err = e.publish(ctx, next, publication{upon: was.Number, settle: keepDraft,
			action: orbit.ActionMerchantTheme, details: orbit.Details{"from": from.Name, "to": to.Name}})
		if err != nil {
			return err
		}
		owners, err := e.owners(ctx)
		if err != nil {
			return err
		}
		b := e.db.Batch()
		for _, owner := range owners {
			email, err := write(orbit.ThemeChanged{Merchant: m, From: from, To: to, Before: was, After: next}, owner)
			if err != nil {
				return err
			}
			b.Email(&email)
		}
		return b.Run(ctx, t)
	})
}

// otherTheme returns what a change of theme begins with, if it is as it was previewed: the public release with its
// theme, and the new theme. That is locked: nobody changes or deactivates it until this commits.
func (e *Edit) otherTheme(ctx context.Context, c orbit.ThemeChange) (
	was orbit.Release, from, to orbit.Theme, err error) {
	public, err := e.CurrentRelease(ctx)
	if err != nil {
		return was, from, to, err
	}
	was = public.Release
	if was.ThemeID == c.To {
		return was, from, to, orbit.Errorf(orbit.Conflict, "%s has the %s theme already.", e.Merchant.Name,
			public.ThemeName)
	}
	if was.Number != c.Upon {
		return was, from, to, orbit.Errorf(orbit.Conflict, "Version %d of this shop was published since you opened this "+
			"page. Preview the change again.", was.Number)
	}
	found, err := pg.All[orbit.Theme](ctx, e, `SELECT `+e.db.Columns("t", "", orbit.Theme{})+` FROM themes t
		WHERE id = $1 FOR SHARE`, c.To)
	if err != nil {
		return was, from, to, err
	}
	to = pg.First(found)
	if len(found) == 0 || !to.Active {
		return was, from, to, orbit.FaultOn(orbit.Invalid, "theme", to.Name, orbit.NotAvailable("theme"))
	}
	if to.Edition() != c.Edition {
		return was, from, to, orbit.Errorf(orbit.Conflict, "The %s theme has been changed since you opened this page. "+
			"Preview the change again.", to.Name)
	}
	from, err = pg.One[orbit.Theme](ctx, e, `SELECT `+e.db.Columns("t", "", orbit.Theme{})+` FROM themes t
		WHERE id = $1`, was.ThemeID)
	return was, from, to, err
}

// provisioned returns the merchant and locks its row, for what an admin changes of a shop, suspended or not.
func (t *Tenant) provisioned(ctx context.Context, what string) (orbit.Merchant, error) {
	m, err := pg.One[orbit.Merchant](ctx, t, `SELECT `+t.db.Columns("m", "", orbit.Merchant{})+` FROM merchants m
		WHERE id = $1 FOR NO KEY UPDATE`, t.merchant)
	if err == nil && m.Status != orbit.MerchantActive && m.Status != orbit.MerchantSuspended {
		err = orbit.Errorf(orbit.Conflict, "This merchant isn't active, so there is no %s to change.", what)
	}
	return m, err
}

// owners returns the shop's owners who can sign in.
func (t *Tenant) owners(ctx context.Context) ([]orbit.User, error) {
	return pg.All[orbit.User](ctx, t, `SELECT `+t.db.Columns("u", "", orbit.User{})+` FROM memberships s
		JOIN users u ON u.id = s.user_id AND u.disabled_at IS NULL
		WHERE s.merchant_id = $1 AND s.role = 'owner' ORDER BY u.id`, t.merchant)
}
