package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// maxBulkBody is how long the body of a bulk edit can be.
const maxBulkBody = 768 << 10

type (
	// ProductParams names a product.
	ProductParams struct {
		ID string `path:"id" doc:"The product's id." example:"0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d01"`
	}
	// ProductQuery chooses products.
	ProductQuery struct {
		Q          string `query:"q" maxLength:"200" doc:"Words to find, as in the shop." example:"mug"`
		Status     string `query:"status" doc:"active, draft or archived." example:"active"`
		Collection string `query:"collection" doc:"Id of a collection that has it."`
		Tag        string `query:"tag" maxLength:"80" doc:"A tag, in any case." example:"sale"`
		Vendor     string `query:"vendor" maxLength:"80" doc:"In any case."`
		Stock      string `query:"stock" doc:"low (running low or sold out) or out, of a variant." example:"low"`
	}
	newProductInput   struct{ Body content[ProductContent] }
	patchProductInput struct {
		ProductParams
		MatchParams
		Body content[ProductContent]
	}
	productsInput struct {
		ListParams
		ProductQuery
	}
	productOutput struct {
		ETag string `header:"ETag" doc:"The version, for If-Match."`
		Body Product
	}
	productsOutput struct{ Body page[Product] }
	copyInput      struct {
		ProductParams
		Body content[ProductCopy]
	}
	bulkInput    struct{ Body content[BulkContent] }
	bulkOutput   struct{ Body BulkAnswer }
	exportParams struct {
		Q       string `query:"q" maxLength:"200" doc:"Words to find, as in the shop." example:"mug"`
		Status  string `query:"status" doc:"active, draft or archived." example:"active"`
		Columns string `query:"columns" doc:"old or new: which of Shopify's names the columns have." example:"new"`
	}
)

// ProductCopy is what a copy is called.
type ProductCopy struct {
	Title Change[string] `json:"title,omitempty" doc:"That of the product with “Copy of” before it, if left out."`
}

// BulkContent changes many products at once.
type BulkContent struct {
	Changes []BulkChange `json:"changes" maxItems:"1000" nullable:"false"`
}

// BulkChange is what a product of several is to be.
type BulkChange struct {
	ID       string                 `json:"id"`
	Set      Change[ProductContent] `json:"set,omitempty"`
	Variants []VariantSet           `json:"variants,omitempty" maxItems:"250" nullable:"false"`
}

// VariantSet is what a variant of several is to be.
type VariantSet struct {
	ID  string         `json:"id"`
	Set VariantContent `json:"set"`
}

// BulkAnswer names the operation by which all of it can be undone.
type BulkAnswer struct {
	Operation Operation `json:"operation"`
}

func exampleProduct(a *API) Product {
	compare := int64(3900)
	return Product{ID: exampleThemeID, Title: "Stoneware mug", Handle: "stoneware-mug",
		DescriptionHTML: "<p>Glazed by hand.</p>",
		Vendor:          "Fjell & Co.", Type: "Mugs", Tags: []string{"new"}, Status: "active",
		Options: []ProductOption{{"Size", []string{"S"}}}, Variants: []ProductVariant{{ID: exampleThemeID, Title: "S",
			Options: map[string]string{"Size": "S"}, SKU: "MUG-S", Price: 2900, CompareAtPrice: &compare, Currency: "USD",
			TrackInventory: true, InventoryQuantity: 12, Taxable: true, RequiresShipping: true, WeightGrams: 250}},
		Media: []ProductMedia{}, Collections: []string{}, URL: a.Addresses.Shop("awesome") + "/products/stoneware-mug",
		Version: 1, CreatedAt: exampleTime(), UpdatedAt: exampleTime()}
}

