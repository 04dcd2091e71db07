package mail

import (
	"strconv"

	"orbit360.app/orbit"
)

// ThemeChangedData is what an owner is to know of a shop that got another theme from the platform's support.
type ThemeChangedData struct {
	orbit.ThemeChanged
	Owner       orbit.User
	ReleasesURL string // address of the shop's version history
}

// ThemeChanged returns the email about another theme.
func (c Composer) ThemeChanged(d ThemeChangedData) (orbit.Email, error) {
	before := "version " + strconv.Itoa(d.Before.Number)
	note := "To go back, restore " + before + " in the version history. It has every setting as it was."
	if d.Merchant.Status == orbit.MerchantSuspended {
		note = "To go back, restore " + before + " in the version history once your shop is no longer suspended."
	}
	return c.compose("theme-changed."+d.After.ID.String()+"."+d.Owner.ID.String(), d.Merchant.ID, d.Owner.Email, message{
		Subject:   "The theme of " + d.Merchant.Name + " was changed",
		Preheader: d.To.Name + " is live in place of " + d.From.Name + ".",
		Title:     "Your shop has another theme",
		Greeting:  "Hello " + d.Owner.Name + ",",
		Words: []string{orbit.Support + " changed the theme of " + d.Merchant.Name + " from " + d.From.Name + " to " +
			d.To.Name + ". Settings that you had changed were kept where the new theme has them too. Products, orders, " +
			"pages and unpublished drafts are as they were."},
		Button: link{"Open version history", d.ReleasesURL},
		Note:   note,
		Facts: []fact{{Label: "When", Value: d.After.CreatedAt.UTC().Format("January 2, 2006, 15:04 UTC")},
			{Label: "Theme until now", Value: d.From.Name + " (" + before + ")"},
			{Label: "New theme", Value: d.To.Name + " (version " + strconv.Itoa(d.After.Number) + ")"}},
		Closing: "If you didn't expect this, contact support.",
		Why:     "You're receiving this email because you own " + d.Merchant.Name + ", a shop on ORBIT360.",
	})
}
