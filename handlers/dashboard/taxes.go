package dashboard

import (
	"context"
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

func (r routes) taxRoutes() []route {
	const may = orbit.PermissionSettings
	return []route{
		get("/settings/taxes", may, r.showTaxes),
		post("/settings/taxes", may, r.updateTaxes),
		get("/settings/taxes/standard-rates/new", may, r.newStandardRates),
		post("/settings/taxes/standard-rates", may, r.createStandardRates),
		post("/settings/taxes/rates", may, r.createTaxRate),
		get("/settings/taxes/rates/new", may, r.newTaxRate),
		get("/settings/taxes/rates/:taxrate", may, r.showTaxRate),
		post("/settings/taxes/rates/:taxrate", may, r.updateTaxRate),
		get("/settings/taxes/rates/:taxrate/deletion/new", may, r.newTaxRateDeletion),
		post("/settings/taxes/rates/:taxrate/deletion", may, r.createTaxRateDeletion),
	}
}

func (r routes) showTaxes(c *fiber.Ctx, d desk) error {
	form, err := r.shopForm(c, d, dashboard.TaxesPath(d.Merchant))
	if err != nil {
		return err
	}
	return r.renderTaxes(c, d, fiber.StatusOK, form)
}

func (r routes) renderTaxes(c *fiber.Ctx, d desk, status int, form dashboard.ShopForm) error {
	var rates []orbit.TaxRate
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) { rates, err = t.TaxRates(ctx); return err })
	if err != nil {
		return err
	}
	return r.Render(c, status, dashboard.TaxesPage(d.frame(), dashboard.Taxes{Form: form, Rates: rates}))
}

// updateTaxes changes how all prices are taxed.
func (r routes) updateTaxes(c *fiber.Ctx, d desk) error {
	return r.updateShop(c, d, dashboard.TaxesPath(d.Merchant), func(status int, form dashboard.ShopForm) error {
		return r.renderTaxes(c, d, status, form)
	})
}

func readTaxForm(c *fiber.Ctx) orbit.TaxForm {
	return orbit.TaxForm{Country: c.FormValue("country"), Region: c.FormValue("region"), Name: c.FormValue("name"),
		Rate: c.FormValue("rate"), AppliesToShipping: c.FormValue("appliesToShipping") == "on"}
}

func (r routes) newTaxRate(c *fiber.Ctx, d desk) error {
	s := dashboard.TaxSheet{Merchant: d.Merchant, ID: orbit.NewID[orbit.TaxRate](),
		Form: orbit.TaxForm{AppliesToShipping: true}}
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) error {
		settings, err := t.Settings(ctx)
		s.Form.Country = settings.Address.Country
		return err
	})
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.TaxRatePage(d.frame(), s))
}

// taxRateNow reads the page of the rate that the path names.
func taxRateNow(c *fiber.Ctx, d desk, s *dashboard.TaxSheet) (err error) {
	if s.ID, err = id[orbit.TaxRate](c, "taxrate"); err != nil {
		return err
	}
	s.Merchant = d.Merchant
	return d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		s.Rate, err = t.TaxRate(ctx, s.ID)
		return err
	})
}

func (r routes) showTaxRate(c *fiber.Ctx, d desk) error {
	var s dashboard.TaxSheet
	if err := taxRateNow(c, d, &s); err != nil {
		return err
	}
	s.Form, s.Version = s.Rate.Form(), s.Rate.Version
	return r.Render(c, fiber.StatusOK, dashboard.TaxRatePage(d.frame(), s))
}

func (r routes) createTaxRate(c *fiber.Ctx, d desk) (err error) {
	s := dashboard.TaxSheet{Merchant: d.Merchant, Form: readTaxForm(c)}
	if s.ID, err = orbit.ParseID[orbit.TaxRate](c.FormValue("id")); err != nil {
		return err
	}
	return r.saveTaxRate(c, d, s, "Tax rate created.")
}

func (r routes) updateTaxRate(c *fiber.Ctx, d desk) error {
	s := dashboard.TaxSheet{Form: readTaxForm(c)}
	if err := taxRateNow(c, d, &s); err != nil {
		return err
	}
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil || version < 1 || !kit.Form(c).Has("rate") {
		return errIncomplete
	}
	s.Version = version
	return r.saveTaxRate(c, d, s, "Saved.")
}

