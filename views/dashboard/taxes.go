package dashboard

import (
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// TaxesPath is the page of a shop's taxes.
func TaxesPath(m orbit.Merchant) string { return Path(m) + "/settings/taxes" }

// StandardRatesPath is where a shop gets the standard rates of a country.
func StandardRatesPath(m orbit.Merchant, more string) string {
	return TaxesPath(m) + "/standard-rates" + more
}

// TaxRatePath is the page of one rate, or, with more behind it, what belongs to it.
func TaxRatePath(m orbit.Merchant, id orbit.TaxRateID, more string) string {
	return TaxesPath(m) + "/rates/" + id.String() + more
}

// Taxes is the page of a shop's taxes: its rates, and how prices are taxed.
type Taxes struct {
	Form  ShopForm
	Rates []orbit.TaxRate
}

func (t Taxes) empty() ui.EmptyProps {
	return ui.EmptyProps{Icon: "receipt", Title: "No tax rates yet",
		Message: "Taxes by country and region appear here. Until there is one, shoppers are charged no tax.",
		Action:  taxActions(t.Form.Merchant)}
}

// policies returns how prices can be taxed.
func policies() []ui.Option {
	return []ui.Option{{Value: "true", Label: "Prices include tax"}, {Value: "false", Label: "Tax is added to prices"}}
}

func onShipping(r orbit.TaxRate) string {
	if r.AppliesToShipping {
		return "Shipping is taxed"
	}
	return "Shipping isn't taxed"
}

// TaxSheet is a tax rate's page: what is there, what was typed, and what was wrong with it.
type TaxSheet struct {
	Merchant orbit.Merchant
	ID       orbit.TaxRateID
	Rate     orbit.TaxRate // as it is stored; zero for a new one
	Version  int           // that the form is about; 0 for a new one
	Form     orbit.TaxForm
	Faults   map[string]string
	Problem  string
	Differs  []string // what is there now, after a conflict
}

func (s TaxSheet) isNew() bool { return s.Version == 0 }

func (s TaxSheet) title() string {
	if s.isNew() {
		return "Create tax rate"
	}
	return s.Rate.Name + " " + s.Rate.Percent() + "%"
}

func (s TaxSheet) action() string {
	if s.isNew() {
		return TaxesPath(s.Merchant) + "/rates"
	}
	return TaxRatePath(s.Merchant, s.ID, "")
}

// moves has the region follow the country.
func (s TaxSheet) moves() templ.Attributes {
	return templ.Attributes{"hx-post": s.action(), "hx-vals": `{"do":"country"}`, "hx-include": "#tax-rate",
		"hx-trigger": "change", "hx-target": "#tax-region", "hx-select": "#tax-region", "hx-swap": "outerHTML",
		"hx-sync": "this:replace"}
}

// TaxRateDeletion asks before a rate goes for good.
func TaxRateDeletion(m orbit.Merchant, r orbit.TaxRate) ui.ConfirmProps {
	name := r.Name + " " + r.Percent() + "%"
	return ui.ConfirmProps{ID: "deletion", Section: "taxes", Title: "Delete " + name + " of " + r.Place() + "?",
		Crumbs: []ui.Crumb{{Label: "Taxes", Href: TaxesPath(m)}, {Label: name, Href: TaxRatePath(m, r.ID, "")}},
		Points: []string{"Shoppers there no longer pay it.", "Orders keep the taxes that they were placed with."},
		Action: TaxRatePath(m, r.ID, "/deletion"), Button: "Delete", Kind: ui.DangerKind, Back: TaxRatePath(m, r.ID, "")}
}

// StandardRates offers the standard rates of a country.
type StandardRates struct {
	Merchant orbit.Merchant
	Settings orbit.ShopSettings
	Country  string          // "" until one is chosen
	Missing  []orbit.TaxRate // of the country's, those that the shop hasn't
	Beside   []orbit.TaxRate // the shop's own of the same places
	Faults   map[string]string
}

func standardOptions() (options []ui.Option) {
	for _, c := range orbit.StandardCountries() {
		options = append(options, ui.Option{Value: c.Code, Label: c.Name})
	}
	return options
}

// asOf is the day of the table of standard rates.
func asOf() string {
	day, err := time.Parse(time.DateOnly, orbit.StandardTaxesAsOf)
	if err != nil { // the table's own: a test reads it
		return orbit.StandardTaxesAsOf
	}
	return day.Format("January 2, 2006")
}

// beside says which rates of the same places there are.
func (s StandardRates) beside() string {
	var names []string
	for _, r := range s.Beside {
		names = append(names, r.Name+" "+r.Percent()+"% ("+r.Place()+")")
	}
	return "You have " + strings.Join(names, ", ") + " already. Rates of one place add up: shoppers there would pay both."
}

// policy says that the shop's own country has prices the other way, "" where it hasn't.
func (s StandardRates) policy() string {
	of := orbit.CountryName(s.Country)
	switch usual := orbit.StandardIncluded(s.Country); {
	case s.Country != s.Settings.Address.Country || usual == s.Settings.TaxIncluded:
		return ""
	case usual:
		return "Prices for consumers usually include tax in " + of + ". Yours don't: you can change that under Taxes."
	}
	return "Tax is usually added to prices in " + of + ". Yours include it: you can change that under Taxes."
}

func addRates(n int) string {
	if n == 1 {
		return "Add 1 tax rate"
	}
	return "Add " + strconv.Itoa(n) + " tax rates"
}
