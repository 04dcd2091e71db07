package classic

import (
	"strings"

	"orbit360.app/orbit"
)

// particulars are the rows of a product's table of facts: name and value.
func particulars(p orbit.Product) [][2]string {
	var rows [][2]string
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, [2]string{name, value})
		}
	}
	add("Brand", p.Vendor)
	add("Department", p.Kind)
	for _, o := range p.Options {
		add(o.Name, strings.Join(o.Values, ", "))
	}
	if len(p.Variants) == 1 {
		add("Reference", p.Variants[0].SKU)
	}
	return rows
}

// variantHeading names what the variants differ in, such as "Size / Colour".
func variantHeading(p orbit.Product) string {
	var names []string
	for _, o := range p.Options {
		names = append(names, o.Name)
	}
	if len(names) == 0 {
		return "Variant"
	}
	return strings.Join(names, " / ")
}
