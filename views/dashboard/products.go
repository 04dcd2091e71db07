package dashboard

import (
	"fmt"
	"time"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/views/editor"
	"orbit360.app/views/ui"
)

// ProductsPath is a merchant's list of products.
func ProductsPath(m orbit.Merchant) string { return Path(m) + "/products" }

// ProductPath is the page of one product, or, with more behind it, what belongs to it.
func ProductPath(m orbit.Merchant, id orbit.ProductID, more string) string {
	return ProductsPath(m) + "/" + id.String() + more
}

// ImagesPath is a product's images, or the shop's own (zero).
func ImagesPath(m orbit.Merchant, product orbit.ProductID) string {
	if product.IsZero() {
		return Path(m) + "/images"
	}
	return ProductPath(m, product, "/images")
}

// ImagesPlace is where on which page they stand.
func ImagesPlace(m orbit.Merchant, product orbit.ProductID) string {
	if product.IsZero() {
		return ImagesPath(m, product)
	}
	return ProductPath(m, product, "#images")
}

// ImagePath is one image, or, with more behind it, what belongs to it.
func ImagePath(m orbit.Merchant, p orbit.Media, more string) string {
	return ImagesPath(m, p.ProductID) + "/" + p.ID.String() + more
}

// imageURL is where the dashboard shows an image that is ready, at least width pixels wide.
func imageURL(m orbit.Merchant, i orbit.Image, width int) string { return Path(m) + i.Path(width) }

// ProductStates holds the states that the list of products can be narrowed to.
var ProductStates = ui.States{{Key: "", Label: "All"}, {Key: string(orbit.ProductActive), Label: "Active"},
	{Key: string(orbit.ProductDraft), Label: "Drafts"}, {Key: string(orbit.ProductArchived), Label: "Archived"},
	{Key: orbit.LowStockFilter, Label: "Low stock"}}

// ProductList is one page of a shop's products.
type ProductList struct {
	ui.ListQuery
	Merchant orbit.Merchant
	Plan     orbit.Plan
	Usage    orbit.Usage
	Currency string
	Rows     []orbit.ProductRow
	Total    int // on all pages
	Now      time.Time
}

// exportHref is the page that exports what the list shows.
func (l ProductList) exportHref() string {
	q := l.ListQuery
	q.Path = ProductsPath(l.Merchant) + "/export"
	return q.Href(q.Status, 1)
}

func (l ProductList) empty() ui.EmptyProps {
	switch {
	case l.Total > 0, l.Page > 1:
		return l.PastEnd(l.Total)
	case l.Text != "":
		return ui.EmptyProps{Icon: "search", Title: "No products found",
			Message: "Nothing matches “" + l.Text + "” in titles, vendors, product types, options, SKUs or descriptions."}
	case l.Status == string(orbit.ProductDraft):
		return ui.EmptyProps{Icon: "pencil", Title: "No drafts",
			Message: "Drafts are products that only you can see."}
	case l.Status == string(orbit.ProductArchived):
		return ui.EmptyProps{Icon: "archive", Title: "Nothing is archived",
			Message: "Archive products that you no longer sell: they leave your shop and stay in your records."}
	case l.Status == orbit.LowStockFilter:
		return ui.EmptyProps{Icon: "circle-check", Title: "Nothing is running low",
			Message: "Active products with few units left appear here."}
	}
	return ui.EmptyProps{Icon: "package", Title: "No products yet", Message: "Add your first product.",
		Action: ui.Button(ui.ButtonProps{Label: "Add product", Href: ProductsPath(l.Merchant) + "/new", Kind: ui.Primary,
			Icon: "plus"})}
}

func (l ProductList) thumb(p orbit.Product) string {
	if i, ok := p.Image(); ok {
		return imageURL(l.Merchant, i, 160)
	}
	return ""
}

func (l ProductList) price(r orbit.ProductRow) string {
	low := orbit.Money{Amount: r.Low, Currency: l.Currency}.String()
	if r.High > r.Low {
		return low + " to " + orbit.Money{Amount: r.High, Currency: l.Currency}.String()
	}
	return low
}

func rowDetail(r orbit.ProductRow) string {
	detail := ""
	if r.Forms > 1 {
		detail = fmt.Sprintf("%d variants", r.Forms)
	}
	for _, s := range []string{r.ProductType, r.Vendor} {
		if s != "" && detail != "" {
			detail += " · "
		}
		detail += s
	}
	return detail
}

