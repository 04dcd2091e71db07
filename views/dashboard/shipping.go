package dashboard

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// ShippingPath is the page of a shop's shipping zones.
func ShippingPath(m orbit.Merchant) string { return Path(m) + "/settings/shipping" }

// ZonesPath is where shipping zones are made.
func ZonesPath(m orbit.Merchant) string { return ShippingPath(m) + "/zones" }

// ZonePath is the page of one zone, or, with more behind it, what belongs to it.
func ZonePath(m orbit.Merchant, id orbit.ShippingZoneID, more string) string {
	return ZonesPath(m) + "/" + id.String() + more
}

// Shipping is the page of a shop's shipping zones.
type Shipping struct {
	Merchant orbit.Merchant
	Settings orbit.ShopSettings
	Zones    []orbit.ShippingZone
}

// elsewhere says what happens to orders to countries that no zone names.
func (s Shipping) elsewhere() string {
	for _, z := range s.Zones {
		if z.Rest() {
			return "Orders to countries that no zone names ship at the rates of “" + z.Name + "”."
		}
	}
	return "You don't ship to countries that are in none of these zones: shoppers there read it in the cart, and can't " +
		"place an order that needs shipping."
}

func (s Shipping) empty() ui.EmptyProps {
	return ui.EmptyProps{Icon: "truck", Title: "No shipping zones yet",
		Message: "Zones say where you ship to and what it costs. Until there is one, shoppers can't order what needs " +
			"shipping. Products that don't need it sell as before.",
		Action: createZone(s.Merchant)}
}

func createZone(m orbit.Merchant) templ.Component {
	return ui.Button(ui.ButtonProps{Label: "Create shipping zone", Href: ZonesPath(m) + "/new", Kind: ui.Primary,
		Icon: "plus"})
}

// ZoneSheet is a shipping zone's page: what is there, what was typed, and what was wrong with it.
type ZoneSheet struct {
	Merchant orbit.Merchant
	Settings orbit.ShopSettings
	ID       orbit.ShippingZoneID
	Zone     orbit.ShippingZone // as it is stored; zero for a new one
	Version  int                // that the form is about; 0 for a new one
	Form     orbit.ShippingForm
	Others   []orbit.ShippingZone
	Find     string // what countries were searched for
	Faults   map[string]string
	Problem  string
	Differs  []string // what is there now, after a conflict
}

func (s ZoneSheet) isNew() bool { return s.Version == 0 }

func (s ZoneSheet) title() string {
	if s.isNew() {
		return "Create shipping zone"
	}
	return s.Zone.Name
}

func (s ZoneSheet) action() string {
	if s.isNew() {
		return ZonesPath(s.Merchant)
	}
	return ZonePath(s.Merchant, s.ID, "")
}

// chosen returns the countries of the form, by name.
func (s ZoneSheet) chosen() (all []orbit.Country) {
	for _, c := range orbit.Countries() {
		if slices.Contains(s.Form.Countries, c.Code) {
			all = append(all, c)
		}
	}
	return all
}

// Found returns the countries that were searched for and aren't chosen: those to choose from, and those of other zones.
func (s ZoneSheet) Found() (free, taken []orbit.Country) {
	for _, c := range orbit.FindCountries(s.Find) {
		switch {
		case slices.Contains(s.Form.Countries, c.Code):
		case s.zoneOf(c.Code) != "":
			taken = append(taken, c)
		default:
			free = append(free, c)
		}
	}
	return free, taken
}

// zoneOf returns the name of the other zone that has a country or a region.
func (s ZoneSheet) zoneOf(code string) string {
	for _, z := range s.Others {
		if slices.Contains(z.Countries, code) || slices.Contains(z.Regions, code) {
			return z.Name
		}
	}
	return ""
}

// regional returns the countries that can be shipped to by their regions.
func regional() (all []orbit.Country) {
	for _, c := range orbit.Countries() {
		if orbit.Regions(c.Code) != nil {
			all = append(all, c)
		}
	}
	return all
}

// picked returns how many regions of a country the form has.
func (s ZoneSheet) picked(country string) (n int) {
	for _, code := range s.Form.Regions {
		if strings.HasPrefix(code, country+"-") {
			n++
		}
	}
	return n
}

func (s ZoneSheet) regionsLabel(c orbit.Country) string {
	label := c.Name
	if n := s.picked(c.Code); n > 0 {
		label += " (" + strconv.Itoa(n) + " chosen)"
	}
	return label
}

// place is a country or a region to choose.
func (s ZoneSheet) place(name, code, label string, chosen []string) ui.CheckboxProps {
	p := ui.CheckboxProps{ID: name + "-" + code, Name: name, Value: code, Label: label,
		Checked: slices.Contains(chosen, code)}
	if in := s.zoneOf(code); in != "" && !p.Checked {
		p.Label, p.Disabled = label+" (in “"+in+"”)", true
	}
	return p
}

// finds has the search renew what it found while it is typed in.
func (s ZoneSheet) finds() templ.Attributes {
	return templ.Attributes{"hx-post": s.action(), "hx-vals": `{"do":"find"}`, "hx-include": "#zone",
		"hx-trigger": "input changed delay:250ms", "hx-target": "#places", "hx-select": "#places", "hx-swap": "outerMorph",
		"hx-sync": "this:replace"}
}

// rateField returns the name of a field of a rate, which is its id, too.
func rateField(i int, field string) string { return "rates." + strconv.Itoa(i) + "." + field }

// rateField is a field of a rate. A fault of bounds is by what they are of.
func (s ZoneSheet) rateField(i int, field, label, value string, p ui.FieldProps) ui.FieldProps {
	p.Name, p.Label, p.Value = rateField(i, field), label, value
	p.Error = s.Faults[rateField(i, strings.TrimSuffix(strings.TrimSuffix(field, "Price"), "Weight"))]
	if field == "price" {
		p.Error = s.Faults[p.Name]
	}
	return p
}

func (s ZoneSheet) amount(i int, field, label, value string) ui.FieldProps {
	return s.rateField(i, field, label, value, ui.FieldProps{InputMode: "decimal", Suffix: s.Settings.Currency,
		Optional: field != "price", MaxLength: 20})
}

func (s ZoneSheet) weight(i int, field, label, value string) ui.FieldProps {
	return s.rateField(i, field, label, value, ui.FieldProps{InputMode: "decimal", Optional: true, MaxLength: 20,
		Suffix: s.Settings.WeightUnit.Symbol()})
}

// ZoneDeletion asks before a zone goes for good.
func ZoneDeletion(m orbit.Merchant, z orbit.ShippingZone) ui.ConfirmProps {
	return ui.ConfirmProps{ID: "deletion", Section: "shipping", Title: "Delete " + z.Name + "?",
		Crumbs: []ui.Crumb{{Label: "Shipping", Href: ShippingPath(m)}, {Label: z.Name, Href: ZonePath(m, z.ID, "")}},
		Points: []string{"You no longer ship to its countries, unless your rest of the world zone takes them.",
			"Orders keep the shipping that they were placed with.", "You can't undo this."},
		Action: ZonePath(m, z.ID, "/deletion"), Button: "Delete", Kind: ui.DangerKind, Back: ZonePath(m, z.ID, "")}
}
