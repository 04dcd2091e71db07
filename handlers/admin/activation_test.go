package admin_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/orbit"
)

func TestActivationForm(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id := p.apply("Moss & Fern")

	// As a page, and as a dialog over the list.
	a := p.get(path(id, "/activation/new")).want(t, 200)
	if a.Find("main form#activation").Length() != 1 || a.Find("dialog").Length() != 0 {
		t.Error("not a page")
	}
	a = p.get(path(id, "/activation/new"), dialog).want(t, 200)
	if a.Find("dialog form#activation").Length() != 1 || a.Find("main").Length() != 0 {
		t.Error("not a dialog")
	}
	if v, _ := a.Find("#subdomain").Attr("value"); v != "moss-fern" ||
		!strings.Contains(a.words("#subdomain-status"), "http://moss-fern.localhost:") {
		t.Errorf("suggests %q: %q", v, a.words("#subdomain-status"))
	}
	if v, _ := a.Find("#category option[selected]").Attr("value"); v != "books" {
		t.Errorf("category %q", v)
	}
	for _, label := range []string{"Theme", "Plan", "Subdomain", "Custom domain", "Business category", "Meta Ads",
		"Stripe", "PayPal", "Analytics", "Go live at once"} {
		if a.Find("label, legend").FilterFunction(func(_ int, s *goquery.Selection) bool {
			return strings.HasPrefix(strings.TrimSpace(s.Text()), label)
		}).Length() == 0 {
			t.Errorf("nothing is labeled %s", label)
		}
	}
	if a.words("footer button[type=submit]") != "Activate merchant" {
		t.Errorf("the button says %q", a.words("footer button[type=submit]"))
	}

	// A name that is taken as a subdomain isn't suggested.
	p.activate(p.apply("Taken"), "papier-lune")
	lune := p.apply("Papier Lune")
	if v, _ := p.get(path(lune, "/activation/new")).want(t, 200).Find("#subdomain").Attr("value"); v != "" {
		t.Errorf("suggests %q, which is taken", v)
	}
}

func TestActivationFaults(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.activate(p.apply("Rival"), "rival")
	id := p.apply("Moss & Fern")

	bad := url.Values{"theme": {"nope\x00"}, "plan": {""}, "subdomain": {"Admin"}, "customDomain": {"http://x"},
		"category": {"guns"}, "paypal": {"on"}, "goLive": {"on"}}
	for name, options := range map[string][]option{"page": nil, "dialog": {htmx("form#activation")}} {
		a := p.post(path(id, "/activation"), bad, options...).want(t, 422)
		for field, words := range map[string]string{"theme": "isn't available", "plan": "Choose a plan",
			"subdomain": "reserved", "customDomain": "domain alone", "category": "listed categories"} {
			if !strings.Contains(a.words("#"+field+"-error"), words) {
				t.Errorf("%s: %s says %q", name, field, a.words("#"+field+"-error"))
			}
		}
		if v, _ := a.Find("#subdomain").Attr("value"); v != "Admin" {
			t.Errorf("%s: forgot the subdomain: %q", name, v)
		}
		if v, _ := a.Find("#customDomain").Attr("value"); v != "http://x" || a.Find("#paypal[checked]").Length() != 1 ||
			a.Find("#goLive[checked]").Length() != 1 || a.Find("#stripe[checked]").Length() != 0 {
			t.Errorf("%s: forgot what was typed", name)
		}
		if (a.Find("main").Length() == 1) != (name == "page") {
			t.Errorf("%s: the wrong frame", name)
		}
	}

	// Taken, alone (said by the database) and beside another fault.
	taken := order("rival")
	if a := p.post(path(id, "/activation"), taken).want(t, 409); !strings.Contains(a.words("#subdomain-error"), "taken") ||
		a.Find("#theme-upfront-modern[checked]").Length() != 1 {
		t.Errorf("taken: %q", a.words("#subdomain-error"))
	}
	if a := p.post(path(id, "/activation"), taken, htmx("form#activation")).want(t,
		422); !strings.Contains(a.words("#subdomain-error"), "taken") {
		t.Errorf("taken, by scripts: %q", a.words("#subdomain-error"))
	}
	taken.Set("category", "")
	if a := p.post(path(id, "/activation"), taken).want(t, 422); !strings.Contains(a.words("#subdomain-error"), "taken") ||
		a.Find("#category-error").Length() != 1 {
		t.Errorf("taken and more: %q", a.words("form"))
	}
	if m, err := p.db.Merchant(t.Context(), id); err != nil || m.Status != orbit.MerchantPending {
		t.Errorf("half an activation: %s (%v)", m.Status, err)
	}
}

