package dashboard

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
	"orbit360.app/views/ui"
)

func (r routes) showProducts(c *fiber.Ctx, d desk) error {
	plan, err := r.DB.Plan(c.UserContext(), d.Merchant.PlanID.String())
	if err != nil {
		return err
	}
	q := kit.ListQuery(c, dashboard.ProductsPath(d.Merchant), dashboard.ProductStates)
	var l dashboard.ProductList
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		if l, err = productList(ctx, t, d.Merchant, q); err == nil {
			l.Usage, err = t.Usage(ctx)
		}
		return err
	})
	if err != nil {
		return err
	}
	l.Plan = plan
	return r.Render(c, fiber.StatusOK, dashboard.Products(d.frame(), l))
}

// productList reads one page of the list.
func productList(
	ctx context.Context, t *shop.Tenant, m orbit.Merchant, q ui.ListQuery,
) (l dashboard.ProductList, err error) {
	l = dashboard.ProductList{Merchant: m, Now: time.Now(), ListQuery: q}
	reader := t.Reader()
	settings := reader.Settings()
	if err := reader.Read(ctx); err != nil {
		return l, err
	}
	l.Currency = settings.Value.Currency
	l.Rows, l.Total, err = t.ProductRows(ctx, shop.ProductFilter{Status: orbit.ProductStatus(q.Status), Query: q.Text,
		Limit: q.PerPage, Offset: q.Offset()})
	return l, err
}

func (r routes) newProduct(c *fiber.Ctx, d desk) error {
	n, err := newProduct(c, d)
	if err != nil {
		return err
	}
	n.ID = orbit.NewID[orbit.Product]()
	n.Form = orbit.ProductForm{Status: orbit.ProductActive, Variant: orbit.NewVariantForm()}
	return r.Render(c, fiber.StatusOK, dashboard.AddProduct(d.frame(), n))
}

// newProduct reads what the page of a new product shows beside the form.
func newProduct(c *fiber.Ctx, d desk) (n dashboard.NewProduct, err error) {
	n.Merchant = d.Merchant
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) error {
		q := t.Reader()
		settings, collections := q.Settings(), q.OwnCollections()
		err := q.Read(ctx)
		n.Units, n.Collections = settings.Value.Units(), collections.Value
		return err
	})
	return n, err
}

func (r routes) createProduct(c *fiber.Ctx, d desk) error {
	n, err := newProduct(c, d)
	if err != nil {
		return err
	}
	n.Form = readForm(c)
	if n.ID, err = orbit.ParseID[orbit.Product](c.FormValue("id")); err != nil {
		return err
	}
	p, err := n.Form.New(d.Merchant.ID, n.ID, n.Units, time.Now().UTC())
	if err == nil {
		err = d.change(c, func(ctx context.Context, e *shop.Edit) error {
			return e.CreateProduct(ctx, p, n.Form.Collections)
		})
	}
	if kit.Refuses(err) {
		n.Faults, n.Problem = kit.Faults(err), orbit.Sentence(err)
		return r.Render(c, kit.Refused(c, err), dashboard.AddProduct(d.frame(), n))
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Product created. Add images next.")
	return kit.See(c, dashboard.ProductPath(d.Merchant, n.ID, ""))
}

// sheet reads a product's page as it is now.
func (r routes) sheet(c *fiber.Ctx, d desk, product orbit.ProductID) (s dashboard.ProductSheet, err error) {
	var now orbit.ProductSheet
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) { now, err = t.Sheet(ctx, product); return err })
	return r.productPage(d, now), err
}

// productPage is a product's page with what the store has of it in the form.
func (r routes) productPage(d desk, now orbit.ProductSheet) dashboard.ProductSheet {
	panel := r.panel(d.Merchant, now.Product.ID, now.Images)
	panel.ReadOnly = now.ReadOnly
	return dashboard.ProductSheet{ProductSheet: now, Merchant: d.Merchant, Website: r.Addresses.Shop(d.Merchant.Subdomain),
		Form: now.Form(), Version: now.Product.Version, Panel: panel}
}

func (r routes) showProduct(c *fiber.Ctx, d desk) error {
	product, err := id[orbit.Product](c, "product")
	if err != nil {
		return err
	}
	s, err := r.sheet(c, d, product)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Product(d.frame(), s))
}

