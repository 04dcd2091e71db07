package dashboard

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

// view is what an open page shows that changes by itself.
type view struct {
	key        string // where two sockets have the same, they see the same
	permission orbit.Permission
	changes    []string // what an event that changes it begins with; none where the page shows nothing that does
	draw       func(context.Context, *shop.Tenant) (templ.Component, error)
}

// stale reports whether events, as pg.Change has them, change what the view shows.
func (v view) stale(events string) bool {
	for kind := range strings.FieldsSeq(events) {
		for _, prefix := range v.changes {
			if strings.HasPrefix(kind, prefix) {
				return true
			}
		}
	}
	return false
}

// viewOf returns what a page shows to a member. page is its address after the shop's, as dashboard.LivePath has it.
func (r routes) viewOf(d desk, page string) (view, error) {
	m := d.Merchant
	at, err := url.Parse(page)
	if err != nil || len(page) > 1000 {
		return view{}, orbit.Missing()
	}
	v := view{key: page}
	switch {
	case at.Path == "": // it hears of new orders alone
	case at.Path == "/home":
		v.changes = []string{"order.", "product.", "inventory."}
		v.key = fmt.Sprint(page, d.Rights) // members see what they may
		period := orbit.ParsePeriod(at.Query().Get("period"))
		v.draw = func(ctx context.Context, t *shop.Tenant) (templ.Component, error) {
			s := dashboard.Shop{Merchant: m, Rights: d.Rights, Now: time.Now()}
			var err error
			s.Home, err = t.Home(ctx, s.Rights, s.Now, period)
			return dashboard.HomePatch(dashboard.Frame{Addresses: r.Addresses}, s), err
		}
	case at.Path == "/orders":
		v.permission, v.changes = orbit.PermissionOrders, []string{"order."}
		q := orderQuery(m, at.Query().Get)
		v.draw = func(ctx context.Context, t *shop.Tenant) (templ.Component, error) {
			l, err := orderList(ctx, t, m, q)
			return dashboard.OrdersPatch(l), err
		}
	case strings.HasPrefix(at.Path, "/orders/"):
		order, err := orbit.ParseID[orbit.Order](strings.TrimPrefix(at.Path, "/orders/"))
		if err != nil {
			return v, err
		}
		v.permission, v.changes = orbit.PermissionOrders, []string{"order."}
		v.draw = func(ctx context.Context, t *shop.Tenant) (templ.Component, error) {
			o, err := t.Order(ctx, order)
			return dashboard.OrderPatch(m, o, time.Now()), err
		}
	case at.Path == "/products":
		v.permission, v.changes = orbit.PermissionProducts, []string{"product.", "inventory.", string(orbit.OrderWasCreated),
			string(orbit.OrderWasCanceled), string(orbit.OrderWasRefunded)}
		q := kit.ListQueryOf(at.Query().Get, dashboard.ProductsPath(m), "status", dashboard.ProductStates)
		v.draw = func(ctx context.Context, t *shop.Tenant) (templ.Component, error) {
			l, err := productList(ctx, t, m, q)
			return dashboard.ProductsPatch(l), err
		}
	case strings.HasPrefix(at.Path, "/imports/"):
		key, err := orbit.ParseID[orbit.Import](strings.TrimPrefix(at.Path, "/imports/"))
		if err != nil {
			return v, err
		}
		v.permission, v.changes = orbit.PermissionProducts, []string{"import."}
		v.draw = func(ctx context.Context, t *shop.Tenant) (templ.Component, error) {
			s, err := importSheet(ctx, t, m, key)
			return dashboard.ImportPatch(s), err
		}
	case at.Path == "/operations":
		v.permission, v.changes = orbit.PermissionProducts, []string{"import."}
		v.draw = func(ctx context.Context, t *shop.Tenant) (templ.Component, error) {
			l, err := operationList(ctx, t, m, at.Query().Get("after"))
			return dashboard.OperationsPatch(l), err
		}
	default:
		return v, orbit.Missing()
	}
	return v, nil
}

// openLive answers with the WebSocket of one page: ?page= is which.
func (r routes) openLive(c *fiber.Ctx, d desk) error {
	origin := r.Addresses.Dashboard("")
	if err := kit.CheckSocket(c, origin); err != nil {
		return err
	}
	v, err := r.viewOf(d, c.Query("page"))
	if err == nil {
		err = d.Rights.Check(v.permission)
	}
	if err != nil {
		return err
	}
	if r.rooms.full(d.Merchant.ID) {
		return kit.ErrManySockets
	}
	user := kit.User(c).ID
	return r.Socket(c, origin, func(s *kit.Socket) (leave func()) {
		return r.rooms.join(d.Merchant.ID, &seat{Socket: s, user: user, rights: d.Rights, view: v})
	})
}
