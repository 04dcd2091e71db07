package orbit

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Bounds of what admins may offer. They keep a slip of the finger from becoming an offer.
const (
	MaxPrice     = 999_999_999 // minor units
	MaxFeatures  = 20
	MaxCount     = 1_000_000_000 // products, orders a month
	MaxBytes     = 1 << 50       // one pebibyte
	maxFeature   = 120           // characters
	maxSlug      = 60
	firstVersion = "1.0.0"
)

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

// Thumbnail is the engine's own thumbnail.
func (e EngineName) Thumbnail() string { return "/static/themes/" + string(e) + ".svg" }

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

// slug checks a slug, or makes one from a name. One that reads as an id would hide another's.
func (f *Faults) slug(typed, name string) string {
	s := strings.TrimSpace(typed)
	if s == "" {
		s = Handle(name, "")
		if len(s) > maxSlug {
			s = strings.TrimRight(s[:maxSlug], "-")
		}
		if name != "" && !ValidSlug(s) {
			f.Add("slug", "", "Enter a slug: this name can't be turned into one. Use 2 to 60 lower-case letters, digits and hyphens.")
		}
		return s
	}
	if _, err := ParseID[Theme](s); err == nil || !ValidSlug(s) {
		f.Add("slug", typed, "Use 2 to 60 lower-case letters, digits and single hyphens, such as summer-sale.")
	}
	return s
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

// PlanInput is what people may say about a plan. Fields left zero take the defaults that Check names.
type PlanInput struct {
	Name         string
	Slug         string // "" is made from Name
	Price        int64  // minor units of Currency
	Currency     string // "" is USD
	BillingCycle BillingCycle
	Features     []string
	Limits       Limits
	Popular      bool
	Active       bool
}

// Input is the plan as people may change it.
func (p Plan) Input() PlanInput {
	return PlanInput{Name: p.Name, Slug: p.Slug, Price: p.Price, Currency: p.Currency, BillingCycle: p.BillingCycle,
		Features: slices.Clone(p.Features), Limits: p.Limits, Popular: p.Popular, Active: p.Active}
}

// Check gives the plan in its stored form, or all that is wrong with it. Faults are on name, slug,
// price, currency, billingCycle, features and limits.products, limits.ordersPerMonth,
// limits.storageBytes, limits.bandwidthBytes. Empty features are dropped.
func (p PlanInput) Check() (PlanInput, error) {
	var f Faults
	p.Name = f.line("name", "The name", p.Name, 2, 60)
	p.Slug = f.slug(p.Slug, p.Name)
	if p.Price < 0 {
		f.Add("price", "", "A price can't be below zero.")
	} else if p.Price > MaxPrice {
		f.Add("price", "", "A price can be at most %d in the smallest unit of its currency.", MaxPrice)
	}
	if p.Currency = strings.TrimSpace(p.Currency); p.Currency == "" {
		p.Currency = "USD"
	} else if !ValidCurrency(p.Currency) {
		f.Add("currency", p.Currency, "Enter an ISO 4217 currency code, such as USD or EUR.")
	}
	if p.BillingCycle == "" {
		p.BillingCycle = Monthly
	} else if !BillingCycles().Has(p.BillingCycle) {
		f.Add("billingCycle", string(p.BillingCycle), "Choose monthly or yearly.")
	}
	p.Features = f.features(p.Features)
	for _, l := range p.Limits.List() {
		if l.Value != nil && (*l.Value < 0 || *l.Value > l.Max) {
			f.Add("limits."+l.Key, "", "%s: enter a whole number from 0 to %d, or leave blank for no limit.", l.Name, l.Max)
		}
	}
	return p, f.Err()
}

// features cleans the list of selling points; a fault tells which by its place.
func (f *Faults) features(in []string) []string {
	out := make([]string, 0, len(in))
	for i, s := range in {
		clean, ok := Line(s)
		switch {
		case !ok:
			f.Add("features", "", "Feature %d can't contain line breaks or control characters.", i+1)
		case len([]rune(clean)) > maxFeature:
			f.Add("features", s, "Feature %d can have at most %d characters.", i+1, maxFeature)
		case clean != "":
			out = append(out, clean)
		}
	}
	if len(out) > MaxFeatures {
		f.Add("features", "", "A plan can list at most %d features.", MaxFeatures)
	}
	return out
}

// Limit is one of a plan's limits with its name. Bytes tells what it counts.
type Limit struct {
	Key   string // as JSON spells it
	Name  string
	Value *int64 // nil is no limit
	Max   int64
	Bytes bool
}

// List returns the limits in the order people see them.
func (l Limits) List() []Limit {
	return []Limit{
		{"products", "Products", l.Products, MaxCount, false},
		{"ordersPerMonth", "Orders per month", l.OrdersPerMonth, MaxCount, false},
		{"storageBytes", "Storage", l.StorageBytes, MaxBytes, true},
		{"bandwidthBytes", "Bandwidth per month", l.BandwidthBytes, MaxBytes, true},
	}
}

// Uses says who uses a theme or a plan.
type Uses struct {
	Total     int   // how many merchants, those included of whose past something is kept
	Current   int   // how many have chosen it now
	Merchants []Use // the first of them: those that use it now before the others, by name
}

// Use is one merchant that uses a theme or a plan: now, or in what is kept of its past.
type Use struct {
	ID       MerchantID
	Name     string
	Status   MerchantStatus
	Current  bool // chosen now; false: an older release or an earlier run tells of it
	Products int64
}

// Refusal says why a theme or a plan that is in use can't be deleted: kind is "theme" or "plan".
func (u Uses) Refusal(kind, name string) string {
	of := func(n int) string {
		var names []string
		for _, m := range u.Merchants[:min(len(u.Merchants), n, 3)] {
			names = append(names, m.Name)
		}
		list := strings.Join(names, ", ")
		switch more := n - len(names); {
		case more > 0:
			list += fmt.Sprintf(" and %d more", more)
		case len(names) > 1:
			i := strings.LastIndex(list, ", ")
			list = list[:i] + " and " + list[i+2:]
		}
		return list
	}
	message := name + " is in use."
	switch {
	case u.Current == 1:
		message = fmt.Sprintf("One merchant uses %s: %s.", name, of(1))
	case u.Current > 1:
		message = fmt.Sprintf("%d merchants use %s: %s.", u.Current, name, of(u.Current))
	case u.Total > 0:
		message = fmt.Sprintf("No merchant uses %s now, but %s used it before.", name, of(u.Total))
	}
	return message + " Deactivate the " + kind + " instead: new shops can’t choose it then."
}
