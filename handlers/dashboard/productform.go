package dashboard

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
)

// complete reports whether the form has what every product's page sends. A form that an earlier version of the program
// drew may name a field otherwise: saved, it would clear it.
func complete(c *fiber.Ctx) bool {
	form := kit.Form(c)
	for _, field := range []string{"title", "description", "description_format", "vendor", "product_type", "tags",
		"status", "handle", "seo_title", "seo_description"} {
		if !form.Has(field) {
			return false
		}
	}
	return true
}

// readForm returns a product as the form sends it.
func readForm(c *fiber.Ctx) orbit.ProductForm {
	form := kit.Form(c)
	f := orbit.ProductForm{Title: c.FormValue("title"), Description: c.FormValue("description"),
		HTML: c.FormValue("description_format") == "html", Vendor: c.FormValue("vendor"),
		ProductType: c.FormValue("product_type"), Tags: c.FormValue("tags"), Handle: c.FormValue("handle"),
		SEOTitle: c.FormValue("seo_title"), SEODescription: c.FormValue("seo_description"),
		Status: orbit.ProductStatus(c.FormValue("status")), PublishAt: c.FormValue("publish_at"),
		Variant: readVariant(c, "")}
	f.Description = strings.ReplaceAll(f.Description, "\r\n", "\n")
	for i := range f.Options {
		key := "option" + strconv.Itoa(i+1)
		o := orbit.OptionForm{Name: c.FormValue(key + "_name"), Was: c.FormValue(key + "_was"), Add: c.FormValue(key)}
		was := form[key+"_value_was"]
		for n, value := range form[key+"_value"] {
			v := orbit.ValueForm{Value: value}
			if n < len(was) {
				v.Was = was[n]
			}
			o.Values = append(o.Values, v)
		}
		f.Options[i] = o
	}
	place := map[orbit.VariantID]int{}
	for key := range form {
		if name, id, ok := strings.Cut(key, "."); ok && name == "price" && len(f.Variants) < orbit.MaxVariants {
			if id, err := orbit.ParseID[orbit.Variant](id); err == nil {
				v := readVariant(c, "."+id.String())
				v.ID = id
				f.Variants = append(f.Variants, v)
				place[id], _ = strconv.Atoi(c.FormValue("row." + id.String())) // nonsense comes first
			}
		}
	}
	slices.SortFunc(f.Variants, func(a, b orbit.VariantForm) int {
		return cmp.Or(cmp.Compare(place[a.ID], place[b.ID]), strings.Compare(a.ID.String(), b.ID.String()))
	})
	for _, value := range form["collection"] {
		if id, err := orbit.ParseID[orbit.Collection](value); err == nil && len(f.Collections) < 500 {
			f.Collections = append(f.Collections, id)
		}
	}
	return f
}

// readVariant returns the fields of a variant; at stands behind their names.
func readVariant(c *fiber.Ctx, at string) orbit.VariantForm {
	value := func(name string) string { return c.FormValue(name + at) }
	v := orbit.VariantForm{Price: value("price"), CompareAt: value("compare_at"), Cost: value("cost"),
		Stock: value("stock"), SKU: value("sku"), Barcode: value("barcode"), Weight: value("weight"),
		Offered: value("offered") != "", TrackInventory: value("track") != "", ContinueSelling: value("continue") != "",
		Taxable: value("taxable") != "", RequiresShipping: value("shipping") != ""}
	if was, err := strconv.ParseInt(value("was"), 10, 32); err == nil {
		v.Was = int(was) // nonsense is 0: the stock is added then, never lost
	}
	if id, err := orbit.ParseID[orbit.Media](value("media")); err == nil {
		v.MediaID = id
	}
	_ = json.Unmarshal([]byte(value("values")), &v.Values) // nonsense is none: the row begins anew
	return v
}
