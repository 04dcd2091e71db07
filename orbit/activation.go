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

// Check gives the activation in its stored form, or all that is wrong with it that can be told
// without the database. Faults are on theme, plan, subdomain, confirmSubdomain, customDomain and category.
// A subdomain is taken as typed, outer space, letter case and what nobody sees aside: nothing else is stripped from it.
func (a Activation) Check(baseDomain string) (Activation, error) {
	var f faults
	a.Theme = f.choice("theme", a.Theme)
	a.Plan = f.choice("plan", a.Plan)
	typed := a.Subdomain
	a.Subdomain = strings.ToLower(Plain(a.Subdomain))
	if err := CheckSubdomain(a.Subdomain); err != nil {
		f.add("subdomain", typed, "%s", Sentence(err))
	} else if like := LooksLike(a.Subdomain); like != "" && !a.ConfirmSubdomain {
		f.add("confirmSubdomain", "", "“%s” could be taken for “%s”. Confirm that this merchant may use it.", a.Subdomain,
			like)
	}
	if Plain(a.CustomDomain) != "" {
		host, err := ParseCustomDomain(a.CustomDomain, baseDomain)
		if err != nil {
			f.add("customDomain", a.CustomDomain, "%s", Sentence(err))
		}
		a.CustomDomain = host
	} else {
		a.CustomDomain = ""
	}
	f.category("category", a.Category)
	return a, f.err("Please fix the errors below.")
}

// choice reads an id or a slug: an id looks like a slug too. What looks like neither names nothing.
func (f *faults) choice(field, value string) string {
	switch value = strings.TrimSpace(value); {
	case value == "":
		f.add(field, "", "Choose a %s.", field)
	case !ValidSlug(value):
		f.add(field, value, "This %s isn't on offer. Choose one that is.", field)
	}
	return value
}

// WithFault is err with one more fault; it starts an Invalid error where err is nil.
func WithFault(err error, field, value, message string) error {
	fault := Fault{Field: field, Message: message, Value: shorten(value, 80)}
	return &Error{Code: Invalid, Message: "Please fix the errors below.", Faults: append(FaultsOf(err), fault)}
}

// Claim says how a subdomain stands while somebody types it.
type Claim struct {
	Subdomain string
	Free      bool
	Message   string // why not, or that it is free
	LooksLike string // what it could be taken for, "" for nothing
}
