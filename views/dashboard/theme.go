package dashboard

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/themes"
	"orbit360.app/views/editor"
	"orbit360.app/views/ui"
)

// Pages about how a shop looks.

// PreviewPath leads to a shop as it is, whether it is open or not.
func PreviewPath(m orbit.Merchant) string { return Path(m) + "/preview" }

// ThemePath is the editor of a shop's theme.
func ThemePath(m orbit.Merchant) string { return Path(m) + "/theme" }

// TryThemePath is the editor with another theme in it.
func TryThemePath(m orbit.Merchant, t orbit.Theme) string {
	return ThemePath(m) + "?" + url.Values{"theme": {t.Slug}}.Encode()
}

// ThemesPath is the list of themes that a shop may use.
func ThemesPath(m orbit.Merchant) string { return Path(m) + "/themes" }

// ReleasesPath is the list of a shop's releases.
func ReleasesPath(m orbit.Merchant) string { return Path(m) + "/releases" }

// SharesPath is the list of previews that others see by a link.
func SharesPath(m orbit.Merchant) string { return ThemePath(m) + "/shares" }

// ComparePath shows two releases side by side.
func ComparePath(m orbit.Merchant, from, to int) string {
	return ReleasesPath(m) + "/comparison?" + url.Values{"from": {strconv.Itoa(from)}, "to": {strconv.Itoa(to)}}.Encode()
}

func releasePath(m orbit.Merchant, number int, rest string) string {
	return ReleasesPath(m) + "/" + strconv.Itoa(number) + rest
}

func releaseName(r orbit.ReleaseRow) string { return "Version " + strconv.Itoa(r.Number) }

func releaseAuthor(r orbit.ReleaseRow) string {
	if r.Author == "" {
		return "ORBIT360"
	}
	return r.Author
}

// Editor is the form of a shop's theme as it was opened, or as it came back.
type Editor struct {
	Merchant  orbit.Merchant
	Public    orbit.ReleaseRow // what the public sees, and what the form is made upon
	Theme     orbit.Theme      // has these settings
	Settings  editor.Settings
	Pages     []themes.Option
	Page      string           // of the preview
	Src       string           // the shop in these settings
	Faint     []themes.Faint   // colors that were to be published and can hardly be read
	FaintKey  string           // what agrees to them
	Overtaken bool             // another release has become public since the form was opened
	Elsewhere []themes.Setting // changed in another window since the form was opened
	SetUp     bool             // every part of setting up the shop is done or skipped
	Draft     time.Time        // when the person's draft was saved, zero where there is none
	Now       time.Time

	Zone         *time.Location     // of the shop
	Scheduled    orbit.ScheduledRow // without an id where there is none
	ScheduledAt  string             // where it can be looked at
	Later        bool               // the form was to be published at a set time
	PublishAt    string             // as typed
	PublishFault string
	MoveTo       string // as typed
	MoveFault    string
	Shared       int // previews that others see by a link
}

// elsewhere says which settings have been changed.
func (e Editor) elsewhere() string {
	names := make([]string, len(e.Elsewhere))
	for i, s := range e.Elsewhere {
		names[i] = s.Group + ": " + s.Label
	}
	return "Nothing was published yet. This page now has them, beside your own changes. Review them before you publish: " +
		strings.Join(names, ", ") + "."
}

// shown is a field with what it shows.
type shown struct{ Name, Value string }

// shows returns what the form says that it shows: what the draft has. What can't be used isn't in the draft.
func (e Editor) shows() (fields []shown) {
	values, faults := e.Settings.Schema.Resolve(e.Settings.Config), e.Settings.Schema.Faults(e.Settings.Config)
	for _, s := range e.Settings.Schema {
		name := ConfigName(s)
		if !slices.ContainsFunc(faults, func(f orbit.Fault) bool { return f.Field == name }) {
			fields = append(fields, shown{name, s.Typed(values[s.Key])})
		}
	}
	return fields
}

// ShareFor is how long a shared preview can be looked at.
type ShareFor struct {
	ui.Option
	For time.Duration
}

// ShareDays returns the choices, the first of which is the default.
func ShareDays() []ShareFor {
	const day = 24 * time.Hour
	return []ShareFor{{ui.Option{Value: "7", Label: "7 days"}, 7 * day}, {ui.Option{Value: "1", Label: "1 day"}, day},
		{ui.Option{Value: "30", Label: "30 days"}, 30 * day}}
}

