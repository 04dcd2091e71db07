package themes

import (
	"encoding/json"
	"html"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
)

// Meta is what the head of a page says about it.
type Meta struct {
	Title       string
	Description string
	Canonical   string // absolute; empty for pages that have no address of their own
	Type        string // OpenGraph
	Image       string // absolute, or empty
	NoIndex     bool
	Refresh     string           // when the page is asked for again and where, as the meta element has it; empty for never
	Data        []map[string]any // JSON-LD, one object each
}

// Meta returns the head of the home page.
func (HomePage) Meta(s Shop) Meta {
	m := s.meta(s.Name, First(s.About, s.Tagline))
	if s.Tagline != "" {
		m.Title += " – " + s.Tagline
	}
	m.Title = First(s.Title, m.Title)
	organization := map[string]any{"@type": "Organization", "name": s.Name, "url": s.URL("/")}
	if len(s.Profiles) > 0 {
		organization["sameAs"] = s.Profiles
	}
	m.Data = []map[string]any{{"@type": "WebSite", "name": s.Name, "url": s.URL("/")}, organization}
	return m
}

// listItem is a product of a list, in JSON-LD.
type listItem struct {
	Type     string `json:"@type"`
	Position int    `json:"position"`
	URL      string `json:"url"`
}

// Meta returns the head of a collection's page.
func (p CollectionPage) Meta(s Shop) Meta {
	m := s.meta(PageTitle(s.Words, p.Collection.Title, p.List)+" – "+s.Name,
		First(p.Collection.Description, s.Words.CollectionSummary(p.Collection.Title, s.Name, p.Total())))
	if p.List.Browse.Page > 1 {
		// Filters and orders show the same products again; pages show others.
		m.Canonical = s.URL(ListURL(s.Path, orbit.Browse{Page: p.List.Browse.Page}, s.Currency))
	}
	items := make([]listItem, len(p.Products))
	for i, product := range p.Products {
		items[i] = listItem{"ListItem", i + 1, s.URL(ProductURL(product))}
	}
	m.Data = []map[string]any{
		{"@type": "CollectionPage", "name": p.Collection.Title, "url": m.Canonical,
			"mainEntity": map[string]any{"@type": "ItemList", "itemListElement": items}},
		s.breadcrumbs(p.Crumbs(s.Words)),
	}
	return m
}

// Meta returns the head of a product's page.
func (p ProductPage) Meta(s Shop) Meta {
	m := s.meta(First(p.Product.SEOTitle, p.Product.Title+" – "+s.Name), First(p.Product.SEODescription,
		p.Product.Description, s.Words.ProductSummary(p.Product.Title, s.Name, s.Money(p.Product.Price()))))
	m.Type = "product"
	data := map[string]any{"@type": "Product", "name": p.Product.Title, "url": m.Canonical,
		"offers": s.offers(p.Product, m.Canonical)}
	if len(p.Product.Images) > 0 {
		var all []string
		for _, i := range p.Product.Images {
			all = append(all, s.URL(i.Fallback()))
		}
		data["image"], m.Image = all, all[0]
	}
	if p.Product.Description != "" {
		data["description"] = Clip(p.Product.Description, 5000)
	}
	if p.Product.Vendor != "" {
		data["brand"] = map[string]any{"@type": "Brand", "name": p.Product.Vendor}
	}
	if p.Product.ProductType != "" {
		data["category"] = p.Product.ProductType
	}
	m.Data = []map[string]any{data, s.breadcrumbs(p.Crumbs(s.Words))}
	return m
}

// Meta returns the head of a search: never in an index.
func (p SearchPage) Meta(s Shop) Meta {
	return s.private(PageTitle(s.Words, s.Words.Search, p.List), s.Words.SearchSummary(s.Name))
}

// Meta returns the head of a shopper's cart.
func (CartPage) Meta(s Shop) Meta { return s.private(s.Words.Cart, s.Words.CartSummary(s.Name)) }

// Meta returns the head of the checkout.
func (CheckoutPage) Meta(s Shop) Meta {
	return s.private(s.Words.Checkout, s.Words.CheckoutSummary(s.Name))
}

// Meta returns the head of somebody's order.
func (p OrderPage) Meta(s Shop) Meta {
	m := s.private(s.Words.Order(p.Order.Name()), s.Words.OrderSummary(s.Name))
	m.Refresh = refresh(p.Order.Token, p.Wait)
	return m
}

// Meta returns the head of what somebody is about to pay.
func (p PaymentPage) Meta(s Shop) Meta {
	m := s.private(p.title(s.Words), s.Words.PaymentSummary(s.Name))
	m.Refresh = refresh(p.Checkout.Token, p.Wait)
	return m
}

// refresh has the payment of an order looked at again after a while, where no script does.
func refresh(token string, wait time.Duration) string {
	if wait <= 0 {
		return ""
	}
	return strconv.Itoa(int(wait.Seconds())) + ";url=" + returnPath(token)
}

