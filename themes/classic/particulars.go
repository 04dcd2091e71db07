package classic

import (
	"strings"

	"orbit360.app/orbit"
	"orbit360.app/themes"
)

// particulars returns the rows of a product's table of facts: name and value.
func particulars(w *themes.Words, p orbit.Product) [][2]string {
	var rows [][2]string
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, [2]string{name, value})
		}
	}
	add(w.Brand, p.Vendor)
	add(w.Department, p.ProductType)
	for _, o := range p.Options {
		add(o.Name, strings.Join(o.Values, ", "))
	}
	if len(p.Variants) == 1 {
		add(w.SKU, p.Variants[0].SKU)
	}
	return rows
}

// onSale returns the first four products that are on sale.
func onSale(products []orbit.Product) []orbit.Product {
	var out []orbit.Product
	for _, p := range products {
		if len(out) < 4 && p.InStock() && themes.Saving(p.Price(), p.CompareAt()) > 0 {
			out = append(out, p)
		}
	}
	return out
}
