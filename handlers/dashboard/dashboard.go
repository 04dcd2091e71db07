package dashboard

import (
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/live"
	"orbit360.app/orbit"
	"orbit360.app/themes"
	"orbit360.app/views/dashboard"
	"orbit360.app/views/ui"
	"orbit360.app/webhooks"
)

type routes struct {
	*kit.Kit
	engines themes.Set
	rooms   *rooms
	hooks   *webhooks.Service
}

// New returns the dashboard's pages, which live from a feed. Engines are those that themes are made over.
func New(k *kit.Kit, feed *live.Feed, engines themes.Set, service *webhooks.Service) *fiber.App {
	r := routes{k, engines, newRooms(k.DB, feed, k.Log), service}
	audience := kit.Audience{Name: "dashboard", Role: orbit.RoleMerchant, Error: r.errorPage, Frame: r.accountFrame}
	app := k.App(audience)
	app.Get("/robots.txt", func(c *fiber.Ctx) error { return c.SendString("User-agent: *\nDisallow: /\n") })
	// An admin's way in, as support: see kit.PrepareVisit.
	app.Get(dashboard.StoppedPath, r.showStopped)
	app.Get("/support/:visit", r.prepareVisit)
	app.Get("/support/:visit/enter", r.enterVisit(audience))
	app.Use(k.RequireUser)
	app.Post(dashboard.StopPath, r.stopVisit)
	app.Get("/", r.showShops)
	for _, one := range r.list() {
		app.Add(one.method, "/:merchant"+one.path, r.enter(one))
	}
	return app
}

// route is a page or a form of one shop, and what it takes to use it.
type route struct {
	method     string
	path       string // after the shop's
	permission orbit.Permission
	handle     deskHandler
	always     bool // also while the shop is being set up, or suspended
}

func get(path string, permission orbit.Permission, handle deskHandler) route {
	return route{fiber.MethodGet, path, permission, handle, false}
}

func post(path string, permission orbit.Permission, handle deskHandler) route {
	return route{fiber.MethodPost, path, permission, handle, false}
}

// always has a route answer whatever the shop's status is: what is changed there is refused with the reason.
func always(one route) route {
	one.always = true
	return one
}

// list returns all routes of a shop.
func (r routes) list() []route {
	return slices.Concat(r.homeRoutes(), r.onboardingRoutes(), r.orderRoutes(), r.productRoutes(), r.imageRoutes(),
		r.themeRoutes(), r.planRoutes(), r.apiKeyRoutes(), r.staffRoutes(), r.hookRoutes(), r.paymentRoutes(),
		r.discountRoutes(), r.importRoutes(), r.shippingRoutes(), r.taxRoutes(), r.customerRoutes())
}

func (r routes) homeRoutes() []route {
	return []route{
		always(get("", orbit.PermissionMember, r.showHome)),
		get("/live", orbit.PermissionMember, r.openLive),
		always(post("/live", orbit.PermissionSettings, r.createLaunch)),
		get("/closing/new", orbit.PermissionSettings, r.newClosing),
		post("/closing", orbit.PermissionSettings, r.createClosing),
		get("/settings", orbit.PermissionMember, r.showSettings),
		get("/settings/general", orbit.PermissionSettings, r.showGeneral),
		post("/settings/general", orbit.PermissionSettings, r.updateGeneral),
	}
}

func (r routes) orderRoutes() []route {
	const may = orbit.PermissionOrders
	return []route{
		get("/orders", may, r.showOrders),
		get("/orders/export.csv", may, r.exportOrders),
		get("/orders/fulfillment/new", may, r.newFulfillments),
		post("/orders/fulfillment", may, r.createFulfillments),
		get("/orders/print", may, r.showPrints),
		get("/orders/:order", may, r.showOrder),
		get("/orders/:order/payment/new", may, paymentForm().ask(r)),
		post("/orders/:order/payment", may, paymentForm().act(r)),
		get("/orders/:order/fulfillment/new", may, fulfillmentForm().ask(r)),
		post("/orders/:order/fulfillment", may, fulfillmentForm().act(r)),
		get("/orders/:order/refund/new", may, refundForm().ask(r)),
		post("/orders/:order/refund", may, refundForm().act(r)),
		get("/orders/:order/cancellation/new", may, cancelForm().ask(r)),
		post("/orders/:order/cancellation", may, cancelForm().act(r)),
		post("/orders/:order/notes", may, r.createOrderNote),
		post("/orders/:order/emails", may, r.createOrderEmail),
		post("/orders/:order/payments/:payment/check", may, r.createSettlement),
		post("/orders/:order/transactions/:transaction/retry", may, r.createRefundRetry),
	}
}

