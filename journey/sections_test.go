package journey

import (
	"strings"
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/journey/journeytest"
)

// TestSectionsByDrag drags the last section of the home page to the top, in each engine, and a first one by its
// buttons back down; what is published is in that order.
func TestSectionsByDrag(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	c := p.Client()
	c.SignIn()
	p.OpenShop(c, "modern")
	b := browsertest.New(t, browsertest.OneProcess())
	p.MoveIn(b, p.Welcome(c, "modern@example.com"))
	b.Press("Online store")
	b.See("Version 1")
	theme := b.Location()
	const first, last = ".part:first-child", ".part:last-child"
	order := func() string {
		return browsertest.Eval[string](b, `[...document.querySelectorAll('[name="config.sections"]')]
			.map(e => e.value).join()`)
	}
	for _, engine := range []string{"modern", "classic", "minimal"} {
		b.Open(theme + "?theme=upfront-" + engine)
		b.Press("Sections")
		before := strings.Split(order(), ",")
		bottom := before[len(before)-1]
		b.Drag(last+" [data-grip]", first)
		want := strings.Join(append([]string{bottom}, before[:len(before)-1]...), ",")
		if now := order(); now != want {
			t.Errorf("%s: dragged to the top: %s, not %s", engine, now, want)
		}
		b.Until(`document.querySelector("[data-moved]").textContent.includes(": 1 / ") &&
			!document.querySelector("[data-dragged]")`)
		b.Shot("dragged-" + engine)
		// A drag that isn't ended by the pointer's release at another place changes nothing.
		b.Drag(first+" [data-grip]", first)
		if now := order(); now != want {
			t.Errorf("%s: held and let go: %s", engine, now)
		}
		b.Click(first + ` [data-move="1"]`)
		moved := strings.Join(append([]string{before[0], bottom}, before[1:len(before)-1]...), ",")
		b.Until(`[...document.querySelectorAll('[name="config.sections"]')].map(e => e.value).join() === "` + moved + `"`)
		b.Press("Publish")
		b.See(" is live.")
		if now := order(); now != moved {
			t.Errorf("%s: published as %s, not %s", engine, now, moved)
		}
	}
}
