package themetest

import (
	"bytes"
	"testing"
	"time"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/themes"
)

// View is one page of a shop as an engine draws it.
type View struct {
	Name   string
	Engine themes.Engine
	Shop   themes.Shop
	Page   themes.Page
	Hidden bool // from search engines
}

// Component returns the whole document.
func (v View) Component() templ.Component { return v.Engine.Draw(v.Shop, v.Page) }

// HTML returns the whole document.
func (v View) HTML(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := v.Component().Render(t.Context(), &b); err != nil {
		t.Fatalf("%s: %v", v.Name, err)
	}
	return b.String()
}

// at returns the view of a page of the ordinary shop.
func at(e themes.Engine, name, path string, p themes.Page) View {
	return View{Name: name, Engine: e, Shop: Shop(e, path), Page: p}
}

// hidden returns the view of one that search engines don't get to see.
func hidden(e themes.Engine, name, path string, p themes.Page) View {
	v := at(e, name, path, p)
	v.Hidden = true
	return v
}

// Views returns the pages of the ordinary shop, every kind at least once.
func Views(e themes.Engine) []View {
	collections, found := Collections(), Listing()
	found.Browse.Query = "warm things"
	cart := hidden(e, "cart", "/cart",
		themes.CartPage{Cart: Cart(), Notice: "Some items in your cart are no longer available.",
			Totals: orbit.Checkout{Settings: orbit.ShopSettings{Currency: "USD"}}.Totals(Cart(), orbit.CheckoutForm{}, nil)})
	cart.Shop.InCart = 9
	return []View{
		at(e, "home", "/", themes.HomePage{Featured: Products(8), Collections: collections}),
		at(e, "collection", "/collections/kitchen", themes.CollectionPage{Collection: collections[1],
			Products: Products(24), Collections: collections,
			List: orbit.Listing{Total: 24, Pages: 1, Facets: Listing().Facets}}),
		at(e, "browse", "/collections/kitchen", themes.CollectionPage{Collection: collections[1],
			Products: Products(12), Collections: collections, List: Listing()}),
		hidden(e, "search", "/search", themes.SearchPage{Products: Products(8), Collections: collections, List: found}),
		hidden(e, "nothing found", "/search", themes.SearchPage{Collections: collections,
			List: orbit.Listing{Browse: orbit.Browse{Query: "bicycle"}}}),
		cart,
		hidden(e, "empty cart", "/cart", themes.CartPage{}),
		hidden(e, "checkout", "/checkout", Checkout()),
		hidden(e, "hosted checkout", "/checkout", HostedCheckout()),
		hidden(e, "order", "/orders/token", themes.OrderPage{Order: Order()}),
		hidden(e, "order to pay", "/orders/token", themes.OrderPage{Order: Order(), Methods: Hosted(),
			Notice: themes.WordsFor("en").OrderPaymentAway}),
		hidden(e, "order on its way", "/orders/token", themes.OrderPage{Order: SentOrder()}),
		hidden(e, "order unpaid", "/orders/token", themes.OrderPage{Order: UnpaidOrder()}),
		hidden(e, "payment failed", "/orders/token", themes.PaymentPage{Checkout: declined(OpenCheckout()), Back: true,
			Wait: 4 * time.Second}),
		hidden(e, "payment", "/orders/token", themes.PaymentPage{Checkout: OpenCheckout(), Wait: 4 * time.Second}),
		hidden(e, "payment away", "/orders/token", themes.PaymentPage{Checkout: OpenCheckout(), Away: true,
			Back: true}),
		hidden(e, "payment expired", "/orders/token", themes.PaymentPage{Checkout: expired(OpenCheckout())}),
		hidden(e, "test payment", "/pay/token", TestPayment(orbit.TestFail)),
		hidden(e, "test payment made", "/pay/token", TestPayment(orbit.TestNeverReturn)),
		at(e, "product", "/products/merino-crew-sweater", themes.ProductPage{Product: Sweater(), Related: Products(4)}),
		at(e, "single", "/products/stoneware-mug-speckled", themes.ProductPage{Product: Products(1)[0]}),
		at(e, "page", "/pages/about", About()),
		hidden(e, "soon", "/", themes.SoonPage{}),
		hidden(e, "error", "/nothing", themes.ErrorPage{Status: 404, Title: "Page not found",
			Message: "This page has moved or never existed."}),
	}
}

// target is a page with an attack wherever people's words go, and what its heading must read; "" is anything.
type target struct {
	page    themes.Page
	heading string
}

