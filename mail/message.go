package mail

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// message is what an email says. Its HTML and its text are both made of it, so neither can lack what the other has.
type message struct {
	Subject   string
	Preheader string // what a mailbox shows behind the subject
	Title     string
	Greeting  string
	Words     []string // paragraphs
	Button    link
	Note      string // small, under the button
	Bill      []billRow
	Facts     []fact
	Steps     steps
	Closing   string // one more paragraph, "" for none
	Why       string // why this person gets this email
	Platform  link   // who sends it; the platform itself where empty
	Shop      string // stands in the place of the platform's mark, for a shop's emails
}

// billRow is one amount of an order.
type billRow struct {
	Label, Amount string
	Total         bool
}

type link struct{ Label, URL string }

type fact struct {
	Label, Value string
	Link         bool // the value is a URL
	Mono         bool
}

type steps struct {
	Title string
	Items []step
}

type step struct{ Name, Detail string }

// textWidth is where lines of the text form break (RFC 5322, section 2.1.1, asks for 78 at most).
const textWidth = 74

// text returns the message without markup. URLs stand alone on their lines, so that mail programs link all of them.
func (m message) text() string {
	var b strings.Builder
	para := func(s string) {
		if s != "" {
			b.WriteString(wrap(s, "", "") + "\n\n")
		}
	}
	para(m.Title)
	para(m.Greeting)
	for _, w := range m.Words {
		para(w)
	}
	if m.Button.URL != "" {
		fmt.Fprintf(&b, "%s:\n%s\n\n", m.Button.Label, m.Button.URL)
	}
	para(m.Note)
	for _, r := range m.Bill {
		b.WriteString(wrap(r.Label+": "+r.Amount, "", "  ") + "\n")
	}
	if len(m.Bill) > 0 {
		b.WriteByte('\n')
	}
	for _, f := range m.Facts {
		if f.Link {
			fmt.Fprintf(&b, "%s:\n%s\n", f.Label, f.Value)
		} else {
			b.WriteString(wrap(f.Label+": "+f.Value, "", "  ") + "\n")
		}
	}
	if len(m.Facts) > 0 {
		b.WriteByte('\n')
	}
	if len(m.Steps.Items) > 0 {
		b.WriteString(m.Steps.Title + ":\n\n")
		for i, s := range m.Steps.Items {
			b.WriteString(wrap(fmt.Sprintf("%d. %s. %s", i+1, s.Name, s.Detail), "", "   ") + "\n")
		}
		b.WriteByte('\n')
	}
	para(m.Closing)
	b.WriteString("-- \n" + wrap(m.Why, "", "") + "\n" + m.Platform.Label + " · " + m.Platform.URL + "\n")
	return b.String()
}

// wrap breaks one paragraph into lines; words that are longer than a line, such as URLs, stay whole.
func wrap(s, first, rest string) string {
	var b strings.Builder
	b.WriteString(first)
	width := utf8.RuneCountInString(first)
	for i, word := range strings.Fields(s) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case width+1+n > textWidth:
			b.WriteString("\n" + rest)
			width = utf8.RuneCountInString(rest)
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += n
	}
	return b.String()
}
