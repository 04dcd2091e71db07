package themetest

import (
	"fmt"
	"slices"
	"strings"

	"orbit360.app/orbit"
	"orbit360.app/themes"
)

// goods holds the ordinary shop's products: title, type, price, compare-at price, stock.
var goods = []struct {
	title, kind, vendor string
	price, before       int64
	stock               int
}{
	{"Stoneware Mug, Speckled", "Tableware", "Tidewater Pottery", 2400, 0, 32},
	{"Linen Cushion", "Home", "Loom & Field", 4800, 6400, 12},
	{"Canvas Tote Bag", "Bags", "Harbour Works", 3600, 0, 40},
	{"Brass Reading Lamp", "Lighting", "Alder Lighting", 18900, 0, 4},
	{"The Slow Kitchen, a Cookbook", "Books", "Lantern Press", 3200, 0, 60},
	{"Merino Crew Sweater", "Knitwear", "Northfold", 12800, 16000, 9},
	{"Cedar & Smoke Candle", "Fragrance", "Harbour Works", 3400, 0, 0},
	{"Field Watch", "Accessories", "Meridian", 24500, 0, 7},
	{"Olive Oil, First Press", "Pantry", "Casa Verde", 1900, 0, 80},
	{"Wool Throw Blanket", "Home", "Northfold", 14900, 0, 14},
	{"Court Sneakers", "Shoes", "Paseo", 11000, 13500, 22},
	{"Trailing Fern", "Plants", "The Glasshouse", 2800, 0, 3},
	{"Over-ear Headphones", "Audio", "Meridian", 27900, 0, 11},
	{"House Blend Coffee", "Pantry", "Lantern Roasters", 1650, 0, 120},
	{"Dot Grid Notebook", "Stationery", "Lantern Press", 1400, 0, 200},
	{"Oak Dining Chair", "Furniture", "Alder Workshop", 32000, 0, 6},
	{"Rosemary Hand Soap", "Bath", "Casa Verde", 1200, 0, 55},
	{"Teddy Bear, Hand-stitched", "Toys", "Loom & Field", 4200, 0, 18},
	{"Rolltop Backpack", "Bags", "Harbour Works", 13900, 0, 10},
	{"Harbour at Dawn, Art Print", "Art", "Studio Aune", 6500, 0, 25},
	{"Everyday Tee", "Clothing", "Northfold", 3200, 4000, 70},
	{"Wildflower Honey", "Pantry", "Casa Verde", 1500, 0, 33},
	{"Instant Camera", "Electronics", "Meridian", 16900, 0, 2},
	{"Stoneware Vase", "Home", "Tidewater Pottery", 7800, 0, 5},
}

const description = "Thrown by hand in small batches and glazed in a quiet oat white, " +
	"so no two are quite the same.\n\nHolds 320 ml. Safe in the dishwasher and the microwave.\nMade in Cornwall."

// Products returns n products of the ordinary shop, all different.
func Products(n int) []orbit.Product {
	products := make([]orbit.Product, n)
	for i := range products {
		g := goods[i%len(goods)]
		title := g.title
		if i >= len(goods) {
			title = fmt.Sprintf("%s No. %d", title, i/len(goods)+1)
		}
		products[i] = orbit.Product{
			Handle: orbit.Handle(title, "product"), Title: title, Description: description, Vendor: g.vendor,
			ProductType: g.kind,
			Status:      orbit.ProductActive,
			Variants: []orbit.Variant{{ID: variantID(i, 0), Title: "Default", SKU: fmt.Sprintf("FF-%03d", i+1), Price: g.price,
				CompareAt: g.before, TrackInventory: true, Stock: g.stock}},
		}
	}
	return products
}

// Sweater returns a product with options and variants of different prices, one of them sold out.
func Sweater() orbit.Product {
	p := Products(6)[5]
	p.Description = "A plain, warm crew neck, knitted from a single-ply merino that softens with every wash." +
		"\n\nCut a little wide in the body and true at the shoulder. Wash at 30 degrees, dry flat."
	p.Options = []orbit.Option{{Name: "Size", Values: []string{"Small", "Medium", "Large"}},
		{Name: "Color", Values: []string{"Ink", "Oat"}}}
	p.Variants = nil
	for i, size := range p.Options[0].Values {
		for k, color := range p.Options[1].Values {
			v := orbit.Variant{ID: variantID(5, 1+2*i+k), Title: size + " / " + color, SKU: fmt.Sprintf("NF-%d%d", i, k),
				Values: []string{size, color}, Price: 12800 + int64(i)*600, CompareAt: 16000, TrackInventory: true,
				Stock: 5*i + 9*k}
			p.Variants = append(p.Variants, v)
		}
	}
	return p
}

