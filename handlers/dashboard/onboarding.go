package dashboard

import (
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

// onboardingRoutes returns those of setting up a shop.
func (r routes) onboardingRoutes() []route {
	list := []route{get("/onboarding", orbit.PermissionMember, r.showOnboarding)}
	show := map[orbit.OnboardingPart]deskHandler{orbit.PartBusiness: r.showBusiness, orbit.PartPayments: r.showPayments,
		orbit.PartMarketing: r.showMarketing, orbit.PartProducts: r.showProductsPart, orbit.PartWebsite: r.showWebsite}
	update := map[orbit.OnboardingPart]deskHandler{orbit.PartBusiness: r.updateBusiness,
		orbit.PartPayments: r.updatePayments, orbit.PartMarketing: r.updateMarketing,
		orbit.PartProducts: r.createFirstProduct, orbit.PartWebsite: r.updateWebsite}
	for _, part := range orbit.OnboardingParts().Values() {
		at, may := "/onboarding/"+string(part), dashboard.PartPermission(part)
		list = append(list, post(at+"/skip", may, r.skip(part)), post(at+"/resumption", may, r.resume(part)))
		if show[part] != nil {
			list = append(list, get(at, may, show[part]), post(at, may, update[part]))
		}
	}
	products := "/onboarding/" + string(orbit.PartProducts)
	return append(append(list, r.brandingRoutes()...),
		post("/onboarding/"+string(orbit.PartWebsite)+"/publication", orbit.PermissionOnlineStore, r.createWebsiteRelease),
		get(products+"/samples/deletion/new", orbit.PermissionProducts, r.newSamplesDeletion),
		post(products+"/samples/deletion", orbit.PermissionProducts, r.createSamplesDeletion))
}

// setup is how far a shop is, as the page of the request's path shows it to a member.
func setup(c *fiber.Ctx, d desk, progress orbit.Onboarding) dashboard.Setup {
	s := dashboard.Setup{Merchant: d.Merchant, Rights: d.Rights, Progress: progress}
	_, part, _ := strings.Cut(c.Path(), "/onboarding/")
	if part, _, _ = strings.Cut(part, "/"); orbit.OnboardingParts().Has(orbit.OnboardingPart(part)) {
		s.Part = orbit.OnboardingPart(part)
	}
	return s
}

// progress reads how far the shop is, with more of what a page shows.
func (r routes) progress(c *fiber.Ctx, d desk, more func(*shop.Reader)) (dashboard.Setup, error) {
	var progress orbit.Onboarding
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) error {
		q := t.Reader()
		found := q.Onboarding()
		if more != nil {
			more(q)
		}
		err := q.Read(ctx)
		progress = found.Value
		return err
	})
	return setup(c, d, progress), err
}

func (r routes) showOnboarding(c *fiber.Ctx, d desk) error {
	s, err := r.progress(c, d, nil)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Onboarding(d.frame(), s))
}

// createLaunch opens the shop to shoppers, or says all that is missing.
func (r routes) createLaunch(c *fiber.Ctx, d desk) error {
	err := d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.GoLive(ctx) })
	if orbit.CodeOf(err) == orbit.Conflict && len(orbit.FaultsOf(err)) > 0 {
		s, failed := r.progress(c, d, nil)
		if failed != nil {
			return failed
		}
		s.Tried = true
		return r.Render(c, fiber.StatusConflict, dashboard.Onboarding(d.frame(), s))
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Your shop is live.")
	return kit.See(c, dashboard.OnboardingPath(d.Merchant))
}

// skip leaves a part out for a reason.
func (r routes) skip(part orbit.OnboardingPart) deskHandler {
	return func(c *fiber.Ctx, d desk) error {
		reason := c.FormValue("reason")
		err := d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.Skip(ctx, part, reason) })
		if kit.Refuses(err) {
			s, failed := r.progress(c, d, nil)
			if failed != nil {
				return failed
			}
			s.Reason, s.Fault = reason, fieldFault(err, "reason")
			return r.Render(c, kit.Refused(c, err), dashboard.SkipPage(d.frame(), s))
		}
		if err != nil {
			return err
		}
		return kit.See(c, dashboard.OnboardingPath(d.Merchant))
	}
}