func (a *API) productRoutes() {
	answer := exampleProduct(a)
	body := map[string]any{"title": "Stoneware mug", "status": "active", "tags": []string{"new"},
		"options": []any{map[string]any{"name": "Size", "values": []string{"S"}}},
		"variants": []any{map[string]any{"options": map[string]any{"Size": "S"}, "sku": "MUG-S", "price": 2900,
			"inventoryQuantity": 12}}}
	read, write := orbit.ScopeProductsRead, orbit.ScopeProductsWrite
	registerShop(a, operation{method: http.MethodGet, path: "/products", id: "listProducts", tag: tagProducts, scope: read,
		status: 200, errors: []int{422}, summary: "List products", about: "The newest first.",
		answer: page[Product]{Items: []Product{answer}}}, a.listProducts)
	registerShop(a, operation{method: http.MethodPost, path: "/products", id: "createProduct", tag: tagProducts,
		scope: write, status: 201, errors: []int{409}, summary: "Create a product",
		about: "With a variant for every combination of its options' values; without options it has one variant. 409 where " +
			"the plan allows no more.", body: body, answer: answer}, a.createProduct)
	registerShop(a, operation{method: http.MethodPatch, path: "/products", id: "bulkEditProducts", tag: tagProducts,
		scope: write, status: 200, errors: []int{409}, maxBody: maxBulkBody, summary: "Edit products at once",
		about: "Up to 1,000, all or none. It can be undone for 30 days. The body can have 768 KiB.",
		body: map[string]any{"changes": []any{map[string]any{"id": exampleThemeID,
			"set": map[string]any{"vendor": "Fjell"}}}},
		answer: BulkAnswer{exampleOperation()}}, a.bulkEdit)
	registerShop(a, operation{method: http.MethodGet, path: "/products/{id}", id: "getProduct", tag: tagProducts,
		scope: read, status: 200, summary: "Read a product", about: "With its variants and images.", answer: answer},
		a.getProduct)
	registerShop(a, operation{method: http.MethodPatch, path: "/products/{id}", id: "updateProduct", tag: tagProducts,
		scope: write, status: 200, errors: []int{409, 412}, summary: "Update a product",
		about: "Changes the fields that are sent. Another `handle` has the old address lead to the new one for good. " +
			"`variants` are replaced as a whole; a quantity counts from what there is at that moment.",
		body: map[string]any{"vendor": "Fjell & Co."}, answer: answer}, a.updateProduct)
	registerShop(a, operation{method: http.MethodDelete, path: "/products/{id}", id: "deleteProduct", tag: tagProducts,
		scope: write, status: 204, summary: "Delete a product", about: "For good. Orders keep what was bought."},
		a.deleteProduct)
	registerShop(a, operation{method: http.MethodPost, path: "/products/{id}/duplicate", id: "duplicateProduct",
		tag: tagProducts, scope: write, status: 201, errors: []int{409}, summary: "Duplicate a product",
		about: "A draft like it, without images and with nothing in stock.", body: map[string]any{"title": "Stoneware bowl"},
		answer: answer}, a.duplicateProduct)
	registerShop(a, operation{method: http.MethodGet, path: "/exports/products.csv", id: "exportProducts",
		tag: tagProducts, scope: read, status: 200, errors: []int{422}, answerType: "text/csv", summary: "Export products",
		about: "A CSV file of all products, or those that a filter finds, in Shopify's columns, that can be imported " +
			"again. A cell that a spreadsheet would run begins with an apostrophe.",
		answer: "Title,URL handle,…\nStoneware mug,stoneware-mug,…\n"}, a.exportProducts)
}

// query reads what a list is to be narrowed to.
func (q ProductQuery) query() (f shop.ProductQuery, err error) {
	f = shop.ProductQuery{Text: q.Q, Status: orbit.ProductStatus(q.Status), Tag: q.Tag, Vendor: q.Vendor, Stock: q.Stock}
	var faults []orbit.Fault
	if q.Status != "" && !orbit.ProductStatuses().Has(f.Status) {
		faults = append(faults, orbit.Fault{Field: "query.status", Value: shortText(q.Status),
			Message: "Choose one of " + orbit.ProductStatuses().Choices() + "."})
	}
	if q.Stock != "" && q.Stock != "low" && q.Stock != "out" {
		faults = append(faults, orbit.Fault{Field: "query.stock", Value: shortText(q.Stock), Message: "Choose low or out."})
	}
	if q.Collection != "" {
		if _, err := orbit.ParseID[orbit.Collection](q.Collection); err != nil {
			faults = append(faults, orbit.Fault{Field: "query.collection", Value: shortText(q.Collection),
				Message: "Send a collection's id."})
		}
		f.Collection = q.Collection
	}
	if len(faults) > 0 {
		return f, errParameters(faults...)
	}
	return f, nil
}

func (q ProductQuery) name() string {
	return strings.Join([]string{"products", q.Q, q.Status, q.Collection, q.Tag, q.Vendor, q.Stock}, "\x00")
}

