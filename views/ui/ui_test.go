package ui_test

import (
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/static"
	"orbit360.app/views/ui"
)

func render(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// want checks that exactly n elements match.
func want(t *testing.T, doc *goquery.Document, n int, selectors ...string) {
	t.Helper()
	for _, s := range selectors {
		if got := doc.Find(s).Length(); got != n {
			html, _ := doc.Find("body").Html()
			t.Errorf("%d of %q, want %d in\n%s", got, s, n, html)
		}
	}
}

const evil = `"><script>alert(1)</script>`

// What holds for every part on every page: the CSP's rules, names for controls, ids that exist once, icons that exist.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	sprite, _ := static.Open(static.Path("icons.svg"))
	for path, page := range gallery() {
		doc := render(t, page)
		want(t, doc, 0, "[style]", "script:not([src])", "style", "[hx-on]", "[hx-vals^='js:']", "img:not([alt])")
		want(t, doc, 1, "main#main", "h1", "#dialog", "#toasts", "head > title", "html[lang]")
		ids := map[string]bool{}
		doc.Find("*").Each(func(_ int, e *goquery.Selection) {
			for _, a := range e.Nodes[0].Attr {
				switch {
				case strings.HasPrefix(a.Key, "on"), strings.HasPrefix(a.Key, "hx-on"):
					t.Errorf("%s: %s is an inline script", path, a.Key)
				case a.Key == "hx-trigger" && strings.Contains(a.Val, "["):
					t.Errorf("%s: the filter in hx-trigger %q needs eval", path, a.Val)
				case a.Key == "id":
					if ids[a.Val] {
						t.Errorf("%s: id %q twice", path, a.Val)
					}
					ids[a.Val] = true
				}
			}
		})
		doc.Find("[aria-describedby], [aria-labelledby], label[for]").Each(func(_ int, e *goquery.Selection) {
			for _, name := range []string{"aria-describedby", "aria-labelledby", "for"} {
				for id := range strings.FieldsSeq(e.AttrOr(name, "")) {
					if !ids[id] {
						t.Errorf("%s: %s names #%s, which isn't there", path, name, id)
					}
				}
			}
		})
		doc.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, e *goquery.Selection) {
			if id := e.AttrOr("id", ""); id == "" || doc.Find(`label[for="`+id+`"]`).Length() != 1 {
				t.Errorf("%s: %s %q has no label of its own", path, goquery.NodeName(e), id)
			}
		})
		doc.Find("button, a[href]").Each(func(_ int, e *goquery.Selection) {
			if strings.TrimSpace(e.Text()) == "" && e.AttrOr("aria-label", "") == "" {
				html, _ := goquery.OuterHtml(e)
				t.Errorf("%s: nameless %s", path, html)
			}
		})
		doc.Find("svg.icon use").Each(func(_ int, e *goquery.Selection) {
			_, id, _ := strings.Cut(e.AttrOr("href", ""), "#")
			if !strings.Contains(string(sprite.Content), `<symbol id="`+id+`"`) {
				t.Errorf("%s: no icon named %q", path, id)
			}
		})
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	doc := render(t, ui.Document(ui.DocumentProps{Title: "A & B", Description: "D", NoIndex: true, Refresh: 3}))
	want(t, doc, 1, `meta[name="htmx-config"]`, `noscript`, `meta[name=robots][content=noindex]`, `link[rel=icon]`,
		`script[src^="/static/app."][defer]`)
	if got := doc.Find("title").Text(); got != "A & B · ORBIT360" {
		t.Errorf("title %q", got)
	}
	if !strings.Contains(doc.Find("noscript").Text(), `http-equiv="refresh" content="3"`) {
		t.Errorf("noscript holds %q", doc.Find("noscript").Text())
	}
	want(t, render(t, ui.Document(ui.DocumentProps{Title: "x"})), 0, "noscript", "meta[name=robots]",
		"meta[name=description]")
}