func (r routes) productRoutes() []route {
	const may = orbit.PermissionProducts
	return []route{
		get("/products", may, r.showProducts),
		post("/products", may, r.createProduct),
		get("/products/new", may, r.newProduct),
		get("/products/export", may, r.newExport),
		get("/products/bulk", may, r.newBulkEdit),
		post("/products/bulk", may, r.createBulkEdit),
		get("/products/export.csv", may, r.exportProducts),
		get("/products/:product", may, r.showProduct),
		get("/products/:product/inventory", may, r.showLedger),
		get("/inventory", may, r.showInventory),
		post("/inventory", may, r.createAdjustments),
		post("/products/:product", may, r.updateProduct),
		post("/products/:product/variants", may, r.createVariants),
		get("/products/:product/copy/new", may, r.newProductCopy),
		post("/products/:product/copy", may, r.createProductCopy),
		post("/products/:product/draft", may, r.createProductDraft),
		get("/products/:product/deletion/new", may, r.newProductDeletion),
		post("/products/:product/deletion", may, r.createProductDeletion),
	}
}

// importRoutes returns those of what changes many products at once.
func (r routes) importRoutes() []route {
	const may = orbit.PermissionProducts
	return []route{
		get("/imports/new", may, r.newImport),
		post("/imports", may, r.createImport),
		get("/imports/:import", may, r.showImport),
		post("/imports/:import/run", may, r.createImportRun),
		get("/imports/:import/faults.csv", may, r.showFaultyLines),
		get("/operations", may, r.showOperations),
		post("/operations/:operation/undo", may, r.createUndo),
	}
}

// imageRoutes returns those of products' images, and of the shop's own.
func (r routes) imageRoutes() []route {
	list := []route{
		get(orbit.MediaPrefix+":file", orbit.PermissionMember, r.showImageFile),
		get("/images", orbit.PermissionOnlineStore, r.showShopImages),
		get("/products/:product/images", orbit.PermissionProducts, r.showImages),
		post("/products/:product/images/:image", orbit.PermissionProducts, r.updateImage),
		post("/products/:product/images/:image/position", orbit.PermissionProducts, r.updateImagePosition),
	}
	for of, may := range map[string]orbit.Permission{
		"": orbit.PermissionOnlineStore, "/products/:product": orbit.PermissionProducts} {
		list = append(list,
			post(of+"/images", may, r.createImages),
			get(of+"/images/:image/deletion/new", may, r.newImageDeletion),
			post(of+"/images/:image/deletion", may, r.createImageDeletion))
	}
	return list
}

// themeRoutes returns those of themes and releases.
func (r routes) themeRoutes() []route {
	const may = orbit.PermissionOnlineStore
	return []route{
		get("/preview", orbit.PermissionMember, r.showPreview),
		get("/themes", may, r.showThemes),
		get("/theme", may, r.showTheme),
		post("/theme/preview", may, r.createDraft),
		post("/theme/draft/deletion", may, r.createDiscard),
		post("/theme/schedule", may, r.createSchedule),
		post("/theme/schedule/time", may, r.updateSchedule),
		post("/theme/schedule/cancellation", may, r.createUnscheduling),
		get("/theme/shares", may, r.showShares),
		post("/theme/shares", may, r.createShare),
		post("/theme/shares/:share/revocation", may, r.createShareRevocation),
		get("/releases", may, r.showReleases),
		get("/releases/comparison", may, r.showComparison),
		post("/releases", may, r.createRelease),
		post("/releases/:number/preview", may, r.createReleasePreview),
		get("/releases/:number/rollback/new", may, r.newRollback),
		post("/releases/:number/rollback", may, r.createRollback),
	}
}

// errorPage keeps the menu of the address's shop, for its members. An error of ours asks the database nothing again.
func (r routes) errorPage(c *fiber.Ctx, p kit.ErrorPage) templ.Component {
	f := dashboard.Frame{Addresses: r.Addresses, User: kit.User(c)}
	if f.User.ID.IsZero() || p.Status >= fiber.StatusInternalServerError {
		return dashboard.ErrorPage(f, p)
	}
	shops, err := r.DB.Memberships(c.UserContext(), f.User)
	if err != nil {
		return dashboard.ErrorPage(f, p)
	}
	key, _, _ := strings.Cut(strings.TrimPrefix(c.Path(), "/"), "/")
	of, err := find(shops, key)
	if err != nil || (of.TwoStepRequired && !f.User.TwoStep()) {
		return dashboard.ErrorPage(f, p)
	}
	f.Shops = shops
	return dashboard.ShopErrorPage(f, of.Merchant, p)
}

// accountFrame stands around the pages of the person's account.
func (r routes) accountFrame(c *fiber.Ctx, title string) (ui.Frame, error) {
	shops, err := r.DB.Memberships(c.UserContext(), kit.User(c))
	return r.frame(c, shops).Account(title), err
}

// showShops leads on to the only shop, or lists them; ?show=all lists one too.
func (r routes) showShops(c *fiber.Ctx) error {
	shops, err := r.DB.Memberships(c.UserContext(), kit.User(c))
	if err != nil {
		return err
	}
	if len(shops) == 1 && shops[0].Status == orbit.MerchantActive && !shops[0].Live() {
		return kit.See(c, dashboard.OnboardingPath(shops[0].Merchant))
	}
	if len(shops) == 1 && c.Query("show") != "all" {
		return kit.See(c, dashboard.Path(shops[0].Merchant))
	}
	return r.Render(c, fiber.StatusOK, dashboard.Shops(r.frame(c, shops)))
}
