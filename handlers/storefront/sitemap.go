package storefront

import (
	"encoding/xml"
	"strings"
	"time"
)

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
func (r *routes) showSitemap(v view) (answer, error) {
	q := v.scope.Reader()
	entries := q.Sitemap()
	if err := v.read(q); err != nil {
		return answer{}, err
	}
	var m siteMap
	kinds := map[string]Page{} // by the first part of the path
	for _, p := range r.pages() {
		kind, _, deep := strings.Cut(p.Path[1:], "/")
		switch {
		case p.Listed && deep:
			kinds[kind] = p
		case p.Listed:
			m.URLs = append(m.URLs, siteMapURL{Loc: v.frame.BaseURL + p.Path})
		}
	}
	for _, e := range entries.Value {
		if p, ok := kinds[e.Kind]; ok {
			m.URLs = append(m.URLs, siteMapURL{v.frame.BaseURL + p.At(e.Handle), e.Changed.UTC().Format(time.RFC3339)})
		}
	}
	return xmlFile("application/xml; charset=utf-8", m)
}

func xmlFile(kind string, v any) (answer, error) {
	out, err := xml.Marshal(v)
	return answer{file: append([]byte(xml.Header), out...), kind: kind}, err
}
