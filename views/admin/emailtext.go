package admin

import (
	"context"
	"html"
	"io"
	"regexp"
	"strings"

	"github.com/a-h/templ"
)

// piece is a run of a text: words, or an address that people follow.
type piece struct {
	text string
	link bool
}

var address = regexp.MustCompile(`https?://[^\s<>"]+`)

// linked cuts a text at its addresses. What ends a sentence doesn't belong to the address before it.
func linked(text string) []piece {
	var pieces []piece
	rest := text
	for {
		at := address.FindStringIndex(rest)
		if at == nil {
			break
		}
		link := strings.TrimRight(rest[at[0]:at[1]], ".,;:!?)]}'’”")
		if at[0] > 0 {
			pieces = append(pieces, piece{text: rest[:at[0]]})
		}
		pieces = append(pieces, piece{link, true})
		rest = rest[at[0]+len(link):]
	}
	if rest != "" {
		pieces = append(pieces, piece{text: rest})
	}
	return pieces
}

// emailText is a text as it was written, white space and all, with its addresses to follow. A templ would add white
// space of its own.
func emailText(text string) templ.Component {
	var b strings.Builder
	b.WriteString(`<pre class="email-text">`)
	for _, p := range linked(text) {
		if p.link {
			b.WriteString(`<a class="link" target="_blank" rel="noopener noreferrer" href="` + html.EscapeString(p.text) + `">`)
		}
		b.WriteString(html.EscapeString(p.text))
		if p.link {
			b.WriteString("</a>")
		}
	}
	b.WriteString("</pre>")
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, b.String())
		return err
	})
}