func shareOptions() (options []ui.Option) {
	for _, d := range ShareDays() {
		options = append(options, d.Option)
	}
	return options
}

// AtTime says a time as a clock in a zone shows it.
func AtTime(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("Mon, Jan 2, 2006, 15:04") + " (" + zone.String() + ")"
}

// agreed has the button that agrees to faint colors do what the form was sent for.
func (e Editor) agreed() templ.Attributes {
	attrs := templ.Attributes{"name": "faint", "value": e.FaintKey}
	if e.Later {
		attrs["formaction"] = ThemePath(e.Merchant) + "/schedule"
	}
	return attrs
}

// agree is what that button says.
func (e Editor) agree() string {
	if e.Later {
		return "Schedule with these colors"
	}
	return "Publish with these colors"
}

// moveTo is the time in the field that moves the scheduled release.
func (e Editor) moveTo() string {
	if e.MoveTo != "" {
		return e.MoveTo
	}
	return orbit.LocalTime(e.Scheduled.PublishAt, e.Zone)
}

// sends has a button of the editor's form send it somewhere else.
func (e Editor) sends(path string) templ.Attributes {
	return templ.Attributes{"formaction": ThemePath(e.Merchant) + path}
}

func (e Editor) preview() editor.PreviewProps {
	p := editor.PreviewProps{Src: e.Src, Action: ThemePath(e.Merchant) + "/preview",
		Title: "Preview of " + e.Merchant.Name, Pages: e.Pages, Page: e.Page,
		Sandbox: "allow-scripts allow-forms"} // it may not lead this window away
	return p
}

// crumbs lead back to setting up the shop, while that isn't done.
func (e Editor) crumbs() []ui.Crumb {
	if e.SetUp {
		return nil
	}
	return []ui.Crumb{{Label: "Store setup", Href: OnboardingPath(e.Merchant)}}
}

// fresh reports whether the theme is another than the one that the public sees.
func (e Editor) fresh() bool { return e.Theme.ID != e.Public.ThemeID }

func (e Editor) badge() ui.BadgeProps {
	if !e.Draft.IsZero() {
		return ui.BadgeProps{Label: "Unpublished changes", Tone: ui.Warning, Icon: "pencil"}
	}
	if e.fresh() {
		return ui.BadgeProps{Label: "Not published", Tone: ui.Warning, Icon: "eye"}
	}
	return ui.BadgeProps{Label: releaseName(e.Public), Tone: ui.Success}
}

// ThemeList holds the themes that a shop may use.
type ThemeList struct {
	Merchant orbit.Merchant
	Themes   []orbit.Theme
	Drafts   map[orbit.ThemeID]time.Time // of the person, when they were saved
	Now      time.Time
}

// try is what leads to the editor with a theme in it.
func (l ThemeList) try(t orbit.Theme) string {
	if _, begun := l.Drafts[t.ID]; begun {
		return "Continue draft"
	}
	return "Try theme"
}

// ShareList holds the previews that others see by a link.
type ShareList struct {
	Merchant orbit.Merchant
	Shares   []orbit.SharedPreview
	Links    []string // by the same index
	Now      time.Time
}

// Comparison is two releases side by side.
type Comparison struct {
	Merchant       orbit.Merchant
	From, To       orbit.ReleaseRow
	FromSrc, ToSrc string
	Changed        []themes.Difference
	Newest, Public int // numbers of the newest release and of the one that the public sees
	Now            time.Time
}

func (p Comparison) versions(name, label string, value int) ui.SelectProps {
	s := ui.SelectProps{ID: name, Name: name, Label: label, Value: strconv.Itoa(value)}
	for n := p.Newest; n >= 1; n-- {
		o := ui.Option{Value: strconv.Itoa(n), Label: "Version " + strconv.Itoa(n)}
		if n == p.Public {
			o.Label += " · Published"
		}
		s.Options = append(s.Options, o)
	}
	return s
}

// ReleaseList is a page of a shop's releases.
type ReleaseList struct {
	ui.ListQuery
	Merchant orbit.Merchant
	Rows     []orbit.ReleaseRow
	Live     int // number of the one that the public sees
	Total    int
	Now      time.Time
}
