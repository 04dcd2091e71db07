package themes

import (
	"slices"
	"strings"

	"orbit360.app/orbit"
)

// The demo shop's goods, and what a database would do with them.

func demoCollections() []orbit.Collection {
	return []orbit.Collection{
		{Handle: "kitchen", Title: "Kitchen & table",
			Description: "Plates that stack, mugs that keep, and the oil that goes on everything."},
		{Handle: "home", Title: "Home"}, {Handle: "clothing", Title: "Clothing"},
		{Handle: "books", Title: "Books & stationery"},
	}
}

// demoKinds returns the kinds of product in each collection.
func demoKinds() map[string][]string {
	return map[string][]string{"kitchen": {"Tableware", "Pantry"}, "home": {"Lighting", "Home", "Fragrance", "Furniture"},
		"clothing": {"Knitwear", "Bags", "Accessories"}, "books": {"Books", "Stationery"}}
}

func demoIn(products []orbit.Product, collection string) []orbit.Product {
	if collection == allHandle {
		return products
	}
	return slices.DeleteFunc(slices.Clone(products), func(p orbit.Product) bool {
		return !slices.Contains(demoKinds()[collection], p.ProductType)
	})
}

func demoProducts() []orbit.Product {
	goods := []struct {
		title, kind, vendor string
		price, before       int64
		stock               int
		text                string
	}{
		{"Merino Crew Sweater", "Knitwear", "Northfold", 12800, 16000, 9,
			"A plain, warm crew neck, knitted from a single-ply merino that softens with every wash."},
		{"Stoneware Mug, Speckled", "Tableware", "Tidewater Pottery", 2400, 0, 32,
			"Thrown by hand in small batches and glazed in a quiet oat white. Holds 320 ml."},
		{"Brass Reading Lamp", "Lighting", "Alder Lighting", 18900, 0, 4,
			"Solid brass that darkens with the years, on a joint that stays where you put it."},
		{"Canvas Tote Bag", "Bags", "Harbour Works", 3600, 0, 40,
			"Heavy cotton canvas with an inner pocket and handles long enough for a shoulder."},
		{"Linen Cushion", "Home", "Loom & Field", 4800, 6400, 12, "Washed linen, filled with feather. The cover comes off."},
		{"The Slow Kitchen, a Cookbook", "Books", "Lantern Press", 3200, 0, 60,
			"Ninety recipes that ask for time rather than skill."},
		{"Cedar & Smoke Candle", "Fragrance", "Harbour Works", 3400, 0, 0,
			"Soy wax and a cotton wick. Burns for forty hours."},
		{"Olive Oil, First Press", "Pantry", "Casa Verde", 1900, 0, 80,
			"Early harvest, pressed within the hour. Green and peppery."},
		{"Wool Throw Blanket", "Home", "Northfold", 14900, 0, 14, "Lambswool, woven twice as dense as it needs to be."},
		{"Field Watch", "Accessories", "Meridian", 24500, 0, 7,
			"A steel case, a dial that can be read, and a strap that can be changed."},
		{"House Blend Coffee", "Pantry", "Lantern Roasters", 1650, 0, 120,
			"Chocolate, hazelnut, a little cherry. Roasted on Tuesdays."},
		{"Oak Dining Chair", "Furniture", "Alder Workshop", 32000, 0, 6,
			"Joined without screws, oiled by hand, made to be mended."},
		{"Dot Grid Notebook", "Stationery", "Lantern Press", 1400, 0, 200,
			"A hundred and sixty pages that lie flat and take ink."},
		{"Stoneware Vase", "Home", "Tidewater Pottery", 7800, 0, 5,
			"A narrow neck for one branch, a wide foot so that it stands."},
	}
	products := make([]orbit.Product, len(goods))
	for i, g := range goods {
		products[i] = orbit.Product{Handle: orbit.Handle(g.title, "product"), Title: g.title, Vendor: g.vendor,
			ProductType: g.kind,
			Status:      orbit.ProductActive,
			Description: g.text +
				"\n\nMade in small batches by people we know. Care for it a little and it will be with you for years.",
			Variants: []orbit.Variant{{ID: demoVariant(i, 0), Title: "Default", Price: g.price, CompareAt: g.before,
				TrackInventory: true, Stock: g.stock}}}
	}
	sweater := &products[0]
	sweater.Options = []orbit.Option{{Name: "Size", Values: []string{"Small", "Medium", "Large"}},
		{Name: "Color", Values: []string{"Ink", "Oat"}}}
	sweater.Variants = nil
	for i, size := range sweater.Options[0].Values {
		for k, color := range sweater.Options[1].Values {
			sweater.Variants = append(sweater.Variants, orbit.Variant{ID: demoVariant(0, 1+2*i+k), Title: size + " / " + color,
				Values: []string{size, color}, Price: 12800, CompareAt: 16000, TrackInventory: true,
				Stock: 5*i + 9*k})
		}
	}
	return products
}