func TestActivationAccepted(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id := p.apply("Moss & Fern")
	if a := p.post(path(id, "/activation"), order("Moss ")).want(t, 303); a.Header.Get("Location") != path(id,
		"/provisioning") {
		t.Errorf("leads to %s", a.Header.Get("Location"))
	}
	v, err := p.db.RunView(t.Context(), id)
	if err != nil || v.Run.Subdomain != "moss" || v.Theme.Slug != "upfront-modern" || !v.Run.Integrations.Stripe ||
		v.Run.Integrations.PayPal || !v.Run.GoLive || v.Run.Category != "fashion" || v.Run.RequestedBy.IsZero() {
		t.Errorf("ordered %+v (%v)", v.Run, err)
	}
	// Twice is refused in plain words, wherever it comes from.
	if a := p.post(path(id, "/activation"), order("moss")).want(t, 409); !strings.Contains(a.words("main"),
		"being set up already") || a.Find("form#activation").Length() != 0 {
		t.Errorf("twice: %s", a.words("main"))
	}
	if a := p.post(path(id, "/activation"), order("moss"), htmx("form#activation")).want(t,
		422); !strings.Contains(a.words("form#activation .alert"), "being set up already") {
		t.Errorf("twice, by scripts: %s", a.words("form"))
	}
	p.get(path(id, "/activation/new")).want(t, 409)
	if a := p.get(path(id, "/activation/new"), dialog).want(t, 422); !strings.Contains(a.words("dialog"),
		"being set up already") {
		t.Errorf("twice, in a dialog: %s", a.words("dialog"))
	}
}

func TestSubdomainCheck(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	rival, id := p.apply("Rival"), p.apply("Moss & Fern")
	p.activate(rival, "rival")
	for typed, want := range map[string]string{
		"moss": "is free", " MOSS ": "http://moss.localhost:", "rival": "is taken by another shop", "admin": "reserved",
		"a": "at least 3", "xn--moss": "two hyphens", "-moss": "Start and end",
		"möss": "only the letters", "12345": "at least one letter", strings.Repeat("a", 64): "at most 63",
		"a\x00b": "only the letters", "<img src=x>": "only the letters", "": "",
	} {
		a := p.get(path(id, "/subdomain?subdomain="+url.QueryEscape(typed)), htmx("div#subdomain-status")).want(t, 200)
		if got := a.words(".verdict"); !strings.Contains(got, want) || (want == "") != (got == "") ||
			a.Find("main, img").Length() != 0 {
			t.Errorf("%q: %q", typed, got)
		}
	}
	// What it holds itself isn't taken.
	if a := p.get(path(rival, "/subdomain?subdomain=rival")).want(t, 200); !strings.Contains(a.words(".verdict"),
		"is free") {
		t.Errorf("its own: %q", a.words(".verdict"))
	}
}

