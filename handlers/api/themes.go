package api

import (
	"context"
	"net/http"

	"orbit360.app/orbit"
	"orbit360.app/store"
)

// ThemeContent is what people may say about a theme.
type ThemeContent struct {
	Name        string         `json:"name" minLength:"2" maxLength:"60"`
	Slug        string         `json:"slug,omitempty" maxLength:"60" doc:"Unique: a-z, 0-9, hyphens. Default: the name."`
	Description string         `json:"description,omitempty" maxLength:"300"`
	Thumbnail   string         `json:"thumbnail,omitempty" maxLength:"500" doc:"https URL or path on this host."`
	Version     string         `json:"version,omitempty" doc:"1.0.0 if left out."`
	Engine      string         `json:"engine" enum:"modern,classic,minimal" doc:"The storefront engine."`
	Config      map[string]any `json:"config,omitempty" doc:"Settings of the engine, by key. Invalid ones are refused."`
	Active      *bool          `json:"active,omitempty" doc:"Whether it is active; true if left out."`
}

type (
	// ThemeParams names a theme.
	ThemeParams struct {
		ID string `path:"id" doc:"The theme's id." example:"0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d01"`
	}
	newThemeInput struct{ Body content[ThemeContent] }
	putThemeInput struct {
		ThemeParams
		Body content[ThemeContent]
	}
	themeOutput struct{ Body Theme }
)

func (a *API) themeRoutes() {
	body := ThemeContent{Name: "Summer", Description: "Bright and airy.", Engine: "modern", Config: map[string]any{}}
	register(a, operation{method: http.MethodGet, path: provisioning + "/themes", id: "listThemes", tag: tagCatalog,
		status: 200, errors: []int{422},
		summary: "List themes", about: "All themes, oldest first.", answer: page[Theme]{Items: []Theme{exampleTheme(a)}}},
		a.listThemes)
	register(a, operation{method: http.MethodPost, path: provisioning + "/themes", id: "createTheme", tag: tagCatalog,
		status: 201, errors: []int{409},
		summary: "Create a theme", about: "A theme is a named preset over one of the engines. 409 if the slug is taken.",
		body: body, answer: exampleTheme(a)}, a.createTheme)
	register(a, operation{method: http.MethodPut, path: provisioning + "/themes/{id}", id: "replaceTheme", tag: tagCatalog,
		status: 200, errors: []int{409},
		summary: "Replace a theme",
		about:   "Fields left out return to their defaults. Shops keep their current version. 409 if the slug is taken.",
		body:    body, answer: exampleTheme(a)}, a.replaceTheme)
	register(a, operation{method: http.MethodDelete, path: provisioning + "/themes/{id}", id: "deleteTheme",
		tag: tagCatalog, status: 204, errors: []int{409},
		summary: "Delete a theme",
		about:   "409 while a merchant uses it or has used it: deactivate it (`active: false`) instead."},
		a.deleteTheme)
}

func (a *API) listThemes(ctx context.Context, _ *call, in *catalogInput) (*themesOutput, error) {
	name := listName("themes", in.Active)
	after, err := a.tokens.after(name, in.Cursor)
	if err != nil {
		return nil, err
	}
	rows, err := a.DB.ThemesAfter(ctx, in.Active, in.Limit+1, after)
	if err != nil {
		return nil, err
	}
	return &themesOutput{list(a.tokens, name, in.Limit, rows, a.theme, func(t orbit.Theme) store.After {
		return store.After{Time: t.CreatedAt, ID: t.ID.String()}
	})}, nil
}

// themeContent reads and checks a theme: its fields by the rules, its settings by the engine's schema.
func (a *API) themeContent(c *call) (orbit.ThemeInput, error) {
	body, r := read[ThemeContent](c)
	in := orbit.ThemeInput{Name: body.Name, Slug: body.Slug, Description: body.Description, Thumbnail: body.Thumbnail,
		Version: body.Version,
		Engine:  orbit.EngineName(body.Engine), Config: orbit.Settings(body.Config), Active: body.Active == nil ||
			*body.Active}
	in, err := in.Check()
	if engine, ok := a.engines[in.Engine]; ok {
		config, configErr := engine.Schema().Check(in.Config)
		in.Config = config
		r.wrong = append(r.wrong, orbit.FaultsOf(configErr)...)
	}
	return in, r.with(err)
}

func (a *API) createTheme(ctx context.Context, c *call, _ *newThemeInput) (*themeOutput, error) {
	in, err := a.themeContent(c)
	if err != nil {
		return nil, err
	}
	t, err := a.DB.CreateTheme(ctx, in, c.actor(a.Kit))
	return &themeOutput{a.theme(t)}, err
}

func (a *API) replaceTheme(ctx context.Context, c *call, in *putThemeInput) (*themeOutput, error) {
	key, err := id[orbit.Theme](in.ID)
	if err != nil {
		return nil, err
	}
	if _, err := a.DB.Theme(ctx, key.String()); err != nil {
		return nil, err
	}
	theme, err := a.themeContent(c)
	if err != nil {
		return nil, err
	}
	t, err := a.DB.UpdateTheme(ctx, key, theme, c.actor(a.Kit))
	return &themeOutput{a.theme(t)}, err
}

func (a *API) deleteTheme(ctx context.Context, c *call, in *ThemeParams) (*noContent, error) {
	key, err := id[orbit.Theme](in.ID)
	if err != nil {
		return nil, err
	}
	return nil, a.DB.DeleteTheme(ctx, key, c.actor(a.Kit))
}
