package dashboard

import (
	"strconv"

	"orbit360.app/orbit"
	"orbit360.app/themes"
	"orbit360.app/views/ui"
)

// OnboardingPath is where a shop is set up; PartPath is one part of it.
func OnboardingPath(m orbit.Merchant) string { return Path(m) + "/onboarding" }

// PartPath is the page of a part of the onboarding.
func PartPath(m orbit.Merchant, part orbit.OnboardingPart) string {
	return OnboardingPath(m) + "/" + string(part)
}

// GeneralPath is the page of the shop's settings.
func GeneralPath(m orbit.Merchant) string { return Path(m) + "/settings/general" }

// LaunchPath is where a shop is opened by a form.
func LaunchPath(m orbit.Merchant) string { return Path(m) + "/live" }

// ClosePath asks before a shop is closed.
func ClosePath(m orbit.Merchant) string { return Path(m) + "/closing/new" }

// PartPermission is what it takes to work on a part of the onboarding.
func PartPermission(part orbit.OnboardingPart) orbit.Permission {
	switch part {
	case orbit.PartBranding, orbit.PartWebsite:
		return orbit.PermissionOnlineStore
	case orbit.PartPayments:
		return orbit.PermissionPayments
	case orbit.PartProducts:
		return orbit.PermissionProducts
	}
	return orbit.PermissionSettings
}

// Setup is how far a shop is, as the pages of the onboarding show it.
type Setup struct {
	Merchant orbit.Merchant
	Rights   orbit.Rights // of the member who looks
	Progress orbit.Onboarding
	Part     orbit.OnboardingPart // that is open, "" for none
	Tried    bool                 // somebody wanted to go live, and something is missing
	Reason   string               // that came back
	Fault    string
}

func (s Setup) step() orbit.OnboardingStep { return s.Progress.Step(s.Part) }

// after returns the part that follows the open one in the list, of those that the member may work on.
func (s Setup) after() orbit.OnboardingPart {
	past := false
	for _, p := range orbit.OnboardingParts().Values() {
		if past && s.Rights.May(PartPermission(p)) {
			return p
		}
		past = past || p == s.Part
	}
	return ""
}

// next returns the first part that waits for the member, "" where none does.
func (s Setup) next() orbit.OnboardingPart {
	for _, step := range s.Progress.Steps {
		if !step.Done && !step.Skipped && s.Rights.May(PartPermission(step.Part)) {
			return step.Part
		}
	}
	return ""
}

func (s Setup) count() string {
	n := len(s.Progress.Steps)
	words := strconv.Itoa(s.Progress.Done()) + " of " + strconv.Itoa(n) + " done"
	if skipped := s.Progress.Settled() - s.Progress.Done(); skipped > 0 {
		words += ", " + strconv.Itoa(skipped) + " skipped"
	}
	return words
}

func (s Setup) percent() int { return 100 * s.Progress.Settled() / max(1, len(s.Progress.Steps)) }

func (s Setup) tone() ui.Tone {
	if s.Progress.Complete() {
		return ui.Success
	}
	return ui.Neutral
}

// partDetail says what a part is about.
func partDetail(part orbit.OnboardingPart) string {
	switch part {
	case orbit.PartBusiness:
		return "Who you are, where shoppers reach you, and your currency."
	case orbit.PartBranding:
		return "Your logo and colors, in your theme."
	case orbit.PartPayments:
		return "How shoppers pay."
	case orbit.PartMarketing:
		return "How search engines and social networks show your store."
	case orbit.PartProducts:
		return "What you sell. The sample products don't count."
	case orbit.PartWebsite:
		return "What your home page says."
	}
	return ""
}

// PaymentForm is the form of a way to pay.
type PaymentForm struct {
	Action  string
	Method  orbit.PaymentMethod
	Typed   orbit.PaymentPatch // what came back
	Faults  map[string]string
	Problem string
}

func (f PaymentForm) value(field string) string {
	if typed, ok := f.Typed[field]; ok {
		return typed
	}
	return PaymentField(f.Method, field)
}

// PaymentField returns what a way to pay has in a field, as its form shows it.
func PaymentField(m orbit.PaymentMethod, field string) string {
	switch field {
	case "enabled":
		if m.Enabled {
			return "on"
		}
	case "name":
		return m.Name
	case "instructions":
		return m.Instructions
	}
	return ""
}

// ProductsForm is the part about products: what is there, and a form for one more.
type ProductsForm struct {
	Action   string
	Currency string
	ID       orbit.ProductID // of the product to be
	Batch    string
	Form     orbit.ProductForm
	Faults   map[string]string
	Problems []string
	Rows     []orbit.Product // the shop's own, the newest first
	Own      int
	Samples  int
}

// WebsiteForm is the part about the website: the texts of the home page, by the names of their fields.
type WebsiteForm struct {
	Action  string
	Theme   orbit.Theme
	Release int // that the public sees
	Fields  []themes.Setting
	Values  map[string]string // of the draft
	Typed   map[string]string // what came back
	Changed bool              // the draft says something else than the public reads
	Faults  map[string]string
	Problem string
	Pages   []orbit.Page
	Src     string // the shop with the draft's texts
}

// ConfigName is the name of a field of a theme's setting.
func ConfigName(t themes.Setting) string { return "config." + t.Key }

func (f WebsiteForm) value(name string) string {
	if typed, ok := f.Typed[name]; ok {
		return typed
	}
	return f.Values[name]
}

// note says whether shoppers see what the preview shows.
func (f WebsiteForm) note() string {
	if f.Changed {
		return "Unpublished changes. Only you see them."
	}
	return asPublished
}

const asPublished = "As shoppers see it"

// BrandForm is the part about the brand: the draft, and the theme in it.
type BrandForm struct {
	Action     string
	Upload     string // where the logo is sent
	Batch      string
	Settings   orbit.ShopSettings
	Logo       orbit.Media // no id: none
	Accent     string      // as the theme has them in the brand
	Background string
	Release    int
	Src        string // the shop in the brand
	Changed    bool   // it isn't what the public sees
	Problem    string
}

func (f BrandForm) color(field string) string {
	if field == "accent" {
		return orElse(f.Settings.Brand.Accent, f.Accent)
	}
	return orElse(f.Settings.Brand.Background, f.Background)
}

// note says whether shoppers see what the preview shows. The brand's draft is the shop's.
func (f BrandForm) note() string {
	if f.Changed {
		return "Unpublished changes. Shoppers don't see them."
	}
	return asPublished
}
