package mail

import (
	"time"

	"orbit360.app/orbit"
)

// SuspensionData is what an owner is to know of a shop that was suspended, or resumed.
type SuspensionData struct {
	Merchant orbit.Merchant
	Owner    orbit.User
	Reason   string // of a suspension, as an admin wrote it
	At       time.Time
}

func (d SuspensionData) about(what string) string {
	return what + "." + d.Merchant.ID.String() + "." + d.Owner.ID.String() + "." +
		d.At.UTC().Format("20060102T150405.000000")
}

func (d SuspensionData) facts() []fact {
	return []fact{{Label: "When", Value: d.At.UTC().Format("January 2, 2006, 15:04 UTC")},
		{Label: "Merchant ID", Value: d.Merchant.Code, Mono: true}}
}

// Suspended returns the email about a shop that was suspended.
func (c Composer) Suspended(d SuspensionData) (orbit.Email, error) {
	name := d.Merchant.Name
	return c.compose(d.about("suspended"), d.Merchant.ID, d.Owner.Email, message{
		Subject:   name + " is suspended",
		Preheader: "Shoppers can't reach your shop. Here is why.",
		Title:     "Your shop is suspended",
		Greeting:  "Hello " + d.Owner.Name + ",",
		Words: []string{orbit.Support + " suspended " + name + ". Shoppers can't reach your website, and you and your " +
			"staff can't make changes. Your products, orders and settings are safe.", "Reason: " + d.Reason},
		Facts: d.facts(),
		Closing: "Questions, or is it settled? Write to " + c.Addresses.Support() + " and include your merchant ID. " +
			"We'll email you when your shop is open again.",
		Why: "You're receiving this email because you own " + name + ", a shop on ORBIT360.",
	})
}

// Resumed returns the email about a shop that is no longer suspended.
func (c Composer) Resumed(d SuspensionData) (orbit.Email, error) {
	name := d.Merchant.Name
	state := "Until you go live, visitors see an “Opening soon” page."
	if d.Merchant.Live() {
		state = "Shoppers can visit it again."
	}
	return c.compose(d.about("resumed"), d.Merchant.ID, d.Owner.Email, message{
		Subject:   name + " is no longer suspended",
		Preheader: "You can work in your shop again.",
		Title:     "Your shop is no longer suspended",
		Greeting:  "Hello " + d.Owner.Name + ",",
		Words:     []string{orbit.Support + " resumed " + name + ". Everything is as it was. " + state},
		Button:    link{"Open your dashboard", c.Addresses.Dashboard(d.Merchant.DashboardPath())},
		Facts:     d.facts(),
		Closing:   "Questions? Write to " + c.Addresses.Support() + " and include your merchant ID.",
		Why:       "You're receiving this email because you own " + name + ", a shop on ORBIT360.",
	})
}
