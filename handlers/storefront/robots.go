package storefront

import "strings"

// What search engines fetch names the host that canonical links name, and nothing but the shop that it belongs to.

func (r *routes) showRobots(v view) (answer, error) {
	text := "User-agent: *\nDisallow: /\n"
	if v.shop.Merchant.Live() {
		text = "User-agent: *\n" + disallowed(r.pages()) + "Allow: /\n\nSitemap: " + v.frame.BaseURL + "/sitemap.xml\n"
	}
	return answer{file: []byte(text), kind: "text/plain; charset=utf-8"}, nil
}

// disallowed returns the lines of robots.txt for the pages that search engines may not fetch.
func disallowed(table []Page) string {
	var lines strings.Builder
	for _, p := range table {
		if p.Shown() && !p.Crawled {
			before, _, _ := strings.Cut(p.Path, ":")
			if line := "Disallow: " + before + "\n"; !strings.Contains(lines.String(), line) {
				lines.WriteString(line)
			}
		}
	}
	return lines.String()
}
