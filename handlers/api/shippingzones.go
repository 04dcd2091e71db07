package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// ShippingZone is where a shop ships to at the same rates.
type ShippingZone struct {
	ID        string         `json:"id" format:"uuid"`
	Name      string         `json:"name"`
	Countries []string       `json:"countries" nullable:"false" doc:"ISO 3166-1 alpha-2."`
	Regions   []string       `json:"regions" nullable:"false"`
	Rates     []ShippingRate `json:"rates" nullable:"false" doc:"In the order in which shoppers see them."`
	Currency  string         `json:"currency" doc:"Of all prices."`
	Version   int            `json:"version" doc:"Counts changes; for If-Match."`
	CreatedAt time.Time      `json:"createdAt"`
	UpdatedAt time.Time      `json:"updatedAt"`
}

// TransformSchema says how regions are written.
func (ShippingZone) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return describe(s, map[string]string{"regions": "Parts of countries that aren't in the zone as a " +
		"whole: US-CA. A zone " +
		"without countries and regions is the rest of the world."})
}

// ShippingRate is one way an order can be sent.
type ShippingRate struct {
	ID       string `json:"id,omitempty" doc:"Keeps a rate that is there; left out, it is a new one."`
	Name     string `json:"name" maxLength:"60" doc:"The only one of its zone."`
	Kind     string `json:"kind,omitempty" doc:"flat if left out."`
	Price    int64  `json:"price,omitempty" minimum:"0" maximum:"999999999" doc:"Minor units."`
	FreeFrom *int64 `json:"freeFrom,omitempty" minimum:"0" maximum:"999999999"`
	Minimum  *int64 `json:"minimum,omitempty" minimum:"0" maximum:"999999999"`
	Maximum  *int64 `json:"maximum,omitempty" minimum:"0" maximum:"999999999"`
	Note     string `json:"note,omitempty" maxLength:"300" doc:"What shoppers have to know, as where they pick it up."`
}

// TransformSchema lists the kinds.
func (ShippingRate) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["kind"].Enum = choices(orbit.ShippingKinds())
	return describe(s, map[string]string{
		"freeFrom": "Minor units of goods, after discounts, from which it costs nothing; null for never.",
		"minimum":  "From what on it can be chosen: minor units of goods for price, grams for weight; null for all.",
		"maximum":  "Up to what, this included; null for all.",
	})
}

// NewShippingZone is a zone to be.
type NewShippingZone struct {
	Name      string         `json:"name" maxLength:"80"`
	Countries []string       `json:"countries,omitempty"`
	Regions   []string       `json:"regions,omitempty"`
	Rates     []ShippingRate `json:"rates,omitempty" maxItems:"100"`
}

// ShippingZoneChange is a merge patch. Lists are replaced as a whole.
type ShippingZoneChange struct {
	Name      Change[string]         `json:"name,omitempty"`
	Countries Change[[]string]       `json:"countries,omitempty"`
	Regions   Change[[]string]       `json:"regions,omitempty"`
	Rates     Change[[]ShippingRate] `json:"rates,omitempty"`
}

type (
	// ShippingZoneParams names a zone.
	ShippingZoneParams struct {
		ID string `path:"id" doc:"The zone's id." example:"0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d01"`
	}
	newZoneInput   struct{ Body content[NewShippingZone] }
	patchZoneInput struct {
		ShippingZoneParams
		MatchParams
		Body content[ShippingZoneChange]
	}
	zoneOutput struct {
		ETag string `header:"ETag" doc:"The version, for If-Match."`
		Body ShippingZone
	}
	zonesInput  struct{ ListParams }
	zonesOutput struct{ Body page[ShippingZone] }
)

