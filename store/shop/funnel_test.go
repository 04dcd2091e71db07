package shop_test

import (
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// TestFunnel: an edit keeps what it has reached, and the funnel tells it of all shops together; nothing else of them is
// seen.
func TestFunnel(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.sql(`UPDATE merchants SET activated_at = now() - interval '3 hours'`)
	owner := m.owner(m.alpha)
	if _, err := m.patch(owner, m.alpha, orbit.ShopPatch{"email": "a@alpha.example", "address.country": "IE",
		"address.line1": "1 High St", "address.city": "Dublin"}, 0); err != nil {
		t.Fatal(err)
	}
	member := shop.MemberOf(m.db, orbit.Actor{ID: owner}, m.alpha, orbit.PermissionSettings)
	err := member.Change(t.Context(), func(e *shop.Edit) error {
		return e.Skip(t.Context(), orbit.PartMarketing, "Later")
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := m.db.Funnel(t.Context(), time.Now().Add(-24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	got := map[orbit.OnboardingPart]orbit.FunnelStep{}
	for _, s := range f.Steps {
		got[s.Part] = s
	}
	if f.Merchants != 2 || f.Live != 2 || f.Complete != 0 || len(got) != 6 {
		t.Errorf("%+v", f)
	}
	// Alpha stands before branding, beta before the first part, for three hours.
	if s := got[orbit.PartBusiness]; s.Reached != 1 || s.Waiting != 1 || s.Longest < 3*time.Hour ||
		s.Median < 3*time.Hour {
		t.Errorf("%+v", s)
	}
	if s := got[orbit.PartBranding]; s.Reached != 0 || s.Waiting != 1 || s.Longest > time.Minute {
		t.Errorf("%+v", s)
	}
	if s := got[orbit.PartMarketing]; s.Reached != 1 || s.Skipped != 1 || s.Waiting != 0 {
		t.Errorf("%+v", s)
	}
	if f, err := m.db.Funnel(t.Context(), time.Now().Add(-time.Hour)); err != nil || f.Merchants != 0 {
		t.Errorf("of the last hour: %+v, %v", f, err)
	}
	// Part of an address is taken away again.
	if _, err := m.patch(owner, m.alpha, orbit.ShopPatch{"address.city": ""}, 0); err != nil {
		t.Fatal(err)
	}
	if f, err = m.db.Funnel(t.Context(), time.Now().Add(-24*time.Hour)); err != nil || f.Steps[0].Reached != 0 {
		t.Errorf("%+v, %v", f, err)
	}
}
