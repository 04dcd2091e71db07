package dashboard

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// ShopForm is a form about the shop itself, as it was opened or as it came back. Each field is saved by itself where
// scripts are on; without them the form's button sends all, and those that differ from what it showed are changed.
type ShopForm struct {
	Action   string // where the form is posted to
	Merchant orbit.Merchant
	Settings orbit.ShopSettings
	Typed    orbit.ShopPatch // what came back
	Faults   map[string]string
	Problem  string
}

func (f ShopForm) value(field string) string {
	if typed, ok := f.Typed[field]; ok {
		return typed
	}
	return orbit.FieldOf(f.Merchant, f.Settings, field)
}

// fieldID is the id of a field's control.
func fieldID(field string) string { return strings.ReplaceAll(field, ".", "-") }

// WasName is the name of the hidden field that says what a field showed.
func WasName(field string) string { return "was." + field }

// saves has a control save itself as it is typed in, and when it is left.
func saves(action, field string) templ.Attributes {
	return templ.Attributes{"hx-post": action + "?" + url.Values{"field": {field}}.Encode(),
		"hx-trigger": "input changed delay:600ms, change", "hx-target": "#" + fieldID(field) + "-status",
		"hx-swap": "innerHTML", "hx-sync": "this:queue last"}
}

// quiet is the status of a field that has nothing to say.
func quiet() templ.Component { return templ.NopComponent }

func (f ShopForm) field(field, label string, p ui.FieldProps) ui.FieldProps {
	p.ID, p.Name, p.Label, p.Value, p.Error = fieldID(field), field, label, f.value(field), f.Faults[field]
	p.Status, p.Attrs = quiet(), saves(f.Action, field)
	return p
}

func (f ShopForm) choice(field, label string, options []ui.Option) ui.SelectProps {
	value := f.value(field)
	if value != "" && !slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == value }) {
		options = append([]ui.Option{{Value: value, Label: value}}, options...)
	}
	return ui.SelectProps{ID: fieldID(field), Name: field, Label: label, Value: value, Options: options,
		Error: f.Faults[field], Status: quiet(), Attrs: saves(f.Action, field)}
}

func countryOptions() (all []ui.Option) {
	for _, c := range orbit.Countries() {
		all = append(all, ui.Option{Value: c.Code, Label: c.Name})
	}
	return all
}

func regionOptions(country string) (all []ui.Option) {
	for _, r := range orbit.Regions(country) {
		all = append(all, ui.Option{Value: r.Code, Label: r.Name})
	}
	return all
}

func timeZoneOptions() (all []ui.Option) {
	for _, name := range orbit.TimeZones() {
		all = append(all, ui.Option{Value: name, Label: strings.ReplaceAll(name, "_", " ")})
	}
	return all
}

// localeOptions returns the languages that shops are mostly written in.
func localeOptions() (all []ui.Option) {
	for entry := range strings.SplitSeq("en English|ar Arabic|bg Bulgarian|cs Czech|da Danish|de German|el Greek|"+
		"es Spanish|et Estonian|fi Finnish|fr French|he Hebrew|hi Hindi|hr Croatian|hu Hungarian|id Indonesian|"+
		"it Italian|ja Japanese|ko Korean|lt Lithuanian|lv Latvian|nb Norwegian|nl Dutch|pl Polish|"+
		"pt Portuguese|pt-BR Portuguese (Brazil)|ro Romanian|ru Russian|sk Slovak|sl Slovenian|sv Swedish|th Thai|"+
		"tr Turkish|uk Ukrainian|vi Vietnamese|zh-Hans Chinese (simplified)|zh-Hant Chinese (traditional)", "|") {
		tag, name, _ := strings.Cut(entry, " ")
		all = append(all, ui.Option{Value: tag, Label: name})
	}
	return all
}
