package themetest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"orbit360.app/orbit"
	"orbit360.app/static"
	"orbit360.app/themes"
)

// checkDocument holds a page against what every page keeps.
func checkDocument(t *testing.T, v View) {
	t.Helper()
	text := v.HTML(t)
	fail := func(format string, args ...any) { t.Helper(); t.Errorf(v.Name+": "+format, args...) }
	if !strings.HasPrefix(strings.ToLower(text), "<!doctype html><html") {
		fail("begins %.40q", text)
	}
	if err := nested(text); err != nil {
		fail("%v", err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for selector, want := range map[string]int{
		"h1": 1, "main#main": 1, "main": 1, "title": 1, "link[rel=stylesheet]": 1, "link[rel=icon]": 1, "html[lang]": 1,
		"html[dir]":           1,
		"meta[name=viewport]": 1, "meta[charset]": 1, "a.skip[href='#main']": 1,
		"style": 0, "script:not([type='application/ld+json'],[src='" + static.Path("shop.js") + "'])": 0, "script[src]": 1,
		"iframe": 0, "object": 0, "embed": 0, "base": 0, "[hx-get]": 0,
		"meta[http-equiv]:not([http-equiv=refresh][content$=';url=/orders/token/return'])": 0,
		"img:not([alt])": 0, "nav:not([aria-label],[aria-labelledby])": 0, "a:not([href])": 0,
		"button:not([popovertarget],[type=submit])": 0, "svg:not([aria-hidden])": 0,
		"form:not([action^='/'])": 0, "form:not([method=post],[method=get])": 0, "form form": 0,
		"fieldset:not(:has(legend))": 0,
	} {
		if got := doc.Find(selector).Length(); got != want {
			fail("%d of %s, want %d", got, selector, want)
		}
	}
	if first := doc.Find("body a").First(); !first.HasClass("skip") {
		fail("the first link doesn't skip to the content")
	}
	if title := doc.Find("title").Text(); !strings.Contains(title, v.Shop.Name) {
		fail("title %q doesn't name the shop", title)
	}
	if n := len([]rune(doc.Find("meta[name=description]").AttrOr("content", ""))); n > 160 {
		fail("the description has %d characters, want at most 160", n)
	}
	checkHeadings(doc, fail)
	checkElements(doc, fail)
	doc.Find("script:not([src])").Each(func(_ int, s *goquery.Selection) {
		var data struct {
			Context string           `json:"@context"`
			Graph   []map[string]any `json:"@graph"`
		}
		if err := json.Unmarshal([]byte(s.Text()), &data); err != nil || data.Context != "https://schema.org" ||
			len(data.Graph) == 0 {
			fail("JSON-LD: %v", err)
		}
	})
}

func checkHeadings(doc *goquery.Document, fail func(string, ...any)) {
	level := 0
	doc.Find("main :is(h1,h2,h3,h4)").Each(func(_ int, s *goquery.Selection) {
		n := int(goquery.NodeName(s)[1] - '0')
		if n > level+1 {
			fail("%s %q follows a heading of level %d", goquery.NodeName(s), s.Text(), level)
		}
		level = n
		if strings.TrimSpace(s.Text()) == "" {
			fail("an empty %s", goquery.NodeName(s))
		}
	})
}

func checkElements(doc *goquery.Document, fail func(string, ...any)) {
	ids, names := map[string]bool{}, map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		if id := s.AttrOr("id", ""); id == "" || ids[id] || strings.ContainsAny(id, " \t") {
			fail("id %q is empty, odd or there twice", id)
		} else {
			ids[id] = true
		}
	})
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, a := range s.Get(0).Attr {
			switch {
			case a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-") ||
				strings.HasPrefix(a.Key, "data-hx"):
				fail("%s has the attribute %s", goquery.NodeName(s), a.Key)
			case slices.Contains([]string{"aria-labelledby", "aria-describedby", "popovertarget", "for"}, a.Key) && !ids[a.Val]:
				fail("%s=%q leads to no element", a.Key, a.Val)
			case a.Key == "fill" && strings.HasPrefix(a.Val, "url(#") && !ids[strings.TrimSuffix(a.Val[5:], ")")]:
				fail("fill %s leads to no element", a.Val)
			case a.Key == "href" || a.Key == "src":
				if !safe(goquery.NodeName(s), a.Val) {
					fail("%s leads to %q", goquery.NodeName(s), a.Val)
				}
			}
		}
	})
	doc.Find("input:not([type=hidden]),select,textarea").Each(func(_ int, s *goquery.Selection) {
		if s.Closest("label").Length() == 0 && doc.Find("label[for='"+s.AttrOr("id", "")+"']").Length() != 1 {
			fail("the field %s has no label", s.AttrOr("name", ""))
		}
	})
	doc.Find("nav").Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("aria-label", "#"+s.AttrOr("aria-labelledby", ""))
		if names[name] {
			fail("two navs are called %q", name)
		}
		names[name] = true
	})
	doc.Find("a,button").Each(func(_ int, s *goquery.Selection) {
		if strings.TrimSpace(s.Text()) == "" && s.AttrOr("aria-label", "") == "" && s.Find("img[alt]").Length() == 0 {
			fail("a %s without a name", goquery.NodeName(s))
		}
	})
}