func productBadge(s orbit.ProductStatus) ui.BadgeProps {
	switch s {
	case orbit.ProductActive:
		return ui.BadgeProps{Label: s.Name(), Tone: ui.Success}
	case orbit.ProductArchived:
		return ui.BadgeProps{Label: s.Name(), Icon: "archive"}
	}
	return ui.BadgeProps{Label: s.Name(), Icon: "pencil"}
}

// readOnlyBadge marks a product that is beyond what the plan allows.
func readOnlyBadge() ui.BadgeProps {
	return ui.BadgeProps{Label: "Read-only", Icon: "lock", Tone: ui.Warning}
}

// stockTone makes what is short stand out.
func stockTone(n int) string {
	switch {
	case n == 0:
		return "danger"
	case n <= 5:
		return "warning"
	}
	return "neutral"
}

// ProductSheet is a product's page: what is there, what was typed, and what was wrong with it.
type ProductSheet struct {
	orbit.ProductSheet
	Merchant orbit.Merchant
	Website  string // of the shop
	Form     orbit.ProductForm
	Version  int // that the form is about
	Faults   map[string]string
	Problem  string   // in one sentence, over the form
	Differs  []string // what is otherwise now, after a conflict
	Panel    Images
}

// Images is the part of a page that holds a product's images, or the shop's own.
type Images struct {
	Merchant orbit.Merchant
	Product  orbit.ProductID // zero for the shop's own
	All      []orbit.Media
	Action   string // where uploads go, ticket and all
	Batch    string // of this form
	Problems []string
	ReadOnly bool
}

func (p Images) path() string { return ImagesPath(p.Merchant, p.Product) }

// own reports whether they are the shop's: its theme says where they stand and what they are.
func (p Images) own() bool { return p.Product.IsZero() }

// ForTheme returns those that are ready, for settings that show one.
func (p Images) ForTheme() []editor.Image {
	var ready []editor.Image
	for _, x := range p.All {
		if x.Status == orbit.MediaReady {
			ready = append(ready, editor.Image{Name: x.Name, Image: x.Image(), Thumb: imageURL(p.Merchant, x.Image(), 160)})
		}
	}
	return ready
}

func (p Images) limit() int { return orbit.ImageLimit(p.Product) }

func (p Images) busy() bool {
	for _, x := range p.All {
		if x.Status == orbit.MediaProcessing {
			return true
		}
	}
	return false
}

func (p Images) full() bool { return len(p.All) >= p.limit() }

// poll asks for the panel again while an image is being made.
func (p Images) poll() templ.Attributes {
	if !p.busy() {
		return nil
	}
	return templ.Attributes{"hx-get": p.path(), "hx-trigger": "every 1s", "hx-target": "#images", "hx-select": "#images",
		"hx-swap": "outerMorph"}
}

// NewProduct is the page that adds a product.
type NewProduct struct {
	Merchant    orbit.Merchant
	ID          orbit.ProductID // the form's own: sent twice, it makes one product
	Units       orbit.Units
	Collections []orbit.Collection
	Form        orbit.ProductForm
	Faults      map[string]string
	Problem     string
}

func statusOptions() []ui.Option {
	return []ui.Option{{Value: string(orbit.ProductActive), Label: "Active: visible to shoppers"},
		{Value: string(orbit.ProductDraft), Label: "Draft: visible only to you"},
		{Value: string(orbit.ProductArchived), Label: "Archived: no longer sold, kept for your records"}}
}

// DeletionQuestion asks before a product goes for good.
func DeletionQuestion(m orbit.Merchant, p orbit.Product) ui.ConfirmProps {
	return ui.ConfirmProps{ID: "deletion", Section: "products", Title: "Delete " + p.Title + "?",
		Crumbs: []ui.Crumb{{Label: "Products", Href: ProductsPath(m)}, {Label: p.Title, Href: ProductPath(m, p.ID, "")}},
		Message: ui.Text("This deletes the product with its images and variants, and removes it from carts. Orders keep " +
			"what was bought. You can't undo this."),
		Action: ProductPath(m, p.ID, "/deletion"), Button: "Delete", Kind: ui.DangerKind, Back: ProductPath(m, p.ID, "")}
}