func TestFrames(t *testing.T) {
	t.Parallel()
	doc := render(t, listPage())
	want(t, doc, 1, `nav[aria-label=Main] a[aria-current=page]:contains("Merchants")`,
		`form[method=post][action="/signout"] button:contains("Sign out")`,
		`button[popovertarget=nav][aria-label=Menu]`, `#nav[popover]`, `a.skip[href="#main"]`)
	doc = render(t, sitePage())
	want(t, doc, 1, `nav[aria-label=Main] a:contains("Pricing")`,
		`header a.btn[href="/apply"]:contains("Apply for a shop")`, `a[aria-current=page]:contains("Themes")`)
	want(t, render(t, authPage()), 1, `main h1:contains("Sign in")`, `button[type=submit]:contains("Sign in")`)
}

func TestButton(t *testing.T) {
	t.Parallel()
	want(t, render(t, ui.Button(ui.ButtonProps{Label: "Go"})), 1, `button[type=submit].btn-secondary`)
	want(t, render(t, ui.Button(ui.ButtonProps{Label: "Go", Href: "/x", NewTab: true})), 1,
		`a[href="/x"][rel=noopener]:contains("new tab")`)
	want(t, render(t, ui.Button(ui.ButtonProps{Label: "Settings", Icon: "settings", IconOnly: true, Type: "button"})), 1,
		`button[type=button][aria-label=Settings]`)
	want(t, render(t, ui.Button(ui.ButtonProps{Label: "Go", Href: "javascript:alert(1)"})), 0, `a[href^=javascript]`)
	want(t, render(t, ui.PostButton("/runs/7/retry", ui.ButtonProps{Label: "Retry"})), 1,
		`form[method=post][action="/runs/7/retry"] button:contains("Retry")`)
	want(t, render(t, ui.Button(ui.ButtonProps{Label: evil, Name: "n", Value: evil})), 0, "script")
}

func TestFields(t *testing.T) {
	t.Parallel()
	doc := render(t, ui.Field(ui.FieldProps{Name: "subdomain", Label: "Subdomain", Value: evil, Hint: "h", Error: "Taken.",
		Suffix: ".orbit360.app", Required: true, Status: ui.Text("free")}))
	want(t, doc, 0, "script")
	want(t, doc, 1, `label[for=subdomain]`, `input#subdomain[aria-invalid=true][required]`,
		`#subdomain-status[aria-live=polite]`, `#subdomain-error:contains("Taken.")`)
	if got := doc.Find("input").AttrOr("aria-describedby",
		""); got != "subdomain-error subdomain-hint subdomain-status subdomain-suffix" {
		t.Errorf("described by %q", got)
	}
	want(t, doc, 0, `#subdomain-status:contains("free")`)
	want(t, render(t, ui.Field(ui.FieldProps{Name: "subdomain", Label: "Subdomain", Status: ui.Text("free")})), 1,
		`#subdomain-status:contains("free")`)
	if got := doc.Find("input").AttrOr("value", ""); got != evil {
		t.Errorf("value %q", got)
	}
	want(t, render(t, ui.Field(ui.FieldProps{Name: "a", Label: "A"})), 0, `[aria-describedby]`, `[aria-invalid]`, `.fault`,
		`.hint`)
	want(t, render(t, ui.Field(ui.FieldProps{Name: "p", Label: "P", Type: "password", Value: "secret"})), 0, `[value]`)

	doc = render(t, ui.TextArea(ui.TextAreaProps{Name: "about", Label: "About", Value: "</textarea>" + evil}))
	want(t, doc, 0, "script")
	want(t, doc, 1, `textarea#about`)

	doc = render(t, ui.Select(ui.SelectProps{Name: "c", Label: "C", Value: "b", Placeholder: "Choose",
		Options: []ui.Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}}}))
	want(t, doc, 1, `option[selected]`, `option[value=b][selected]`)
	doc = render(t, ui.Select(ui.SelectProps{Name: "c", Label: "C", Value: "CNY", Options: ui.CurrencyOptions()}))
	want(t, doc, 1, `option[selected]`, `optgroup[label=Common] option[value=EUR]:contains("EUR · Euro")`,
		`optgroup[label="All others"] option[value=CNY][selected]:contains("CNY · Chinese Yuan")`, `option[value=EUR]`)
	want(t, render(t, ui.Select(ui.SelectProps{Name: "c", Label: "C", Placeholder: "Choose"})), 1,
		`option[value=""][selected]`)

	want(t, render(t, ui.Toggle(ui.ToggleProps{Name: "live", Label: "Go live at once", Hint: "h", Checked: true})), 1,
		`input[type=checkbox][role=switch][checked][aria-describedby=live-hint]`,
		`label[for=live]:contains("Go live at once")`)
	want(t, render(t, ui.Checkbox(ui.CheckboxProps{Name: "terms", Label: "I agree", Error: "Agree first."})), 1,
		`input[aria-invalid=true][aria-describedby=terms-error]`, `#terms-error`)

	doc = render(t, ui.RadioCards(ui.RadioCardsProps{Name: "plan", Legend: "Plan", Value: "pro", Error: "Choose a plan.",
		Options: []ui.RadioCard{{Value: "starter", Title: "Starter"},
			{Value: "pro", Title: "Professional", Price: "$79.99", Per: "month"}}}))
	want(t, doc, 1, `fieldset[aria-describedby=plan-error] > legend:contains("Plan")`, `input[type=radio][checked]`,
		`#plan-pro[checked]`, `label[for=plan-pro]`)
}

