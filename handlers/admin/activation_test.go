package admin_test

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

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
			t.Errorf("nothing is labelled %s", label)
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

// events opens a stream and gives its messages.
func (p *panel) events(at string) (<-chan event, func()) {
	p.t.Helper()
	ctx, cancel := context.WithCancel(p.t.Context())
	r := p.request("GET", at, nil, func(r *http.Request) { r.Header.Set("Accept", "text/event-stream") }).WithContext(ctx)
	res, err := client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		p.t.Fatalf("%s answered %d, %s", at, res.StatusCode, res.Header.Get("Content-Type"))
	}
	messages := make(chan event, 100)
	go func() {
		defer close(messages)
		defer res.Body.Close()
		var e event
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "event":
				e.name = value
			case "data":
				e.data += value + "\n"
			case "":
				if e.data != "" || e.name != "" {
					messages <- e
				}
				e = event{}
			}
		}
	}()
	return messages, cancel
}

type event struct{ name, data string }

// html is a message as the browser reads it: a table's row only is one within a table.
func (e event) html(t *testing.T) *goquery.Document {
	t.Helper()
	inner := strings.NewReplacer("<hx-partial", "<table><tbody", "</hx-partial>", "</tbody></table>").Replace(e.data)
	if !strings.Contains(e.data, "<tr") {
		inner = e.data
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(inner))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func next(t *testing.T, messages <-chan event) event {
	t.Helper()
	select {
	case e, ok := <-messages:
		if !ok {
			t.Fatal("the stream ended")
		}
		return e
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
	}
	return event{}
}

func TestRunStream(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id, other := p.apply("Moss & Fern"), p.apply("Rival")
	p.activate(id, "moss")
	messages, leave := p.events(path(id, "/provisioning/stream"))
	defer leave()
	first := next(t, messages).html(t)
	panel := first.Find("#run-" + id.String())
	if bar := panel.Find("[role=progressbar]"); panel.AttrOr("data-status", "") != "PENDING" ||
		bar.AttrOr("aria-valuenow", "") != "0" || panel.Find(".step").Length() != len(orbit.StepDefinitions()) {
		t.Errorf("first: %s", panel.Text())
	}

	p.work(false)
	p.activate(other, "rival") // says nothing here
	var last event
	percent := "0"
	for e := range messages {
		if e.name == "close" {
			break
		}
		if strings.Contains(e.data, other.String()) {
			t.Error("another merchant's panel came")
		}
		last = e
		percent = e.html(t).Find("[role=progressbar]").AttrOr("aria-valuenow", "")
	}
	words := strings.Join(strings.Fields(last.html(t).Text()), " ")
	if percent != "100" || !strings.Contains(words, "COMPLETED") || !strings.Contains(words, "ORB-") {
		t.Errorf("last, at %s %%: %s", percent, words)
	}

	// Whoever comes when it is over gets it whole, and is told that it is.
	messages, leave = p.events(path(id, "/provisioning/stream"))
	defer leave()
	if e := next(t, messages); !strings.Contains(e.data, "COMPLETED") {
		t.Errorf("afterwards: %s", e.data)
	}
	if e := next(t, messages); e.name != "close" {
		t.Errorf("afterwards: %+v", e)
	}
	a := p.get(path(id, "/provisioning")).want(t, 200)
	if a.Find("noscript, [data-stream]").Length() != 0 {
		t.Error("a run that is over still refreshes")
	}
	for label, host := range map[string]string{"Website": "http://moss.localhost:",
		"Dashboard": "http://dashboard.localhost:"} {
		link := a.Find(".run-actions a").FilterFunction(func(_ int,
			s *goquery.Selection) bool {
			return s.Find("span").First().Text() == label
		})
		if !strings.HasPrefix(link.AttrOr("href", ""), host) {
			t.Errorf("%s leads to %q", label, link.AttrOr("href", ""))
		}
	}
}

// TestStreamsEndWithTheRight: whoever signed out, or may not be here any more, sees nothing of what happens next.
func TestStreamsEndWithTheRight(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*panel){
		"signed out": func(p *panel) { p.post("/sign-out", nil).want(t, 303) },
		"disabled": func(p *panel) {
			if _, err := p.db.Pool().Exec(t.Context(), `UPDATE users SET disabled_at = now() WHERE email = $1`,
				adminEmail); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPanel(t)
			id := p.apply("Moss & Fern")
			p.activate(id, "moss")
			var streams []<-chan event
			for _, at := range []string{path(id, "/provisioning/stream"), "/merchants/stream?status=all&ids=" + id.String()} {
				messages, leave := p.events(at)
				defer leave()
				for e := next(t, messages); !strings.Contains(e.data, "hx-partial"); e = next(t, messages) {
				}
				streams = append(streams, messages)
			}
			time.Sleep(100 * time.Millisecond) // the list's counts come behind its rows
			for _, messages := range streams {
				for len(messages) > 0 {
					<-messages
				}
			}
			lose(p)
			p.work(false)
			for _, messages := range streams {
				for ended := false; !ended; {
					select {
					case e, ok := <-messages:
						if ended = !ok; ok {
							t.Errorf("there came %q %q", e.name, e.data)
							ended = true
						}
					case <-time.After(10 * time.Second):
						t.Error("the stream goes on")
						ended = true
					}
				}
			}
		})
	}
}