// safe reports whether an address is one that a page may hold: pages this shop really has, what is
// beside them on its host, and what can't run.
func safe(element, address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "https", "http", "mailto", "tel":
		return element != "a" || u.Scheme == "mailto" || u.Scheme == "tel" || u.Scheme == "https"
	case "data":
		return element == "link" && strings.HasPrefix(address, "data:image/svg+xml,")
	case "":
	default:
		return false
	}
	if element != "a" || strings.HasPrefix(address, "#") || u.Path == "/" {
		return u.Host == ""
	}
	if u.Path == "/cart" || u.Path == "/checkout" || u.Path == "/search" {
		return u.Host == ""
	}
	for _, prefix := range []string{"/collections/", "/products/", "/pages/"} {
		if rest, ok := strings.CutPrefix(u.EscapedPath(), prefix); ok && rest != "" && !strings.Contains(rest, "/") {
			return true
		}
	}
	return false
}

var void = map[string]bool{"meta": true, "link": true, "img": true, "br": true, "hr": true, "input": true}

// nested reports whether every element that is opened is closed, in order. The parser alone would
// mend such faults in silence.
func nested(text string) error {
	z := html.NewTokenizer(strings.NewReader(text))
	var open []string
	for {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				return z.Err()
			}
			if len(open) > 0 {
				return fmt.Errorf("%v never closed", open)
			}
			return nil
		case html.StartTagToken:
			if name, _ := z.TagName(); !void[string(name)] {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				return fmt.Errorf("</%s> closes %v", name, open)
			}
			open = open[:len(open)-1]
		}
	}
}

// testHostileText puts attacks wherever people's words go: they arrive as text, word for word.
func testHostileText(t *testing.T, e themes.Engine) {
	kinds := map[reflect.Type]bool{}
	for _, target := range attacked("") {
		kinds[reflect.TypeOf(target.page)] = true
	}
	for _, v := range Views(e) {
		if !kinds[reflect.TypeOf(v.Page)] {
			t.Errorf("%T isn't attacked", v.Page)
		}
	}
	for _, attack := range hostile {
		shop := Shop(e, "/"+attack)
		shop.Name, shop.Tagline = attack, attack
		shop.Main = []orbit.MenuItem{{Label: attack, URL: "/pages/x"}, {Label: attack, URL: "javascript:alert(1)"},
			{Label: attack, URL: "data:text/html,x"}, {Label: attack, URL: `/pages/"onmouseover=alert(1)`}}
		shop.Footer = shop.Main
		given := orbit.Settings{}
		for _, s := range e.Schema() {
			if s.Kind == themes.Text {
				given[s.Key] = attack
			}
		}
		shop.Settings = e.Schema().Resolve(given)
		for name, target := range attacked(attack) {
			v := View{Name: fmt.Sprintf("%s with %q", name, attack), Engine: e, Shop: shop, Page: target.page}
			checkDocument(t, v)
			doc, err := goquery.NewDocumentFromReader(strings.NewReader(v.HTML(t)))
			if err != nil {
				t.Fatal(err)
			}
			if h1 := strings.TrimSpace(doc.Find("h1").Text()); target.heading != "" && h1 != target.heading {
				t.Errorf("%s: the heading reads %q", v.Name, h1)
			}
			if n := doc.Find("img,svg[onload],div[hx-get]").Length(); n > 0 {
				t.Errorf("%s: %d elements came out of text", v.Name, n)
			}
		}
	}
}

// testIndex looks at what search engines read.
func testIndex(t *testing.T, e themes.Engine) {
	for _, v := range Views(e) {
		for _, preview := range []bool{false, true} {
			v.Shop.NoIndex = preview
			doc, err := goquery.NewDocumentFromReader(strings.NewReader(v.HTML(t)))
			if err != nil {
				t.Fatal(err)
			}
			if got := doc.Find("meta[name=robots][content=noindex]").Length() == 1; got != (v.Hidden || preview) {
				t.Errorf("%s: noindex is %v", v.Name, got)
			}
			canonical := doc.Find("link[rel=canonical]").AttrOr("href", "")
			want := v.Shop.URL(v.Shop.Path)
			if v.Name == "browse" {
				want += "?page=2"
			}
			if v.Hidden {
				want = ""
			}
			if canonical != want {
				t.Errorf("%s: canonical %q, want %q", v.Name, canonical, want)
			}
			for _, property := range []string{"og:title", "og:type", "og:site_name", "og:description"} {
				if doc.Find("meta[property='"+property+"']").AttrOr("content", "") == "" {
					t.Errorf("%s: no %s", v.Name, property)
				}
			}
			if v.Name == "product" {
				data := doc.Find("script:not([src])").Text()
				for _, part := range []string{`"@type":"Product"`, `"@type":"Offer"`, `"price":"134.00"`, `"priceCurrency":"USD"`,
					"InStock", "OutOfStock", `"@type":"BreadcrumbList"`} {
					if !strings.Contains(data, part) {
						t.Errorf("product: JSON-LD has no %s", part)
					}
				}
			}
		}
	}
}