// watched has the script look at the payment of an order again after a while.
func watched(token string, wait time.Duration) templ.Attributes {
	if wait <= 0 {
		return nil
	}
	return templ.Attributes{"data-watch": returnPath(token), "data-wait": strconv.Itoa(int(wait.Seconds()))}
}

func returnPath(token string) string { return "/orders/" + url.PathEscape(token) + "/return" }

// Meta returns the head of the page of Test payments.
func (TestPaymentPage) Meta(s Shop) Meta {
	return s.private(s.Words.TestPayments, s.Words.PaymentSummary(s.Name))
}

// private returns the head of a page that is never in an index and has no address for others.
func (s Shop) private(title, description string) Meta {
	m := s.meta(title+" – "+s.Name, description)
	m.Canonical, m.NoIndex = "", true
	return m
}

// Meta returns the head of a page of text.
func (p TextPage) Meta(s Shop) Meta {
	return s.meta(p.Title+" – "+s.Name, First(p.Body, p.Title))
}

// Meta returns the head of the page before a shop goes live: never in an index.
func (SoonPage) Meta(s Shop) Meta {
	m := s.meta(s.Name+" – "+s.Words.OpeningSoon, First(s.Tagline, s.Words.OpensSoon(s.Name)))
	m.Canonical, m.NoIndex = "", true
	return m
}

// Meta returns the head of a page that isn't there: never in an index, at no address.
func (p ErrorPage) Meta(s Shop) Meta {
	m := s.meta(p.Title+" – "+s.Name, p.Message)
	m.Canonical, m.NoIndex = "", true
	return m
}

func (s Shop) meta(title, description string) Meta {
	m := Meta{Title: title, Description: Clip(description, 160), Canonical: s.URL(s.Path), Type: "website",
		NoIndex: s.NoIndex}
	m.Image = s.absolute(First(heroImage.Of(s), logo.Of(s)))
	return m
}

func (s Shop) absolute(image string) string {
	if strings.HasPrefix(image, "/") {
		return s.URL(image)
	}
	return image
}

func (s Shop) breadcrumbs(crumbs []Crumb) map[string]any {
	items := make([]any, len(crumbs))
	for i, c := range crumbs {
		item := map[string]any{"@type": "ListItem", "position": i + 1, "name": c.Label}
		if c.URL != "" {
			item["item"] = s.URL(c.URL)
		}
		items[i] = item
	}
	return map[string]any{"@type": "BreadcrumbList", "itemListElement": items}
}

func (s Shop) offers(p orbit.Product, address string) []any {
	offers := make([]any, len(p.Variants))
	for i, v := range p.Variants {
		availability := "https://schema.org/InStock"
		if v.Available() <= 0 {
			availability = "https://schema.org/OutOfStock"
		}
		offer := map[string]any{
			"@type": "Offer", "url": address, "priceCurrency": s.Currency,
			"itemCondition": "https://schema.org/NewCondition",
			"price":         orbit.Money{Amount: v.Price, Currency: s.Currency}.Decimal(), "availability": availability,
		}
		if v.SKU != "" {
			offer["sku"] = v.SKU
		}
		if orbit.IsGTIN(v.Barcode) {
			offer["gtin"] = v.Barcode
		}
		if Choices(p) {
			offer["name"] = VariantName(v)
		}
		offers[i] = offer
	}
	return offers
}

// dataBlock returns the JSON-LD of a page. encoding/json writes <, >, & and the line separators as
// \u escapes, so no text of a shop can end the script element.
func dataBlock(data []map[string]any) (string, error) {
	out, err := json.Marshal(map[string]any{"@context": "https://schema.org", "@graph": data})
	return string(out), err
}

// Paths of a shop's icons: of its logo, or its initial upon its accent color.
const (
	FaviconPath   = "/favicon.ico"          // 32 pixels
	TouchIconPath = "/apple-touch-icon.png" // 180 pixels
)

// Initial returns the letter that stands for a shop without a logo.
func Initial(name string) string {
	for _, r := range name {
		return strings.ToUpper(string(r))
	}
	return ""
}

// icon returns the address of the icon of a shop's own logo; without one, the shop's initial upon its accent color, as
// a data URL.
func icon(s Shop) string {
	if strings.HasPrefix(logo.Of(s), orbit.MediaPrefix) {
		return FaviconPath
	}
	accent := First(accent.Of(s), "#111111")
	initial := html.EscapeString(Initial(s.Name))
	svg := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="` +
		accent +
		`"/><text x="16" y="22.5" font-family="system-ui,sans-serif" font-size="18" font-weight="600" ` +
		`text-anchor="middle" fill="` + Ink(accent) + `">` + initial + `</text></svg>`
	return "data:image/svg+xml," + url.PathEscape(svg)
}
