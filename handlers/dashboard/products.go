package dashboard

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/views/dashboard"
	"orbit360.app/views/ui"
)

func (r routes) productRoutes(app *fiber.App) {
	app.Get("/:merchant"+orbit.MediaPrefix+":file", r.showImageFile)
	app.Get("/:merchant/products", r.showProducts)
	app.Post("/:merchant/products", r.createProduct)
	app.Get("/:merchant/products/new", r.newProduct)
	app.Get("/:merchant/products/:product", r.showProduct)
	app.Post("/:merchant/products/:product", r.updateProduct)
	app.Get("/:merchant/products/:product/deletion/new", r.newProductDeletion)
	app.Post("/:merchant/products/:product/deletion", r.createProductDeletion)
	app.Get("/:merchant/images", r.showShopImages)
	app.Get("/:merchant/products/:product/images", r.showImages)
	for _, of := range []string{"/:merchant", "/:merchant/products/:product"} {
		app.Post(of+"/images", r.createImages)
		app.Get(of+"/images/:image/deletion/new", r.newImageDeletion)
		app.Post(of+"/images/:image/deletion", r.createImageDeletion)
	}
	app.Post("/:merchant/products/:product/images/:image", r.describeImage)
	app.Post("/:merchant/products/:product/images/:image/position", r.moveImage)
}

func (r routes) showProducts(c *fiber.Ctx) error {
	m, shops, err := r.active(c)
	if err != nil {
		return err
	}
	l := dashboard.ProductList{Merchant: m, Status: orbit.ProductStatus(c.Query("status")),
		Query: orbit.Search(c.Query("q"), 200), Page: 1, Now: time.Now()}
	if n, err := strconv.Atoi(c.Query("page")); err == nil && n > 1 && n < 100_000 {
		l.Page = n
	}
	if l.Status != orbit.ProductActive && l.Status != orbit.ProductDraft {
		l.Status = ""
	}
	ctx := c.UserContext()
	if l.Plan, err = r.DB.Plan(ctx, m.PlanID.String()); err != nil {
		return err
	}
	err = r.DB.For(m.ID).Do(ctx, func(t *store.Tenant) (err error) {
		settings, err := t.Settings(ctx)
		if err != nil {
			return err
		}
		l.Currency = settings.Currency
		if l.Usage, err = t.Usage(ctx); err != nil {
			return err
		}
		l.Rows, l.Total, err = t.ProductRows(ctx, store.ProductFilter{Status: l.Status, Query: l.Query,
			Limit: dashboard.ProductsPerPage, Offset: (l.Page - 1) * dashboard.ProductsPerPage})
		return err
	})
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Products(r.frame(c, shops), l))
}

func (r routes) newProduct(c *fiber.Ctx) error {
	m, shops, err := r.active(c)
	if err != nil {
		return err
	}
	n := dashboard.NewProduct{Merchant: m, ID: orbit.NewID[orbit.Product](),
		Form: orbit.ProductForm{Status: orbit.ProductActive, Variant: orbit.VariantForm{Stock: "0"}}}
	if err := r.fillNew(c.UserContext(), &n); err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.AddProduct(r.frame(c, shops), n))
}

func (r routes) fillNew(ctx context.Context, n *dashboard.NewProduct) error {
	return r.DB.For(n.Merchant.ID).Do(ctx, func(t *store.Tenant) error {
		settings, err := t.Settings(ctx)
		if err != nil {
			return err
		}
		n.Currency = settings.Currency
		n.Collections, err = t.CollectionList(ctx)
		return err
	})
}

func (r routes) createProduct(c *fiber.Ctx) error {
	m, shops, err := r.active(c)
	if err != nil {
		return err
	}
	n := dashboard.NewProduct{Merchant: m, Form: readForm(c)}
	if n.ID, err = orbit.ParseID[orbit.Product](c.FormValue("id")); err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := r.fillNew(ctx, &n); err != nil {
		return err
	}
	p, err := n.Form.New(m.ID, n.ID, n.Currency, time.Now().UTC())
	if err == nil {
		err = r.DB.CreateProduct(ctx, kit.User(c).ID, p, n.Form.Collections, r.Actor(c))
	}
	if code := orbit.CodeOf(err); code == orbit.Invalid || code == orbit.Conflict {
		n.Faults, n.Problem = kit.Faults(err), orbit.Sentence(err)
		return r.Render(c, refused(c, err), dashboard.AddProduct(r.frame(c, shops), n))
	}
	if err != nil {
		return err
	}
	r.Toast(c, "The product is there. Now give it images.")
	return kit.See(c, dashboard.ProductPath(m, n.ID, ""))
}

// refused is the status of a form that comes back with what was wrong: scripts take nothing but 422 for that.
func refused(c *fiber.Ctx, err error) int {
	if kit.IsHTMX(c) {
		return fiber.StatusUnprocessableEntity
	}
	return kit.Status(err)
}

