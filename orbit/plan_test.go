package orbit_test

import (
	"slices"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

func fields(err error) []string {
	var out []string
	for _, f := range orbit.FaultsOf(err) {
		out = append(out, f.Field)
	}
	return out
}

func TestThemeInput(t *testing.T) {
	t.Parallel()
	good, err := orbit.ThemeInput{Name: "  Été   Libre ", Engine: orbit.EngineModern}.Check()
	if err != nil || good.Name != "Été Libre" || good.Slug != "ete-libre" || good.Version != "1.0.0" ||
		good.Thumbnail != "/static/themes/modern.svg" || good.Config == nil {
		t.Fatalf("%+v %v", good, err)
	}
	again, err := good.Check()
	if err != nil || again.Slug != good.Slug || again.Thumbnail != good.Thumbnail {
		t.Errorf("checking twice: %+v %v", again, err)
	}
	for name, tt := range map[string]struct {
		in     orbit.ThemeInput
		faults []string
	}{
		"nothing": {orbit.ThemeInput{}, []string{"name", "engine"}},
		"all wrong": {orbit.ThemeInput{Name: "a\nb", Slug: "A B", Description: strings.Repeat("x", 301),
			Thumbnail: "javascript:alert(1)", Version: "v1", Engine: "react"},
			[]string{"name", "slug", "description", "engine", "thumbnail", "version"}},
		"no slug": {orbit.ThemeInput{Name: "🎁🎁", Engine: orbit.EngineClassic}, []string{"slug"}},
		"id as slug": {orbit.ThemeInput{Name: "Two words", Slug: "0198b2f4-7a7b-7c3e-8f5a-2f4b9a1c3d5e",
			Engine: orbit.EngineClassic}, []string{"slug"}},
		"override": {orbit.ThemeInput{Name: "abc\u202edef", Slug: "ok", Engine: orbit.EngineClassic}, []string{"name"}},
	} {
		_, err := tt.in.Check()
		if got := fields(err); orbit.CodeOf(err) != orbit.Invalid || !slices.Equal(got, tt.faults) {
			t.Errorf("%s: %v (%v)", name, got, err)
		}
	}
	long, err := orbit.ThemeInput{Name: strings.Repeat("ab cd ", 10), Engine: orbit.EngineModern}.Check()
	if err != nil || len(long.Slug) > 60 || !orbit.ValidSlug(long.Slug) {
		t.Errorf("a long name's slug: %q %v", long.Slug, err)
	}
}

func TestThumbnails(t *testing.T) {
	t.Parallel()
	for s, ok := range map[string]bool{
		"/static/themes/modern.svg": true, "https://cdn.example.com/a%20b.png": true,
		"https://cdn.example.com:8443/a.png?w=2": true,
		"javascript:alert(1)":                    false, "JaVaScRiPt:alert(1)": false, "data:image/svg+xml,<svg/>": false,
		"//evil.example/a.png": false, "/\\evil.example": false,
		"http://example.com/a.png": false, "https:///a.png": false, "https://u:p@example.com/a.png": false,
		"https://exa mple.com/a.png":           false,
		"https://example.com/a.png\"onerror=x": false, "/a b": false, "a.png": false, "https:evil": false,
		"https://example.com/#x": false, "/" + strings.Repeat("a", 500): false,
	} {
		in := orbit.ThemeInput{Name: "Two words", Engine: orbit.EngineModern, Thumbnail: s}
		if _, err := in.Check(); (err == nil) != ok {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestPlanInput(t *testing.T) {
	t.Parallel()
	n := func(v int64) *int64 { return &v }
	good, err := orbit.PlanInput{Name: "Basic", Price: 0, Features: []string{" One ", "", "Two"},
		Limits: orbit.Limits{Products: n(0)}}.Check()
	if err != nil || good.Slug != "basic" || good.Currency != "USD" || good.BillingCycle != orbit.Monthly ||
		!slices.Equal(good.Features, []string{"One", "Two"}) {
		t.Fatalf("%+v %v", good, err)
	}
	for name, tt := range map[string]struct {
		in     orbit.PlanInput
		faults []string
	}{
		"nothing": {orbit.PlanInput{}, []string{"name"}},
		"all wrong": {orbit.PlanInput{Name: "x", Slug: "-", Price: -1, Currency: "usd", BillingCycle: "weekly",
			Features: []string{"a\x00"},
			Limits: orbit.Limits{Products: n(-1), OrdersPerMonth: n(orbit.MaxCount + 1), StorageBytes: n(-5),
				BandwidthBytes: n(1 << 62)}},
			[]string{"name", "slug", "price", "currency", "billingCycle", "features", "limits.products", "limits.ordersPerMonth",
				"limits.storageBytes", "limits.bandwidthBytes"}},
		"dear": {orbit.PlanInput{Name: "Basic", Price: orbit.MaxPrice + 1}, []string{"price"}},
		"too many features": {orbit.PlanInput{Name: "Basic", Features: slices.Repeat([]string{"f"}, orbit.MaxFeatures+1)},
			[]string{"features"}},
		"a long feature": {orbit.PlanInput{Name: "Basic", Features: []string{strings.Repeat("é", 121)}},
			[]string{"features"}},
	} {
		_, err := tt.in.Check()
		if got := fields(err); orbit.CodeOf(err) != orbit.Invalid || !slices.Equal(got, tt.faults) {
			t.Errorf("%s: %v (%v)", name, got, err)
		}
	}
}