// CopyQuestion asks for the title of a product that is like another.
func CopyQuestion(m orbit.Merchant, p orbit.Product, id orbit.ProductID, title, fault string) ui.ConfirmProps {
	return ui.ConfirmProps{ID: "copy", Section: "products", Title: "Duplicate " + p.Title,
		Crumbs: []ui.Crumb{{Label: "Products", Href: ProductsPath(m)}, {Label: p.Title, Href: ProductPath(m, p.ID, "")}},
		Message: ui.Text("The copy is a draft with the same options, prices and texts. It has no images and nothing in " +
			"stock."), Fields: copyFields(id, title, fault), Action: ProductPath(m, p.ID, "/copy"), Button: "Duplicate",
		Kind: ui.Primary, Back: ProductPath(m, p.ID, "")}
}

// ImageDeletionQuestion asks before an image goes for good. Releases are the numbers of the older ones that use it.
func ImageDeletionQuestion(m orbit.Merchant, p orbit.Media, releases []int) ui.ConfirmProps {
	q := ui.ConfirmProps{ID: "deletion", Section: "products", Title: "Delete this image?",
		Crumbs:  []ui.Crumb{{Label: "Products", Href: ProductsPath(m)}},
		Message: ui.Text("This deletes " + p.Name + " for good." + olderReleases(releases)),
		Action:  ImagePath(m, p, "/deletion"), Button: "Delete", Kind: ui.DangerKind, Back: ImagesPlace(m, p.ProductID),
		RefusalTitle: "This image is in use",
		Instead:      ui.ButtonProps{Label: "Open the theme", Kind: ui.Primary, Href: ThemePath(m)}}
	if p.ProductID.IsZero() {
		q.Section, q.Crumbs = "theme", []ui.Crumb{{Label: "Theme", Href: ThemePath(m)}, {Label: "Images", Href: q.Back}}
	}
	return q
}

// olderReleases says which releases will lack an image, should one of them be restored.
func olderReleases(numbers []int) string {
	switch len(numbers) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(" Version %d uses this image. Restoring it would leave the image missing.", numbers[0])
	}
	return fmt.Sprintf(" %d older versions use this image, most recently version %d. Restoring one would leave the image "+
		"missing.", len(numbers), numbers[len(numbers)-1])
}

// Differences returns, in words, what of a product differs from a form.
func Differences(f orbit.ProductForm, now orbit.ProductSheet) []string {
	var out []string
	there := now.Form()
	for _, d := range [][3]string{{"title", f.Title, there.Title}, {"vendor", f.Vendor, there.Vendor},
		{"product type", f.ProductType, there.ProductType}, {"status", string(f.Status), string(there.Status)},
		{"tags", f.Tags, there.Tags}, {"URL handle", f.Handle, there.Handle}, {"page title", f.SEOTitle, there.SEOTitle},
		{"meta description", f.SEODescription, there.SEODescription}, {"publishing time", f.PublishAt, there.PublishAt}} {
		if d[1] != d[2] {
			out = append(out, fmt.Sprintf("The %s is now %s.", d[0], quoted(d[2])))
		}
	}
	if f.Description != there.Description {
		out = append(out, "The description has changed.")
	}
	typed := map[orbit.VariantID]orbit.VariantForm{}
	for _, t := range f.Variants {
		typed[t.ID] = t
	}
	for _, v := range there.Variants {
		t, shown := typed[v.ID]
		delete(typed, v.ID)
		switch {
		case !v.Offered:
		case !shown:
			out = append(out, fmt.Sprintf("There is a new variant, %s. Saving this removes it.",
				quoted(orbit.VariantTitle(v.Values))))
		default:
			out = append(out, variantDifferences(t, v, len(there.Variants) > 1)...)
		}
	}
	return out
}

// variantDifferences returns what of a variant is otherwise than a form has it.
func variantDifferences(t, v orbit.VariantForm, named bool) (out []string) {
	name := ""
	if named {
		name = orbit.VariantTitle(v.Values) + ": "
	}
	for _, d := range [][3]string{{"price", t.Price, v.Price}, {"compare-at price", t.CompareAt, v.CompareAt},
		{"cost per item", t.Cost, v.Cost}, {"quantity", t.Stock, v.Stock}, {"SKU", t.SKU, v.SKU},
		{"barcode", t.Barcode, v.Barcode}, {"weight", t.Weight, v.Weight}} {
		if d[1] != d[2] {
			out = append(out, fmt.Sprintf("%sthe %s is now %s.", name, d[0], quoted(d[2])))
		}
	}
	return out
}

// quoted returns a value as it stands in a sentence.
func quoted(value string) string {
	if value == "" {
		return "empty"
	}
	return "“" + value + "”"
}