// resume ends the skip of a part.
func (r routes) resume(part orbit.OnboardingPart) deskHandler {
	return func(c *fiber.Ctx, d desk) error {
		if err := d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.Resume(ctx, part) }); err != nil {
			return err
		}
		return kit.See(c, dashboard.PartPath(d.Merchant, part))
	}
}

func (r routes) showBusiness(c *fiber.Ctx, d desk) error {
	return r.showShopPart(c, d, orbit.PartBusiness)
}

func (r routes) showMarketing(c *fiber.Ctx, d desk) error {
	return r.showShopPart(c, d, orbit.PartMarketing)
}

func (r routes) updateBusiness(c *fiber.Ctx, d desk) error {
	return r.updateShopPart(c, d, orbit.PartBusiness)
}

func (r routes) updateMarketing(c *fiber.Ctx, d desk) error {
	return r.updateShopPart(c, d, orbit.PartMarketing)
}

// showShopPart shows a part that is about the shop's own settings.
func (r routes) showShopPart(c *fiber.Ctx, d desk, part orbit.OnboardingPart) error {
	form, err := r.shopForm(c, d, dashboard.PartPath(d.Merchant, part))
	if err != nil {
		return err
	}
	return r.renderShopPart(c, d, fiber.StatusOK, form, part)
}

func (r routes) renderShopPart(
	c *fiber.Ctx, d desk, status int, form dashboard.ShopForm, part orbit.OnboardingPart,
) error {
	s, err := r.progress(c, d, nil)
	if err != nil {
		return err
	}
	if part == orbit.PartMarketing {
		return r.Render(c, status, dashboard.MarketingPart(d.frame(), s, form))
	}
	return r.Render(c, status, dashboard.BusinessPart(d.frame(), s, form))
}

func (r routes) updateShopPart(c *fiber.Ctx, d desk, part orbit.OnboardingPart) error {
	return r.updateShop(c, d, dashboard.PartPath(d.Merchant, part), func(status int, form dashboard.ShopForm) error {
		return r.renderShopPart(c, d, status, form, part)
	})
}

func (r routes) showPayments(c *fiber.Ctx, d desk) error {
	return r.renderPayments(c, d, fiber.StatusOK, dashboard.PaymentForm{})
}

func (r routes) renderPayments(c *fiber.Ctx, d desk, status int, form dashboard.PaymentForm) error {
	form.Action = dashboard.PartPath(d.Merchant, orbit.PartPayments)
	var methods func() []orbit.PaymentMethod
	s, err := r.progress(c, d, func(q *shop.Reader) {
		all := q.PaymentMethods()
		methods = func() []orbit.PaymentMethod { return all.Value }
	})
	if err != nil {
		return err
	}
	form.Method = methodOf(methods(), orbit.ProviderManual)
	return r.Render(c, status, dashboard.PaymentsPart(d.frame(), s, form, methods()))
}

func (r routes) updatePayments(c *fiber.Ctx, d desk) error {
	return r.updateManual(c, d, dashboard.PartPath(d.Merchant, orbit.PartPayments),
		func(status int, form dashboard.PaymentForm) error { return r.renderPayments(c, d, status, form) })
}

// updateManual changes manual payment as a form says; again draws the form as it came, with what was wrong.
func (r routes) updateManual(
	c *fiber.Ctx, d desk, page string, again func(status int, form dashboard.PaymentForm) error,
) error {
	fields, alone, err := sent(c, orbit.PaymentFields())
	if err != nil {
		return err
	}
	var method orbit.PaymentMethod
	var progress orbit.Onboarding
	err = d.change(c, func(ctx context.Context, e *shop.Edit) (err error) {
		if method, err = e.UpdatePayment(ctx, orbit.ProviderManual, fields); err == nil {
			progress, err = e.Onboarding(ctx)
		}
		return err
	})
	switch {
	case kit.Refuses(err) && kit.IsHTMX(c):
		return r.Render(c, fiber.StatusUnprocessableEntity, dashboard.NotSaved(fieldFault(err, alone)))
	case kit.Refuses(err):
		return again(kit.Status(err), dashboard.PaymentForm{Typed: fields, Faults: kit.Faults(err),
			Problem: orbit.Sentence(err)})
	case err != nil:
		return err
	case kit.IsHTMX(c):
		return r.Render(c, fiber.StatusOK, dashboard.SavedPayment(method, alone, setup(c, d, progress)))
	}
	r.Toast(c, "Saved.")
	return kit.See(c, page)
}