// host is where the shop's pages are.
func (a *API) host(m orbit.Merchant) string { return a.Addresses.Shop(m.Subdomain) }

func (a *API) listProducts(ctx context.Context, d desk, in *productsInput) (*productsOutput, error) {
	f, err := in.query()
	if err != nil {
		return nil, err
	}
	after, err := a.tokens.after(in.name(), in.Cursor)
	if err != nil {
		return nil, err
	}
	var rows []orbit.ProductSheet
	err = d.read(ctx, func(ctx context.Context, t *shop.Tenant) (err error) {
		rows, err = t.ProductsAfter(ctx, f, after.Time, after.ID, in.Limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	host := a.host(d.Merchant)
	return &productsOutput{list(a.tokens, in.name(), in.Limit, rows,
		func(s orbit.ProductSheet) Product { return productView(s, host) },
		func(s orbit.ProductSheet) store.After {
			return store.After{Time: s.Product.CreatedAt, ID: s.Product.ID.String()}
		})}, nil
}

// product answers with a product as it is.
func (a *API) product(ctx context.Context, t *shop.Tenant, d desk, key orbit.ProductID) (*productOutput, error) {
	s, err := t.Sheet(ctx, key)
	return &productOutput{etag(s.Product.Version), productView(s, a.host(d.Merchant))}, err
}

func (a *API) getProduct(ctx context.Context, d desk, in *ProductParams) (out *productOutput, err error) {
	key, err := id[orbit.Product](in.ID)
	if err == nil {
		err = d.read(ctx, func(ctx context.Context, t *shop.Tenant) (err error) {
			out, err = a.product(ctx, t, d, key)
			return err
		})
	}
	return out, err
}

func (a *API) createProduct(ctx context.Context, d desk, _ *newProductInput) (out *productOutput, err error) {
	body, r := read[ProductContent](d.call)
	key := orbit.NewID[orbit.Product]()
	err = d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		blank, err := e.BlankSheet(ctx, key)
		if err != nil {
			return err
		}
		edit, err := body.upon(blank, "")
		if err := r.with(err); err != nil {
			return err
		}
		if body.Handle.Sent {
			if err := e.CheckHandle(ctx, edit.Product); err != nil {
				return err
			}
		}
		if err := e.CreateProduct(ctx, edit.Product, edit.In); err != nil {
			return err
		}
		out, err = a.product(ctx, e.Tenant, d, key)
		return err
	})
	return out, err
}

func (a *API) updateProduct(ctx context.Context, d desk, in *patchProductInput) (out *productOutput, err error) {
	key, err := id[orbit.Product](in.ID)
	if err != nil {
		return nil, err
	}
	body, r := read[ProductContent](d.call)
	err = d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		_, err := e.SaveProduct(ctx, key, func(now orbit.ProductSheet) (orbit.ProductEdit, error) {
			if err := d.match(now.Product.Version); err != nil {
				return orbit.ProductEdit{}, err
			}
			edit, err := body.upon(now, "")
			return edit, r.with(err)
		})
		if err != nil {
			return err
		}
		out, err = a.product(ctx, e.Tenant, d, key)
		return err
	})
	return out, err
}

func (a *API) deleteProduct(ctx context.Context, d desk, in *ProductParams) (*noContent, error) {
	key, err := id[orbit.Product](in.ID)
	if err != nil {
		return nil, err
	}
	return nil, d.change(ctx, func(ctx context.Context, e *shop.Edit) error { return e.DeleteProduct(ctx, key) })
}

func (a *API) duplicateProduct(ctx context.Context, d desk, in *copyInput) (out *productOutput, err error) {
	key, err := id[orbit.Product](in.ID)
	if err != nil {
		return nil, err
	}
	body, r := read[ProductCopy](d.call)
	as := orbit.NewID[orbit.Product]()
	err = d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		s, err := e.Sheet(ctx, key)
		if err != nil {
			return err
		}
		if err := r.with(nil); err != nil {
			return err
		}
		title := body.Title.or("Copy of " + s.Product.Title)
		if err := e.DuplicateProduct(ctx, key, as, title); err != nil {
			return err
		}
		out, err = a.product(ctx, e.Tenant, d, as)
		return err
	})
	return out, err
}

