package api_test

import (
	"context"
	"maps"
	"strconv"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// anew makes the token that signing in again with a merchant's token's person and shop would give.
func (p *platform) anew(token string) string {
	p.t.Helper()
	c := maps.Clone(claimsOf(p.t, token))
	mark := func(of string, args ...any) string {
		return strconv.FormatInt(int64(p.count(`SELECT (extract(epoch FROM tokens_since) * 1000000)::bigint FROM `+of,
			args...)), 36)
	}
	c["since"] = mark(`users WHERE id = $1`, c["sub"]) + "." +
		mark(`memberships WHERE user_id = $1 AND merchant_id = $2`, c["sub"], c["merchant"])
	return sign(p.t, tokenKey, map[string]any{"alg": "HS256", "typ": "JWT"}, c)
}

// Whatever ends a person's tokens ends them at once, in all of their shops and of an admin, and for good: undone, they
// stay ended. What leaves a person as they were, or gives them more, ends none.
func TestPeoplesTokensEnd(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.work(false)
	moss, fern := p.shop("Moss", "moss", adminEmail), p.shop("Fern", "fern", adminEmail)
	u, err := p.db.UserByEmail(t.Context(), adminEmail)
	if err != nil {
		t.Fatal(err)
	}
	who := orbit.Actor{ID: u.ID, Name: u.Email}
	for _, one := range []struct {
		name string
		do   func(context.Context) error
		ends bool
	}{
		{"another name", func(ctx context.Context) error { return p.db.Rename(ctx, u.ID, "Ada", who) }, false},
		{"one session ends", func(ctx context.Context) error {
			err := p.db.Sessions().End(ctx, u.ID, orbit.NewID[orbit.Session](), who)
			if orbit.CodeOf(err) == orbit.NotFound {
				err = nil
			}
			return err
		}, false},
		{"signed out everywhere", func(ctx context.Context) error { return p.db.Sessions().EndAll(ctx, u.ID, who) }, true},
		{"another password", func(ctx context.Context) error {
			return p.db.ChangePassword(ctx, u.ID, u.PasswordHash, "", who, nil)
		}, true},
		{"two-step sign-in on and off", func(ctx context.Context) error {
			if err := p.db.TurnOnTwoStep(ctx, u.ID, []byte("x"), 1, nil, who, nil); err != nil {
				return err
			}
			return p.db.TurnOffTwoStep(ctx, u, who, orbit.ActionTwoStepOff, nil)
		}, true},
		{"disabled for a while", func(context.Context) error {
			p.exec(`UPDATE users SET disabled_at = now() WHERE id = $1`, u.ID.String())
			p.exec(`UPDATE users SET disabled_at = NULL WHERE id = $1`, u.ID.String())
			return nil
		}, true},
		{"no admin for a while", func(context.Context) error {
			p.exec(`UPDATE users SET role = 'merchant' WHERE id = $1`, u.ID.String())
			p.exec(`UPDATE users SET role = 'admin' WHERE id = $1`, u.ID.String())
			return nil
		}, true},
	} {
		p.exec(`DELETE FROM throttles`)
		tokens := map[string]string{p.signIn(adminEmail): base + "/themes", p.signInTo(adminEmail, moss): shopBase + "/shop",
			p.signInTo(adminEmail, fern): shopBase + "/shop"}
		if err := one.do(t.Context()); err != nil {
			t.Fatal(one.name, err)
		}
		for token, path := range tokens {
			if a := p.do("GET", path, nil, bearer(token)); (a.StatusCode == 401) != one.ends {
				t.Errorf("%s: GET %s is %d", one.name, path, a.StatusCode)
			}
		}
	}
}

// A member who may do less, leaves, or hands the shop over loses the tokens for that shop, and no others.
func TestMembersTokensEnd(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	ctx := t.Context()
	eve, olu := s.actor(rivalEmail), s.actor(ownerEmail)
	s.staff(s.moss, rivalEmail, orbit.PermissionOrders)
	moss, err := orbit.ParseID[orbit.Merchant](s.moss)
	if err != nil {
		t.Fatal(err)
	}
	edit := func(who orbit.Actor, fn func(*shop.Edit) error) {
		t.Helper()
		if err := shop.MemberOf(s.db, who, moss, orbit.PermissionMember).Change(ctx, fn); err != nil {
			t.Fatal(err)
		}
	}
	permit := func(list ...orbit.Permission) func() {
		return func() {
			edit(olu, func(e *shop.Edit) error { return e.SetPermissions(ctx, eve.ID, list) })
		}
	}
	notice := func(orbit.Merchant, orbit.StaffMember, orbit.StaffMember, orbit.StaffMember) (orbit.Email, error) {
		return orbit.Email{MessageID: orbit.NewID[orbit.Email]().String(), Recipient: rivalEmail, Subject: "Moss",
			Status: orbit.EmailQueued}, nil
	}
	for _, one := range []struct {
		name string
		do   func()
		ends bool
	}{
		{"more", permit(orbit.PermissionOrders, orbit.PermissionProducts), false},
		{"less", permit(orbit.PermissionOrders), true},
		{"other", permit(orbit.PermissionProducts), true},
		{"away and back", func() {
			edit(olu, func(e *shop.Edit) error { return e.RemoveMember(ctx, eve.ID) })
			s.staff(s.moss, rivalEmail, orbit.PermissionProducts)
		}, true},
		{"suspended and resumed", func() {
			s.exec(`UPDATE merchants SET status = 'suspended' WHERE id = $1`, s.moss)
			s.do("GET", shopBase+"/shop", nil, bearer(s.signInTo(rivalEmail, s.fern))).want(t, 200)
			s.exec(`UPDATE merchants SET status = 'active' WHERE id = $1`, s.moss)
		}, false},
		{"owner", func() {
			edit(olu, func(e *shop.Edit) error { return e.TransferOwnership(ctx, eve.ID, notice) })
		}, true},
		{"owner no longer", func() {
			edit(eve, func(e *shop.Edit) error { return e.TransferOwnership(ctx, olu.ID, notice) })
		}, true},
	} {
		s.exec(`DELETE FROM throttles`)
		there, elsewhere := s.signInTo(rivalEmail, s.moss), s.signInTo(rivalEmail, s.fern)
		one.do()
		if a := s.do("GET", shopBase+"/shop", nil, bearer(there)); (a.StatusCode == 401) != one.ends {
			t.Errorf("%s: %d %s", one.name, a.StatusCode, a.raw)
		}
		s.do("GET", shopBase+"/shop", nil, bearer(elsewhere)).want(t, 200)
	}
}
