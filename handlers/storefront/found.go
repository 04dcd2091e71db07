package storefront

import (
	"encoding/xml"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
)

// What search engines and readers of feeds fetch. It is only ever about the shop that the host belongs to, and
// names the host that canonical links name.

func (s *Storefront) showRobots(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "text/plain; charset=utf-8")
	here := shopOf(c)
	if !here.Merchant.Live() {
		return c.SendString("User-agent: *\nDisallow: /\n")
	}
	return c.SendString(
		"User-agent: *\nDisallow: /cart\nDisallow: /checkout\nDisallow: /orders/\nDisallow: /search\nAllow: /\n\nSitemap: " +
			s.Addresses.Host(here.Primary) + "/sitemap.xml\n")
}

type (
	siteMap struct {
		XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URLs    []siteMapURL `xml:"url"`
	}
	siteMapURL struct {
		Loc     string `xml:"loc"`
		LastMod string `xml:"lastmod,omitempty"`
	}
)

// showSitemap lists every page that an index should know (sitemaps.org protocol 0.9).
func (s *Storefront) showSitemap(c *fiber.Ctx) error {
	var entries []shop.Entry
	if err := s.read(c, func(r *shop.Reader) error { r.Entries(&entries); return nil }); err != nil {
		return err
	}
	base := s.Addresses.Host(shopOf(c).Primary)
	m := siteMap{URLs: []siteMapURL{{Loc: base + "/"}}}
	for _, e := range entries {
		m.URLs = append(m.URLs, siteMapURL{base + "/" + e.Kind + "/" + url.PathEscape(e.Handle),
			e.Changed.UTC().Format(time.RFC3339)})
	}
	return sendXML(c, "application/xml; charset=utf-8", m)
}

type (
	feed struct {
		XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Title    string      `xml:"title"`
		Subtitle string      `xml:"subtitle,omitempty"`
		ID       string      `xml:"id"`
		Updated  string      `xml:"updated"`
		Links    []feedLink  `xml:"link"`
		Author   string      `xml:"author>name"`
		Entries  []feedEntry `xml:"entry"`
	}
	feedLink struct {
		Rel  string `xml:"rel,attr,omitempty"`
		Href string `xml:"href,attr"`
	}
	feedEntry struct {
		Title   string   `xml:"title"`
		ID      string   `xml:"id"`
		Updated string   `xml:"updated"`
		Link    feedLink `xml:"link"`
		Summary string   `xml:"summary,omitempty"`
	}
)

// showFeed lists the newest products (RFC 4287). Its ids are of shop and product, whatever the shop's host.
func (s *Storefront) showFeed(c *fiber.Ctx) error {
	here := shopOf(c)
	var products []orbit.Product
	if err := s.read(c, func(r *shop.Reader) error { r.Newest(20, &products); return nil }); err != nil {
		return err
	}
	base := s.Addresses.Host(here.Primary)
	updated := here.Settings.UpdatedAt
	f := feed{Title: here.Merchant.Name, Subtitle: here.Settings.Tagline, ID: "urn:uuid:" + here.Merchant.PublicName(),
		Author: here.Merchant.Name,
		Links:  []feedLink{{"self", base + "/feed.xml"}, {"", base + "/"}}}
	for _, p := range products {
		if p.UpdatedAt.After(updated) {
			updated = p.UpdatedAt
		}
		price := orbit.Money{Amount: p.Price(), Currency: here.Settings.Currency}.String()
		f.Entries = append(f.Entries, feedEntry{p.Title, "urn:uuid:" + p.ID.String(), p.UpdatedAt.UTC().Format(time.RFC3339),
			feedLink{Href: base + themes.ProductURL(p)}, themes.Clip(price+". "+p.Description, 500)})
	}
	f.Updated = updated.UTC().Format(time.RFC3339)
	return sendXML(c, "application/atom+xml; charset=utf-8", f)
}

func sendXML(c *fiber.Ctx, contentType string, v any) error {
	out, err := xml.Marshal(v)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, contentType)
	return c.Send(append([]byte(xml.Header), out...))
}