// variantID returns the same id each time.
func variantID(product, n int) orbit.VariantID {
	return orbit.VariantID{0: 1, 6: 0x70, 8: 0x80, 14: byte(product + 1), 15: byte(n + 1)}
}

// Listing returns a list of many products, somewhere in its midst, with filters on.
func Listing() orbit.Listing {
	return orbit.Listing{Total: 60, Pages: 3,
		Browse: orbit.Browse{Sort: orbit.SortPriceUp, Available: true, From: 1000, To: 40000,
			Options: []orbit.Option{{Name: "Size", Values: []string{"Medium", "Small"}}}, Page: 2},
		Facets: []orbit.Facet{
			{Name: "Size", Values: []orbit.FacetValue{{Value: "Small", Count: 12}, {Value: "Medium", Count: 14},
				{Value: "Large", Count: 9}}},
			{Name: "Color", Values: []orbit.FacetValue{{Value: "Ink", Count: 20}, {Value: "Oat", Count: 17},
				{Value: "Clay", Count: 3}}}}}
}

// Cart has three things in it, of one of which there are too few.
func Cart() orbit.Cart {
	var c orbit.Cart
	for i, p := range []orbit.Product{Products(1)[0], Sweater(), Products(4)[3]} {
		v := p.Variants[len(p.Variants)-1]
		l := orbit.CartLine{VariantID: v.ID, Handle: p.Handle, Title: p.Title, ProductType: p.ProductType,
			SKU: v.SKU, Price: v.Price,
			CompareAt: v.CompareAt, Quantity: 2*i + 1, Stock: v.Stock, Taxable: true, RequiresShipping: true}
		if len(p.Variants) > 1 {
			l.Variant = v.Title
		}
		c.Lines = append(c.Lines, l)
	}
	return c
}

// Checkout returns a checkout half filled in, with faults.
func Checkout() themes.CheckoutPage {
	p := themes.CheckoutPage{Cart: Cart(), Form: orbit.CheckoutForm{Key: orbit.OrderID{0: 1, 6: 0x70, 8: 0x80}.String(),
		Email: "ada", Name: "Ada Lovelace", Line1: "12 Quay Street", City: "Bristol", Country: "GB", Discount: "SPRING"},
		Faults: map[string]string{"email": "Enter an email address such as name@example.com.",
			"postcode": "Postcode is required."},
		Rates: []orbit.ShippingRate{{Name: "Standard", Price: 500, FreeFrom: 7500}, {Name: "Express", Price: 1500}},
		Methods: []orbit.PaymentMethod{{Kind: "manual", Name: "Bank transfer",
			Instructions: "Transfer the total with your order number as reference.", Enabled: true}}}
	b := orbit.Checkout{Settings: orbit.ShopSettings{Currency: "USD"}, Taxes: []orbit.TaxRate{{Name: "VAT", Rate: 2000,
		AppliesToShipping: true}}}.Bill(p.Cart, p.Form.Destination(), p.Rates[1])
	b.Discounts = []orbit.AppliedDiscount{{Code: "SPRING", Amount: 2000}}
	p.Totals = b.Totals()
	return p
}

// Order returns what came of the checkout.
func Order() orbit.Order {
	p := Checkout()
	t := p.Totals
	o := orbit.Order{ID: orbit.OrderID{0: 1}, Number: 1042, Token: "token", Email: "ada@example.com",
		Status: orbit.OrderOpen, PaymentStatus: orbit.FinancialPending, Currency: "USD",
		Address: orbit.Address{Name: "Ada Lovelace", Line1: "12 Quay Street", City: "Bristol", Postcode: "BS1 4QA",
			Country: "GB"},
		Subtotal: t.Subtotal, Discount: t.Discount, DiscountCode: t.DiscountCode(), Shipping: t.Shipping,
		ShippingName: t.ShippingName, Tax: t.Tax, TaxName: t.TaxName, TaxRate: t.TaxRate, Total: t.Total,
		Note: "Please leave it with the neighbor.", Payments: []orbit.Payment{{Kind: "manual", Name: p.Methods[0].Name,
			Instructions: p.Methods[0].Instructions}}}
	for _, l := range p.Cart.Lines {
		o.Lines = append(o.Lines, orbit.OrderLine{Handle: l.Handle, Title: l.Title, ProductType: l.ProductType,
			Variant: l.Variant,
			Price:   l.Price, Quantity: l.Quantity})
	}
	return o
}