func (r routes) showProductsPart(c *fiber.Ctx, d desk) error {
	return r.renderProductsPart(c, d, fiber.StatusOK, dashboard.ProductsForm{ID: orbit.NewID[orbit.Product](),
		Batch: uuid.NewString(), Form: orbit.ProductForm{Variant: firstVariant()}})
}

// firstVariant is what the form of a shop's first product begins with.
func firstVariant() orbit.VariantForm {
	v := orbit.NewVariantForm()
	v.Stock = "1"
	return v
}

// ownShown is how many of a shop's products the part about products lists.
const ownShown = 8

func (r routes) renderProductsPart(c *fiber.Ctx, d desk, status int, form dashboard.ProductsForm) error {
	form.Action = r.Ticket(dashboard.PartPath(d.Merchant, orbit.PartProducts), time.Now())
	var fill func()
	s, err := r.progress(c, d, func(q *shop.Reader) {
		settings, tally, rows := q.Settings(), q.ProductTally(), q.OwnProducts(ownShown)
		fill = func() {
			form.Currency, form.Own, form.Samples = settings.Value.Currency, tally.Value.Own, tally.Value.Samples
			form.Rows = rows.Value
		}
	})
	if err != nil {
		return err
	}
	fill()
	return r.Render(c, status, dashboard.ProductsPart(d.frame(), s, form))
}

// createFirstProduct adds a product with its images, in one form. Sent twice, it makes one product.
func (r routes) createFirstProduct(c *fiber.Ctx, d desk) error {
	form := dashboard.ProductsForm{Form: readForm(c)}
	var err error
	if form.ID, err = orbit.ParseID[orbit.Product](c.FormValue("id")); err != nil {
		return err
	}
	form.Form.Status = orbit.ProductActive
	n, err := newProduct(c, d)
	if err != nil {
		return err
	}
	p, err := form.Form.New(d.Merchant.ID, form.ID, n.Units, time.Now().UTC())
	if err == nil {
		featured := onHome(n.Collections)
		err = d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.CreateProduct(ctx, p, featured) })
	}
	if kit.Refuses(err) {
		form.Faults, form.Problems = kit.Faults(err), []string{orbit.Sentence(err)}
		return r.renderProductsPart(c, d, kit.Status(err), form)
	}
	if err != nil {
		return err
	}
	problems, err := r.addImages(c, d, p.ID)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		r.Toast(c, p.Title+" was added. "+strings.Join(problems, " "))
		return kit.See(c, dashboard.ProductPath(d.Merchant, p.ID, "#images"))
	}
	r.Toast(c, p.Title+" was added.")
	return kit.See(c, dashboard.PartPath(d.Merchant, orbit.PartProducts))
}

// onHome returns the collection that the home page shows, where the shop still has it.
func onHome(all []orbit.Collection) (in []orbit.CollectionID) {
	for _, c := range all {
		if c.Handle == "featured" {
			in = append(in, c.ID)
		}
	}
	return in
}

// addImages adds the files of a form to a product; the same form again adds none. What is wrong with a file is a
// sentence.
func (r routes) addImages(c *fiber.Ctx, d desk, product orbit.ProductID) (problems []string, err error) {
	if !strings.HasPrefix(string(c.Request().Header.ContentType()), "multipart/") || r.Media == nil {
		return nil, nil
	}
	err = uploadsOf(c).each(func(f upload) error {
		err := r.addImage(c, d, product, product.String(), f)
		if expected(err) {
			problems = append(problems, fileLabel(f.name)+": "+orbit.Sentence(err))
			return nil
		}
		return err
	})
	return problems, err
}

func (r routes) newSamplesDeletion(c *fiber.Ctx, d desk) error {
	return r.ask(c, d, dashboard.SamplesQuestion(d.Merchant))
}

func (r routes) createSamplesDeletion(c *fiber.Ctx, d desk) error {
	err := d.change(c, func(ctx context.Context, e *shop.Edit) error { _, err := e.DeleteSamples(ctx); return err })
	if err != nil {
		return err
	}
	r.Toast(c, "The sample products are deleted.")
	return kit.See(c, dashboard.PartPath(d.Merchant, orbit.PartProducts))
}