// bulkEdit changes many products, all or none.
func (a *API) bulkEdit(ctx context.Context, d desk, _ *bulkInput) (*bulkOutput, error) {
	body, r := read[BulkContent](d.call)
	ids := make([]orbit.ProductID, len(body.Changes))
	var bad orbit.Faults
	for i, c := range body.Changes {
		id, err := orbit.ParseID[orbit.Product](c.ID)
		if ids[i] = id; err != nil {
			bad.Add(changeAt(i)+"id", shortText(c.ID), "There is no such product.")
		} else if slices.Contains(ids[:i], id) {
			bad.Add(changeAt(i)+"id", shortText(c.ID), "There is another change of this product.")
		}
	}
	if len(body.Changes) == 0 {
		bad.Add("changes", "", "Send at least one change.")
	}
	if err := r.with(bad.Err()); err != nil {
		return nil, err
	}
	var o orbit.Operation
	err := d.change(ctx, func(ctx context.Context, e *shop.Edit) (err error) {
		o, err = e.BulkEdit(ctx, orbit.NewID[orbit.Operation](), ids, func(now []orbit.ProductSheet) ([]orbit.ProductEdit,
			error) {
			return body.edits(ids, now)
		})
		return err
	})
	return &bulkOutput{BulkAnswer{operationView(o)}}, err
}

func changeAt(i int) string { return "changes[" + strconv.Itoa(i) + "]." }

// edits returns what the changes make of the products, or all that is wrong with them.
func (b BulkContent) edits(ids []orbit.ProductID, now []orbit.ProductSheet) (edits []orbit.ProductEdit, err error) {
	var bad orbit.Faults
	n := 0
	for i, id := range ids {
		if n >= len(now) || now[n].Product.ID != id {
			bad.Add(changeAt(i)+"id", id.String(), "There is no such product.")
			continue
		}
		s := now[n]
		n++
		if s.ReadOnly {
			bad.Add(changeAt(i)+"id", id.String(), "%s", orbit.ReadOnlyProduct)
		}
		edit, err := b.Changes[i].upon(s, changeAt(i))
		bad = append(bad, orbit.FaultsOf(err)...)
		edits = append(edits, edit)
	}
	return edits, bad[:min(len(bad), maxFaults)].Err()
}

func (c BulkChange) upon(s orbit.ProductSheet, before string) (orbit.ProductEdit, error) {
	if len(c.Variants) == 0 {
		return c.Set.Value.upon(s, before+"set.")
	}
	var bad orbit.Faults
	if c.Set.Value.Variants.Sent || c.Set.Value.Options.Sent {
		bad.Add(before+"variants", "", "Send variants either here or in set.")
		return orbit.ProductEdit{}, bad.Err()
	}
	place := map[orbit.VariantID]string{}
	patch := c.Set.Value.patch(s, before+"set.", &bad)
	for i, v := range c.Variants {
		at := before + "variants[" + strconv.Itoa(i) + "]."
		if slices.ContainsFunc(c.Variants[:i], func(o VariantSet) bool { return o.ID == v.ID }) {
			bad.Add(at+"id", v.ID, "This variant is listed twice.")
		}
		v.Set.ID = Change[string]{Sent: true, Value: v.ID}
		one := v.Set.patch(s.Product, s.Product.Options, at+"set.", &bad)
		place[one.ID] = at + "set"
		patch.Set = append(patch.Set, one)
	}
	edit, err := patch.Upon(s, time.Now())
	err = placedProduct(err, before+"set.", func(id orbit.VariantID) string { return place[id] })
	return edit, append(bad, orbit.FaultsOf(err)...).Err()
}

func (a *API) exportProducts(ctx context.Context, d desk, in *exportParams) (*exportOutput, error) {
	f, err := ProductQuery{Q: in.Q, Status: in.Status}.query()
	form := orbit.ColumnForm(in.Columns)
	if in.Columns == "" {
		form = orbit.NewColumns
	}
	if err == nil && !orbit.ColumnForms().Has(form) {
		err = errParameters(orbit.Fault{Field: "query.columns", Value: shortText(in.Columns), Message: "Choose old or new."})
	}
	if err != nil {
		return nil, err
	}
	return &exportOutput{func(huma.Context) {}}, a.ProductsCSV(d.fiber, d.Shop, shop.ProductFilter{Status: f.Status,
		Query: f.Text}, form, a.host(d.Merchant))
}
