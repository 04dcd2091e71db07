package admin

import (
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/hooks"
	"orbit360.app/handlers/kit"
	"orbit360.app/live"
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
	"orbit360.app/views/admin"
	"orbit360.app/views/ui"
	"orbit360.app/webhooks"
)

type routes struct {
	*kit.Kit
	feed    *live.Feed
	engines themes.Set
	jobs    http.Handler
	rows    *pg.Together[[]orbit.MerchantRow]
	counts  *pg.Together[map[orbit.MerchantStatus]int]
}

// New returns the app of the admin panel. Its streams live from feed, the settings and previews of themes from engines.
// Jobs are River's own pages, see NewJobs; nil leaves them out.
func New(k *kit.Kit, feed *live.Feed, engines themes.Set, service *webhooks.Service, jobs http.Handler) *fiber.App {
	r := routes{k, feed, engines, jobs, pg.NewTogether[[]orbit.MerchantRow](k.DB),
		pg.NewTogether[map[orbit.MerchantStatus]int](k.DB)}
	app := k.App(kit.Audience{Name: "admin", Role: orbit.RoleAdmin, Error: r.errorPage, Frame: r.accountFrame})
	app.Use(k.RequireUser)

	app.Get("/", func(c *fiber.Ctx) error { return kit.See(c, admin.MerchantsPath) })

	// Merchants
	app.Get(admin.MerchantsPath, r.showMerchants)
	app.Get(admin.MerchantsPath+"/stream", r.streamMerchants)
	app.Get(admin.MerchantsPath+"/:merchant", r.showMerchant)
	app.Get(admin.MerchantsPath+"/:merchant/preview", r.showShop)
	app.Get(admin.MerchantsPath+"/:merchant/usage", r.showUsage)
	app.Get(admin.MerchantsPath+"/:merchant/statements/:month", r.showStatement)
	app.Get(admin.MerchantsPath+"/:merchant/activation/new", r.newActivation)
	app.Post(admin.MerchantsPath+"/:merchant/activation", r.createActivation)
	app.Get(admin.MerchantsPath+"/:merchant/subdomain", r.showSubdomain)
	app.Get(admin.MerchantsPath+"/:merchant/suspension/new", r.newSuspension)
	app.Post(admin.MerchantsPath+"/:merchant/suspension", r.createSuspension)
	app.Post(admin.MerchantsPath+"/:merchant/resumption", r.createResumption)
	app.Get(admin.MerchantsPath+"/:merchant/visit/new", r.newVisit)
	app.Post(admin.MerchantsPath+"/:merchant/visit", r.createVisit)
	app.Get(admin.MerchantsPath+"/:merchant/plan/changes/new", r.newPlanChange)
	app.Post(admin.MerchantsPath+"/:merchant/plan/changes", r.createPlanChange)
	app.Get(admin.MerchantsPath+"/:merchant/theme/changes/new", r.newThemeChange)
	app.Post(admin.MerchantsPath+"/:merchant/theme/changes", r.createThemeChange)
	app.Post(admin.MerchantsPath+"/:merchant/theme/preview", r.createThemePreview)
	app.Get(admin.MerchantsPath+"/:merchant/notes", r.showNotes)
	app.Post(admin.MerchantsPath+"/:merchant/notes", r.createNote)
	app.Get(admin.MerchantsPath+"/:merchant/notes/:note/deletion/new", r.newNoteDeletion)
	app.Post(admin.MerchantsPath+"/:merchant/notes/:note/deletion", r.createNoteDeletion)
	app.Get("/support/:visit/:hash", r.approveVisit)

	// Runs
	app.Get(admin.MerchantsPath+"/:merchant/provisioning", r.showRun)
	app.Get(admin.MerchantsPath+"/:merchant/provisioning/stream", r.streamRun)
	app.Get(admin.MerchantsPath+"/:merchant/runs/:run", r.showTimeline)
	app.Post(admin.MerchantsPath+"/:merchant/retry", r.createRetry)
	app.Get(admin.MerchantsPath+"/:merchant/rollback/new", r.newRollback)
	app.Post(admin.MerchantsPath+"/:merchant/rollback", r.createRollback)

	// Themes
	app.Get(admin.ThemesPath, r.showThemes)
	app.Post(admin.ThemesPath, r.createTheme)
	app.Get(admin.ThemesPath+"/new", r.newTheme)
	app.Get(admin.ThemesPath+"/preview", r.showPreview)
	app.Post(admin.ThemesPath+"/preview", r.createPreview)
	app.Get(admin.ThemesPath+"/preview.css", r.showPreviewStylesheet)
	app.Get(admin.ThemesPath+"/:theme", r.showTheme)
	app.Post(admin.ThemesPath+"/:theme", r.updateTheme)
	app.Post(admin.ThemesPath+"/:theme/activation", r.createThemeActivation)
	app.Post(admin.ThemesPath+"/:theme/deactivation", r.createThemeDeactivation)
	app.Get(admin.ThemesPath+"/:theme/deletion/new", r.newThemeDeletion)
	app.Post(admin.ThemesPath+"/:theme/deletion", r.createThemeDeletion)

	// Plans
	app.Get(admin.PlansPath, r.showPlans)
	app.Post(admin.PlansPath, r.createPlan)
	app.Get(admin.PlansPath+"/new", r.newPlan)
	app.Get(admin.PlansPath+"/:plan", r.showPlan)
	app.Post(admin.PlansPath+"/:plan", r.updatePlan)
	app.Get(admin.PlansPath+"/:plan/impact", r.showPlanImpact)
	app.Post(admin.PlansPath+"/:plan/activation", r.createPlanActivation)
	app.Post(admin.PlansPath+"/:plan/deactivation", r.createPlanDeactivation)
	app.Get(admin.PlansPath+"/:plan/deletion/new", r.newPlanDeletion)
	app.Post(admin.PlansPath+"/:plan/deletion", r.createPlanDeletion)

	// Webhooks
	for _, one := range hooks.Routes(k, service) {
		app.Add(one.Method, admin.WebhooksPath+one.Path, func(c *fiber.Ctx) error { return one.Handle(c, r.hookDesk(c)) })
	}

	// API keys
	app.Get(admin.APIKeysPath, r.showAPIKeys)
	app.Post(admin.APIKeysPath, r.createAPIKey)
	app.Get(admin.APIKeysPath+"/new", r.newAPIKey)
	app.Get(admin.APIKeysPath+"/:key/revocation/new", r.newRevocation)
	app.Post(admin.APIKeysPath+"/:key/revocation", r.createRevocation)

	// Emails, audit log, operations
	app.Get(admin.EmailsPath, r.showEmails)
	app.Get(admin.EmailsPath+"/:email", r.showEmail)
	app.Get(admin.EmailsPath+"/:email/html", r.showEmailHTML)
	app.Get("/mail", r.redirectEmails)
	app.Get("/mail/:email", r.redirectEmails)
	app.Get(admin.AuditPath, r.showAudit)
	app.Get(admin.OperationsPath, r.showOperations)

	// River's pages, and its own API under them. The redirect comes second: it matches the path with a slash as well.
	if jobs != nil {
		app.All(admin.JobsPath+"/*", r.showJobs)
		app.Get(admin.JobsPath, func(c *fiber.Ctx) error { return kit.See(c, admin.JobsPath+"/") })
	}
	return app
}