// saveTaxRate keeps the rate of a form, or shows the form again: with what was wrong with it, or with the regions of
// another country.
func (r routes) saveTaxRate(c *fiber.Ctx, d desk, s dashboard.TaxSheet, said string) error {
	if c.FormValue("do") == "country" {
		s.Form.Region = ""
		return r.Render(c, fiber.StatusOK, dashboard.TaxRatePage(d.frame(), s))
	}
	err := d.change(c, func(ctx context.Context, e *shop.Edit) error {
		rates, err := e.TaxRates(ctx)
		if err != nil {
			return err
		}
		for _, other := range rates {
			if s.Version == 0 && other.ID == s.ID { // sent twice: it is there, and may have changed since
				return nil
			}
		}
		rate, err := s.Form.Upon(orbit.TaxRate{ID: s.ID, Version: s.Version}, rates)
		if err != nil {
			return err
		}
		now, err := e.SaveTaxRates(ctx, rate)
		if errors.Is(err, shop.ErrStale) {
			s.Rate, s.Version = now[0], now[0].Version
			s.Differs = []string{"It is now: " + s.Rate.Name + " " + s.Rate.Percent() + "%, " + s.Rate.Place() + "."}
		}
		return err
	})
	if kit.Refuses(err) {
		s.Faults, s.Problem = kit.Faults(err), orbit.Sentence(err)
		return r.Render(c, kit.Refused(c, err), dashboard.TaxRatePage(d.frame(), s))
	}
	if err != nil {
		return err
	}
	r.Toast(c, said)
	return kit.See(c, dashboard.TaxesPath(d.Merchant))
}

func (r routes) newTaxRateDeletion(c *fiber.Ctx, d desk) error {
	var s dashboard.TaxSheet
	if err := taxRateNow(c, d, &s); err != nil {
		return err
	}
	return r.ask(c, d, dashboard.TaxRateDeletion(d.Merchant, s.Rate))
}

func (r routes) createTaxRateDeletion(c *fiber.Ctx, d desk) error {
	id, err := id[orbit.TaxRate](c, "taxrate")
	if err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.DeleteTaxRate(ctx, id) })
	if err != nil {
		return err
	}
	r.Toast(c, "Tax rate deleted.")
	return kit.See(c, dashboard.TaxesPath(d.Merchant))
}

// newStandardRates shows what the standard rates of a country would add: of the shop's own until one is chosen.
func (r routes) newStandardRates(c *fiber.Ctx, d desk) error {
	s := dashboard.StandardRates{Merchant: d.Merchant, Country: c.Query("country")}
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		if s.Settings, err = t.Settings(ctx); err != nil {
			return err
		}
		if s.Country == "" {
			s.Country = s.Settings.Address.Country
		}
		rates, err := t.TaxRates(ctx)
		s.Missing = orbit.MissingStandard(rates, s.Country)
		s.Beside = orbit.RatesAt(rates, s.Missing)
		return err
	})
	if err != nil {
		return err
	}
	if len(orbit.StandardTaxes(s.Country)) == 0 {
		s.Country = ""
	}
	return r.Render(c, fiber.StatusOK, dashboard.StandardRatesPage(d.frame(), s))
}

// createStandardRates adds those of a country that the shop hasn't.
func (r routes) createStandardRates(c *fiber.Ctx, d desk) error {
	country, added := c.FormValue("country"), 0
	if len(orbit.StandardTaxes(country)) == 0 {
		return r.Render(c, fiber.StatusUnprocessableEntity, dashboard.StandardRatesPage(d.frame(),
			dashboard.StandardRates{Merchant: d.Merchant, Faults: map[string]string{
				"country": "Choose a country from the list."}}))
	}
	err := d.change(c, func(ctx context.Context, e *shop.Edit) error {
		rates, err := e.TaxRates(ctx)
		if err != nil {
			return err
		}
		missing := orbit.MissingStandard(rates, country)
		for i := range missing {
			missing[i].ID = orbit.NewID[orbit.TaxRate]()
		}
		if added = len(missing); added > 0 {
			_, err = e.SaveTaxRates(ctx, missing...)
		}
		return err
	})
	if err != nil {
		return err
	}
	switch added {
	case 0:
		r.Toast(c, "The standard rates of "+orbit.CountryName(country)+" are in your list already.")
	case 1:
		r.Toast(c, "1 tax rate added.")
	default:
		r.Toast(c, strconv.Itoa(added)+" tax rates added.")
	}
	return kit.See(c, dashboard.TaxesPath(d.Merchant))
}
