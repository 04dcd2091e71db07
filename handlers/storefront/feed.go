package storefront

import (
	"encoding/xml"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/themes"
)

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

// newest is how many products the feed has.
const newest = 20

// showFeed lists the newest products (RFC 4287). Its ids are of shop and product, whatever the shop's host.
func (r *routes) showFeed(v view) (answer, error) {
	q := v.scope.Reader()
	products := q.Newest(newest)
	if err := v.read(q); err != nil {
		return answer{}, err
	}
	here, base := v.shop, v.frame.BaseURL
	updated := here.Settings.UpdatedAt
	f := feed{Title: here.Merchant.Name, Subtitle: here.Settings.Tagline, ID: "urn:uuid:" + here.Merchant.PublicName(),
		Author: here.Merchant.Name,
		Links:  []feedLink{{"self", base + "/feed.xml"}, {"", base + "/"}}}
	for _, p := range products.Value {
		if p.UpdatedAt.After(updated) {
			updated = p.UpdatedAt
		}
		price := orbit.Money{Amount: p.Price(), Currency: here.Settings.Currency}.String()
		f.Entries = append(f.Entries, feedEntry{p.Title, "urn:uuid:" + p.ID.String(), p.UpdatedAt.UTC().Format(time.RFC3339),
			feedLink{Href: base + themes.ProductURL(p)}, themes.Clip(price+". "+p.Description, 500)})
	}
	f.Updated = updated.UTC().Format(time.RFC3339)
	return xmlFile("application/atom+xml; charset=utf-8", f)
}
