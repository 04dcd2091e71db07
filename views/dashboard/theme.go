package dashboard

import (
	"net/url"
	"strconv"
	"time"

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
	Page      string         // of the preview
	Src       string         // the shop in these settings
	Faint     []themes.Faint // colors that were to be published and can hardly be read
	FaintKey  string         // what agrees to them
	Overtaken bool           // another release has become public since the form was opened
	Now       time.Time
}

func (e Editor) preview() editor.PreviewProps {
	p := editor.PreviewProps{Src: e.Src, Action: ThemePath(e.Merchant) + "/preview",
		Title: "Preview of " + e.Merchant.Name, Pages: e.Pages, Page: e.Page,
		Sandbox: "allow-scripts allow-forms"} // it may not lead this window away
	return p
}

// fresh reports whether the theme is another than the one that the public sees.
func (e Editor) fresh() bool { return e.Theme.ID != e.Public.ThemeID }

func (e Editor) badge() ui.BadgeProps {
	if e.fresh() {
		return ui.BadgeProps{Label: "Not published", Tone: ui.Warning, Icon: "eye"}
	}
	return ui.BadgeProps{Label: releaseName(e.Public), Tone: ui.Success}
}

// ThemeList holds the themes that a shop may use.
type ThemeList struct {
	Merchant orbit.Merchant
	Themes   []orbit.Theme
}

// ReleaseList is a page of a shop's releases.
type ReleaseList struct {
	ui.ListQuery
	Merchant orbit.Merchant
	Rows     []orbit.ReleaseRow
	Total    int
	Now      time.Time
}
