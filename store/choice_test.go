package store_test

import (
	"strings"
	"sync"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/storetest"
)

func themeInput(t *testing.T, name string) orbit.ThemeInput {
	t.Helper()
	in, err := orbit.ThemeInput{Name: name, Engine: orbit.EngineModern, Active: true,
		Config: orbit.Settings{"accent": "#112233", "radius": 4, "show_hero": false}}.Check()
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func planInput(t *testing.T, name string) orbit.PlanInput {
	t.Helper()
	n := int64(7)
	in, err := orbit.PlanInput{Name: name, Price: 1500, Features: []string{"One"}, Limits: orbit.Limits{Products: &n},
		Active: true}.Check()
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestThemesLife(t *testing.T) {
	t.Parallel()
	db, ctx := storetest.New(t), t.Context()
	made, err := db.CreateTheme(ctx, themeInput(t, "Summer"), orbit.System)
	if err != nil {
		t.Fatal(err)
	}
	if read, err := db.Theme(ctx, "summer"); err != nil || read.ID != made.ID || read.Config["accent"] != "#112233" ||
		!read.CreatedAt.Equal(made.CreatedAt) || !read.UpdatedAt.Equal(made.UpdatedAt) {
		t.Fatalf("%+v %v", read, err)
	}
	for _, name := range []string{"Summer", "Upfront Modern"} {
		_, err := db.CreateTheme(ctx, themeInput(t, name), orbit.System)
		if f := orbit.FaultsOf(err); orbit.CodeOf(err) != orbit.Conflict || len(f) != 1 || f[0].Field != "slug" {
			t.Errorf("%s twice: %v", name, err)
		}
	}
	in := themeInput(t, "Summer")
	in.Slug, in.Config = "upfront-classic", orbit.Settings{}
	if _, err := db.UpdateTheme(ctx, made.ID, in, orbit.System); orbit.CodeOf(err) != orbit.Conflict ||
		len(orbit.FaultsOf(err)) != 1 {
		t.Errorf("another's slug: %v", err)
	}
	in.Slug = "winter"
	changed, err := db.UpdateTheme(ctx, made.ID, in, orbit.System)
	if err != nil || changed.Slug != "winter" || len(changed.Config) != 0 || !changed.CreatedAt.Equal(made.CreatedAt) {
		t.Fatalf("%+v %v", changed, err)
	}
	same, err := db.UpdateTheme(ctx, made.ID, in, orbit.System)
	if err != nil || !same.UpdatedAt.Equal(changed.UpdatedAt) {
		t.Errorf("no change: %+v %v", same, err)
	}
	if off, err := db.SetThemeActive(ctx, made.ID, false, orbit.System); err != nil || off.Active {
		t.Fatal(off, err)
	}
	if err := db.DeleteTheme(ctx, made.ID, orbit.System); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{"delete": db.DeleteTheme(ctx, made.ID, orbit.System),
		"update": func() error { _, err := db.UpdateTheme(ctx, made.ID, in, orbit.System); return err }()} {
		if orbit.CodeOf(err) != orbit.NotFound {
			t.Errorf("%s one that is gone: %v", name, err)
		}
	}
	entries, err := db.AuditLog(ctx, orbit.MerchantID{}, 10, 0)
	if err != nil || len(entries) != 4 || entries[0].Action != "theme.deleted" || entries[1].Action != "theme.updated" ||
		entries[3].Action != "theme.created" {
		t.Fatalf("%+v %v", entries, err)
	}
	if d := entries[2].Detail; len(d) != 2 || d["Slug"].(map[string]any)["to"] != "winter" ||
		d["Config"].(map[string]any)["to"] != nil {
		t.Errorf("the log has %v", d)
	}
}

func TestPlansLife(t *testing.T) {
	t.Parallel()
	db, ctx := storetest.New(t), t.Context()
	made, err := db.CreatePlan(ctx, planInput(t, "Basic"), orbit.System)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.CreatePlan(ctx, planInput(t, "Starter"), orbit.System); orbit.CodeOf(err) != orbit.Conflict ||
		orbit.FaultsOf(err)[0].Field != "slug" {
		t.Error(err)
	}
	in := made.Input()
	in.Limits, in.Features, in.Popular = orbit.Limits{}, []string{}, true
	changed, err := db.UpdatePlan(ctx, made.ID, in, orbit.System)
	if err != nil || changed.Limits.Products != nil || !changed.Popular {
		t.Fatalf("%+v %v", changed, err)
	}
	if read, err := db.Plan(ctx, made.ID.String()); err != nil || read.Limits.Products != nil || len(read.Features) != 0 ||
		read.Price != 1500 {
		t.Fatalf("%+v %v", read, err)
	}
	if off, err := db.SetPlanActive(ctx, made.ID, false, orbit.System); err != nil || off.Active {
		t.Fatal(off, err)
	}
	if err := db.DeletePlan(ctx, made.ID, orbit.System); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsUsedStays(t *testing.T) {
	t.Parallel()
	db, ctx := storetest.New(t), t.Context()
	theme, _ := db.Theme(ctx, "upfront-modern")
	plan, _ := db.Plan(ctx, "starter")
	for _, name := range []string{"Alpha", "Beta", "Gamma", "Delta"} {
		if _, err := db.Activate(ctx, apply(t, db, name), activation(strings.ToLower(name)), "localhost",
			orbit.System); err != nil {
			t.Fatal(err)
		}
	}
	for what, err := range map[string]error{"theme": db.DeleteTheme(ctx, theme.ID, orbit.System),
		"plan": db.DeletePlan(ctx, plan.ID, orbit.System)} {
		if s := orbit.Sentence(err); orbit.CodeOf(err) != orbit.Conflict || !strings.Contains(s, "4 merchants use") ||
			!strings.Contains(s, "Alpha, Beta, Delta and 1 more") || !strings.Contains(s, "Deactivate the "+what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, uses := range map[string]func() (orbit.Uses,
		error){"theme": func() (orbit.Uses, error) { return db.ThemeUses(ctx, theme.ID, 2) },
		"plan": func() (orbit.Uses, error) { return db.PlanUses(ctx, plan.ID, 2) }} {
		u, err := uses()
		if err != nil || u.Total != 4 || len(u.Merchants) != 2 || !u.Merchants[0].Current ||
			u.Merchants[0].Status != orbit.MerchantActivating {
			t.Errorf("%s: %+v %v", what, u, err)
		}
	}
	rival, _ := db.Theme(ctx, "upfront-classic")
	if u, err := db.ThemeUses(ctx, rival.ID, 10); err != nil || u.Total != 0 {
		t.Errorf("%+v %v", u, err)
	}
}

// A theme that is deleted while somebody activates with it: one of the two is refused.
func TestDeletingWhileActivating(t *testing.T) {
	t.Parallel()
	db, ctx := storetest.New(t), t.Context()
	for range 8 {
		theme, err := db.CreateTheme(ctx, themeInput(t, "Summer"), orbit.System)
		if err != nil {
			t.Fatal(err)
		}
		id := apply(t, db, "Alpha")
		a := activation("alpha")
		a.Theme = "summer"
		var activated, deleted error
		var both sync.WaitGroup
		both.Go(func() { _, activated = db.Activate(ctx, id, a, "localhost", orbit.System) })
		both.Go(func() { deleted = db.DeleteTheme(ctx, theme.ID, orbit.System) })
		both.Wait()
		if (activated == nil) == (deleted == nil) {
			t.Fatalf("activated %v, deleted %v", activated, deleted)
		}
		if activated == nil {
			return
		}
		if code := orbit.CodeOf(activated); code != orbit.Invalid && code != orbit.Conflict {
			t.Fatal(activated)
		}
	}
}
