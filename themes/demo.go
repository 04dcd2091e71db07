package themes

import (
	"github.com/a-h/templ"

	"orbit360.app/orbit"
)

// Sparse keeps of settings what differs from the defaults: a theme that says only that follows its
// engine when a default changes.
func (s Schema) Sparse(in orbit.Settings) orbit.Settings {
	out := orbit.Settings{}
	for _, setting := range s {
		if value, ok := in[setting.Key]; ok && value != setting.Default {
			out[setting.Key] = value
		}
	}
	return out
}

// DemoPages are the pages of the demo shop, by what Demo calls them.
func DemoPages() []Option {
	return []Option{{Value: "home", Label: "Home"}, {Value: "collection", Label: "Collection"}, {Value: "product", Label: "Product"}}
}

// Demo is a page of a shop that doesn't exist, for looking at an engine with some settings: one of
// DemoPages, the home page for any other name.
func Demo(e Engine, values Values, stylesheet, page string) templ.Component {
	shop := Shop{
		Name: "Field & Form", Tagline: "Useful things for slow mornings", Currency: "USD", Locale: "en", BaseURL: "https://field-and-form.example", Stylesheet: stylesheet, Settings: values, NoIndex: true,
		Main:   []orbit.MenuItem{{Label: "Shop all", URL: "/collections/all"}, {Label: "Kitchen", URL: "/collections/kitchen"}, {Label: "Clothing", URL: "/collections/clothing"}, {Label: "Our story", URL: "/pages/about"}},
		Footer: []orbit.MenuItem{{Label: "About us", URL: "/pages/about"}, {Label: "Shipping and returns", URL: "/pages/shipping"}, {Label: "Contact", URL: "/pages/contact"}},
	}
	products, collections := demoProducts(), demoCollections()
	switch page {
	case "collection":
		shop.Path = CollectionURL(collections[0])
		return e.Collection(shop, CollectionPage{Collection: collections[0], Products: products, Collections: collections})
	case "product":
		shop.Path = ProductURL(products[0])
		return e.Product(shop, ProductPage{Product: products[0], Related: products[1:5]})
	}
	shop.Path = "/"
	return e.Home(shop, HomePage{Featured: products[:8], Collections: collections})
}

func demoCollections() []orbit.Collection {
	return []orbit.Collection{
		{Handle: "kitchen", Title: "Kitchen & table", Description: "Plates that stack, mugs that keep, and the oil that goes on everything."},
		{Handle: "home", Title: "Home"}, {Handle: "clothing", Title: "Clothing"}, {Handle: "books", Title: "Books & stationery"},
	}
}

func demoProducts() []orbit.Product {
	goods := []struct {
		title, kind, vendor string
		price, before       int64
		stock               int
	}{
		{"Merino Crew Sweater", "Knitwear", "Northfold", 12800, 16000, 9},
		{"Stoneware Mug, Speckled", "Tableware", "Tidewater Pottery", 2400, 0, 32},
		{"Brass Reading Lamp", "Lighting", "Alder Lighting", 18900, 0, 4},
		{"Canvas Tote Bag", "Bags", "Harbour Works", 3600, 0, 40},
		{"Linen Cushion", "Home", "Loom & Field", 4800, 6400, 12},
		{"The Slow Kitchen, a Cookbook", "Books", "Lantern Press", 3200, 0, 60},
		{"Cedar & Smoke Candle", "Fragrance", "Harbour Works", 3400, 0, 0},
		{"Olive Oil, First Press", "Pantry", "Casa Verde", 1900, 0, 80},
		{"Wool Throw Blanket", "Home", "Northfold", 14900, 0, 14},
		{"Field Watch", "Accessories", "Meridian", 24500, 0, 7},
		{"House Blend Coffee", "Pantry", "Lantern Roasters", 1650, 0, 120},
		{"Oak Dining Chair", "Furniture", "Alder Workshop", 32000, 0, 6},
	}
	products := make([]orbit.Product, len(goods))
	for i, g := range goods {
		products[i] = orbit.Product{Handle: orbit.Handle(g.title, "product"), Title: g.title, Vendor: g.vendor, Kind: g.kind, Status: orbit.ProductActive,
			Description: "Made in small batches by people we know, of things that last.\n\nCare for it a little and it will be with you for years.",
			Variants:    []orbit.Variant{{Title: "Default", Price: g.price, CompareAt: g.before, Stock: g.stock}}}
	}
	sweater := &products[0]
	sweater.Options = []orbit.Option{{Name: "Size", Values: []string{"Small", "Medium", "Large"}}, {Name: "Colour", Values: []string{"Ink", "Oat"}}}
	sweater.Variants = nil
	for i, size := range sweater.Options[0].Values {
		for k, colour := range sweater.Options[1].Values {
			sweater.Variants = append(sweater.Variants, orbit.Variant{Title: size + " / " + colour, Values: []string{size, colour}, Price: 12800, CompareAt: 16000, Stock: 5*i + 9*k})
		}
	}
	return products
}
