package admin

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/live"
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
	"orbit360.app/themes"
	"orbit360.app/views/admin"
	"orbit360.app/views/ui"
	"orbit360.app/webhooks"
)

type handlers struct {
	*kit.Kit
	feed    *live.Feed
	engines themes.Set
	hooks   *webhooks.Service
	rows    *pg.Together[[]orbit.MerchantRow]
	counts  *pg.Together[map[orbit.MerchantStatus]int]
}

// New is the app of the admin panel. Its streams live from feed, the settings and previews of themes from engines.
func New(k *kit.Kit, feed *live.Feed, engines themes.Set, hooks *webhooks.Service) *fiber.App {
	h := handlers{k, feed, engines, hooks, pg.NewTogether[[]orbit.MerchantRow](k.DB),
		pg.NewTogether[map[orbit.MerchantStatus]int](k.DB)}
	app := k.App(kit.Audience{Name: "admin", Role: orbit.RoleAdmin, Error: h.problem})
	app.Use(k.RequireUser)

	app.Get("/", func(c *fiber.Ctx) error { return kit.See(c, admin.MerchantsPath) })
	app.Get("/merchants", h.showMerchants)
	app.Get("/merchants/stream", h.streamMerchants)
	app.Get("/merchants/:merchant", h.showMerchant)
	app.Get("/merchants/:merchant/preview", h.showShop)
	app.Get("/merchants/:merchant/activation/new", h.newActivation)
	app.Post("/merchants/:merchant/activation", h.createActivation)
	app.Get("/merchants/:merchant/subdomain", h.checkSubdomain)
	app.Get("/merchants/:merchant/provisioning", h.showRun)
	app.Get("/merchants/:merchant/provisioning/stream", h.streamRun)
	app.Get("/merchants/:merchant/runs/:run", h.showTimeline)
	app.Post("/merchants/:merchant/retry", h.createRetry)
	app.Get("/merchants/:merchant/rollback/new", h.newRollback)
	app.Post("/merchants/:merchant/rollback", h.createRollback)
	app.Get("/merchants/:merchant/suspension/new", h.newSuspension)
	app.Post("/merchants/:merchant/suspension", h.createSuspension)
	app.Post("/merchants/:merchant/resumption", h.createResumption)
	h.offerRoutes(app)
	h.webhookRoutes(app)
	h.apiKeyRoutes(app)
	app.Get("/mail", h.showEmails)
	app.Get("/mail/:mail", h.showEmail)
	app.Get("/mail/:mail/html", h.showEmailHTML)
	app.Get("/audit", h.showAudit)
	app.Get("/operations", h.showOperations)
	h.jobRoutes(app)
	return app
}

// offerRoutes adds those of themes and plans.
func (h handlers) offerRoutes(app *fiber.App) {
	app.Get("/themes", h.showThemes)
	app.Get("/themes/new", h.newTheme)
	app.Get("/themes/preview", h.showPreview)
	app.Post("/themes/preview", h.createPreview)
	app.Get("/themes/preview.css", h.showPreviewStylesheet)
	app.Post("/themes", h.createTheme)
	app.Get("/themes/:theme", h.showTheme)
	app.Post("/themes/:theme", h.updateTheme)
	app.Post("/themes/:theme/activation", h.activateTheme)
	app.Post("/themes/:theme/deactivation", h.deactivateTheme)
	app.Get("/themes/:theme/deletion/new", h.newThemeDeletion)
	app.Post("/themes/:theme/deletion", h.createThemeDeletion)
	app.Get("/plans", h.showPlans)
	app.Get("/plans/new", h.newPlan)
	app.Post("/plans", h.createPlan)
	app.Get("/plans/:plan", h.showPlan)
	app.Post("/plans/:plan", h.updatePlan)
	app.Get("/plans/:plan/impact", h.showPlanImpact)
	app.Post("/plans/:plan/activation", h.activatePlan)
	app.Post("/plans/:plan/deactivation", h.deactivatePlan)
	app.Get("/plans/:plan/deletion/new", h.newPlanDeletion)
	app.Post("/plans/:plan/deletion", h.createPlanDeletion)
}