// Hosted returns methods that lead to a provider's page.
func Hosted() []orbit.PaymentMethod {
	return []orbit.PaymentMethod{{Kind: orbit.ProviderStripe, Name: "Stripe", Enabled: true},
		{Kind: orbit.ProviderPayPal, Name: "PayPal", Enabled: true},
		{Kind: orbit.ProviderTest, Name: "Test payments", Enabled: true}}
}

// HostedCheckout returns a checkout with payment pages to choose, beside a manual method.
func HostedCheckout() themes.CheckoutPage {
	p := Checkout()
	p.Faults, p.Methods = nil, append(Hosted(), p.Methods...)
	return p
}

// SentOrder returns an order that is paid, with a part of it on its way and a part refunded.
func SentOrder() orbit.Order {
	o := Order()
	o.PaymentStatus, o.FulfillmentStatus, o.Paid, o.Refunded = orbit.FinancialPartiallyRefunded, orbit.PartiallyFulfilled,
		o.Total, 2400
	o.Test = true
	o.Payments = []orbit.Payment{{Kind: orbit.ProviderTest, Name: "Test payments", Status: orbit.PaymentPaid,
		Method: "Test card", Test: true}}
	refund := orbit.RefundID{0: 1}
	o.Refunds = []orbit.Refund{{ID: refund, Amount: 2400}}
	o.Transactions = []orbit.Transaction{{RefundID: refund, Amount: -2400, Status: orbit.TransactionSucceeded}}
	o.Fulfillments = []orbit.Fulfillment{{Lines: []orbit.FulfillmentLine{{Quantity: 2}}, Carrier: "DHL",
		TrackingNumber: "JD0146000", TrackingURL: orbit.TrackingURL("DHL", "JD0146000")}}
	return o
}

// UnpaidOrder returns an order that was canceled because its payment failed.
func UnpaidOrder() orbit.Order {
	o := Order()
	o.Status, o.PaymentStatus = orbit.OrderCanceled, orbit.FinancialVoided
	o.Payments = []orbit.Payment{{Kind: orbit.ProviderStripe, Name: "Stripe", Status: orbit.PaymentFailed}}
	return o
}

// declined returns a checkout after a card was declined.
func declined(c orbit.OpenCheckout) orbit.OpenCheckout {
	c.Document.Payments[0].Failure = "Your card was declined."
	return c
}

// OpenCheckout returns an order to be, while its payment page is open.
func OpenCheckout() orbit.OpenCheckout {
	o := Order()
	o.Number = 0
	o.Payments = []orbit.Payment{{Kind: orbit.ProviderStripe, Name: "Stripe", Status: orbit.PaymentPending,
		URL: "https://pay.example/1"}}
	return orbit.OpenCheckout{Token: o.Token, Status: orbit.CheckoutOpen, Document: o}
}

// expired returns a checkout that nobody paid in time.
func expired(c orbit.OpenCheckout) orbit.OpenCheckout {
	c.Status, c.Document.Payments[0].Status = orbit.CheckoutExpired, orbit.PaymentExpired
	return c
}

// TestPayment returns the page of Test payments after a choice.
func TestPayment(choice orbit.TestChoice) themes.TestPaymentPage {
	return themes.TestPaymentPage{Open: choice == "" || choice == orbit.TestFail, Known: orbit.TestPayment{Choice: choice},
		Payment: orbit.Payment{Amount: 6300, Currency: "USD", Charge: orbit.Charge{Description: "Order at Field & Form",
			ReturnURL: "https://field.example/orders/token/return", CancelURL: "https://field.example/checkout"}}}
}

