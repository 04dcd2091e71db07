package orbit

import (
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Settings holds values for an engine's settings schema, by key. They are data from outside:
// pages resolve them against the schema first.
type Settings map[string]any

// Theme is a named preset over one engine: what admins offer and merchants choose.
type Theme struct {
	ID          ThemeID `bun:",pk"`
	Name        string
	Slug        string
	Description string
	Thumbnail   string // path or URL of an image
	Version     string
	Engine      EngineName
	Config      Settings `bun:"type:jsonb"`
	Active      bool
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// ThemeInput is what people may say about a theme. Fields left zero take the defaults that Check names.
type ThemeInput struct {
	Name        string
	Slug        string // "" is made from Name
	Description string
	Thumbnail   string // path on our own host or https URL; "" is the engine's own image
	Version     string // "" is 1.0.0
	Engine      EngineName
	Config      Settings // checked against the engine's schema by the caller (themes.Schema.Check)
	Active      bool
}

// Input is the theme as people may change it.
func (t Theme) Input() ThemeInput {
	return ThemeInput{Name: t.Name, Slug: t.Slug, Description: t.Description, Thumbnail: t.Thumbnail, Version: t.Version,
		Engine: t.Engine, Config: t.Config, Active: t.Active}
}

// firstVersion is the version of a theme that has been given none.
const firstVersion = "1.0.0"

var version = regexp.MustCompile(`^[0-9]{1,5}(\.[0-9]{1,5}){0,2}(-[a-z0-9.]{1,20})?$`)

// Check gives the theme in its stored form, or all that is wrong with it. Faults are on name, slug,
// description, thumbnail, version and engine.
func (t ThemeInput) Check() (ThemeInput, error) {
	var f Faults
	t.Name = f.line("name", "The name", t.Name, 2, 60)
	t.Slug = f.slug(t.Slug, t.Name)
	t.Description = f.line("description", "The description", t.Description, 0, 300)
	switch {
	case t.Engine == "":
		f.Add("engine", "", "Choose an engine.")
	case !t.Engine.Valid():
		f.Add("engine", string(t.Engine), "Choose one of the engines: modern, classic or minimal.")
	}
	if t.Thumbnail = strings.TrimSpace(t.Thumbnail); t.Thumbnail == "" && t.Engine.Valid() {
		t.Thumbnail = t.Engine.Thumbnail()
	} else if t.Thumbnail != "" && !validImage(t.Thumbnail) {
		f.Add("thumbnail", t.Thumbnail,
			"Enter the https URL of an image, or a path such as /static/themes/modern.svg.")
	}
	if t.Version = strings.TrimSpace(t.Version); t.Version == "" {
		t.Version = firstVersion
	} else if !version.MatchString(t.Version) {
		f.Add("version", t.Version, "Enter numbers and dots, such as 1.0.0.")
	}
	if t.Config == nil {
		t.Config = Settings{}
	}
	return t, f.Err()
}

// imagePath is deliberately narrow: what else a path may hold has no place in an image's.
var imagePath = regexp.MustCompile(`^/[A-Za-z0-9._~/%-]*$`)

// validImage takes a path on our own host or an https URL with a host and nothing clever about it.
func validImage(s string) bool {
	if len(s) > 500 || strings.HasPrefix(s, "//") {
		return false
	}
	if strings.HasPrefix(s, "/") {
		return imagePath.MatchString(s)
	}
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Opaque == "" && u.User == nil &&
		validHost(strings.ToLower(u.Hostname())) &&
		(u.Port() == "" || ValidPort(u.Port())) && u.Fragment == "" && imagePath.MatchString(u.EscapedPath()) &&
		!strings.ContainsAny(s, "\"'<>\\ \t\r\n")
}

// DefaultThemes returns the three the platform comes with. Ids and times are set when they are stored.
func DefaultThemes() []Theme {
	return []Theme{
		{Name: "Upfront Modern", Slug: "upfront-modern", Engine: EngineModern, Version: "1.0.0", Active: true,
			Thumbnail: "/static/themes/modern.svg", Config: Settings{},
			Description: "Clean and minimalist: confident type, a full-bleed hero, rounded cards and a header that stays with " +
				"you."},
		{Name: "Upfront Classic", Slug: "upfront-classic", Engine: EngineClassic, Version: "1.0.0", Active: true,
			Thumbnail: "/static/themes/classic.svg", Config: Settings{},
			Description: "A traditional shop layout: serif headings, category navigation, sidebar filters and a dense, " +
				"well-ordered grid."},
		{Name: "Upfront Minimal", Slug: "upfront-minimal", Engine: EngineMinimal, Version: "1.0.0", Active: true,
			Thumbnail: "/static/themes/minimal.svg", Config: Settings{},
			Description: "Ultra-minimal, photography first: edge-to-edge images, small type, one column and generous white " +
				"space."},
	}
}
