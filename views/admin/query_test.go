package admin

import (
	"strings"
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

// A view has the filters alone that can choose something there; a tab's link leaves out the others.
func TestFiltersOfAView(t *testing.T) {
	t.Parallel()
	plans := []orbit.Plan{{ID: orbit.NewID[orbit.Plan](), Slug: "pro"}}
	themes := []orbit.Theme{{ID: orbit.NewID[orbit.Theme](), Slug: "upfront-minimal"}}
	all := ParseMerchantQuery("all", "", "", "").Narrow(plans, themes, "pro", "upfront-minimal", "books", "30")
	for status, want := range map[string]string{
		"pending":   "/merchants?category=books",
		"failed":    "/merchants?category=books&plan=pro&status=failed&theme=upfront-minimal",
		"active":    "/merchants?category=books&last=30&plan=pro&status=active&theme=upfront-minimal",
		"suspended": "/merchants?category=books&last=30&plan=pro&status=suspended&theme=upfront-minimal",
	} {
		typed := ParseMerchantQuery(status, "", "", "").Narrow(plans, themes, "pro", "upfront-minimal", "books", "30")
		if typed.Href() != want || all.status(status) != typed {
			t.Errorf("%s: %s, by the tab %s; want %s", status, typed.Href(), all.status(status).Href(), want)
		}
		list := MerchantList{Query: typed, Plans: plans, Themes: themes}
		var html strings.Builder
		if err := merchantFilters(list).Render(t.Context(), &html); err != nil {
			t.Fatal(err)
		}
		for name, there := range map[string]bool{"plan": typed.setUp(), "theme": typed.setUp(), "category": true,
			"last": typed.opened()} {
			if strings.Contains(html.String(), `name="`+name+`"`) != there {
				t.Errorf("%s: the filter %s is there: %v", status, name, !there)
			}
		}
	}
}
