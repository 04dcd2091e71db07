package admin

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/views/admin"
)

func (r routes) newActivation(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	if err := m.Activatable(); err != nil {
		return r.refuse(c, admin.MerchantQuestion(m), err)
	}
	form, err := r.activationForm(c.UserContext(), m)
	if err != nil {
		return err
	}
	form.Input.Category = m.Category
	if len(form.Themes) > 0 {
		form.Input.Theme = form.Themes[0].Slug
	}
	if len(form.Plans) > 0 {
		popular := max(0, slices.IndexFunc(form.Plans, func(p orbit.Plan) bool { return p.Popular }))
		form.Input.Plan = form.Plans[popular].Slug
	}
	claim, err := r.claim(c.UserContext(), m.ID, orbit.SuggestSubdomain(m.Name))
	if err != nil {
		return err
	}
	if claim.Free {
		form.Input.Subdomain, form.Claim = claim.Subdomain, &claim
	}
	return r.showActivation(c, fiber.StatusOK, form)
}

// activationForm is the form with what it offers.
func (r routes) activationForm(ctx context.Context, m orbit.Merchant) (f admin.ActivationForm, err error) {
	f = admin.ActivationForm{Merchant: m, Addresses: r.Addresses}
	if f.Themes, err = r.DB.Themes(ctx, true); err != nil {
		return f, err
	}
	f.Plans, err = r.DB.Plans(ctx, true)
	return f, err
}

// showActivation answers with the form: for scripts the dialog alone, which is also where a form comes back to.
func (r routes) showActivation(c *fiber.Ctx, status int, form admin.ActivationForm) error {
	if kit.InDialog(c) {
		return r.Render(c, status, admin.ActivationDialog(form))
	}
	form.Page = true
	return r.page(c, status, func(f admin.Frame) templ.Component { return admin.ActivationPage(f, form) })
}

func (r routes) createActivation(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := kit.MerchantID(c)
	if err != nil {
		return err
	}
	input := orbit.Activation{
		Theme: c.FormValue("theme"), Plan: c.FormValue("plan"), Subdomain: c.FormValue("subdomain"),
		CustomDomain: c.FormValue("customDomain"),
		Category:     orbit.Category(c.FormValue("category")), GoLive: c.FormValue("goLive") != "",
		// The second look was at the name that the form named, not at one typed since.
		ConfirmSubdomain: c.FormValue("confirmSubdomain") != "" &&
			c.FormValue("confirmSubdomain") == strings.ToLower(strings.TrimSpace(c.FormValue("subdomain"))),
		Integrations: orbit.Integrations{MetaAds: c.FormValue("metaAds") != "", Stripe: c.FormValue("stripe") != "",
			PayPal: c.FormValue("paypal") != "", Analytics: c.FormValue("analytics") != ""},
	}
	if _, err = r.DB.Activate(ctx, id, input, r.Addresses.Base, r.Actor(c)); err == nil {
		return kit.See(c, admin.MerchantPath(id, "/provisioning"))
	}
	m, missing := r.DB.Merchant(ctx, id)
	if missing != nil {
		return missing
	}
	err = cmp.Or(m.Activatable(), err) // what was typed doesn't matter where nothing can be ordered
	form, formErr := r.activationForm(ctx, m)
	if formErr != nil {
		return formErr
	}
	form.Input, form.Faults = input, orbit.FaultsOf(err)
	claim, claimErr := r.claim(ctx, m.ID, input.Subdomain)
	if claimErr != nil {
		return claimErr
	}
	if claim.Free {
		form.Claim = &claim
	}
	switch {
	case !kit.Refuses(err):
		return err
	case len(form.Faults) > 0:
	case orbit.CodeOf(err) == orbit.Conflict && !kit.IsHTMX(c):
		return r.refuse(c, admin.MerchantQuestion(m), err)
	default:
		form.Message = orbit.Sentence(err)
	}
	return r.showActivation(c, kit.Refused(c, err), form)
}

// showSubdomain answers the field while somebody types.
func (r routes) showSubdomain(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	claim, err := r.claim(c.UserContext(), m.ID, c.Query("subdomain"))
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, admin.SubdomainVerdict(claim, r.Addresses))
}

// claim says how a subdomain stands for a merchant: free, taken, reserved or malformed.
func (r routes) claim(ctx context.Context, id orbit.MerchantID, typed string) (orbit.Claim, error) {
	claim := orbit.Claim{Subdomain: strings.ToLower(orbit.Plain(typed))}
	if claim.Subdomain == "" {
		return claim, nil
	}
	if err := orbit.CheckSubdomain(claim.Subdomain); err != nil {
		claim.Message = orbit.Sentence(err)
		return claim, nil
	}
	taken, err := r.DB.HostTaken(ctx, claim.Subdomain+"."+r.Addresses.Base, id)
	if err != nil {
		return claim, err
	}
	claim.Free, claim.LooksLike = !taken, orbit.LooksLike(claim.Subdomain)
	if taken {
		claim.Message = r.Addresses.Shop(claim.Subdomain) + " is taken by another shop."
	}
	return claim, nil
}
