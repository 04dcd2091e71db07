package themes

import (
	"net/url"
	"strings"

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

// DemoPages returns pages of the demo shop worth a look, by their paths.
func DemoPages() []Option {
	return []Option{{Value: "/", Label: "Home"}, {Value: CollectionURL(demoCollections()[0]), Label: "Collection"},
		{Value: ProductURL(demoProducts()[0]), Label: "Product"}}
}

// Demo returns a page of a shop that doesn't exist, for looking at an engine with some settings, with the
// status that it is answered with. Its lists can be browsed and searched; nothing can be bought.
func Demo(e Engine, values Values, stylesheet string, at *url.URL) (page templ.Component, status int) {
	shop := Shop{
		Name: "Field & Form", Tagline: "Useful things for slow mornings", Currency: "USD", Locale: "en", Words: english,
		BaseURL: "https://field-and-form.example", Path: at.Path, Stylesheet: stylesheet, Settings: values, NoIndex: true,
		Main: []orbit.MenuItem{{Label: "Shop all", URL: "/collections/all"},
			{Label: "Kitchen", URL: "/collections/kitchen"}, {Label: "Clothing", URL: "/collections/clothing"},
			{Label: "Our story", URL: "/pages/about"}},
		Footer: []orbit.MenuItem{{Label: "About us", URL: "/pages/about"},
			{Label: "Shipping and returns", URL: "/pages/shipping"}, {Label: "Contact", URL: "/pages/contact"}},
	}
	products, collections := demoProducts(), demoCollections()
	b := orbit.ParseBrowse(at.Query(), shop.Currency)
	kind, handle, _ := strings.Cut(strings.TrimPrefix(at.Path, "/"), "/")
	switch {
	case at.Path == "/":
		return e.Draw(shop, HomePage{Featured: products[:8], Collections: collections}), 200
	case kind == "search" && handle == "":
		p := SearchPage{Collections: collections, List: orbit.Listing{Browse: b}}
		if b.Query != "" {
			p.List = demoList(products, b)
			p.Products = p.List.Products
		}
		return e.Draw(shop, p), 200
	case kind == "cart" && handle == "":
		return e.Draw(shop, CartPage{}), 200
	case kind == "cart" || kind == "checkout" || kind == "orders":
		return e.Draw(shop, ErrorPage{Status: 403, Title: "This is a demo",
			Message: "This is a demo shop. You can't buy anything here."}), 403
	case kind == "collections":
		b.Query = ""
		for _, c := range append([]orbit.Collection{shop.Words.All()}, collections...) {
			if c.Handle == handle {
				list := demoList(demoIn(products, handle), b)
				return e.Draw(shop, CollectionPage{Collection: c, Products: list.Products, Collections: collections,
					List: list}), 200
			}
		}
	case kind == "products":
		for i, p := range products {
			if p.Handle == handle {
				variant, _ := orbit.ParseID[orbit.Variant](at.Query().Get("variant")) // zero is none
				related := append(append([]orbit.Product{}, products[i+1:]...), products[:i]...)
				return e.Draw(shop, ProductPage{Product: p, Variant: variant, Related: related[:4]}), 200
			}
		}
	case kind == "pages":
		for _, p := range demoTexts() {
			if p.Handle == handle {
				return e.Draw(shop, TextPage{p}), 200
			}
		}
	}
	return e.Draw(shop, ErrorPage{Status: 404, Title: shop.Words.ErrorTitleOf(404),
		Message: "The demo shop has no such page."}), 404
}
