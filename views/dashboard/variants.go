package dashboard

import (
	"encoding/json"
	"strings"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// variantSheet is what the fields of a variant need to know.
type variantSheet struct {
	Units    orbit.Units
	Images   []orbit.Media
	Currency string
	Faults   map[string]string
}

func (s ProductSheet) variants() variantSheet {
	return variantSheet{s.Units, s.Images, s.Units.Currency, s.Faults}
}

func (s variantSheet) field(v orbit.VariantForm, at, key string, bare bool) ui.FieldProps {
	p := ui.FieldProps{Name: key + at, HideLabel: bare, Error: s.Faults[key+at]}
	switch key {
	case "price":
		p.Label, p.Value, p.InputMode, p.Required = "Price", v.Price, "decimal", true
	case "compare_at":
		p.Label, p.Value, p.InputMode, p.Optional = "Compare-at price", v.CompareAt, "decimal", true
	case "cost":
		p.Label, p.Value, p.InputMode, p.Optional = "Cost per item", v.Cost, "decimal", true
	case "stock":
		p.Label, p.Value, p.InputMode, p.Required = "Quantity", v.Stock, "numeric", true
	case "sku":
		p.Label, p.Value, p.Optional = "SKU", v.SKU, true
	case "barcode":
		p.Label, p.Value, p.Optional, p.InputMode = "Barcode", v.Barcode, true, "numeric"
	case "weight":
		p.Label, p.Value, p.InputMode, p.Optional = "Weight", v.Weight, "decimal", true
		p.Suffix = s.Units.Weight.Symbol()
	}
	if !bare && (key == "price" || key == "compare_at" || key == "cost") {
		p.Suffix = s.Units.Currency
	}
	return p
}

// faulty reports whether something is wrong with the fields that a row hides.
func (s variantSheet) faulty(at string) bool {
	for _, key := range []string{"cost", "barcode", "weight", "media"} {
		if s.Faults[key+at] != "" {
			return true
		}
	}
	return false
}

func (s variantSheet) imageOptions() []ui.Option {
	options := []ui.Option{{Value: "", Label: "The product's first image"}}
	for _, m := range s.Images {
		label := m.Name
		if m.Alt != "" {
			label = m.Alt
		}
		options = append(options, ui.Option{Value: m.ID.String(), Label: label})
	}
	return options
}

func mediaValue(id orbit.MediaID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

func valuesJSON(values []string) string {
	data, _ := json.Marshal(values) // of strings: never fails
	return string(data)
}

// showsOption reports whether the form shows an option: those that are there, and one more.
func (s ProductSheet) showsOption(i int) bool {
	o := s.Form.Options[i]
	if o.Name != "" || o.Was != "" || o.Add != "" || len(o.Values) > 0 {
		return true
	}
	return i == 0 || s.Form.Options[i-1].Name != ""
}

// preview has the button show the variants that the options make, of the form as it is typed.
func (s ProductSheet) preview() templ.Attributes {
	path := ProductPath(s.Merchant, s.Product.ID, "/variants")
	return templ.Attributes{"formaction": path, "formnovalidate": true, "hx-post": path, "hx-target": "#variant-editor",
		"hx-select": "#variant-editor", "hx-swap": "outerHTML"}
}

func addLabel(o orbit.OptionForm) string {
	if len(o.Values) > 0 {
		return "Add values"
	}
	return "Values"
}

func addHint(o orbit.OptionForm) string {
	if len(o.Values) > 0 {
		return "One per line. Clear a value above to remove it; its variants go with it."
	}
	return "One per line."
}

func (s ProductSheet) listingTitle() string {
	if s.Form.SEOTitle != "" {
		return s.Form.SEOTitle
	}
	return s.Form.Title
}

func (s ProductSheet) listingText() string {
	text := s.Form.SEODescription
	if text == "" {
		text = strings.Join(strings.Fields(s.Product.Description), " ")
	}
	if r := []rune(text); len(r) > 160 {
		text = string(r[:159]) + "…"
	}
	return text
}