// A name that could be taken for another's needs a second look, which the form asks for: at that name, not at one
// that was typed before.
func TestLookalikeSubdomain(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id := p.apply("Moss & Fern")
	box := `input[type=checkbox][name=confirmSubdomain]`
	a := p.get(path(id, "/subdomain?subdomain=PayPa1"), htmx("div#subdomain-status")).want(t, 200)
	if !strings.Contains(a.words(".verdict"), "is free, but could be mistaken for “paypal”") ||
		a.Find(box+`[value=paypa1]`).Length() != 1 {
		t.Errorf("while typing: %q", a.words("body"))
	}
	if a := p.get(path(id, "/subdomain?subdomain=moss"), htmx("div#subdomain-status")); a.Find(box).Length() != 0 {
		t.Error("an ordinary name is asked about")
	}
	form := order("paypa1")
	for _, confirmed := range []string{"", "moss", "on"} {
		form.Set("confirmSubdomain", confirmed)
		a := p.post(path(id, "/activation"), form).want(t, 422)
		if a.Find(`form#activation `+box+`[value=paypa1]`).Length() != 1 ||
			!strings.Contains(a.words("#subdomain-status"), "could be mistaken for “paypal”") {
			t.Errorf("confirmed %q: %s", confirmed, a.words("form#activation"))
		}
	}
	form.Set("confirmSubdomain", "paypa1")
	p.post(path(id, "/activation"), form).want(t, 303)
	entries, err := p.db.AuditLog(t.Context(), id, 5, 0)
	if err != nil || entries[0].Action != "merchant.activation" ||
		entries[0].Detail["confirmed although it looks like"] != "paypal" {
		t.Errorf("%+v, %v", entries, err)
	}
}

func TestFailedRun(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.work(true)
	id, other := p.apply("Moss & Fern"), p.apply("Rival")
	p.activate(id, "moss")
	p.await(id, orbit.MerchantFailed)

	a := p.get(path(id, "/provisioning")).want(t, 200)
	if a.words(".run-head .badge") != "FAILED" || a.words(".step[data-state=failed] .step-name") != "Completion" ||
		a.words(".alert form button") != "Retry" || !strings.Contains(a.words(".alert-actions"), "Roll back") {
		t.Errorf("failed: %s", a.words("main"))
	}
	if a := p.get("/merchants?status=failed").want(t, 200); a.words(
		"#merchant-"+id.String()+" .cell-actions a") != "Retry" {
		t.Errorf("in the list: %s", a.words("#merchants"))
	}
	// What fits no other state is refused.
	p.post(path(other, "/retry"), nil).want(t, 409)
	p.post(path(other, "/rollback"), nil).want(t, 409)
	p.get(path(other, "/rollback/new")).want(t, 409)

	close(p.broken)
	if a := p.post(path(id, "/retry"), nil).want(t, 303); a.Header.Get("Location") != path(id, "/provisioning") {
		t.Errorf("leads to %s", a.Header.Get("Location"))
	}
	p.await(id, orbit.MerchantActive)
	p.post(path(id, "/retry"), nil).want(t, 409)
}

func TestRollback(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.work(true)
	id := p.apply("Moss & Fern")
	p.activate(id, "moss")
	p.await(id, orbit.MerchantFailed)
	if a := p.get(path(id, "/rollback/new"), dialog).want(t,
		200); a.words("dialog footer button[form=rollback]") != "Roll back" {
		t.Errorf("asks: %s", a.words("dialog"))
	}
	p.get(path(id, "/rollback/new")).want(t, 200)
	p.post(path(id, "/rollback"), nil, htmx("form#rollback")).want(t, 303)
	p.await(id, orbit.MerchantPending)
	a := p.get(path(id, "/provisioning")).want(t, 200)
	if a.words(".run-head .badge") != "ROLLBACK" ||
		a.Find(".step[data-state=undone]").Length() != len(orbit.StepDefinitions()) ||
		a.words(".run-actions a") != "Activate" || a.Find("[data-stream]").Length() != 0 {
		t.Errorf("rolled back: %s", a.words("main"))
	}
	p.post(path(id, "/activation"), order("moss")).want(t, 303)
}