// readForm is a product as the form sends it.
func readForm(c *fiber.Ctx) orbit.ProductForm {
	f := orbit.ProductForm{Title: c.FormValue("title"), Description: c.FormValue("description"),
		Vendor: c.FormValue("vendor"), Kind: c.FormValue("kind"), Status: orbit.ProductStatus(c.FormValue("status")),
		Variant: orbit.VariantForm{Price: c.FormValue("price"), CompareAt: c.FormValue("compare_at"),
			Stock: c.FormValue("stock"), SKU: c.FormValue("sku")}}
	f.Description = strings.ReplaceAll(f.Description, "\r\n", "\n")
	for i := range f.Options {
		key := "option" + strconv.Itoa(i+1)
		f.Options[i] = orbit.OptionForm{Name: c.FormValue(key + "_name"), Values: c.FormValue(key)}
	}
	form := kit.Form(c)
	for key := range form {
		if name, id, ok := strings.Cut(key, "."); ok && name == "price" {
			if id, err := orbit.ParseID[orbit.Variant](id); err == nil && len(f.Variants) < orbit.MaxVariants {
				at := "." + id.String()
				was, err := strconv.ParseInt(c.FormValue("was"+at), 10, 32)
				if err != nil || was < 0 {
					was = 0 // nonsense is 0: the stock is added then, never lost
				}
				f.Variants = append(f.Variants, orbit.VariantForm{ID: id, Price: c.FormValue("price" + at),
					CompareAt: c.FormValue("compare_at" + at), Stock: c.FormValue("stock" + at), SKU: c.FormValue("sku" + at),
					Was: int(was)})
			}
		}
	}
	for _, value := range form["collection"] {
		if id, err := orbit.ParseID[orbit.Collection](value); err == nil && len(f.Collections) < 500 {
			f.Collections = append(f.Collections, id)
		}
	}
	return f
}

// product finds the path's shop and product.
func (r routes) product(c *fiber.Ctx) (orbit.Merchant, []orbit.Merchant, orbit.ProductID, error) {
	m, shops, err := r.active(c)
	if err != nil {
		return m, nil, orbit.ProductID{}, err
	}
	id, err := orbit.ParseID[orbit.Product](c.Params("product"))
	return m, shops, id, err
}

// sheet reads a product's page as it is now.
func (r routes) sheet(c *fiber.Ctx, m orbit.Merchant, id orbit.ProductID) (s dashboard.ProductSheet, err error) {
	ctx := c.UserContext()
	s = dashboard.ProductSheet{Merchant: m, Website: r.Addresses.Shop(m.Subdomain)}
	err = r.DB.For(m.ID).Do(ctx, func(t *store.Tenant) error {
		settings, err := t.Settings(ctx)
		if err != nil {
			return err
		}
		s.Currency = settings.Currency
		s.Store, err = t.Sheet(ctx, id)
		return err
	})
	s.Form, s.Version, s.Panel = orbit.FormOf(s.Store.Product, s.Store.In, s.Currency), s.Store.Product.Version,
		r.panel(m, s.Store.Product.ID, s.Store.Images)
	return s, err
}

func (r routes) showProduct(c *fiber.Ctx) error {
	m, shops, id, err := r.product(c)
	if err != nil {
		return err
	}
	s, err := r.sheet(c, m, id)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Product(r.frame(c, shops), s))
}

func (r routes) updateProduct(c *fiber.Ctx) error {
	m, shops, id, err := r.product(c)
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil {
		return orbit.Errorf(orbit.Malformed, "The form is incomplete. Open the page again and retry.")
	}
	form := readForm(c)
	_, err = r.DB.UpdateProduct(c.UserContext(), kit.User(c).ID, m.ID, id, version, form, r.Actor(c))
	if code := orbit.CodeOf(err); code == orbit.Invalid || code == orbit.Conflict {
		s, readErr := r.sheet(c, m, id)
		if readErr != nil {
			return readErr
		}
		if code == orbit.Conflict {
			s.Differs = dashboard.Differences(form, s.Store, s.Currency)
		} else {
			s.Version = version
		}
		for i := range form.Variants {
			if code == orbit.Conflict { // saving again is about the stock that is told of now
				for _, v := range s.Store.Product.Variants {
					if v.ID == form.Variants[i].ID {
						form.Variants[i].Was = v.Stock
					}
				}
			}
		}
		s.Form, s.Faults, s.Problem = form, kit.Faults(err), orbit.Sentence(err)
		return r.Render(c, refused(c, err), dashboard.Product(r.frame(c, shops), s))
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Saved.")
	return kit.See(c, dashboard.ProductPath(m, id, ""))
}

func (r routes) newProductDeletion(c *fiber.Ctx) error {
	m, shops, id, err := r.product(c)
	if err != nil {
		return err
	}
	s, err := r.sheet(c, m, id)
	if err != nil {
		return err
	}
	return r.ask(c, shops, dashboard.Deletion{Merchant: m, Section: "products",
		Title: "Delete " + s.Store.Product.Title + "?", Action: dashboard.ProductPath(m, id, "/deletion"),
		Back:    dashboard.ProductPath(m, id, ""),
		Message: "It leaves the shop with its images, its variants and its place in carts, for good. Orders keep what was bought."})
}

// ask shows a question over the page, or on a page of its own.
func (r routes) ask(c *fiber.Ctx, shops []orbit.Merchant, d dashboard.Deletion) error {
	if kit.Target(c) == ui.DialogTarget {
		return r.Render(c, fiber.StatusOK, dashboard.DeletionDialog(d))
	}
	d.Page = true
	return r.Render(c, fiber.StatusOK, dashboard.DeletionPage(r.frame(c, shops), d))
}

func (r routes) createProductDeletion(c *fiber.Ctx) error {
	m, _, id, err := r.product(c)
	if err != nil {
		return err
	}
	if err := r.DB.DeleteProduct(c.UserContext(), kit.User(c).ID, m.ID, id, r.Actor(c)); err != nil {
		return err
	}
	r.Toast(c, "The product is deleted.")
	return kit.See(c, dashboard.ProductsPath(m))
}
