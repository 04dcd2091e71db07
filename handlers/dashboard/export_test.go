package dashboard

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// Route is a line of the list of routes.
type Route struct {
	Method, Path string
	Permission   orbit.Permission
}

// Routes returns all routes of a shop.
func Routes() (all []Route) {
	for _, one := range (routes{}).list() {
		all = append(all, Route{one.method, one.path, one.permission})
	}
	return all
}

// AddPage adds a page of a shop, for its members.
func AddPage(app *fiber.App, k *kit.Kit, path string, handle func(*fiber.Ctx, *shop.Tenant) error) {
	one := get(path, orbit.PermissionMember, func(c *fiber.Ctx, d desk) error {
		return d.read(c, func(_ context.Context, t *shop.Tenant) error { return handle(c, t) })
	})
	app.Get("/:merchant"+path, routes{Kit: k}.enter(one))
}
