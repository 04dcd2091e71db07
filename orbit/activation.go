package orbit

import "strings"

// Activation is an admin's order to set up a merchant. Theme and Plan are ids or slugs.
type Activation struct {
	Theme        string
	Plan         string
	Subdomain    string
	CustomDomain string // "" for none
	Category     Category
	Integrations Integrations
	GoLive       bool // shoppers may enter as soon as the run is done
	// ConfirmSubdomain says that a person has looked at a subdomain that could be taken for somebody else's (LooksLike).
	ConfirmSubdomain bool
}

// Check gives the activation in its stored form, or all that is wrong with it that can be told without the database;
// what is malformed is empty then. Faults are on theme, plan, subdomain, confirmSubdomain, customDomain and category.
// A subdomain is taken as typed, outer space, letter case and what nobody sees aside: nothing else is stripped from
// it.
func (a Activation) Check(baseDomain string) (Activation, error) {
	var f Faults
	a.Theme = f.choice("theme", a.Theme)
	a.Plan = f.choice("plan", a.Plan)
	typed := a.Subdomain
	a.Subdomain = strings.ToLower(Plain(a.Subdomain))
	if err := CheckSubdomain(a.Subdomain); err != nil {
		f.Add("subdomain", typed, "%s", Sentence(err))
		a.Subdomain = ""
	} else if like := LooksLike(a.Subdomain); like != "" && !a.ConfirmSubdomain {
		f.Add("confirmSubdomain", "", "“%s” could be mistaken for “%s”. Confirm that this merchant may use it.",
			a.Subdomain, like)
	}
	if Plain(a.CustomDomain) != "" {
		host, err := ParseCustomDomain(a.CustomDomain, baseDomain)
		if err != nil {
			f.Add("customDomain", a.CustomDomain, "%s", Sentence(err))
		}
		a.CustomDomain = host
	} else {
		a.CustomDomain = ""
	}
	f.category("category", a.Category)
	return a, f.Err()
}

// choice reads an id or a slug: an id looks like a slug too. What looks like neither names nothing.
func (f *Faults) choice(field, value string) string {
	switch value = strings.TrimSpace(value); {
	case value == "":
		f.Add(field, "", "Choose a %s.", field)
	case !ValidSlug(value):
		f.Add(field, value, "%s", NotAvailable(field))
		return ""
	}
	return value
}

// What an activation is refused with, wherever it is noticed: by the check, or by the database.
const (
	AddressTaken = "This address is taken by another shop."
	BeingSetUp   = "This merchant is being set up already."
)

// NotAvailable says that a theme or plan can't be chosen: it doesn't exist, or is inactive.
func NotAvailable(noun string) string { return "This " + noun + " isn't available. Choose another." }

// Claim says how a subdomain stands while somebody types it.
type Claim struct {
	Subdomain string
	Free      bool
	Message   string // why not, or that it is free
	LooksLike string // what it could be taken for, "" for nothing
}