func TestForm(t *testing.T) {
	t.Parallel()
	doc := render(t, ui.Form(ui.FormProps{ID: "f", Action: "/x", Confirm: "Sure?"}))
	want(t, doc, 1, `form#f[method=post][action="/x"][hx-post="/x"][hx-select="#f"][hx-swap=outerMorph][hx-confirm]`)
	want(t, render(t, ui.Form(ui.FormProps{ID: "f", Action: "/x", Plain: true})), 0, `[hx-post]`)
}

func TestDialogMarkup(t *testing.T) {
	t.Parallel()
	want(t, render(t, dialog(false, "")), 1, `dialog#activate[aria-labelledby=activate-title] h2#activate-title`,
		`button[data-dialog-close]:contains("Cancel")`, `button[type=submit][form=activation]`)
	page := render(t, dialog(true, ""))
	want(t, page, 0, `dialog`, `[data-dialog-close]`)
	want(t, page, 1, `section#activate`, `a[href="/list"]:contains("Cancel")`)
	want(t, render(t, ui.Button(ui.ButtonProps{Label: "x", Href: "/d", Attrs: ui.OpensDialog("/d")})), 1,
		`a[href="/d"][hx-get="/d"][hx-target="#dialog"]`)
}

func TestMessages(t *testing.T) {
	t.Parallel()
	want(t, render(t, ui.Alert(ui.AlertProps{Tone: ui.Danger, Message: evil, Dismissible: true})), 1,
		`[role=alert][data-dismissible] button[data-dismiss][aria-label=Dismiss]`)
	want(t, render(t, ui.Alert(ui.AlertProps{Message: "m"})), 1, `[role=status]`)
	want(t, render(t, ui.Toast(ui.ToastProps{Tone: ui.Success, Message: "Saved"})), 1, `[data-expires]`)
	want(t, render(t, ui.Toast(ui.ToastProps{Tone: ui.Danger, Message: evil})), 0, `[data-expires]`, `script`)
}