// demoVariant returns the same id each time, so that an address that chooses one keeps its meaning.
func demoVariant(product, n int) orbit.VariantID {
	return orbit.VariantID{0: 1, 6: 0x70, 8: 0x80, 14: byte(product + 1), 15: byte(n + 1)}
}

func demoTexts() []orbit.Page {
	return []orbit.Page{
		{Handle: "about", Title: "About us",
			Body: "Field & Form began at a kitchen table with one mug, one blanket and a long list of people we " +
				"wished we could buy from.\n\nToday we work with eleven workshops within a day's drive. We visit every " +
				"one of them, pay before things are made and keep each design for as long as its maker cares to make it."},
		{Handle: "shipping", Title: "Shipping and returns",
			Body: "Orders leave us within two working days.\n\n" +
				"What doesn't suit you comes back within thirty days, and we pay the way."},
		{Handle: "contact", Title: "Contact", Body: "Write to us, or come by:\n12 Quay Street\nThursday to Saturday"},
	}
}

// demoList returns the page of a list that an address asks for, as store.Browse would give it.
func demoList(products []orbit.Product, b orbit.Browse) orbit.Listing {
	l := orbit.Listing{Pages: 1}
	for _, p := range products {
		for _, o := range p.Options {
			f := orbit.Facet{Name: o.Name}
			for _, v := range o.Values {
				f.Values = append(f.Values, orbit.FacetValue{Value: v, Count: 1})
			}
			l.Facets = append(l.Facets, f)
		}
	}
	b.Page = 1
	b = b.Within(l.Facets)
	l.Browse = b
	for _, p := range products {
		if demoFits(p, b) {
			l.Products = append(l.Products, p)
		}
	}
	slices.SortStableFunc(l.Products, func(p, q orbit.Product) int {
		switch b.Sort {
		case orbit.SortPriceUp:
			return int(p.Price() - q.Price())
		case orbit.SortPriceDown:
			return int(q.Price() - p.Price())
		case orbit.SortName:
			return strings.Compare(p.Title, q.Title)
		}
		return 0
	})
	l.Total = len(l.Products)
	return l
}

func demoFits(p orbit.Product, b orbit.Browse) bool {
	words := orbit.Fold(p.Title + " " + p.ProductType + " " + p.Vendor + " " + p.Description)
	for w := range strings.FieldsSeq(orbit.Fold(b.Query)) {
		if !strings.Contains(words, w) {
			return false
		}
	}
	for _, o := range b.Options {
		if !slices.ContainsFunc(p.Options, func(has orbit.Option) bool {
			return has.Name == o.Name && slices.ContainsFunc(o.Values,
				func(v string) bool { return slices.Contains(has.Values, v) })
		}) {
			return false
		}
	}
	return (!b.Available || p.InStock()) && p.Price() >= b.From && (b.To == 0 || p.Price() <= b.To)
}