// attacked returns a target of every kind, by name.
func attacked(attack string) map[string]target {
	p := Sweater()
	p.Title, p.Description, p.Vendor, p.ProductType = attack, attack+"\n\n"+attack, attack, attack
	p.Handle = attack
	p.Options = []orbit.Option{{Name: attack, Values: []string{attack}}}
	p.Variants = []orbit.Variant{{Title: attack, SKU: attack, Values: []string{attack}, Price: 1, TrackInventory: true,
		Stock: 1},
		{Title: attack, Values: []string{attack}, Price: 2, TrackInventory: true}}
	products := []orbit.Product{p}
	collections := []orbit.Collection{{Handle: "x", Title: attack, Description: attack}}
	found := orbit.Listing{Total: 2, Pages: 2, Browse: orbit.Browse{Query: attack, Options: p.Options},
		Facets: []orbit.Facet{{Name: attack, Values: []orbit.FacetValue{{Value: attack, Count: 1}}}}}
	checkout, order := Checkout(), Order()
	checkout.Form = orbit.CheckoutForm{Key: attack, Email: attack, Name: attack, Phone: attack, Line1: attack,
		Line2: attack, City: attack, Region: attack, Postcode: attack, Country: attack, Shipping: attack,
		Payment: attack, Discount: attack, Note: attack}
	checkout.Rates[0].Name, checkout.Totals.Discounts = attack, []orbit.AppliedDiscount{{Code: attack, Amount: 1}}
	checkout.Cart.Codes, checkout.Totals.Refused = []string{attack}, []orbit.RefusedDiscount{{Code: attack}}
	checkout.Methods[0].Name, checkout.Methods[0].Instructions = attack, attack
	order.Address = orbit.Address{Name: attack, Line1: attack, City: attack}
	order.Payments[0].Name, order.Payments[0].Instructions, order.Payments[0].Method = attack, attack, attack
	order.Fulfillments = []orbit.Fulfillment{{Carrier: attack, TrackingNumber: attack, TrackingURL: attack},
		{TrackingURL: "javascript:alert(1)"}}
	open, test := OpenCheckout(), TestPayment("")
	open.Document.Address, open.Document.Payments[0].Failure = order.Address, attack
	test.Payment.Charge.Description = attack
	order.Note, order.ShippingName, order.Lines[0].Title, order.Lines[0].Handle = attack, attack, attack, attack
	return map[string]target{
		"home": {themes.HomePage{Featured: products, Collections: collections}, attack},
		"collection": {themes.CollectionPage{Collection: collections[0], Products: products,
			Collections: collections}, attack},
		"product": {themes.ProductPage{Product: p, Related: products}, attack},
		"page":    {themes.TextPage{Page: orbit.Page{Handle: "x", Title: attack, Body: attack}}, attack},
		"search":  {themes.SearchPage{Products: products, List: found}, "“" + attack + "”"},
		"cart": {themes.CartPage{Notice: attack, Cart: orbit.Cart{Lines: []orbit.CartLine{{Handle: attack,
			Title: attack, Variant: attack, Quantity: 1}}}}, "Cart"},
		"checkout": {checkout, "Checkout"},
		"order":    {themes.OrderPage{Order: order}, ""},
		"payment":  {themes.PaymentPage{Checkout: open}, "Payment failed"},
		"pay":      {test, ""},
		"soon":     {themes.SoonPage{}, attack},
		"error":    {themes.ErrorPage{Status: 500, Title: attack, Message: attack}, attack},
	}
}

// Corners returns the shops that layouts don't hope for.
func Corners(e themes.Engine) []View {
	var out []View
	add := func(name string, change func(*themes.Shop), views ...View) {
		for _, v := range views {
			v.Name = name + " " + v.Name
			change(&v.Shop)
			out = append(out, v)
		}
	}
	bare := func(s *themes.Shop) { s.Main, s.Footer, s.Tagline = nil, nil, "" }
	soon := hidden(e, "soon", "/", themes.SoonPage{})
	add("empty", bare,
		at(e, "home", "/", themes.HomePage{}),
		at(e, "collection", "/collections/all", themes.CollectionPage{Collection: themes.WordsFor("en").All()}),
		at(e, "product", "/products/thing", themes.ProductPage{Product: orbit.Product{Handle: "thing", Title: "Thing"}}),
		at(e, "page", "/pages/about", themes.TextPage{Page: orbit.Page{Handle: "about", Title: "About"}}), soon)
	add("long", func(s *themes.Shop) {
		s.Name, s.Tagline = Long(), Long()
		s.Main = []orbit.MenuItem{{Label: Long(), URL: "/collections/all"}}
	}, at(e, "home", "/", LongHome()), soon)
	add("right to left", func(s *themes.Shop) {
		s.Name, s.Tagline, s.Locale = "متجر الحرف", "أشياء نافعة لصباحات هادئة", "ar"
	}, Views(e)...)
	add("least", func(s *themes.Shop) { s.Settings = e.Schema().Resolve(Extreme(e.Schema(), false)) }, Views(e)...)
	add("most", func(s *themes.Shop) { s.Settings = e.Schema().Resolve(Extreme(e.Schema(), true)) }, Views(e)...)
	add("images", func(s *themes.Shop) {
		s.Settings = e.Schema().Resolve(orbit.Settings{"logo": "/media/logo.png",
			"hero_image": "https://cdn.example/hero.jpg"})
	}, Views(e)...)
	return out
}
