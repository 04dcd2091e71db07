package admin

import (
	"testing"

	"orbit360.app/orbit"
)

// A narrowed list's address says plans, themes and categories by their slugs, as people write them; ids lead there too.
func TestNarrowBySlug(t *testing.T) {
	t.Parallel()
	plans := []orbit.Plan{{ID: orbit.NewID[orbit.Plan](), Slug: "starter"}, {ID: orbit.NewID[orbit.Plan](), Slug: "pro"}}
	themes := []orbit.Theme{{ID: orbit.NewID[orbit.Theme](), Slug: "upfront-minimal"}}
	const want = "/merchants?category=home-garden&last=30&plan=pro&status=all&theme=upfront-minimal"
	for name, c := range map[string][4]string{
		"slugs":   {"pro", "upfront-minimal", "home-garden", "30"},
		"written": {" Pro", "Upfront-Minimal", "Home-Garden", "30"},
		"ids":     {plans[1].ID.String(), themes[0].ID.String(), "home-garden", "30"},
	} {
		q := ParseMerchantQuery("all", "", "", "").Narrow(plans, themes, c[0], c[1], c[2], c[3])
		if f := q.Filter(); q.Href() != want || f.Plan != plans[1].ID || f.Theme != themes[0].ID {
			t.Errorf("%s: %s, %+v", name, q.Href(), f)
		}
		if cleared := q.unfiltered(); cleared.Href() != "/merchants?status=all" || cleared.Filter().Chosen() {
			t.Errorf("%s, cleared: %s", name, cleared.Href())
		}
	}
	if q := ParseMerchantQuery("all", "", "", "").Narrow(plans, themes, "gold", "", "cars", "5"); q.Filter().Narrowed() {
		t.Errorf("none of them: %+v", q)
	}
}