// TestStreamsEndWithoutAChange: they end by themselves, long before the heartbeat, when nothing happens that would
// have them drawn again.
func TestStreamsEndWithoutAChange(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*panel){
		"signed out": func(p *panel) { p.post("/sign-out", nil).want(t, 303) },
		"another password": func(p *panel) {
			if _, err := p.db.Pool().Exec(t.Context(), `UPDATE users SET password_changed_at = now() WHERE email = $1`,
				adminEmail); err != nil {
				t.Fatal(err)
			}
		},
		"no longer an admin": func(p *panel) {
			if _, err := p.db.Pool().Exec(t.Context(), `UPDATE users SET role = 'merchant' WHERE email = $1`,
				adminEmail); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPanel(t)
			id := p.apply("Moss & Fern")
			p.activate(id, "moss")
			messages, leave := p.events(path(id, "/provisioning/stream"))
			defer leave()
			next(t, messages)
			lose(p)
			select {
			case e, ok := <-messages:
				if ok {
					t.Errorf("there came %q %q", e.name, e.data)
				}
			case <-time.After(9 * time.Second): // five, and a busy machine; the heartbeat comes after fifteen
				t.Error("the stream goes on")
			}
		})
	}
}

func TestListStream(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id, other, third := p.apply("Moss & Fern"), p.apply("Rival"), p.apply("Third")
	messages, leave := p.events("/merchants/stream?status=all&ids=" + id.String() + "," + other.String())
	defer leave()
	if first := next(t, messages).html(t); first.Find("tr#merchant-"+id.String()).Length() != 1 ||
		first.Find("tr#merchant-"+other.String()).Length() != 1 || first.Find("td").Length() != 14 {
		h, _ := first.Html()
		t.Errorf("first: %s", h)
	}
	p.work(false)
	p.activate(third, "third")
	p.activate(id, "moss")
	counts := ""
	for {
		e := next(t, messages)
		if doc := e.html(t); doc.Find("#count-pending").Length() == 1 {
			counts = doc.Find("#count-pending").Text() + " " + doc.Find("#count-active").Text() + " " +
				doc.Find("#count-all").Text() + " " + doc.Find("#count-waiting").Text()
			continue
		}
		if strings.Contains(e.data, other.String()) || strings.Contains(e.data, third.String()) {
			t.Error("a row came that didn't change, or that isn't on the page")
		}
		if e.html(t).Find(".badge").Text() != "" && strings.Contains(e.data, "Active") &&
			!strings.Contains(e.data, "progressbar") {
			break
		}
	}
	for counts != "1 2 3 1" {
		if doc := next(t, messages).html(t); doc.Find("#count-pending").Length() == 1 {
			counts = doc.Find("#count-pending").Text() + " " + doc.Find("#count-active").Text() + " " +
				doc.Find("#count-all").Text() + " " + doc.Find("#count-waiting").Text()
		}
	}
	for ids, status := range map[string]int{"": 404, "x": 404, orbit.NewID[orbit.Merchant]().String(): 404,
		id.String() + "," + orbit.NewID[orbit.Merchant]().String(): 404,
		strings.Repeat(id.String()+",", 40) + id.String():          422} {
		p.get("/merchants/stream?ids="+ids).want(t, status)
	}
}

func TestTooManyStreams(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id := p.apply("Moss & Fern")
	p.activate(id, "moss")
	var leaves []func()
	for range 24 {
		messages, leave := p.events(path(id, "/provisioning/stream"))
		defer leave()
		leaves = append(leaves, leave)
		next(t, messages)
	}
	if a := p.get(path(id, "/provisioning/stream")).want(t, 429); a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	// Pages that were left make room long before anything is written to them again.
	leaves[0]()
	for deadline := time.Now().Add(10 * time.Second); p.kit.Streams() == 24; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a page that was left still counts")
		}
	}
	messages, leave := p.events(path(id, "/provisioning/stream"))
	defer leave()
	next(t, messages)
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
