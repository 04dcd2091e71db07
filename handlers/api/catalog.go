package api

import (
	"context"
	"net/http"

	"orbit360.app/orbit"
)

type (
	catalogInput struct {
		ListParams
		Active bool `query:"active" doc:"true: only active ones."`
	}
	themesOutput struct{ Body page[Theme] }
	plansOutput  struct{ Body page[Plan] }
	noContent    struct{}
	seedOutput   struct{ Body Seeded }
)

// Seeded says what seeding the defaults did.
type Seeded struct {
	Themes SeededKind `json:"themes"`
	Plans  SeededKind `json:"plans"`
}

// SeededKind counts what was made and what was there.
type SeededKind struct {
	Created  int `json:"created" minimum:"0" doc:"Created now."`
	Existing int `json:"existing" minimum:"0" doc:"Existing ones, left unchanged."`
}

func (a *API) seedRoutes() {
	register(a, operation{method: http.MethodPost, path: provisioning + "/seed-defaults", id: "seedDefaults",
		tag: tagCatalog, status: 200,
		summary: "Create the default themes and plans",
		about: "Creates the three default themes and three default plans that are missing, by slug. Safe to repeat: " +
			"edits are kept.",
		answer: Seeded{SeededKind{3, 0}, SeededKind{3, 0}}}, a.seed)
}

func (a *API) seed(ctx context.Context, c *call, _ *struct{}) (*seedOutput, error) {
	r, err := a.DB.SeedDefaults(ctx)
	if err != nil {
		return nil, err
	}
	if r.ThemesCreated+r.PlansCreated > 0 {
		if err := a.DB.Audit(ctx, c.actor(a.Kit), orbit.ActionDefaultsSeeded, orbit.MerchantID{}, "",
			orbit.Details{"themes": r.ThemesCreated, "plans": r.PlansCreated}); err != nil {
			return nil, err
		}
	}
	return &seedOutput{Seeded{SeededKind{r.ThemesCreated, r.ThemesExisting}, SeededKind{r.PlansCreated, r.PlansExisting}}},
		nil
}

// listName names a list of themes or plans for its cursors.
func listName(kind string, active bool) string {
	if active {
		return "active " + kind
	}
	return kind
}

// id reads an id in an address. The slug isn't taken there: it can change.
func id[T any](s string) (orbit.ID[T], error) { return orbit.ParseID[T](s) }
