package admin_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"orbit360.app/browsertest"
	"orbit360.app/orbit"
)

const seen = `document.querySelector(".preview-box iframe:not([data-waiting])").contentDocument`

// The demo shop beside a theme's form follows it: color, page, and from the start after a refusal.
func TestThemeEditorInABrowser(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	b := browsertest.New(t)
	p.enter(b)
	b.Open(p.url("/themes/new?engine=modern"))
	b.Until(seen + `.querySelector("h1") && ` + seen + `.body.inert && ` + seen + `.fonts.size > 0`)
	background := func(is string) string { return `getComputedStyle(` + seen + `.body).backgroundColor === "` + is + `"` }
	b.Until(background("rgb(255, 255, 255)"))
	before := `document.querySelectorAll(".preview-box iframe").length === 1 && history.length`
	history := browsertest.Eval[int](b, before)
	b.On(seen, `e.defaultView.scrollTo(0, 300)`)
	b.Set("#config-background", "#102030")
	b.Set("#config-radius", "3")
	b.Until(background("rgb(16, 32, 48)") + ` && document.querySelectorAll(".preview-box iframe").length === 1`)
	b.Until(seen +
		`.defaultView.scrollY === 300 && document.querySelector("#config-radius-suffix").textContent === "3 px" &&
		document.querySelector("#config-background-suffix").innerText === "#102030"`)
	b.Click("input[name=page][value^='/products/']")
	b.Until(seen + `.querySelector("h1").innerText.includes("Merino") && ` + background("rgb(16, 32, 48)"))
	// Changes that come fast: the last one counts.
	b.Set("#config-background", "#ff0000")
	time.Sleep(270 * time.Millisecond)
	b.Set("#config-background", "#00ff00")
	time.Sleep(255 * time.Millisecond)
	b.Set("#config-background", "#0000ff")
	b.Until(background("rgb(0, 0, 255)") + ` && document.querySelectorAll(".preview-box iframe").length === 1`)
	if after := browsertest.Eval[int](b, `history.length`); after != history {
		t.Errorf("Back leads through %d previews", after-history)
	}

	// Refused, the form comes back with its settings, and so does the preview. Accepted, it is the theme's own page.
	b.Click(".editor-actions [type=submit]")
	b.Until(`document.querySelector("#name-error").innerText.includes("required") &&
		document.querySelector("#config-background").value === "#0000ff"`)
	b.Until(background("rgb(0, 0, 255)"))
	b.Type("#name", "Night")
	b.Click(".editor-actions [type=submit]")
	b.Until(`document.querySelector("h1").innerText === "Night" && document.querySelector(".toast")`)
	b.Until(background("rgb(0, 0, 255)"))
}

// With scripts off the button sends the form into the frame, and saving works as ever.
func TestThemeEditorWithoutScripts(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	b := browsertest.New(t, browsertest.Scripts(false))
	p.enter(b)
	b.Open(p.url("/themes/new?engine=minimal"))
	b.Type("#name", "Quiet")
	b.Click("[data-preview]")
	b.Until(seen + `.querySelector("h1")`)
	b.Click(".editor-actions [type=submit]")
	b.Until(`document.querySelector(".toast").checkVisibility()`)
	if quiet, err := p.db.Theme(t.Context(), "quiet"); err != nil || quiet.Engine != orbit.EngineMinimal {
		t.Error(quiet, err)
	}
}

// The merchants that a lower limit affects are named while it is typed, and again before it is saved.
func TestPlanImpactInABrowser(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.work(false)
	id := p.apply("Moss & Fern")
	p.activate(id, "moss")
	p.await(id, orbit.MerchantActive)
	plan, _ := p.db.Plan(t.Context(), "starter")
	b := browsertest.New(t)
	p.enter(b)
	b.Open(p.url("/plans/" + plan.ID.String()))
	b.Until(`document.querySelector("#limits [data-htmx-powered], #limits .stack")`)
	b.Set("#limit-products", "3")
	b.Until(`document.querySelector("#impact").innerText.includes("Moss & Fern has 6 products")`)
	b.Click(".form-actions [type=submit]")
	b.Until(`document.querySelector("#impact").innerText.includes("Nothing has been saved yet") &&
		document.querySelector(".form-actions .btn-primary").innerText.includes("Save for 1 merchant")`)
	b.Click(".form-actions [type=submit]")
	b.Until(`document.querySelector(".toast")?.innerText.includes("Plan saved.") &&
		document.querySelector("#limit-products").value === "3"`)
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
	b := browsertest.New(t)
	p.enter(b)
	b.Open(p.url("/webhooks/" + form.Get("id")))
	b.Click(".page-actions .btn-primary")
	b.Until(`document.querySelector("#log").innerText.includes("Delivered")`)
}
