package storefront

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
)

// Pages that are the same for everybody: they read the shop and the address, and nothing of the visitor.

// pageSize is how many products a page shows at most.
const pageSize = 24

func (s *Storefront) showHome(c *fiber.Ctx) error {
	p := themes.HomePage{Collections: shopOf(c).Collections}
	return s.draw(c, fiber.StatusOK, func(e themes.Engine, here themes.Shop) templ.Component { return e.Home(here, p) },
		func(r *shop.Reader) error {
			r.Featured(8, &p.Featured)
			return nil
		})
}

func (s *Storefront) showCollection(c *fiber.Ctx) error {
	if short, ok := withoutEmpty(c); ok {
		return kit.See(c, short)
	}
	here := shopOf(c)
	p := themes.CollectionPage{Collections: here.Collections}
	if i := slices.IndexFunc(here.Collections, func(o orbit.Collection) bool {
		return o.Handle == c.Params("handle")
	}); i >= 0 {
		p.Collection = here.Collections[i]
	} else if p.Collection = themes.All(); c.Params("handle") != p.Collection.Handle { // every shop has it, listed or not
		return orbit.Missing()
	}
	b := orbit.ParseBrowse(kit.Query(c), here.Settings.Currency)
	b.Query = ""
	return led(c, s.draw(c, fiber.StatusOK, func(e themes.Engine,
		here themes.Shop) templ.Component {
		return e.Collection(here, p)
	},
		s.browse(c, p.Collection.ID, b, &p.List),
		func(*shop.Reader) error {
			p.Products = p.List.Products
			return cmp.Or(elsewhere(c, p.List), pastEnd(p.List))
		}))
}

func (s *Storefront) showSearch(c *fiber.Ctx) error {
	if short, ok := withoutEmpty(c); ok {
		return kit.See(c, short)
	}
	here := shopOf(c)
	p := themes.SearchPage{Collections: here.Collections, List: orbit.Listing{Browse: orbit.ParseBrowse(kit.Query(c),
		here.Settings.Currency)}}
	var asked time.Time
	return led(c, s.draw(c, fiber.StatusOK, func(e themes.Engine,
		here themes.Shop) templ.Component {
		return e.Search(here, p)
	},
		func(r *shop.Reader) error {
			if b := p.List.Browse; b.Query != "" {
				asked = time.Now()
				return s.browse(c, orbit.CollectionID{}, b, &p.List)(r)
			}
			return nil
		},
		func(*shop.Reader) error {
			if !asked.IsZero() {
				s.Metrics.Search("storefront", time.Since(asked))
			}
			p.Products = p.List.Products
			return cmp.Or(elsewhere(c, p.List), pastEnd(p.List))
		}))
}

// canonical is the address that a page has instead of the one that was asked for.
type canonical string

func (c canonical) Error() string { return "storefront: the page is at " + string(c) }

// elsewhere is a canonical address where a list was asked for by options that it hasn't, or by more words than count:
// each of them would stand in every link of the page. nil where the address is right.
func elsewhere(c *fiber.Ctx, l orbit.Listing) error {
	b := l.Browse.Within(l.Facets)
	q, differs := b.Address(kit.Query(c))
	path := (&url.URL{Path: c.Path()}).EscapedPath()
	if !differs || strings.HasPrefix(path, "//") {
		return nil
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return canonical(path)
}

// led redirects where an error is another address.
func led(c *fiber.Ctx, err error) error {
	if at, ok := errors.AsType[canonical](err); ok {
		return kit.See(c, string(at))
	}
	return err
}

// browse reads a page of a list. What the list says on each of its pages is kept as long as nothing of the shop
// changes.
func (s *Storefront) browse(c *fiber.Ctx, in orbit.CollectionID, b orbit.Browse, l *orbit.Listing) reading {
	here := shopOf(c)
	return func(r *shop.Reader) error {
		key := listKey{here.Merchant.ID, here.Version, in}
		o, known := s.outlines.GetIfPresent(key)
		if b.Query == "" && !known {
			o = &orbit.Outline{}
			r.Outline(in, o)
		}
		r.Browse(in, b, pageSize, o, l)
		if b.Query == "" && !known && here.Version != 0 {
			r.Then(func() { s.outlines.Set(key, o) })
		}
		return nil
	}
}

// listKey names a collection of one version of a shop.
type listKey struct {
	merchant   orbit.MerchantID
	version    uint64
	collection orbit.CollectionID
}

// maxOutlines bounds the outlines that are kept, in bytes.
const maxOutlines = 8 << 20

func weigh(_ listKey, o *orbit.Outline) uint32 {
	n := 200 // structs, and the cache's node
	for _, f := range o.Facets {
		n += 40 + len(f.Name)
		for _, v := range f.Values {
			n += 24 + len(v.Value)
		}
	}
	return uint32(n)
}

// pastEnd refuses a page after the last.
func pastEnd(l orbit.Listing) error {
	if len(l.Products) == 0 && l.Browse.Page > 1 {
		return orbit.Errorf(orbit.NotFound, "The list has fewer pages.")
	}
	return nil
}

// withoutEmpty is the address without parameters that hold nothing: forms send every field, links leave such out.
func withoutEmpty(c *fiber.Ctx) (string, bool) {
	q := kit.Query(c)
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
	return s.draw(c, fiber.StatusOK, func(e themes.Engine, here themes.Shop) templ.Component { return e.Product(here, p) },
		func(r *shop.Reader) error {
			r.Product(c.Params("handle"), &p.Product)
			r.Related(c.Params("handle"), 4, &p.Related)
			return nil
		},
		func(*shop.Reader) error {
			if p.Product.ID.IsZero() {
				return orbit.Missing()
			}
			return nil
		})
}

// showImage needs no open shop: who knows an image's address was given it.
func (s *Storefront) showImage(c *fiber.Ctx) error {
	return s.SendImage(c, shopOf(c).Merchant.ID, c.Params("file"), "public")
}

func (s *Storefront) showPage(c *fiber.Ctx) error {
	var p orbit.Page
	return s.draw(c, fiber.StatusOK, func(e themes.Engine, here themes.Shop) templ.Component { return e.Page(here, p) },
		func(r *shop.Reader) error {
			r.Page(c.Params("handle"), &p)
			return nil
		},
		func(*shop.Reader) error {
			if p.ID.IsZero() {
				return orbit.Missing()
			}
			return nil
		})
}
