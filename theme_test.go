package main

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// TestThemeEditor is a merchant's way through the theme editor, with scripts and without: change a colour and a text, see
// the shop in them before anybody else, put its sections into another order, publish, take it back.
func TestThemeEditor(t *testing.T) {
	t.Parallel()
	p := install(t)
	p.start()
	c := p.client()
	c.signIn()
	for shop, scripts := range map[string]bool{"modern": true, "classic": false} {
		p.openShop(c, shop)
		t.Run(map[bool]string{true: "scripts", false: "noscripts"}[scripts], func(t *testing.T) {
			t.Parallel()
			b := openBrowser(t, scripts, chromedp.Flag("disable-site-isolation-trials", true), chromedp.Flag("disable-features", "SitePerProcess,IsolateOrigins")) // inFrame looks into another host's page
			b.open(p.url("dashboard", p.welcome(c, shop+"@example.com")))
			b.fill("Password", "a long enough password")
			b.fill("Repeat password", "a long enough password")
			b.press("Set password")
			b.see("Juniper " + shop)
			b.press("Theme")
			b.dressUp(p, shop, scripts)
		})
	}
}

// welcome is the path of the link in somebody's welcome mail.
func (p *program) welcome(admin *client, email string) string {
	p.t.Helper()
	list, _ := admin.must(200, "admin", "/mail?q="+email)
	for _, m := range regexp.MustCompile(`/mail/[0-9a-f-]{36}`).FindAllString(list, -1) {
		body, _ := admin.must(200, "admin", m)
		if found := passwordLink.FindString(body); found != "" {
			return found
		}
	}
	p.t.Fatal("no welcome mail")
	return ""
}

// inFrame waits for something to be true in the preview, which is a page of another host.
func (b *browser) inFrame(what, js string) {
	b.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		tree, err := chromedp.Call(b.ctx, page.GetFrameTree, struct{}{})
		if err == nil {
			// A frame that waits behind the one that is shown comes after it.
			for _, frame := range tree.FrameTree.ChildFrames[:min(1, len(tree.FrameTree.ChildFrames))] {
				world, err := chromedp.Call(b.ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: frame.Frame.ID})
				if err != nil {
					continue
				}
				yes := true
				v, err := chromedp.Call(b.ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: js, ContextID: world.ExecutionContextID, ReturnByValue: &yes})
				if err == nil && v.Result != nil && string(v.Result.Value) == "true" {
					return
				}
			}
		}
		if time.Now().After(deadline) {
			b.shot("failure")
			b.t.Fatalf("waited for %s in the preview, %v, %d frames", what, err, len(tree.FrameTree.ChildFrames))
		}
	}
}

func (b *browser) dressUp(p *program, shop string, scripts bool) {
	b.t.Helper()
	public := func(words string) bool {
		status, body, _, err := p.client().do(shop, "/")
		return err == nil && status == 200 && strings.Contains(body, words)
	}
	b.inFrame("the shop as it is", `document.body.innerText.includes("Stoneware Mug") && !!document.querySelector(".orbit-preview")`)
	b.fits("editor")
	b.do(chromedp.EmulateViewport(390, 844))
	b.fits("editor-390")
	b.do(chromedp.EmulateViewport(1440, 900))

	eval[bool](b, `(() => { const e = document.querySelector("#config-background"); e.value = "#102030"; e.dispatchEvent(new Event("input", {bubbles: true})); return true })()`)
	b.press("Header")
	b.fill(map[string]string{"modern": "Announcement", "classic": "Utility bar"}[shop], "Hello </style><script>from June")
	if !scripts {
		b.do(chromedp.KeyEvent("\r")) // shows the preview, and publishes nothing
	}
	b.inFrame("the new text and colour", `document.body.innerText.includes("Hello </style><script>from June") && getComputedStyle(document.body).backgroundColor === "rgb(16, 32, 48)"`)
	if scripts {
		// The sandbox lets it have its fonts, and the next preview begins where this one was.
		b.inFrame("its fonts", `[...document.fonts].some(f => f.status === "loaded")`)
		b.inFrame("a place further down", `(scrollTo(0, 500), scrollY > 400)`)
		b.fill("Announcement", "Hello from further down")
		b.inFrame("the new text, as far down", `document.body.innerText.includes("Hello from further down") && scrollY > 400`)
		// Walk about in the frame: the next change shows the page that was come to.
		b.inFrame("a way on", `(() => { const a = document.querySelector('a[href^="/products/"]'); if (a) a.click(); return !!a })()`)
		b.inFrame("a product's page", `location.pathname.startsWith("/products/") && document.readyState === "complete"`)
		b.until("its address", `document.querySelector("form#theme").elements.at.value.startsWith("/products/")`)
		b.fill("Announcement", "Hello from Juniper")
		b.inFrame("the same page anew", `location.pathname.startsWith("/products/") && document.body.innerText.includes("Hello from Juniper")`)
		eval[bool](b, `document.querySelector('[name=page][value="/"]').click() || true`)
		b.inFrame("the home page", `location.pathname === "/"`)
	}
	b.press("Sections")
	eval[bool](b, `(() => { const e = document.querySelector('[aria-label="Move Products up"]'); e.focus(); e.click(); return true })()`)
	if scripts {
		eval[bool](b, `(() => { document.activeElement.click(); return true })()`)
	} else {
		b.until("the form again", `document.readyState === "complete" && document.querySelector(".part:first-child label").innerText === "Products"`)
		if kept := eval[string](b, `document.querySelector("#config-background").value + document.querySelector("#config-announcement").value`); kept != "#102030Hello </style><script>from June" {
			b.t.Errorf("of what was typed is left %q", kept)
		}
	}
	if scripts {
		eval[bool](b, `document.querySelector("#config-announcement").focus() ?? true`)
		b.do(chromedp.KeyEvent("\r"))
	}
	b.inFrame("products first", `!!(document.querySelector("#featured").compareDocumentPosition(document.querySelector("h1")) & Node.DOCUMENT_POSITION_FOLLOWING)`)
	b.shot("changed")
	if public("from June") || public("Juniper</p>") {
		b.t.Fatal("what isn't published is public")
	}

	b.press("Publish")
	b.see("Release 2 is public.")
	p.until("the release on the public shop", func() bool { return public("Hello") })
	b.shot("published")
	b.press("Releases")
	b.see("Release 1")
	b.fits("releases")
	b.press("Roll back")
	b.see("Roll back to release 1?")
	b.shot("rollback")
	begin := time.Now()
	b.press("Roll back")
	b.see("Release 1 is public again.")
	p.until("the first release on the public shop", func() bool { return !public("Hello") })
	if took := time.Since(begin); took > time.Second {
		b.t.Error("rolled back after ", took)
	}
	b.see("Bring back")
	b.do(chromedp.EmulateViewport(390, 844))
	b.fits("releases-" + strconv.Itoa(390))
	b.open(strings.Replace(b.location(), "/releases", "/themes", 1))
	b.see("Upfront Minimal")
	b.fits("themes-390")
	b.do(chromedp.EmulateViewport(1440, 900))
	b.shot("themes")
}
