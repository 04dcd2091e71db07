package journey

import (
	"strings"
	"testing"
	"time"

	"orbit360.app/browsertest"
)

// What a person takes, by the keystroke-level model of Card, Moran and Newell, "The keystroke-level model for user
// performance time with interactive systems", Communications of the ACM 23 (7), 1980: an average typist, who thinks
// before each choice and finds each thing with the mouse. Its authors have nothing to say of reading: that is 238 words
// a minute, from Brysbaert, "How many words do we read per minute?", Journal of Memory and Language 109, 2019.
const (
	aKey    = 280 * time.Millisecond // a press of the mouse's button is one too
	aPoint  = 1100 * time.Millisecond
	aMove   = 400 * time.Millisecond // of the hand, from the mouse to the keys or back
	aDecide = 1350 * time.Millisecond
	aWord   = time.Minute / 238
)

// hand is a person at one or more devices. What it does there is counted.
type hand struct {
	fields, keys, choices, files, presses, pages, words int
	works                                               time.Duration
}

// device is a browser in somebody's hand.
type device struct {
	*browsertest.Browser
	h  *hand
	at string // the page that was read
}

func (h *hand) takes(b *browsertest.Browser) *device { return &device{Browser: b, h: h} }

// reads has a person read a page that they have come to: its main part, without what lists offer.
func (d *device) reads() {
	at := browsertest.Eval[string](d.Browser, `location.pathname`)
	if at == d.at {
		return
	}
	d.at = at
	d.h.pages++
	d.h.words += browsertest.Eval[int](d.Browser, `(() => {
		const walk = document.createTreeWalker(document.querySelector('main') ?? document.body, NodeFilter.SHOW_TEXT);
		let words = 0;
		while (walk.nextNode()) {
			const of = walk.currentNode.parentElement;
			if (of.checkVisibility() && !of.closest('select, svg, script, noscript'))
				words += walk.currentNode.data.split(/\s+/).filter(Boolean).length;
		}
		return words;
	})()`)
}

// points thinks of what is next, finds it, and presses.
func (h *hand) points() { h.works += aDecide + aPoint + aKey }

// Visit opens a page that people reach by a link or a bookmark: one press.
func (d *device) Visit(url string) {
	d.h.presses++
	d.h.points()
	d.Open(url)
	d.reads()
}

func (d *device) Fill(label, value string) {
	d.Browser.Fill(label, value)
	d.reads()
	d.h.fields++
	n := len([]rune(value))
	d.h.keys += n
	d.h.points()
	d.h.works += 2*aMove + time.Duration(n)*aKey
}

func (d *device) Choose(label, option string) {
	d.Browser.Choose(label, option)
	d.reads()
	d.h.choices++
	d.h.points()
	d.h.works += aPoint + aKey
}

func (d *device) Upload(selector, file string) {
	d.Browser.Upload(selector, file)
	d.reads()
	d.h.files++
	d.h.points()
	d.h.points() // in the window that the system opens
	d.h.works += aKey
}

func (d *device) Press(words string) {
	d.Until(`document.readyState === 'complete'`)
	d.reads()
	d.Browser.Press(words)
	d.h.presses++
	d.h.points()
}

// count logs what was counted so far, and fails where a person would be at it for longer than they should.
func (h *hand) count(t *testing.T, what string, most time.Duration) {
	t.Helper()
	reads := time.Duration(h.words) * aWord
	t.Logf("%s: %d fields of %d characters, %d choices, %d files, %d presses, %d pages of %d words; %v of a person's "+
		"time by the keystroke-level model, and %v to read every word once: %v", what, h.fields, h.keys, h.choices,
		h.files, h.presses, h.pages, h.words, h.works.Round(time.Second), reads.Round(time.Second),
		(h.works + reads).Round(time.Second))
	if h.works+reads > most {
		t.Errorf("%s takes longer than %v", what, most)
	}
}

// saves is JavaScript that is true once n fields of the page say that they are saved.
func saves(n string) string {
	return strings.ReplaceAll(`[...document.querySelectorAll('.saving .verdict[data-tone=success]')].length === N`, "N", n)
}