// frame is what the page around the subject shows. It takes the sentence that the last form left.
func (r routes) frame(c *fiber.Ctx) (admin.Frame, error) {
	counts, err := r.DB.MerchantCounts(c.UserContext())
	if err != nil {
		return admin.Frame{}, err
	}
	f := r.bareFrame(c)
	f.Pending = counts[orbit.MerchantPending]
	f.Toast = r.PopToast(c)
	return f, nil
}

// accountFrame stands around the pages of the admin's account.
func (r routes) accountFrame(c *fiber.Ctx, title string) (ui.Frame, error) {
	f, err := r.frame(c)
	return f.Account(title), err
}

// bareFrame is a frame that asks the database nothing: the page that says that it is away needs one too.
func (r routes) bareFrame(c *fiber.Ctx) admin.Frame {
	u := kit.User(c)
	return admin.Frame{Now: now(), Addresses: r.Addresses, Held: r.Held,
		User: ui.UserMenu{Name: u.Name, Email: u.Email, Href: ui.AccountPath, SignOutAction: "/sign-out"}}
}

// page answers with a whole page.
func (r routes) page(c *fiber.Ctx, status int, page func(admin.Frame) templ.Component) error {
	f, err := r.frame(c)
	if err != nil {
		return err
	}
	return r.Render(c, status, page(f))
}

// hookDesk returns the platform's webhooks.
func (r routes) hookDesk(c *fiber.Ctx) hooks.Desk {
	return hooks.Desk{Hooks: shop.HooksOf(r.DB, orbit.MerchantID{}, r.Actor(c)), Pages: admin.HookPages(time.Now()),
		Show: func(status int, title string, body templ.Component) error {
			return r.page(c, status, func(f admin.Frame) templ.Component { return admin.HookPage(f, title, body) })
		},
		Ask: func(q ui.ConfirmProps) error { return r.ask(c, q) }}
}

// ask answers with a question.
func (r routes) ask(c *fiber.Ctx, q ui.ConfirmProps) error {
	return r.Ask(c, q, func() (templ.Component, error) {
		f, err := r.frame(c)
		return admin.QuestionPage(f, q), err
	})
}

// refuse says why the answer to a question came too late.
func (r routes) refuse(c *fiber.Ctx, q ui.ConfirmProps, err error) error {
	q, err = kit.Refuse(c, q, err)
	if err != nil {
		return err
	}
	return r.ask(c, q)
}

// errorPage returns the error page. A page that couldn't be made is offered again.
func (r routes) errorPage(c *fiber.Ctx, p kit.ErrorPage) templ.Component {
	if p.Status >= 500 && c.Method() == fiber.MethodGet {
		p.Actions = []ui.ButtonProps{{Label: "Try again", Kind: ui.Primary, Icon: "refresh-cw", Href: c.OriginalURL()}}
	}
	return admin.ErrorPage(r.bareFrame(c), p)
}