func TestProgress(t *testing.T) {
	t.Parallel()
	want(t, render(t, ui.Progress(ui.ProgressProps{Label: "Provisioning", Value: 43})), 1,
		`[role=progressbar][aria-label=Provisioning][aria-valuemin="0"][aria-valuemax="100"][aria-valuenow="43"]`,
		`rect[width="43"]`)
	want(t, render(t, ui.Progress(ui.ProgressProps{Label: "x", Value: 400})), 1, `[aria-valuenow="100"]`)
	want(t, render(t, ui.Progress(ui.ProgressProps{Label: "x", Value: -4})), 1, `[aria-valuenow="0"]`)
	doc := render(t, ui.StepList("Steps", steps))
	want(t, doc, 7, `ol[aria-label=Steps] > li`)
	want(t, doc, 1, `[data-state=failed] .step-error`, `[aria-current=step]`, `[data-state=waiting]:contains("Waiting")`,
		`[data-state=undone]:contains("Undone")`)
	five := int64(5)
	limits := orbit.Limits{Products: &five}
	meter := func(key orbit.LimitKey, used int64) *goquery.Document {
		return render(t, ui.Meter(ui.PlanMeter(limits.Meter(key, used), "")))
	}
	want(t, meter(orbit.LimitProducts, 4), 1, `[role=meter][aria-valuetext="4 of 5"][aria-valuenow="4"]`,
		`[data-tone=warning]:contains("Near the limit")`)
	want(t, meter(orbit.LimitProducts, 5), 1, `[data-tone=danger]:contains("Limit reached")`)
	want(t, meter(orbit.LimitProducts, 9), 1, `[data-tone=danger]:contains("Over the limit")`, `rect[width="100"]`)
	want(t, meter(orbit.LimitOrders, 9), 0, `[role=meter]`, `.meter-word`)
	want(t, render(t, ui.Histogram(columns())), 14, `svg .bars-bar`, `table tr`)
	want(t, render(t, ui.Histogram(ui.HistogramProps{Label: "x", Empty: "No runs."})), 1, `p:contains("No runs.")`)
	want(t, render(t, ui.Badge(ui.BadgeProps{Label: "FAILED", Tone: ui.Danger})), 1,
		`[data-tone=danger]:contains("FAILED") svg`)
}

func TestLists(t *testing.T) {
	t.Parallel()
	doc := render(t, merchantTable())
	want(t, doc, 1, `table caption`, `th[aria-sort=ascending] a`,
		`tr#merchant-0 td[data-label=Status] .badge:contains("Pending")`)
	want(t, render(t, ui.Tabs("By status", []ui.Tab{{Label: "Pending", Href: "?tab=pending&q=a", Count: "3",
		Current: true}, {Label: "All", Href: "?tab=all"}})), 1,
		`nav[aria-label="By status"] a[aria-current=page]:contains("Pending")`, `.count`)
	pager := render(t, ui.Pager(ui.PagerProps{NextHref: "?after=x", Summary: "1 to 25 of 312"}))
	want(t, pager, 1, `a[rel=next][href="?after=x"]`, `span[aria-disabled=true]:contains("Previous")`)
	want(t, pager, 0, `a[rel=prev]`)
	doc = render(t, ui.SearchBox(ui.SearchBoxProps{Action: "/merchants", Label: "Search merchants", Value: evil,
		Target: "list", Keep: []ui.Hidden{{Name: "tab", Value: "all"}}}))
	want(t, doc, 0, "script")
	want(t, doc, 1, `form[method=get][role=search][hx-get="/merchants"][hx-select="#list"]`, `input[type=search][name=q]`,
		`input[type=hidden][name=tab][value=all]`, `label[for=search-q]:contains("Search merchants")`)
	want(t, render(t, ui.Breadcrumbs([]ui.Crumb{{Label: "Merchants", Href: "/merchants"}, {Label: "Moss"}})), 1,
		`nav[aria-label=Breadcrumbs] a[href="/merchants"]`, `[aria-current=page]`)
	want(t, render(t, ui.Empty(ui.EmptyProps{Title: "No orders",
		Action: ui.Button(ui.ButtonProps{Label: "Add a product", Href: "/p"})})), 1, `.empty a:contains("Add a product")`)
	want(t, render(t, ui.NameCell(ui.NameCellProps{Name: "Moss", Href: "/m", Detail: "a@b.example"})), 1,
		`a[href="/m"]:contains("Moss")`)
}

