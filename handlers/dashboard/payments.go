package dashboard

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/payments/stripe"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

// paymentRoutes returns those of a shop's ways to pay. Support is refused at all of them: they say where money goes.
func (r routes) paymentRoutes() []route {
	const may = orbit.PermissionPayments
	return []route{
		get("/settings/payments", may, r.showPaymentSettings),
		post("/settings/payments/manual", may, r.updateManualPayment),
		post("/settings/payments/:provider/account", may, r.createPaymentAccount),
		post("/settings/payments/:provider/check", may, r.createProviderCheck),
		post("/settings/payments/:provider/activation", may, r.createPaymentActivation),
		post("/settings/payments/:provider/deactivation", may, r.createPaymentDeactivation),
	}
}

func (r routes) showPaymentSettings(c *fiber.Ctx, d desk) error {
	return r.renderPaymentSettings(c, d, fiber.StatusOK, dashboard.Payments{})
}

// renderPaymentSettings shows the page, with what was asked for and not done.
func (r routes) renderPaymentSettings(c *fiber.Ctx, d desk, status int, p dashboard.Payments) error {
	p.Merchant, p.Now = d.Merchant, time.Now()
	p.Keys = dashboard.StripeKeys{Live: stripe.KeyURL("ORBIT360", false), Test: stripe.KeyURL("ORBIT360", true)}
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) error {
		q := t.Reader()
		methods, accounts := q.PaymentMethods(), q.PaymentAccounts()
		err := q.Read(ctx)
		p.Methods, p.Accounts = methods.Value, accounts.Value
		return err
	})
	if err != nil {
		return err
	}
	p.Manual.Action = dashboard.PaymentsPath(d.Merchant) + "/" + orbit.ProviderManual
	p.Manual.Method = methodOf(p.Methods, orbit.ProviderManual)
	return r.Render(c, status, dashboard.PaymentsPage(d.frame(), p))
}

func methodOf(methods []orbit.PaymentMethod, provider string) (method orbit.PaymentMethod) {
	for _, m := range methods {
		if m.Kind == provider {
			method = m
		}
	}
	return method
}

func (r routes) updateManualPayment(c *fiber.Ctx, d desk) error {
	return r.updateManual(c, d, dashboard.PaymentPath(d.Merchant, orbit.ProviderManual, ""),
		func(status int, form dashboard.PaymentForm) error {
			return r.renderPaymentSettings(c, d, status, dashboard.Payments{Manual: form})
		})
}

// createPaymentAccount keeps credentials that work. An account that isn't the one before takes its place when the form
// says so.
func (r routes) createPaymentAccount(c *fiber.Ctx, d desk) error {
	provider := c.Params("provider")
	form := orbit.ProviderForm{Replace: c.FormValue("replace") == "on", Secrets: map[string]string{}}
	if provider == orbit.ProviderPayPal { // Stripe's keys say it themselves
		form.Mode = orbit.ModeOf(c.FormValue("test") == "on")
	}
	for _, field := range orbit.ProviderSecrets(provider) {
		form.Secrets[field] = c.FormValue(field)
	}
	account, err := r.Payments.SaveAccount(c.UserContext(), d.Shop, provider, form)
	if answered(err) {
		return r.renderPaymentSettings(c, d, kit.Refused(c, err), dashboard.Payments{Tried: dashboard.TriedPayment{
			Provider: provider, Problem: orbit.Sentence(err), Faults: kit.Faults(err), Typed: true,
			Test: form.Mode == orbit.ModeTest}})
	}
	if err != nil {
		return err
	}
	r.Toast(c, orbit.Connected(account.Account, account.Name, account.Test))
	return kit.See(c, dashboard.PaymentPath(d.Merchant, provider, ""))
}

// answered reports whether an error is one to be shown on the page: of the form, of the provider, or that the provider
// can't be reached.
func answered(err error) bool {
	return kit.Refuses(err) || orbit.CodeOf(err) == orbit.Unavailable
}

func (r routes) createProviderCheck(c *fiber.Ctx, d desk) error {
	provider := c.Params("provider")
	if len(orbit.ProviderSecrets(provider)) == 0 {
		return orbit.Missing()
	}
	check, err := r.Payments.Check(c.UserContext(), d.Shop, provider)
	if err == nil && !check.OK {
		err = orbit.Errorf(orbit.Conflict, "%s", check.Message)
	}
	if err == nil {
		r.Toast(c, orbit.Connected(check.Account, check.Name, check.Test))
	}
	return r.afterPayment(c, d, provider, err)
}

// createPaymentActivation offers a way to pay once its credentials have worked just now.
func (r routes) createPaymentActivation(c *fiber.Ctx, d desk) error {
	provider := c.Params("provider")
	if len(orbit.ProviderSecrets(provider)) > 0 {
		if err := r.Payments.Activatable(c.UserContext(), d.Shop, provider); err != nil {
			return r.afterPayment(c, d, provider, err)
		}
	}
	err := d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.ActivatePayment(ctx, provider) })
	if err == nil {
		r.Toast(c, orbit.Providers().Name(provider)+" activated.")
	}
	return r.afterPayment(c, d, provider, err)
}

func (r routes) createPaymentDeactivation(c *fiber.Ctx, d desk) error {
	provider := c.Params("provider")
	err := d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.DeactivatePayment(ctx, provider) })
	if err == nil {
		r.Toast(c, orbit.Providers().Name(provider)+" deactivated. Payments and refunds under way go on.")
	}
	return r.afterPayment(c, d, provider, err)
}

// afterPayment leads back to a provider's card, or says there why something wasn't done.
func (r routes) afterPayment(c *fiber.Ctx, d desk, provider string, err error) error {
	if answered(err) {
		return r.renderPaymentSettings(c, d, kit.Refused(c, err), dashboard.Payments{Tried: dashboard.TriedPayment{
			Provider: provider, Problem: orbit.Sentence(err)}})
	}
	if err != nil {
		return err
	}
	return kit.See(c, dashboard.PaymentPath(d.Merchant, provider, ""))
}
