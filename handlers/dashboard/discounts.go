package dashboard

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
	"orbit360.app/views/ui"
)

func (r routes) discountRoutes() []route {
	const may = orbit.PermissionDiscounts
	return []route{
		get("/discounts", may, r.showDiscounts),
		post("/discounts", may, r.createDiscount),
		get("/discounts/new", may, r.newDiscount),
		get("/discounts/:discount", may, r.showDiscount),
		post("/discounts/:discount", may, r.updateDiscount),
		post("/discounts/:discount/activation", may, r.switchDiscount(true)),
		post("/discounts/:discount/deactivation", may, r.switchDiscount(false)),
		get("/discounts/:discount/deletion/new", may, r.newDiscountDeletion),
		post("/discounts/:discount/deletion", may, r.createDiscountDeletion),
	}
}

func (r routes) showDiscounts(c *fiber.Ctx, d desk) error {
	l := dashboard.DiscountList{Merchant: d.Merchant, Now: time.Now(),
		ListQuery: kit.ListQuery(c, dashboard.DiscountsPath(d.Merchant), dashboard.DiscountStates)}
	if sort := orbit.DiscountSort(c.Query("sort")); dashboard.DiscountSorts.Has(string(sort)) && sort != "" {
		l.Sort = sort
		l.Keep = []ui.Hidden{{Name: "sort", Value: string(sort)}}
	}
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) error {
		settings, err := t.Settings(ctx)
		if err != nil {
			return err
		}
		l.Currency, l.Zone = settings.Currency, settings.Location()
		l.Rows, l.Total, err = t.Discounts(ctx, shop.DiscountFilter{Status: orbit.DiscountStatus(l.Status), Query: l.Text,
			Sort: l.Sort, Limit: l.PerPage, Offset: l.Offset()})
		return err
	})
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Discounts(d.frame(), l))
}

// readDiscountForm returns a discount as the form sends it.
func readDiscountForm(c *fiber.Ctx) orbit.DiscountForm {
	f := orbit.DiscountForm{Method: c.FormValue("method"), Code: c.FormValue("code"), Title: c.FormValue("title"),
		Kind: orbit.DiscountKind(c.FormValue("kind")), Value: c.FormValue("value"),
		AppliesTo: orbit.DiscountScope(c.FormValue("appliesTo")), Minimum: c.FormValue("minimumOf"),
		MinimumAmount: c.FormValue("minimumAmount"), MinimumQuantity: c.FormValue("minimumQuantity"),
		UsageLimit: c.FormValue("usageLimit"), OncePerCustomer: c.FormValue("oncePerCustomer") == "on",
		StartsAt: c.FormValue("startsAt"), EndsAt: c.FormValue("endsAt")}
	form := kit.Form(c)
	for _, value := range form["product"] {
		if id, err := orbit.ParseID[orbit.Product](value); err == nil && len(f.Products) <= orbit.MaxDiscountProducts {
			f.Products = append(f.Products, id)
		}
	}
	for _, value := range form["collection"] {
		if id, err := orbit.ParseID[orbit.Collection](value); err == nil &&
			len(f.Collections) <= orbit.MaxDiscountCollections {
			f.Collections = append(f.Collections, id)
		}
	}
	for _, value := range form["combinesWith"] {
		if len(f.CombinesWith) < len(orbit.DiscountClasses()) {
			f.CombinesWith = append(f.CombinesWith, orbit.DiscountClass(value))
		}
	}
	return f
}

// completeDiscount reads what the page of a discount shows beside its form.
func completeDiscount(ctx context.Context, t *shop.Tenant, s *dashboard.DiscountSheet) (err error) {
	q := t.Reader()
	settings, collections := q.Settings(), q.OwnCollections()
	if err := q.Read(ctx); err != nil {
		return err
	}
	s.Currency, s.Zone = settings.Value.Currency, settings.Value.Location()
	s.Collections = collections.Value
	if s.Chosen, err = t.ProductTitles(ctx, s.Form.Products); err != nil || s.Find == "" {
		return err
	}
	rows, total, err := t.ProductRows(ctx, shop.ProductFilter{Query: s.Find, Limit: ui.PerPage})
	for _, row := range rows {
		if !slices.Contains(s.Form.Products, row.ID) {
			s.Found = append(s.Found, orbit.ProductTitle{ID: row.ID, Title: row.Title})
		}
	}
	s.More = total - len(rows)
	return err
}

// sheetOf returns the page of a discount that is there, or that is to be.
func discountSheet(c *fiber.Ctx, d desk, s *dashboard.DiscountSheet) error {
	s.Merchant, s.Now = d.Merchant, time.Now()
	return d.read(c, func(ctx context.Context, t *shop.Tenant) error { return completeDiscount(ctx, t, s) })
}