func (a *API) shippingRoutes() {
	answer := exampleZone()
	body := map[string]any{"name": "Germany and Austria", "countries": []string{"DE", "AT"},
		"rates": []any{map[string]any{"name": "Standard", "kind": "flat", "price": 490, "freeFrom": 5000}}}
	registerShop(a, operation{method: http.MethodGet, path: "/shipping-zones", id: "listShippingZones", tag: tagSelling,
		scope: orbit.ScopeSettingsRead, status: 200, errors: []int{422}, summary: "List shipping zones",
		about: "All zones of the shop, the oldest first. An address falls into the zone of its region, else of its " +
			"country, else of the rest of the world; without any of these the shop doesn't ship there.",
		answer: page[ShippingZone]{Items: []ShippingZone{answer}}}, a.listZones)
	registerShop(a, operation{method: http.MethodPost, path: "/shipping-zones", id: "createShippingZone", tag: tagSelling,
		scope: orbit.ScopeSettingsWrite, status: 201, errors: []int{409}, summary: "Create a shipping zone",
		about: "No country and no region can be in two zones. 409 beyond 50 zones.", body: body, answer: answer},
		a.createZone)
	registerShop(a, operation{method: http.MethodGet, path: "/shipping-zones/{id}", id: "getShippingZone",
		tag: tagSelling, scope: orbit.ScopeSettingsRead, status: 200, summary: "Read a shipping zone",
		about: "One zone with its rates.", answer: answer}, a.getZone)
	registerShop(a, operation{method: http.MethodPatch, path: "/shipping-zones/{id}", id: "updateShippingZone",
		tag: tagSelling, scope: orbit.ScopeSettingsWrite, status: 200, summary: "Update a shipping zone",
		about: "Changes the fields that are sent. `rates` are replaced as a whole: those with an `id` that is there keep " +
			"it, the others are new.",
		body: map[string]any{"name": "Central Europe"}, answer: answer}, a.updateZone)
	registerShop(a, operation{method: http.MethodDelete, path: "/shipping-zones/{id}", id: "deleteShippingZone",
		tag: tagSelling, scope: orbit.ScopeSettingsWrite, status: 204, summary: "Delete a shipping zone",
		about: "Deletes a zone with its rates. Orders keep the rates that they were placed with."}, a.deleteZone)
}

func exampleZone() ShippingZone {
	free := int64(5000)
	return ShippingZone{ID: exampleThemeID, Name: "Germany and Austria", Countries: []string{"AT", "DE"},
		Regions: []string{}, Rates: []ShippingRate{{ID: exampleThemeID, Name: "Standard", Kind: "flat", Price: 490,
			FreeFrom: &free}}, Currency: "EUR", Version: 1, CreatedAt: exampleTime(), UpdatedAt: exampleTime()}
}

func zoneView(z orbit.ShippingZone, currency string) ShippingZone {
	v := ShippingZone{ID: z.ID.String(), Name: z.Name, Countries: append([]string{}, z.Countries...),
		Regions: append([]string{}, z.Regions...), Rates: []ShippingRate{}, Currency: currency, Version: z.Version,
		CreatedAt: z.CreatedAt.UTC(), UpdatedAt: z.UpdatedAt.UTC()}
	some := func(n int64) *int64 {
		if n == 0 {
			return nil
		}
		return &n
	}
	for _, r := range z.Rates {
		v.Rates = append(v.Rates, ShippingRate{ID: r.ID.String(), Name: r.Name, Kind: string(r.Kind), Price: r.Price,
			FreeFrom: some(r.FreeFrom), Minimum: some(r.Minimum), Maximum: some(r.Maximum), Note: r.Note})
	}
	return v
}

// ratesOf returns rates as they were sent.
func ratesOf(sent []ShippingRate) (rates []orbit.ShippingRate) {
	number := func(n *int64) int64 {
		if n == nil {
			return 0
		}
		return *n
	}
	for _, s := range sent {
		r := orbit.ShippingRate{Name: s.Name, Kind: orbit.ShippingKind(s.Kind), Price: s.Price,
			FreeFrom: number(s.FreeFrom), Minimum: number(s.Minimum), Maximum: number(s.Maximum), Note: s.Note}
		r.ID, _ = id[orbit.ShippingRate](s.ID) // one that is none is of no rate
		rates = append(rates, r)
	}
	return rates
}