func TestValues(t *testing.T) {
	t.Parallel()
	want(t, render(t, ui.Copyable(ui.CopyableProps{Value: "ORB-7K3M9QXZ", Label: "merchant ID"})), 1,
		`button[data-copy="ORB-7K3M9QXZ"][aria-label="Copy merchant ID"]`)
	want(t, render(t, ui.RelativeTime(now.Add(-3*time.Hour), now)), 1,
		`time[datetime="2026-11-23T05:00:00Z"][title="November 23, 2026, 05:00:00 UTC"]:contains("3 h ago")`)
	want(t, render(t, in(ui.DescriptionList(), in(ui.Description("Theme"), ui.Text("<Modern>")))), 1,
		`dl dt:contains("Theme")`, `dl dd:contains("<Modern>")`)
	want(t, render(t, ui.Thumb(ui.ThumbProps{Label: "Moss & Fern"})), 1, `[aria-hidden=true]:contains("MF")`)
	want(t, render(t, ui.Thumb(ui.ThumbProps{Label: "Nora's Ceramics & Co"})), 1, `[aria-hidden=true]:contains("NC")`)
	want(t, render(t, ui.Thumb(ui.ThumbProps{})), 1, `:contains("?")[aria-hidden]`)
	want(t, render(t, ui.Money("$1.00")), 1, `.num:contains("$1.00")`)
}

func TestAgo(t *testing.T) {
	t.Parallel()
	for ago, words := range map[time.Duration]string{
		0: "just now", 9 * time.Second: "just now", 40 * time.Second: "40 s ago", 5 * time.Minute: "5 min ago",
		3 * time.Hour: "3 h ago", 30 * time.Hour: "1 day ago",
		50 * time.Hour: "2 days ago", 7 * 24 * time.Hour: "Nov 16", 365 * 24 * time.Hour: "Nov 23, 2025",
		-2 * time.Minute: "in 2 min", -25 * time.Hour: "in 1 day", -(7*24*time.Hour - time.Second): "in 7 days",
	} {
		if got := ui.Ago(now.Add(-ago), now); got != words {
			t.Errorf("%v: %q, want %q", ago, got, words)
		}
	}
}

func TestTook(t *testing.T) {
	t.Parallel()
	for d, words := range map[time.Duration]string{38 * time.Millisecond: "38 ms", 1400 * time.Millisecond: "1.4 s",
		42 * time.Second: "42 s", 125 * time.Second: "2 min 5 s", -1: "0 ms"} {
		if got := ui.Took(d); got != words {
			t.Errorf("%v: %q, want %q", d, got, words)
		}
	}
}

func TestStreamMarkup(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := ui.Stream("/runs/7/stream?a=1&b=2").Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`hx-sse:connect="/runs/7/stream?a=1&amp;b=2"`, `hx-sse:close="close"`,
		`hx-swap="none"`} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("no %s in %s", part, b.String())
		}
	}
	b.Reset()
	if err := in(ui.Patch("run-7"), ui.Text("x")).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != `<hx-partial hx-target="#run-7" hx-swap="outerMorph">x</hx-partial>` {
		t.Errorf("patch is %s", got)
	}
}

// Whatever frame an error stands in, it says where to go from here, and which request to ask about where the platform
// is at fault.
func TestErrorPages(t *testing.T) {
	t.Parallel()
	for _, layout := range []ui.Layout{ui.Panel, ui.Site, ui.Single} {
		f := ui.Frame{Layout: layout, Document: ui.DocumentProps{Title: "x"}, Heading: "Sorry", Lead: "It failed."}
		p := ui.ErrorProps{Status: 500, Title: "Sorry", Message: "It failed.", RequestID: "req-7",
			Actions: []ui.ButtonProps{{Label: "Go home", Href: "/"}}}
		want(t, render(t, ui.ErrorPage(f, p)), 1, `h1:contains("Sorry")`, `a.btn[href="/"]:contains("Go home")`,
			`main p:contains("It failed.")`, `.problem-request .mono:contains("req-7")`)
		p.Status = 404
		want(t, render(t, ui.ErrorPage(f, p)), 0, `.problem-request`)
	}
}
