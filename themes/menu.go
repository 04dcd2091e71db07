package themes

import (
	"net/url"
	"strings"

	"orbit360.app/orbit"
)

// Crumb is one step of the way to a page. The last has no URL: it is the page itself.
type Crumb struct{ Label, URL string }

// Navigation returns the main menu; a shop that has none shows its collections there.
func (s Shop) Navigation(collections []orbit.Collection) []orbit.MenuItem {
	if items := Links(s.Main); len(items) > 0 {
		return items
	}
	return s.CollectionLinks(collections)
}

// CollectionLinks returns collections as a menu, "all" first whether or not it is among them.
func (s Shop) CollectionLinks(collections []orbit.Collection) []orbit.MenuItem {
	items := []orbit.MenuItem{{Label: s.Words.AllProducts, URL: AllURL}}
	for _, c := range collections {
		if c.Handle != allHandle {
			items = append(items, orbit.MenuItem{Label: c.Title, URL: CollectionURL(c)})
		}
	}
	return items
}

// Links returns the items of a menu that lead somewhere: with a label, and a path or an http, https,
// mailto or tel address.
func Links(items []orbit.MenuItem) []orbit.MenuItem {
	var out []orbit.MenuItem
	for _, item := range items {
		u, err := url.Parse(strings.TrimSpace(item.URL))
		if err != nil || strings.TrimSpace(item.Label) == "" || item.URL == "" {
			continue
		}
		switch u.Scheme {
		case "", "http", "https", "mailto", "tel":
			out = append(out, item)
		}
	}
	return out
}

// Current returns the aria-current of a link: "page" where it leads to the page itself.
func (s Shop) Current(url string) string {
	if url == s.Path {
		return "page"
	}
	return ""
}
