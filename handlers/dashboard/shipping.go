package dashboard

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

func (r routes) shippingRoutes() []route {
	const may = orbit.PermissionSettings
	return []route{
		get("/settings/shipping", may, r.showShipping),
		post("/settings/shipping/zones", may, r.createZone),
		get("/settings/shipping/zones/new", may, r.newZone),
		get("/settings/shipping/zones/:zone", may, r.showZone),
		post("/settings/shipping/zones/:zone", may, r.updateZone),
		get("/settings/shipping/zones/:zone/deletion/new", may, r.newZoneDeletion),
		post("/settings/shipping/zones/:zone/deletion", may, r.createZoneDeletion),
	}
}

func (r routes) showShipping(c *fiber.Ctx, d desk) error {
	s := dashboard.Shipping{Merchant: d.Merchant}
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		if s.Settings, err = t.Settings(ctx); err == nil {
			s.Zones, err = t.ShippingZones(ctx)
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.ShippingPage(d.frame(), s))
}

// readShippingForm returns a zone as the form sends it.
func readShippingForm(c *fiber.Ctx) orbit.ShippingForm {
	form := kit.Form(c)
	f := orbit.ShippingForm{Name: form.Get("name"), To: form.Get("to"), Countries: places(form["country"]),
		Regions: places(form["region"])}
	for i := 0; i <= orbit.MaxShippingRates; i++ {
		at := "rates." + strconv.Itoa(i) + "."
		if !form.Has(at + "name") {
			break
		}
		rate := orbit.RateForm{Name: form.Get(at + "name"), Kind: orbit.ShippingKind(form.Get(at + "kind")),
			Price: form.Get(at + "price"), FreeFrom: form.Get(at + "freeFrom"), MinimumPrice: form.Get(at + "minimumPrice"),
			MaximumPrice: form.Get(at + "maximumPrice"), MinimumWeight: form.Get(at + "minimumWeight"),
			MaximumWeight: form.Get(at + "maximumWeight"), Note: form.Get(at + "note")}
		rate.ID, _ = orbit.ParseID[orbit.ShippingRate](form.Get(at + "id")) // one that is none is of no rate
		f.Rates = append(f.Rates, rate)
	}
	return f
}

// places returns codes of countries or regions, each once, as many as there can be.
func places(sent []string) (codes []string) {
	const most = 300
	for _, code := range sent {
		if len(codes) < most && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}

// readZone reads what a zone's page shows, and the zone itself where s.ID names one.
func readZone(c *fiber.Ctx, d desk, s *dashboard.ZoneSheet) error {
	s.Merchant = d.Merchant
	return d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		if s.Settings, err = t.Settings(ctx); err != nil {
			return err
		}
		zones, err := t.ShippingZones(ctx)
		for _, z := range zones {
			if z.ID == s.ID {
				s.Zone = z
			} else {
				s.Others = append(s.Others, z)
			}
		}
		return err
	})
}

func (r routes) newZone(c *fiber.Ctx, d desk) error {
	s := dashboard.ZoneSheet{ID: orbit.NewID[orbit.ShippingZone](), Form: orbit.NewShippingForm()}
	if err := readZone(c, d, &s); err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.ZonePage(d.frame(), s))
}

// zoneNow reads the page of the zone that the path names.
func zoneNow(c *fiber.Ctx, d desk, s *dashboard.ZoneSheet) (err error) {
	if s.ID, err = id[orbit.ShippingZone](c, "zone"); err != nil {
		return err
	}
	if err = readZone(c, d, s); err == nil && s.Zone.ID.IsZero() {
		err = orbit.Missing()
	}
	return err
}

func (r routes) showZone(c *fiber.Ctx, d desk) error {
	var s dashboard.ZoneSheet
	if err := zoneNow(c, d, &s); err != nil {
		return err
	}
	s.Form, s.Version = s.Zone.Form(s.Settings.Currency, s.Settings.WeightUnit), s.Zone.Version
	return r.Render(c, fiber.StatusOK, dashboard.ZonePage(d.frame(), s))
}