// Collections returns the ordinary shop's collections.
func Collections() []orbit.Collection {
	return []orbit.Collection{
		{Handle: "home", Title: "Home"},
		{Handle: "kitchen", Title: "Kitchen & table",
			Description: "Plates that stack, mugs that keep, and the oil that goes on everything."},
		{Handle: "clothing", Title: "Clothing"},
		{Handle: "books-stationery", Title: "Books & stationery"},
	}
}

// Shop returns an ordinary shop with the engine's default settings.
func Shop(e themes.Engine, path string) themes.Shop {
	return themes.Shop{
		Name: "Field & Form", Tagline: "Useful things for slow mornings", Currency: "USD", Locale: "en",
		Words:   themes.WordsFor("en"),
		BaseURL: "https://field.example", Path: path,
		Stylesheet: "/theme.css", Settings: e.Schema().Resolve(nil),
		Main: []orbit.MenuItem{{Label: "Shop all", URL: "/collections/all"},
			{Label: "Kitchen", URL: "/collections/kitchen"}, {Label: "Clothing", URL: "/collections/clothing"},
			{Label: "Our story", URL: "/pages/about"}},
		Footer: []orbit.MenuItem{{Label: "About us", URL: "/pages/about"},
			{Label: "Shipping and returns", URL: "/pages/shipping"}, {Label: "Contact", URL: "mailto:hello@field.example"}},
	}
}

// About returns a page of text.
func About() themes.TextPage {
	return themes.TextPage{Page: orbit.Page{Handle: "about", Title: "About us",
		Body: "Field & Form began at a kitchen table in 2016 with one mug, one blanket and a long list of people we " +
			"wished we could buy from.\n\nToday we work with eleven workshops within a day's drive. We visit every one " +
			"of them, pay before things are made and keep each design for as long as its maker cares to make it." +
			"\n\nOpen by appointment:\n12 Quay Street\nThursday to Saturday"}}
}

// long is an unbroken word and a very long name after it.
var long = strings.Repeat("Donaudampfschifffahrts", 5) + " " +
	strings.TrimSpace(strings.Repeat("an exceedingly long name ", 7))

// hostile holds texts that must arrive on the page as the text they are.
var hostile = []string{
	`<img src=x onerror=alert(1)>`,
	`</style><script>alert(1)</script>`,
	`"><div hx-get="/cart" hx-trigger="load">`,
	`</script><script>alert(1)</script>`,
	`' onmouseover='alert(1)`,
	`</title><svg onload=alert(1)>`,
	`{{ .Secret }} ${7*7} &lt;b&gt;`,
}

// Long returns a name that no layout hopes for.
func Long() string { return long }

// LongHome returns a home page on which every name is long.
func LongHome() themes.HomePage {
	p := themes.HomePage{Featured: Products(4), Collections: Collections()}
	for i := range p.Featured {
		p.Featured[i].Title, p.Featured[i].Vendor = long, long
	}
	for i := range p.Collections {
		p.Collections[i].Title = long
	}
	return p
}

// Extreme returns settings at one end of everything: the least or the most of every range, the first
// or last choice, texts as long as may be.
func Extreme(schema themes.Schema, top bool) orbit.Settings {
	out := orbit.Settings{}
	for _, s := range schema {
		switch s.Kind {
		case themes.Toggle:
			out[s.Key] = top
		case themes.Range:
			out[s.Key] = s.Min
			if top {
				out[s.Key] = s.Max - (s.Max-s.Min)%max(s.Step, 1)
			}
		case themes.Choice, themes.Font:
			out[s.Key] = s.Choices[0].Value
			if top {
				out[s.Key] = s.Choices[len(s.Choices)-1].Value
			}
		case themes.Text:
			if top {
				out[s.Key] = strings.TrimSpace(strings.Repeat("wide ", s.Max)[:s.Max])
			}
		case themes.Color:
			out[s.Key] = "#7f7f7f" // text as dark as what is behind it
		case themes.Order:
			if top {
				out[s.Key] = reversed(s)
			}
		case themes.Image:
		}
	}
	return out
}

// reversed returns the default order of an Order the other way round.
func reversed(s themes.Setting) string {
	names := strings.Split(s.Default.(string), ",")
	slices.Reverse(names)
	return strings.Join(names, ",")
}
