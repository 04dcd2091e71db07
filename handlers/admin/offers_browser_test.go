package admin_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"orbit360.app/orbit"
)

// typed puts a value into a field as a person's hand would, input event and all.
func typed(selector, value string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](`{ const e = document.querySelector("` + selector + `"); e.value = "` + value + `"; e.dispatchEvent(new Event("input", { bubbles: true })); }`)
}

const seen = `document.querySelector(".preview-box iframe:not([data-waiting])").contentDocument`

// The demo shop beside a theme's form follows it: colour, page, and from the start after a refusal.
func TestThemeEditorInABrowser(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	ctx := p.browser()
	p.enter(ctx)
	run(t, ctx, chromedp.Navigate(p.url("/themes/new?engine=modern")))
	until(t, ctx, seen+`.querySelector("h1") && `+seen+`.body.inert && `+seen+`.fonts.size > 0`)
	background := func(is string) string { return `getComputedStyle(` + seen + `.body).backgroundColor === "` + is + `"` }
	until(t, ctx, background("rgb(255, 255, 255)"))
	before := `document.querySelectorAll(".preview-box iframe").length === 1 && history.length`
	history, err := chromedp.Run(ctx, chromedp.Evaluate[int](before))
	if err != nil {
		t.Fatal(err)
	}
	run(t, ctx, chromedp.Evaluate[chromedp.Void](seen+`.defaultView.scrollTo(0, 300)`), typed("#config-background", "#102030"), typed("#config-radius", "3"))
	until(t, ctx, background("rgb(16, 32, 48)")+` && document.querySelectorAll(".preview-box iframe").length === 1`)
	until(t, ctx, seen+`.defaultView.scrollY === 300 && document.querySelector("#config-radius-suffix").textContent === "3 px" && document.querySelector("#config-background-suffix").innerText === "#102030"`)
	run(t, ctx, press("input[name=page][value^='/products/']"))
	until(t, ctx, seen+`.querySelector("h1").innerText.includes("Merino") && `+background("rgb(16, 32, 48)"))
	// Changes that come fast: the last one counts.
	run(t, ctx, typed("#config-background", "#ff0000"), chromedp.Sleep(270*time.Millisecond), typed("#config-background", "#00ff00"), chromedp.Sleep(255*time.Millisecond), typed("#config-background", "#0000ff"))
	until(t, ctx, background("rgb(0, 0, 255)")+` && document.querySelectorAll(".preview-box iframe").length === 1`)
	if after, err := chromedp.Run(ctx, chromedp.Evaluate[int](`history.length`)); err != nil || after != history {
		t.Errorf("Back leads through %d previews (%v)", after-history, err)
	}

	// Refused, the form comes back with its settings, and so does the preview. Accepted, it is the theme's own page.
	run(t, ctx, press(".editor-actions [type=submit]"))
	until(t, ctx, `document.querySelector("#name-error").innerText.includes("required") && document.querySelector("#config-background").value === "#0000ff"`)
	until(t, ctx, background("rgb(0, 0, 255)"))
	run(t, ctx, chromedp.SendKeys("#name", "Night"), press(".editor-actions [type=submit]"))
	until(t, ctx, `document.querySelector("h1").innerText === "Night" && document.querySelector(".toast")`)
	until(t, ctx, background("rgb(0, 0, 255)"))
}

// With scripts off the button sends the form into the frame, and saving works as ever.
func TestThemeEditorWithoutScripts(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	ctx := p.browser()
	run(t, ctx, noScripts())
	p.enter(ctx)
	run(t, ctx, chromedp.Navigate(p.url("/themes/new?engine=minimal")), chromedp.WaitVisible("#name"), chromedp.SendKeys("#name", "Quiet"),
		chromedp.Click("[data-preview]"), chromedp.Sleep(500*time.Millisecond), chromedp.WaitVisible("#name"), chromedp.Click(".editor-actions [type=submit]"), chromedp.WaitVisible(".toast"))
	if quiet, err := p.db.Theme(t.Context(), "quiet"); err != nil || quiet.Engine != orbit.EngineMinimal {
		t.Error(quiet, err)
	}
}

// Whom a lower limit touches is said while it is typed, and again before it is saved.
func TestPlanImpactInABrowser(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.work(false)
	id := p.apply("Moss & Fern")
	p.activate(id, "moss")
	p.await(id, orbit.MerchantActive)
	plan, _ := p.db.Plan(t.Context(), "starter")
	ctx := p.browser()
	p.enter(ctx)
	run(t, ctx, chromedp.Navigate(p.url("/plans/"+plan.ID.String())))
	until(t, ctx, `document.querySelector("#limits [data-htmx-powered], #limits .stack")`)
	run(t, ctx, typed("#limit-products", "3"))
	until(t, ctx, `document.querySelector("#impact").innerText.includes("Moss & Fern has 6 products")`)
	run(t, ctx, press(".form-actions [type=submit]"))
	until(t, ctx, `document.querySelector("#impact").innerText.includes("Nothing has been saved yet") && document.querySelector(".form-actions .btn-primary").innerText.includes("Save for 1 merchant")`)
	run(t, ctx, press(".form-actions [type=submit]"))
	until(t, ctx, `document.querySelector(".toast")?.innerText.includes("Starter has been saved") && document.querySelector("#limit-products").value === "3"`)
}

// A test is seen to arrive without a reload.
func TestWebhookInABrowser(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.work(false)
	rec := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(rec.Close)
	form := fill(p.get("/webhooks/new"), "#webhook", url.Values{"url": {rec.URL}})
	p.post("/webhooks", form).want(t, 201)
	ctx := p.browser()
	p.enter(ctx)
	run(t, ctx, chromedp.Navigate(p.url("/webhooks/"+form.Get("id"))), press(".page-actions .btn-primary"))
	until(t, ctx, `document.querySelector("#log").innerText.includes("Delivered")`)
}

// TestOfferShots writes pictures of the theme editor, which needs the engines, into the folder named by UI_SHOTS.
func TestOfferShots(t *testing.T) {
	dir := os.Getenv("UI_SHOTS")
	if dir == "" {
		t.Skip("UI_SHOTS names no folder")
	}
	p := newPanel(t)
	theme, _ := p.db.Theme(t.Context(), "upfront-modern")
	p.activate(p.apply("Moss & Fern"), "moss")
	ctx := p.browser()
	p.enter(ctx)
	for _, size := range []struct {
		name string
		w, h int64
	}{{"wide", 1440, 900}, {"narrow", 390, 844}} {
		for _, scheme := range []string{"light", "dark"} {
			for name, at := range map[string]string{"themes": "/themes", "theme": "/themes/" + theme.ID.String(), "theme-new": "/themes/new?engine=classic", "engines": "/themes/new"} {
				run(t, ctx, chromedp.EmulateViewport(size.w, size.h), media(scheme), chromedp.Navigate(p.url(at)), chromedp.Sleep(900*time.Millisecond))
				if name == "theme" {
					run(t, ctx, typed("#config-background", "#fff7e8"), typed("#config-accent", "#b3261e"), chromedp.Sleep(1200*time.Millisecond))
				}
				for kind, shot := range map[string]chromedp.Action[[]byte]{"": chromedp.CaptureScreenshot(), "-full": chromedp.FullScreenshot(100)} {
					png, err := chromedp.Run(ctx, shot)
					if err == nil {
						err = os.WriteFile(filepath.Join(dir, "real-"+name+"-"+size.name+"-"+scheme+kind+".png"), png, 0o644)
					}
					if err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

func media(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return err
	})
}
