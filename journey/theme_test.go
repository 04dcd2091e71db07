package journey

import (
	"strconv"
	"strings"
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/journey/journeytest"
)

// TestThemeEditor is a merchant's way through the theme editor, with scripts and without: change a color and a text,
// see the shop in them before anybody else, put its sections into another order, publish, restore the version before.
func TestThemeEditor(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	c := p.Client()
	c.SignIn()
	for shop, scripts := range map[string]bool{"modern": true, "classic": false} {
		p.OpenShop(c, shop)
		t.Run(map[bool]string{true: "scripts", false: "noscripts"}[scripts], func(t *testing.T) {
			t.Parallel()
			b := browsertest.New(t, browsertest.Scripts(scripts), browsertest.OneProcess())
			p.MoveIn(b, p.Welcome(c, shop+"@example.com"))
			b.See("Juniper " + shop)
			b.Press("Online store")
			dressUp(t, p, b, shop, scripts)
		})
	}
}

// dressUp goes from the editor's first page to a version that is restored.
func dressUp(t *testing.T, p *journeytest.Program, b *browsertest.Browser, shop string, scripts bool) {
	t.Helper()
	public := func(words string) bool {
		status, body, _, err := p.Client().Do(shop, "/")
		return err == nil && status == 200 && strings.Contains(body, words)
	}
	b.UntilInFrame(`document.body.innerText.includes("Stoneware Mug") && !!document.querySelector(".orbit-preview")`)
	b.Fits("editor")
	b.Resize(browsertest.Narrow)
	b.Fits("editor-390")
	b.Resize(browsertest.Wide)

	b.Set("#config-background", "#102030")
	b.Press("Header")
	b.Fill("Announcement", "Hello </style><script>from June")
	if !scripts {
		b.Keys("\r") // shows the preview, and publishes nothing
	}
	b.UntilInFrame(
		`document.body.innerText.includes("Hello </style><script>from June")
			&& getComputedStyle(document.body).backgroundColor === "rgb(16, 32, 48)"`)
	if scripts {
		// The sandbox lets it have its fonts, and the next preview begins where this one was.
		b.UntilInFrame(`[...document.fonts].some(f => f.status === "loaded")`)
		b.UntilInFrame(`(scrollTo(0, 500), scrollY > 400)`)
		b.Fill("Announcement", "Hello from further down")
		b.UntilInFrame(`document.body.innerText.includes("Hello from further down") && scrollY > 400`)
		// Walk about in the frame: the next change shows the page that was come to.
		b.UntilInFrame(
			`(() => { const a = document.querySelector('a[href^="/products/"]'); if (a) a.click(); return !!a })()`)
		b.UntilInFrame(`location.pathname.startsWith("/products/") && document.readyState === "complete"`)
		b.Until(`document.querySelector("form#theme").elements.at.value.startsWith("/products/")`)
		b.Fill("Announcement", "Hello from Juniper")
		b.UntilInFrame(`location.pathname.startsWith("/products/") && document.body.innerText.includes("Hello from Juniper")`)
		b.Click(`[name=page][value="/"]`)
		b.UntilInFrame(`location.pathname === "/"`)
	}
	b.Press("Sections")
	b.On(`document.querySelector('[aria-label="Move Products up"]')`, `e.focus(); e.click()`)
	if scripts {
		b.On(`document.activeElement`, `e.click()`)
	} else {
		b.Until(`document.readyState === "complete"
			&& document.querySelector(".part:first-child label").innerText === "Products"`)
		kept := browsertest.Eval[string](b, `document.querySelector("#config-background").value +
			document.querySelector("#config-announcement").value`)
		if kept != "#102030Hello </style><script>from June" {
			t.Errorf("of what was typed is left %q", kept)
		}
	}
	if scripts {
		b.On(`document.querySelector("#config-announcement")`, `e.focus()`)
		b.Keys("\r")
	}
	b.UntilInFrame(`!!(document.querySelector("#featured").compareDocumentPosition(document.querySelector("h1"))
		& Node.DOCUMENT_POSITION_FOLLOWING)`)
	b.Shot("changed")
	if public("from June") || public("Juniper</p>") {
		t.Fatal("what isn't published is public")
	}

	// The dark background makes its text hard to read: that is said first, and kept if it is meant.
	b.Press("Publish")
	b.See("Some colors are hard to read")
	b.Fits("unreadable")
	b.Press("Publish with these colors")
	b.See("Version 2 is live.")
	p.Until("the release on the public shop", func() bool { return public("Hello") })
	b.Shot("published")
	b.Press("Version history")
	b.See("Version 1")
	b.Fits("releases")
	b.Press("Restore")
	b.See("Restore version 1?")
	b.Shot("rollback")
	b.Press("Restore version")
	b.See("Version 1 is live again.")
	p.Until("the first release on the public shop", func() bool { return !public("Hello") })
	b.See("Restore")
	b.Resize(browsertest.Narrow)
	b.Fits("releases-" + strconv.Itoa(390))
	b.Open(strings.Replace(b.Location(), "/releases", "/themes", 1))
	b.See("Upfront Minimal")
	b.Fits("themes-390")
	b.Resize(browsertest.Wide)
	b.Shot("themes")
}