func (r routes) updateProduct(c *fiber.Ctx, d desk) error {
	product, err := id[orbit.Product](c, "product")
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil || !complete(c) {
		return orbit.Errorf(orbit.Malformed, "The form is incomplete. Open the page again and retry.")
	}
	form := readForm(c)
	var now orbit.ProductSheet
	err = d.change(c, func(ctx context.Context, e *shop.Edit) (err error) {
		now, err = e.UpdateProduct(ctx, product, version, form)
		return err
	})
	if kit.Refuses(err) {
		s := r.productPage(d, now)
		s.Form, s.Faults, s.Problem = form, kit.Faults(err), orbit.Sentence(err)
		if orbit.CodeOf(err) == orbit.Conflict {
			s.Differs, s.Form = dashboard.Differences(form, now), form.Upon(now.Product)
		} else {
			s.Version = version
		}
		return r.Render(c, kit.Refused(c, err), dashboard.Product(d.frame(), s))
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Saved.")
	return kit.See(c, dashboard.ProductPath(d.Merchant, product, ""))
}

// createVariants shows the variants that a form's options make. Nothing is saved.
func (r routes) createVariants(c *fiber.Ctx, d desk) error {
	product, err := id[orbit.Product](c, "product")
	if err != nil {
		return err
	}
	s, err := r.sheet(c, d, product)
	if err != nil {
		return err
	}
	form := readForm(c)
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil || !complete(c) {
		return orbit.Errorf(orbit.Malformed, "The form is incomplete. Open the page again and retry.")
	}
	s.Version = version
	if _, err := form.Edit(s.Product, s.Units, time.Now()); err != nil && optionFault(err) {
		s.Form, s.Faults = form, kit.Faults(err)
	} else {
		s.Form = form.Shown()
	}
	return r.Render(c, fiber.StatusOK, dashboard.Product(d.frame(), s))
}

// optionFault reports whether something is wrong with options.
func optionFault(err error) bool {
	return slices.ContainsFunc(orbit.FaultsOf(err), func(f orbit.Fault) bool {
		return strings.HasPrefix(f.Field, "option")
	})
}

func (r routes) newProductCopy(c *fiber.Ctx, d desk) error {
	product, err := id[orbit.Product](c, "product")
	if err != nil {
		return err
	}
	s, err := r.sheet(c, d, product)
	if err != nil {
		return err
	}
	return r.ask(c, d, dashboard.CopyQuestion(d.Merchant, s.Product, orbit.NewID[orbit.Product](),
		s.Product.Title+" (copy)", ""))
}

func (r routes) createProductCopy(c *fiber.Ctx, d desk) error {
	product, err := id[orbit.Product](c, "product")
	if err != nil {
		return err
	}
	as, err := orbit.ParseID[orbit.Product](c.FormValue("id"))
	if err != nil {
		return err
	}
	title := c.FormValue("title")
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error {
		return e.DuplicateProduct(ctx, product, as, title)
	})
	if kit.Refuses(err) {
		s, readErr := r.sheet(c, d, product)
		if readErr != nil {
			return readErr
		}
		fault := kit.Faults(err)["title"]
		q := dashboard.CopyQuestion(d.Merchant, s.Product, as, title, fault)
		if fault == "" {
			q.Refusal, q.Tried = orbit.Sentence(err), true
		}
		page := dashboard.QuestionPage(d.frame(), d.Merchant, q)
		if kit.InDialog(c) {
			page = ui.Confirm(q)
		}
		return r.Render(c, kit.Refused(c, err), page)
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Product duplicated.")
	return kit.See(c, dashboard.ProductPath(d.Merchant, as, ""))
}

// createProductDraft takes a product off sale, a read-only one too.
func (r routes) createProductDraft(c *fiber.Ctx, d desk) error {
	product, err := id[orbit.Product](c, "product")
	if err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.DraftProduct(ctx, product) })
	if err != nil {
		return err
	}
	r.Toast(c, "The product is a draft now.")
	return kit.See(c, dashboard.ProductPath(d.Merchant, product, ""))
}

func (r routes) newProductDeletion(c *fiber.Ctx, d desk) error {
	product, err := id[orbit.Product](c, "product")
	if err != nil {
		return err
	}
	s, err := r.sheet(c, d, product)
	if err != nil {
		return err
	}
	return r.ask(c, d, dashboard.DeletionQuestion(d.Merchant, s.Product))
}

func (r routes) createProductDeletion(c *fiber.Ctx, d desk) error {
	product, err := id[orbit.Product](c, "product")
	if err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.DeleteProduct(ctx, product) })
	if err != nil {
		return err
	}
	r.Toast(c, "Product deleted.")
	return kit.See(c, dashboard.ProductsPath(d.Merchant))
}
