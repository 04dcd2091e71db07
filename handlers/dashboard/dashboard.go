package dashboard

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/themes"
	"orbit360.app/views/dashboard"
)

type routes struct {
	*kit.Kit
	engines themes.Set
}

// New returns the dashboard's pages. Engines are those that themes are made over.
func New(k *kit.Kit, engines themes.Set) *fiber.App {
	r := routes{k, engines}
	app := k.App(kit.Audience{Name: "dashboard", Role: orbit.RoleMerchant, Error: r.errorPage})
	app.Get("/robots.txt", func(c *fiber.Ctx) error { return c.SendString("User-agent: *\nDisallow: /\n") })
	app.Use(k.RequireUser)

	// Home
	app.Get("/", r.showShops)
	app.Get("/:merchant", r.anyShop(r.showHome))
	app.Post("/:merchant/live", r.anyShop(r.createLaunch))
	app.Post("/:merchant/checklist/:key", r.anyShop(r.updateTask))

	// Orders
	app.Get("/:merchant/orders", r.shop(r.showOrders))
	app.Get("/:merchant/orders/:order", r.shop(r.showOrder))
	app.Post("/:merchant/orders/:order/payment", r.shop(r.createPayment))
	app.Post("/:merchant/orders/:order/fulfillment", r.shop(r.createFulfillment))

	// Products
	app.Get("/:merchant/products", r.shop(r.showProducts))
	app.Post("/:merchant/products", r.shop(r.createProduct))
	app.Get("/:merchant/products/new", r.shop(r.newProduct))
	app.Get("/:merchant/products/:product", r.shop(r.showProduct))
	app.Post("/:merchant/products/:product", r.shop(r.updateProduct))
	app.Get("/:merchant/products/:product/deletion/new", r.shop(r.newProductDeletion))
	app.Post("/:merchant/products/:product/deletion", r.shop(r.createProductDeletion))

	// Images of products, and the shop's own
	app.Get("/:merchant"+orbit.MediaPrefix+":file", r.shop(r.showImageFile))
	app.Get("/:merchant/images", r.shop(r.showShopImages))
	app.Get("/:merchant/products/:product/images", r.shop(r.showImages))
	for _, of := range []string{"/:merchant", "/:merchant/products/:product"} {
		app.Post(of+"/images", r.shop(r.createImages))
		app.Get(of+"/images/:image/deletion/new", r.shop(r.newImageDeletion))
		app.Post(of+"/images/:image/deletion", r.shop(r.createImageDeletion))
	}
	app.Post("/:merchant/products/:product/images/:image", r.shop(r.updateImage))
	app.Post("/:merchant/products/:product/images/:image/position", r.shop(r.updateImagePosition))

	// Theme and releases
	app.Get("/:merchant/preview", r.shop(r.showPreview))
	app.Get("/:merchant/themes", r.shop(r.showThemes))
	app.Get("/:merchant/theme", r.shop(r.showTheme))
	app.Post("/:merchant/theme/preview", r.shop(r.createDraft))
	app.Get("/:merchant/releases", r.shop(r.showReleases))
	app.Post("/:merchant/releases", r.shop(r.createRelease))
	app.Post("/:merchant/releases/:number/preview", r.shop(r.createReleasePreview))
	app.Get("/:merchant/releases/:number/rollback/new", r.shop(r.newRollback))
	app.Post("/:merchant/releases/:number/rollback", r.shop(r.createRollback))
	return app
}

func (r routes) errorPage(c *fiber.Ctx, p kit.ErrorPage) templ.Component {
	return dashboard.ErrorPage(dashboard.Frame{Addresses: r.Addresses, User: kit.User(c)}, p)
}

// showShops leads on to the only shop, or lists them.
func (r routes) showShops(c *fiber.Ctx) error {
	shops, err := r.DB.Memberships(c.UserContext(), kit.User(c).ID)
	if err != nil {
		return err
	}
	if len(shops) == 1 {
		return kit.See(c, dashboard.Path(shops[0]))
	}
	return r.Render(c, fiber.StatusOK, dashboard.Shops(r.frame(c, shops)))
}