// fillZone does what a button of the form beside Save asks for; done is false for Save. Enter saves, unless what it was
// typed into is a new search.
func fillZone(c *fiber.Ctx, s *dashboard.ZoneSheet) (done bool) {
	s.Find = orbit.Search(c.FormValue("find"), 60)
	do := c.FormValue("do")
	if nth, ok := strings.CutPrefix(do, "remove."); ok {
		if i, err := strconv.Atoi(nth); err == nil && i >= 0 && i < len(s.Form.Rates) {
			s.Form.Rates = slices.Delete(s.Form.Rates, i, i+1)
		}
		return true
	}
	switch do {
	case "add":
		s.Form.Rates = append(s.Form.Rates, orbit.RateForm{Kind: orbit.ShippingFlat})
	case "all":
		free, _ := s.Found()
		for _, country := range free {
			s.Form.Countries = append(s.Form.Countries, country.Code)
		}
		s.Find = ""
	case "enter":
		return s.Find != "" && s.Find != c.FormValue("found")
	default:
		return do == "find"
	}
	return true
}

func (r routes) createZone(c *fiber.Ctx, d desk) (err error) {
	s := dashboard.ZoneSheet{Form: readShippingForm(c)}
	if s.ID, err = orbit.ParseID[orbit.ShippingZone](c.FormValue("id")); err != nil {
		return err
	}
	if err := readZone(c, d, &s); err != nil {
		return err
	}
	if fillZone(c, &s) {
		return r.Render(c, fiber.StatusOK, dashboard.ZonePage(d.frame(), s))
	}
	if !s.Zone.ID.IsZero() { // sent twice: it is there, and may have changed since
		return kit.See(c, dashboard.ShippingPath(d.Merchant))
	}
	return r.saveZone(c, d, s, "Shipping zone created.")
}

func (r routes) updateZone(c *fiber.Ctx, d desk) error {
	s := dashboard.ZoneSheet{Form: readShippingForm(c)}
	if err := zoneNow(c, d, &s); err != nil {
		return err
	}
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil || version < 1 || !kit.Form(c).Has("name") {
		return errIncomplete
	}
	s.Version = version
	if fillZone(c, &s) {
		return r.Render(c, fiber.StatusOK, dashboard.ZonePage(d.frame(), s))
	}
	return r.saveZone(c, d, s, "Saved.")
}

// saveZone keeps the zone of a form, or shows the form again with what was wrong with it.
func (r routes) saveZone(c *fiber.Ctx, d desk, s dashboard.ZoneSheet, said string) error {
	err := d.change(c, func(ctx context.Context, e *shop.Edit) error {
		settings, err := e.Settings(ctx)
		if err != nil {
			return err
		}
		zones, err := e.ShippingZones(ctx)
		if err != nil {
			return err
		}
		z, err := s.Form.Upon(orbit.ShippingZone{ID: s.ID, Version: s.Version}, settings.Currency, settings.WeightUnit, zones)
		if err != nil {
			return err
		}
		now, err := e.SaveShippingZone(ctx, z)
		if errors.Is(err, shop.ErrStale) {
			s.Zone, s.Version = now, now.Version
			s.Differs = zoneNowSays(now, settings)
		}
		return err
	})
	if kit.Refuses(err) {
		s.Faults, s.Problem = kit.Faults(err), orbit.Sentence(err)
		return r.Render(c, kit.Refused(c, err), dashboard.ZonePage(d.frame(), s))
	}
	if err != nil {
		return err
	}
	r.Toast(c, said)
	return kit.See(c, dashboard.ShippingPath(d.Merchant))
}

// zoneNowSays says what a zone has become.
func zoneNowSays(z orbit.ShippingZone, settings orbit.ShopSettings) []string {
	now := []string{"It is now: " + z.Name + ": " + z.PlacesInShort() + "."}
	for _, rate := range z.Rates {
		now = append(now, rate.Name+": "+rate.Summary(settings.Currency, settings.WeightUnit)+".")
	}
	return now
}

func (r routes) newZoneDeletion(c *fiber.Ctx, d desk) error {
	var s dashboard.ZoneSheet
	if err := zoneNow(c, d, &s); err != nil {
		return err
	}
	return r.ask(c, d, dashboard.ZoneDeletion(d.Merchant, s.Zone))
}

func (r routes) createZoneDeletion(c *fiber.Ctx, d desk) error {
	id, err := id[orbit.ShippingZone](c, "zone")
	if err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.DeleteShippingZone(ctx, id) })
	if err != nil {
		return err
	}
	r.Toast(c, "Shipping zone deleted.")
	return kit.See(c, dashboard.ShippingPath(d.Merchant))
}
