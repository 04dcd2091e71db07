package kit

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// Rewrite changes a page of a shop so that it can be looked at in another place: every address of the shop's own goes
// through address, head and body get something put in at their beginning, and forms that ask by GET get field.
type Rewrite struct {
	Address func(path string) string // of a path on this host, which begins with "/"
	Head    string
	Body    string
	Field   string
}

// links holds the attributes that hold an address the visitor goes to. Images and fonts stay where they are.
var links = map[string][]string{"a": {"href"}, "area": {"href"}, "form": {"action"}, "button": {"formaction"},
	"input": {"formaction"}, "link": {"href"}}

// HTML gives the page, changed.
func (r Rewrite) HTML(page []byte) []byte {
	out := bytes.NewBuffer(make([]byte, 0, len(page)+len(page)/4))
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out.Bytes() // the end: reading from memory has no other error
		}
		raw := bytes.Clone(z.Raw())
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			out.Write(raw)
			continue
		}
		token := z.Token()
		if r.change(&token) {
			out.WriteString(token.String())
		} else {
			out.Write(raw)
		}
		switch token.Data {
		case "head":
			out.WriteString(r.Head)
		case "body":
			out.WriteString(r.Body)
		case "form":
			if !strings.EqualFold(attribute(token, "method"), "post") {
				out.WriteString(r.Field)
			}
		}
	}
}

// change rewrites the addresses of a tag and reports whether there were any.
func (r Rewrite) change(token *html.Token) bool {
	names := links[token.Data]
	if token.Data == "link" && attribute(*token, "rel") != "stylesheet" {
		names = nil // canonical says where the page really is
	}
	changed := false
	for i, a := range token.Attr {
		isLink := strings.HasPrefix(a.Key, "hx-") && strings.HasPrefix(a.Val, "/")
		for _, n := range names {
			isLink = isLink || a.Key == n
		}
		if isLink && strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "//") &&
			!strings.HasPrefix(a.Val, "/static/") {
			token.Attr[i].Val = r.Address(a.Val)
			changed = true
		}
	}
	return changed
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
