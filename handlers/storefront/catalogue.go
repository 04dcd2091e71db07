package storefront

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/themes"
)

// Pages that are the same for everybody: they read the shop and the address, and nothing of the visitor.

// pageSize is how many products a page shows at most.
const pageSize = 24

func (s *Storefront) showHome(c *fiber.Ctx) error {
	var p themes.HomePage
	return s.draw(c, fiber.StatusOK, func(e themes.Engine, shop themes.Shop) templ.Component { return e.Home(shop, p) },
		func(ctx context.Context, t *store.Tenant) (err error) {
			if p.Collections, err = t.Collections(ctx); err != nil {
				return err
			}
			filter := store.ProductFilter{Limit: 8}
			if len(p.Collections) > 0 {
				filter.Collection = p.Collections[0].ID
			}
			p.Featured, err = t.Products(ctx, filter)
			return err
		})
}

func (s *Storefront) showCollection(c *fiber.Ctx) error {
	if short, ok := withoutEmpty(c); ok {
		return kit.See(c, short)
	}
	var p themes.CollectionPage
	return s.draw(c, fiber.StatusOK, func(e themes.Engine, shop themes.Shop) templ.Component { return e.Collection(shop, p) },
		func(ctx context.Context, t *store.Tenant) (err error) {
			handle := c.Params("handle")
			p.Collection, err = t.CollectionByHandle(ctx, handle)
			if orbit.CodeOf(err) == orbit.NotFound && handle == themes.All().Handle {
				p.Collection, err = themes.All(), nil // every shop has it, listed or not
			}
			if err != nil {
				return err
			}
			if p.Collections, err = t.Collections(ctx); err != nil {
				return err
			}
			p.List, err = browse(ctx, c, t, p.Collection.ID)
			p.Products = p.List.Products
			return err
		})
}

func (s *Storefront) showSearch(c *fiber.Ctx) error {
	if short, ok := withoutEmpty(c); ok {
		return kit.See(c, short)
	}
	var p themes.SearchPage
	return s.draw(c, fiber.StatusOK, func(e themes.Engine, shop themes.Shop) templ.Component { return e.Search(shop, p) },
		func(ctx context.Context, t *store.Tenant) (err error) {
			if p.Collections, err = t.Collections(ctx); err != nil {
				return err
			}
			if p.List.Browse = orbit.ParseBrowse(query(c), ""); p.List.Browse.Query == "" {
				return nil
			}
			p.List, err = browse(ctx, c, t, orbit.CollectionID{})
			p.Products = p.List.Products
			return err
		})
}

// browse reads the page of a list that the address asks for.
func browse(ctx context.Context, c *fiber.Ctx, t *store.Tenant, in orbit.CollectionID) (orbit.Listing, error) {
	settings, err := t.Settings(ctx)
	if err != nil {
		return orbit.Listing{}, err
	}
	b := orbit.ParseBrowse(query(c), settings.Currency)
	if !strings.HasPrefix(c.Path(), "/search") {
		b.Query = ""
	}
	return t.Browse(ctx, in, b, pageSize)
}

// query is the address's query; what can't be read of it is left out.
func query(c *fiber.Ctx) url.Values {
	q, _ := url.ParseQuery(string(c.Request().URI().QueryString())) // an error leaves what could be read
	return q
}

// withoutEmpty is the address without parameters that hold nothing: forms send every field, links leave such out.
func withoutEmpty(c *fiber.Ctx) (string, bool) {
	q := query(c)
	shorter := false
	for name, values := range q {
		kept := slices.DeleteFunc(values, func(v string) bool { return strings.TrimSpace(v) == "" })
		if len(kept) < len(q[name]) {
			shorter = true
		}
		if q[name] = kept; len(kept) == 0 {
			delete(q, name)
		}
	}
	path := (&url.URL{Path: c.Path()}).EscapedPath()
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path, shorter && !strings.HasPrefix(path, "//")
}

func (s *Storefront) showProduct(c *fiber.Ctx) error {
	var p themes.ProductPage
	if id, err := orbit.ParseID[orbit.Variant](c.Query("variant")); err == nil {
		p.Variant = id
	}
	return s.draw(c, fiber.StatusOK, func(e themes.Engine, shop themes.Shop) templ.Component { return e.Product(shop, p) },
		func(ctx context.Context, t *store.Tenant) (err error) {
			if p.Product, err = t.ProductByHandle(ctx, c.Params("handle")); err != nil {
				return err
			}
			p.Related, err = t.Related(ctx, p.Product, 4)
			return err
		})
}

func (s *Storefront) showPage(c *fiber.Ctx) error {
	var p orbit.Page
	return s.draw(c, fiber.StatusOK, func(e themes.Engine, shop themes.Shop) templ.Component { return e.Page(shop, p) },
		func(ctx context.Context, t *store.Tenant) (err error) {
			p, err = t.PageByHandle(ctx, c.Params("handle"))
			return err
		})
}
