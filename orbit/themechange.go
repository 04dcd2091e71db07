package orbit

import "strconv"

// ThemeChange orders another theme for a shop, as its preview showed it.
type ThemeChange struct {
	To      ThemeID
	Edition string // of To
	Upon    int    // number of the release that was public
}

// Edition changes whenever somebody changes the theme.
func (t Theme) Edition() string { return strconv.FormatInt(t.UpdatedAt.UnixMicro(), 36) }

// ThemeChanged is a shop that got another theme, for the emails about it.
type ThemeChanged struct {
	Merchant Merchant
	From, To Theme
	Before   Release // what was public, and can be restored
	After    Release
}
