package orbit

import (
	"html"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// MaxHTML is how long a formatted text can be, in bytes, with its elements.
const MaxHTML = 64 << 10

// richText is what formatted texts may hold: what an editor makes, and what descriptions from elsewhere bring that is
// content. Looks are the theme's: no style, no class, no script, no frame, no form.
var richText = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "b", "em", "i", "u", "s", "del", "ins",
		"sub", "sup", "small", "mark", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "code", "hr", "figure",
		"figcaption", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("title").OnElements("a", "img")
	p.AllowAttrs("src").OnElements("img")
	p.AllowAttrs("alt").Matching(regexp.MustCompile(`^[^<>]*$`)).OnElements("img")
	p.AllowAttrs("width", "height").Matching(regexp.MustCompile(`^[0-9]{1,5}$`)).OnElements("img")
	p.AllowAttrs("colspan", "rowspan").Matching(regexp.MustCompile(`^[0-9]{1,3}$`)).OnElements("th", "td")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,5}$`)).OnElements("ol")
	p.AllowURLSchemes("https", "http", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	return p
})

// CleanHTML returns what of a formatted text a shop shows, and its text alone: an empty line between paragraphs. What
// says no more than the text does is "". Cleaned again it stays as it is.
func CleanHTML(s string) (clean, text string) {
	clean = strings.TrimSpace(richText().Sanitize(Clean(s)))
	for range 3 { // what a browser would mend once, it mends in one form
		again := strings.TrimSpace(richText().Sanitize(clean))
		if again == clean {
			break
		}
		clean = again
	}
	text = TextOfHTML(clean)
	if plain := HTMLOf(text); clean == plain || !strings.Contains(clean, "<") {
		return "", text
	}
	return clean, text
}

// HTMLOf returns paragraphs of plain text as HTML.
func HTMLOf(text string) string {
	if text == "" {
		return ""
	}
	var b strings.Builder
	for _, p := range regexp.MustCompile(`\n{2,}`).Split(text, -1) {
		b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(p), "\n", "<br>") + "</p>")
	}
	return b.String()
}

// TextOfHTML returns the text of HTML: a block is a paragraph of its own, a line break a line, an image its
// description.
func TextOfHTML(s string) string {
	var b strings.Builder
	breaks := 0 // line breaks that stand before the next text
	write := func(t string) {
		if b.Len() > 0 {
			b.WriteString(strings.Repeat("\n", breaks))
		}
		breaks = 0
		b.WriteString(t)
	}
	z := nethtml.NewTokenizer(strings.NewReader(s))
	pre, space := 0, false
	for {
		kind := z.Next()
		if kind == nethtml.ErrorToken {
			return strings.TrimSpace(b.String())
		}
		token := z.Token()
		switch kind {
		case nethtml.TextToken:
			t := token.Data
			if pre == 0 {
				words := strings.Join(strings.Fields(t), " ")
				if words == "" {
					space = space || t != ""
					continue
				}
				if (space || strings.IndexFunc(t, isBlank) == 0) && breaks == 0 && b.Len() > 0 {
					words = " " + words
				}
				last, _ := utf8.DecodeLastRuneInString(t)
				space, t = isBlank(last), words
			}
			write(t)
		case nethtml.StartTagToken, nethtml.EndTagToken, nethtml.SelfClosingTagToken:
			switch token.DataAtom {
			case atom.Br:
				breaks = min(breaks+1, 2)
			case atom.Li, atom.Tr, atom.Dt, atom.Dd:
				breaks = max(breaks, 1)
			case atom.Td, atom.Th:
				space = true
				continue
			case atom.P, atom.Div, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Dl,
				atom.Blockquote, atom.Hr, atom.Figure, atom.Figcaption, atom.Table, atom.Caption, atom.Pre:
				breaks = 2
				if token.DataAtom == atom.Pre {
					pre += map[nethtml.TokenType]int{nethtml.StartTagToken: 1, nethtml.EndTagToken: -1}[kind]
					pre = max(pre, 0)
				}
			default:
				continue
			}
			space = false
		}
	}
}

func isBlank(r rune) bool { return strings.ContainsRune(" \t\n\r\f", r) }

// rich checks a formatted text that a person or a program wrote.
func (f *Faults) rich(field, label, value string) (clean, text string) {
	switch why := unfit(Clean(value), true); {
	case why != "":
		f.Add(field, "", "%s %s.", label, why)
		return "", ""
	case len(value) > MaxHTML:
		f.Add(field, "", "%s can have at most %d characters, with its formatting.", label, MaxHTML)
		return "", ""
	}
	clean, text = CleanHTML(value)
	if text == "" && !strings.Contains(clean, "<img") {
		return "", ""
	}
	return clean, text
}