func (h handlers) webhookRoutes(app *fiber.App) {
	app.Get("/webhooks", h.showWebhooks)
	app.Get("/webhooks/new", h.newWebhook)
	app.Post("/webhooks", h.createWebhook)
	app.Get("/webhooks/:webhook", h.showWebhook)
	app.Get("/webhooks/:webhook/edit", h.editWebhook)
	app.Post("/webhooks/:webhook", h.updateWebhook)
	app.Get("/webhooks/:webhook/rotation/new", h.newRotation)
	app.Post("/webhooks/:webhook/rotation", h.createRotation)
	app.Post("/webhooks/:webhook/activation", h.activateWebhook)
	app.Post("/webhooks/:webhook/deactivation", h.deactivateWebhook)
	app.Post("/webhooks/:webhook/ping", h.createPing)
	app.Get("/webhooks/:webhook/deletion/new", h.newWebhookDeletion)
	app.Post("/webhooks/:webhook/deletion", h.createWebhookDeletion)
	app.Get("/webhooks/:webhook/deliveries/:delivery", h.showDelivery)
	app.Post("/webhooks/:webhook/deliveries/:delivery/replay", h.createReplay)
}

// frame is what the page around the subject shows. It takes the sentence that the last form left.
func (h handlers) frame(c *fiber.Ctx) (admin.Frame, error) {
	counts, err := h.DB.MerchantCounts(c.UserContext())
	if err != nil {
		return admin.Frame{}, err
	}
	f := h.bareFrame(c)
	f.Pending = counts[orbit.MerchantPending]
	if toast := h.PopToast(c); toast != "" {
		f.Toasts = ui.Toast(ui.ToastProps{Tone: ui.Success, Message: toast})
	}
	return f, nil
}

// bareFrame is a frame that asks the database nothing: the page that says that it is away needs one too.
func (h handlers) bareFrame(c *fiber.Ctx) admin.Frame {
	u := kit.User(c)
	return admin.Frame{Now: now(), Addresses: h.Addresses, Held: h.Held,
		User: ui.UserMenu{Name: u.Name, Email: u.Email, SignOutAction: "/sign-out"}}
}

// page answers with a whole page.
func (h handlers) page(c *fiber.Ctx, status int, page func(admin.Frame) templ.Component) error {
	f, err := h.frame(c)
	if err != nil {
		return err
	}
	return h.Render(c, status, page(f))
}

// ask answers with a question.
func (h handlers) ask(c *fiber.Ctx, q ui.ConfirmProps) error {
	return h.Ask(c, q, func() (templ.Component, error) {
		f, err := h.frame(c)
		return admin.QuestionPage(f, q), err
	})
}

// refuse says why the answer to a question came too late.
func (h handlers) refuse(c *fiber.Ctx, q ui.ConfirmProps, err error) error {
	q, err = kit.Refuse(c, q, err)
	if err != nil {
		return err
	}
	return h.ask(c, q)
}

// problem is the error page, inside the panel for those who are in it.
func (h handlers) problem(c *fiber.Ctx, e kit.ErrorPage) templ.Component {
	p := admin.Problem{Title: e.Title, Message: e.Message, Icon: "circle-alert"}
	switch {
	case e.Status == fiber.StatusNotFound:
		p.Icon = "circle-question-mark"
	case e.Status == fiber.StatusForbidden:
		p.Icon = "lock"
	case e.Status >= 500 && c.Method() == fiber.MethodGet:
		p.Retry = c.OriginalURL()
	}
	if e.Status >= 500 {
		p.Message += " If it happens again, name request " + e.RequestID + "."
	}
	if kit.User(c).ID.IsZero() {
		return admin.OutsidePage(p)
	}
	return admin.ProblemPage(h.bareFrame(c), p)
}