// zoneFaults names faults of rates as bodies do: rates[0].name.
func zoneFaults(err error) error {
	for i, f := range orbit.FaultsOf(err) {
		if rest, ok := strings.CutPrefix(f.Field, "rates."); ok {
			n, field, _ := strings.Cut(rest, ".")
			orbit.FaultsOf(err)[i].Field = "rates[" + n + "]." + field
		}
	}
	return err
}

// zone answers with a zone as it is.
func zone(ctx context.Context, t *shop.Tenant, key orbit.ShippingZoneID) (*zoneOutput, error) {
	z, err := t.ShippingZone(ctx, key)
	if err != nil {
		return nil, err
	}
	settings, err := t.Settings(ctx)
	return &zoneOutput{etag(z.Version), zoneView(z, settings.Currency)}, err
}

func (a *API) listZones(ctx context.Context, d desk, in *zonesInput) (*zonesOutput, error) {
	var all []ShippingZone
	err := d.read(ctx, func(ctx context.Context, t *shop.Tenant) error {
		o, err := t.Checkout(ctx)
		for _, z := range o.Zones {
			all = append(all, zoneView(z, o.Settings.Currency))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := whole(a.tokens, "shipping-zones", in.ListParams, all, func(v ShippingZone) store.After {
		return store.After{Time: v.CreatedAt, ID: v.ID}
	})
	return &zonesOutput{p}, err
}

func (a *API) getZone(ctx context.Context, d desk, in *ShippingZoneParams) (out *zoneOutput, err error) {
	key, err := id[orbit.ShippingZone](in.ID)
	if err == nil {
		err = d.read(ctx, func(ctx context.Context, t *shop.Tenant) error { out, err = zone(ctx, t, key); return err })
	}
	return out, err
}

func (a *API) createZone(ctx context.Context, d desk, _ *newZoneInput) (out *zoneOutput, err error) {
	body, r := read[NewShippingZone](d.call)
	z := orbit.ShippingZone{ID: orbit.NewID[orbit.ShippingZone](), Name: body.Name, Countries: body.Countries,
		Regions: body.Regions, Rates: ratesOf(body.Rates)}
	err = d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		zones, err := e.ShippingZones(ctx)
		if err != nil {
			return err
		}
		if _, err := z.Check(zones); !r.ok() || err != nil {
			return r.with(zoneFaults(err))
		}
		if _, err := e.SaveShippingZone(ctx, z); err != nil {
			return err
		}
		out, err = zone(ctx, e.Tenant, z.ID)
		return err
	})
	return out, err
}

func (a *API) updateZone(ctx context.Context, d desk, in *patchZoneInput) (out *zoneOutput, err error) {
	body, r := read[ShippingZoneChange](d.call)
	key, err := id[orbit.ShippingZone](in.ID)
	if err != nil {
		return nil, err
	}
	err = d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		zones, err := e.ShippingZones(ctx)
		if err != nil {
			return err
		}
		z, err := e.ShippingZone(ctx, key)
		if err == nil {
			err = d.match(z.Version)
		}
		if err != nil {
			return err
		}
		z.Name, z.Countries, z.Regions = body.Name.or(z.Name), body.Countries.or(z.Countries), body.Regions.or(z.Regions)
		if body.Rates.Sent {
			z.Rates = ratesOf(body.Rates.Value)
		}
		if _, err := z.Check(zones); !r.ok() || err != nil {
			return r.with(zoneFaults(err))
		}
		if body.Name.Sent || body.Countries.Sent || body.Regions.Sent || body.Rates.Sent {
			if _, err := e.SaveShippingZone(ctx, z); err != nil {
				return err
			}
		}
		out, err = zone(ctx, e.Tenant, key)
		return err
	})
	return out, err
}

func (a *API) deleteZone(ctx context.Context, d desk, in *ShippingZoneParams) (*noContent, error) {
	key, err := id[orbit.ShippingZone](in.ID)
	if err != nil {
		return nil, err
	}
	return nil, d.change(ctx, func(ctx context.Context, e *shop.Edit) error { return e.DeleteShippingZone(ctx, key) })
}