// newDiscount shows the form of a new discount, filled in like another where ?like= names one.
func (r routes) newDiscount(c *fiber.Ctx, d desk) error {
	s := dashboard.DiscountSheet{ID: orbit.NewID[orbit.Discount](), Form: orbit.NewDiscountForm()}
	if like, err := orbit.ParseID[orbit.Discount](c.Query("like")); err == nil {
		err := d.read(c, func(ctx context.Context, t *shop.Tenant) error {
			settings, err := t.Settings(ctx)
			if err != nil {
				return err
			}
			of, err := t.Discount(ctx, like)
			s.Form = of.Form(settings.Currency, settings.Location())
			s.Form.Code = ""
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := discountSheet(c, d, &s); err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Discount(d.frame(), s))
}

// fillDiscount does what a button of the form beside Save asks for; done is false for Save.
func (r routes) fillDiscount(c *fiber.Ctx, d desk, s *dashboard.DiscountSheet) (done bool, err error) {
	switch c.FormValue("do") {
	case "generate":
		s.Form.Code = orbit.GenerateDiscountCode()
	case "find":
		s.Find = orbit.Search(c.FormValue("find"), 200)
	default:
		return false, nil
	}
	if err := discountSheet(c, d, s); err != nil {
		return true, err
	}
	return true, r.Render(c, fiber.StatusOK, dashboard.Discount(d.frame(), *s))
}

func (r routes) createDiscount(c *fiber.Ctx, d desk) error {
	s := dashboard.DiscountSheet{Form: readDiscountForm(c)}
	var err error
	if s.ID, err = orbit.ParseID[orbit.Discount](c.FormValue("id")); err != nil {
		return err
	}
	if done, err := r.fillDiscount(c, d, &s); done || err != nil {
		return err
	}
	if err := discountSheet(c, d, &s); err != nil {
		return err
	}
	made, err := s.Form.Upon(orbit.Discount{ID: s.ID, Active: true}, s.Currency, s.Zone)
	if err == nil {
		err = d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.CreateDiscount(ctx, made) })
	}
	if kit.Refuses(err) {
		s.Faults, s.Problem = kit.Faults(err), orbit.Sentence(err)
		return r.Render(c, kit.Refused(c, err), dashboard.Discount(d.frame(), s))
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Discount created.")
	return kit.See(c, dashboard.DiscountPath(d.Merchant, s.ID, ""))
}

// discountNow reads a discount into its page.
func discountNow(c *fiber.Ctx, d desk, s *dashboard.DiscountSheet) error {
	id, err := id[orbit.Discount](c, "discount")
	if err != nil {
		return err
	}
	return d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		s.Discount, err = t.Discount(ctx, id)
		s.ID = id
		return err
	})
}

func (r routes) showDiscount(c *fiber.Ctx, d desk) error {
	var s dashboard.DiscountSheet
	if err := discountNow(c, d, &s); err != nil {
		return err
	}
	s.Form.Products = s.Discount.Products
	if err := discountSheet(c, d, &s); err != nil {
		return err
	}
	s.Form, s.Version = s.Discount.Form(s.Currency, s.Zone), s.Discount.Version
	return r.Render(c, fiber.StatusOK, dashboard.Discount(d.frame(), s))
}

func (r routes) updateDiscount(c *fiber.Ctx, d desk) error {
	s := dashboard.DiscountSheet{Form: readDiscountForm(c)}
	if err := discountNow(c, d, &s); err != nil {
		return err
	}
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil || version < 1 || !kit.Form(c).Has("startsAt") {
		return orbit.Errorf(orbit.Malformed, "The form is incomplete. Open the page again and retry.")
	}
	s.Version = version
	if done, err := r.fillDiscount(c, d, &s); done || err != nil {
		return err
	}
	if err := discountSheet(c, d, &s); err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) (err error) {
		s.Discount, err = e.UpdateDiscount(ctx, s.ID, version, func(now orbit.Discount) (orbit.Discount, error) {
			return s.Form.Upon(now, s.Currency, s.Zone)
		})
		return err
	})
	if kit.Refuses(err) {
		s.Faults, s.Problem = kit.Faults(err), orbit.Sentence(err)
		if orbit.CodeOf(err) == orbit.Conflict && s.Discount.Version != version {
			s.Version = s.Discount.Version
			s.Differs = []string{"It is now: " + s.Discount.Name() + ": " + s.Discount.Summary(s.Currency, s.Zone, s.Now) + "."}
		}
		return r.Render(c, kit.Refused(c, err), dashboard.Discount(d.frame(), s))
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Saved.")
	return kit.See(c, dashboard.DiscountPath(d.Merchant, s.ID, ""))
}

// switchDiscount activates or deactivates a discount.
func (r routes) switchDiscount(on bool) deskHandler {
	return func(c *fiber.Ctx, d desk) error {
		id, err := id[orbit.Discount](c, "discount")
		if err != nil {
			return err
		}
		err = d.change(c, func(ctx context.Context, e *shop.Edit) error {
			_, err := e.UpdateDiscount(ctx, id, 0, func(now orbit.Discount) (orbit.Discount, error) {
				now.Active = on
				return now, nil
			})
			return err
		})
		if err != nil {
			return err
		}
		r.Toast(c, map[bool]string{true: "Discount activated.",
			false: "Discount deactivated. Orders keep what it took off."}[on])
		return kit.See(c, dashboard.DiscountPath(d.Merchant, id, ""))
	}
}

func (r routes) newDiscountDeletion(c *fiber.Ctx, d desk) error {
	var s dashboard.DiscountSheet
	if err := discountNow(c, d, &s); err != nil {
		return err
	}
	return r.ask(c, d, dashboard.DiscountDeletion(d.Merchant, s.Discount))
}

func (r routes) createDiscountDeletion(c *fiber.Ctx, d desk) error {
	id, err := id[orbit.Discount](c, "discount")
	if err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.DeleteDiscount(ctx, id) })
	if err != nil {
		return err
	}
	r.Toast(c, "Discount deleted.")
	return kit.See(c, dashboard.DiscountsPath(d.Merchant))
}
