package admin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// routes returns all routes of the panel but those of the account, which are open on purpose.
func (p *panel) routes() (routes []string) {
	for _, r := range p.app.GetRoutes(true) {
		open := strings.HasPrefix(r.Path, "/sign-") || strings.HasPrefix(r.Path, "/password") ||
			strings.HasPrefix(r.Path, "/welcome")
		if (r.Method == "GET" || r.Method == "POST") && !open {
			routes = append(routes, r.Method+" "+r.Path)
		}
	}
	if len(routes) < 20 {
		p.t.Fatalf("only %d routes: %v", len(routes), routes)
	}
	return routes
}

func TestEveryRouteNeedsAnAdmin(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id := p.apply("Moss & Fern")
	for _, route := range p.routes() {
		method, pattern, _ := strings.Cut(route, " ")
		at := named(pattern, id.String())
		a := p.do(method, at, form(method), anonymous)
		want, to := 401, ""
		if method == "GET" {
			want, to = 303, "/sign-in?next="+url.QueryEscape(at)
		}
		if a.StatusCode != want || a.Header.Get("Location") != to || strings.Contains(a.body, "Moss") {
			t.Errorf("%s without a session: %d to %q", route, a.StatusCode, a.Header.Get("Location"))
		}
		// A page of another site can't press its buttons either.
		if method == "POST" {
			for name, o := range map[string]option{
				"cross-site":  func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
				"same-site":   func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
				"null origin": func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "null") },
				"no header":   func(r *http.Request) { r.Header.Del("Sec-Fetch-Site") },
			} {
				if a := p.do(method, at, form(method), o); a.StatusCode != 403 {
					t.Errorf("%s from %s: %d", route, name, a.StatusCode)
				}
			}
		}
	}
	if m, err := p.db.Merchant(t.Context(), id); err != nil || m.Status != orbit.MerchantPending {
		t.Errorf("the merchant is %s (%v)", m.Status, err)
	}
}

// named puts an id into a route's path, whatever it is the id of.
func named(pattern, id string) string {
	parts := strings.Split(pattern, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, ":") {
			parts[i] = id
		}
	}
	return strings.Join(parts, "/")
}

func form(method string) url.Values {
	if method == "POST" {
		return order("moss")
	}
	return nil
}

// What isn't there is the same 404 on every route, whatever the id looks like.
func TestNothingThere(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.apply("Moss & Fern")
	for _, route := range p.routes() {
		method, pattern, _ := strings.Cut(route, " ")
		if !strings.Contains(pattern, ":") {
			continue
		}
		for _, id := range []string{orbit.NewID[orbit.Merchant]().String(), "nope", "00000000-0000-0000-0000-000000000000",
			"%00", strings.Repeat("a", 36), "%7B0199b0aa-0000-7000-8000-000000000001%7D"} {
			at := named(pattern, id)
			if a := p.do(method, at, form(method)); a.StatusCode != 404 || a.words("h1") != "Page not found" {
				t.Errorf("%s with %q: %d %s", route, id, a.StatusCode, a.words("h1"))
			}
		}
	}
	p.get("/nowhere").want(t, 404)
}

// Reading changes nothing: each route that changes something refuses GET, and method overrides are no way round.
func TestGetChangesNothing(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id := p.apply("Moss & Fern")
	routes := p.routes()
	for _, route := range routes {
		method, pattern, _ := strings.Cut(route, " ")
		at := named(pattern, id.String())
		if method == "POST" {
			a := p.get(at+"?"+order("moss").Encode()+"&_method=POST",
				func(r *http.Request) { r.Header.Set("X-HTTP-Method-Override", "POST") })
			if read := slices.Contains(routes, "GET "+pattern); a.StatusCode != 405 && a.StatusCode != 404 && !read {
				t.Errorf("GET %s: %d", at, a.StatusCode)
			}
		}
	}
	// The application and the sign-in.
	log, err := p.db.AuditLog(t.Context(), orbit.MerchantID{}, 10, 0)
	if err != nil || len(log) != 2 {
		t.Errorf("the log has %d lines (%v)", len(log), err)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	if a := p.get("/").want(t, 303); a.Header.Get("Location") != "/merchants" {
		t.Errorf("/ leads to %s", a.Header.Get("Location"))
	}
	if a := p.get("/merchants").want(t, 200); a.words(".empty-title") != "No pending applications" ||
		a.Find("[data-stream]").Length() != 0 {
		t.Errorf("an empty list says %q", a.words(".empty-title"))
	}
	for i := range 27 {
		p.apply(fmt.Sprintf("Shop %02d", i))
	}
	img := p.apply("<img src=x onerror=alert(1)>")

	a := p.get("/merchants").want(t, 200)
	if got := a.words(".tab[aria-current] .count"); got != "28" || a.Find("#merchants tbody tr").Length() != 25 ||
		a.words(".pager p") != "1 to 25 of 28" {
		t.Errorf("first page: %s pending, %d rows, %q", got, a.Find("#merchants tbody tr").Length(), a.words(".pager p"))
	}
	if a.Find("img[onerror]").Length() != 0 ||
		a.words("#merchant-"+img.String()+" .name-link") != "<img src=x onerror=alert(1)>" {
		t.Error("a name became markup")
	}
	if href, _ := a.Find("#merchant-" + img.String() + " a[aria-haspopup]").Attr("href"); href != path(img,
		"/activation/new") {
		t.Errorf("Activate leads to %q", href)
	}
	if a.Find("[data-stream]").Length() != 1 {
		t.Error("the page must open one stream")
	}

	// Sorted, searched, paged: all of it stays in the links.
	a = p.get("/merchants?status=all&q=shop&sort=name").want(t, 200)
	next, _ := a.Find(".pager a[rel=next]").Attr("href")
	last, _ := a.Find("#merchants tbody tr").Last().Attr("id")
	if next != "/merchants?after="+strings.TrimPrefix(last, "merchant-")+"&page=2&q=shop&sort=name&status=all" ||
		a.words("tbody .name-link") != "Shop 00" {
		t.Errorf("next is %q, the first is %q", next, a.words("tbody .name-link"))
	}
	a = p.get(next).want(t, 200)
	if prev, _ := a.Find(".pager a[rel=prev]").Attr("href"); prev != "/merchants?q=shop&sort=name&status=all" ||
		a.words(".pager p") != "26 to 27 of 27" {
		t.Errorf("second page: %q back to %q", a.words(".pager p"), prev)
	}
	if tab, _ := a.Find(".tab").Eq(2).Attr("href"); tab != "/merchants?q=shop&sort=name&status=failed" {
		t.Errorf("the tab leads to %q", tab)
	}
	// A page beyond the end is the last one; what isn't valid is ignored.
	if a := p.get("/merchants?page=99&q=shop").want(t, 303); a.Header.Get("Location") != "/merchants?page=2&q=shop" {
		t.Errorf("page 99 is %s", a.Header.Get("Location"))
	}
	for _, q := range []string{"?page=-1", "?page=1e9", "?sort=drop&status=x", "?q=%00", "?q=%ff", "?q=%25_%5c",
		"?q=" + strings.Repeat("x", 3000)} {
		p.get("/merchants"+q).want(t, 200)
	}
	for _, bad := range []string{"%00", "%ff"} { // these come to the database
		p.get("/themes/new?from="+bad).want(t, 400)
	}
	if a := p.get("/merchants?q=blorb").want(t, 200); !strings.Contains(a.words(".empty-title"), "blorb") {
		t.Errorf("no match says %q", a.words(".empty-title"))
	}
}

func TestMerchantPage(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.work(false)
	id, other := p.apply("Moss & Fern"), p.apply("Papier Lune")
	if a := p.get(path(id, "")).want(t, 200); a.words("h1") != "Moss & Fern" ||
		a.words(".page-title .badge") != "Pending" || a.words(".page-actions .btn") != "Activate" {
		t.Errorf("pending: %q %q", a.words(".page-title"), a.words(".page-actions"))
	}
	p.activate(id, "moss")
	p.await(id, orbit.MerchantActive)
	a := p.get(path(id, "")).want(t, 200)
	if !strings.Contains(a.words("#addresses"), "moss.localhost") || !strings.Contains(a.words("#shop"), "ORB-") ||
		!strings.Contains(a.words("#run"), "COMPLETED") || !strings.Contains(a.words("#activity"), "Completed the run") {
		t.Errorf("active: %s", a.words("main"))
	}

	// Suspended and back; what comes too late is refused in words.
	if a := p.get(path(id, "/suspension/new"), dialog).want(t, 200); a.Find("dialog form#suspension").Length() != 1 {
		t.Error("no dialog")
	}
	for _, bad := range []string{"", "two\nlines", strings.Repeat("x", 501)} {
		a := p.post(path(id, "/suspension"), url.Values{"reason": {bad}}).want(t, 422)
		if !strings.Contains(a.words("form#suspension"), " reason") || a.Find("[aria-invalid]").Length() != 1 {
			t.Errorf("%q is a reason", bad)
		}
	}
	why := url.Values{"reason": {"Unpaid since <July>."}}
	if a := p.post(path(id, "/suspension"), why).want(t, 303); a.Header.Get("Location") != path(id, "") {
		t.Errorf("leads to %s", a.Header.Get("Location"))
	}
	if a := p.get(path(id, "")).want(t, 200); a.words(".page-title .badge") != "Suspended" ||
		a.words(".toast [data-message]") != "Shop suspended." {
		t.Errorf("suspended: %q, %q", a.words(".page-title"), a.words(".toast"))
	}
	p.post(path(id, "/suspension"), why).want(t, 409)
	if a := p.post(path(id, "/suspension"), why, htmx("form#suspension")).want(t,
		422); !strings.Contains(a.words("form#suspension .alert"), "Only a merchant that is active") {
		t.Errorf("too late: %s", a.body)
	}
	p.get(path(other, "/suspension/new")).want(t, 409)
	p.post(path(id, "/resumption"), nil).want(t, 303)
	p.post(path(id, "/resumption"), nil).want(t, 409)
	if log := p.get(path(id, "")).want(t, 200).words("#activity"); !strings.Contains(log, "Unpaid since <July>.") {
		t.Errorf("the log has no reason: %s", log)
	}
	about := p.get("/emails").want(t, 200).words("main")
	if strings.Count(about, "is suspended") != 1 || strings.Count(about, "is no longer suspended") != 1 {
		t.Errorf("the owner got: %s", about)
	}
	if m, err := p.db.Merchant(t.Context(), id); err != nil || m.Status != orbit.MerchantActive {
		t.Errorf("it is %s (%v)", m.Status, err)
	}
}

func TestEmails(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id := orbit.NewID[orbit.Merchant]()
	if a := p.get("/emails").want(t, 200); a.words(".empty-title") != "No emails yet" {
		t.Errorf("an empty box says %q", a.words(".empty-title"))
	}
	m := orbit.Email{MessageID: "<a@localhost>", Recipient: "fern@example.com", Subject: "Welcome <b>",
		Status: orbit.EmailLocal,
		HTML: `<!doctype html><html><head><title>x</title></head><body><script>alert(1)</script>` +
			`<a href="http://dashboard.localhost/password/x">Set</a></body></html>`,
		Text: "Open http://dashboard.localhost/password/x.\n\n  <script>"}
	if _, err := p.db.CreateMerchant(t.Context(), id, orbit.Application{Name: "Moss", OwnerName: "Fern",
		Email: "fern@example.com", Category: "books"}, &m, orbit.System); err != nil {
		t.Fatal(err)
	}
	a := p.get("/emails?q=FERN").want(t, 200)
	href, _ := a.Find("#emails .name-link").Attr("href")
	if href != "/emails/"+m.ID.String() || a.words("#emails .badge") != "Not sent" {
		t.Fatalf("the list leads to %q: %s", href, a.words("#emails"))
	}
	for was, is := range map[string]string{"/mail": "/emails", "/mail?q=FERN": "/emails?q=FERN",
		"/mail?q=zo%C3%AB&page=2": "/emails?q=zo%C3%AB&page=2", "/mail/" + m.ID.String(): href} {
		if to := p.get(was).want(t, 308).Header.Get("Location"); to != is {
			t.Errorf("%s redirects to %s instead of %s", was, to, is)
		}
	}
	a = p.get(href).want(t, 200)
	frame := a.Find("iframe")
	src, _ := frame.Attr("src")
	if sandbox, ok := frame.Attr("sandbox"); !ok || strings.Contains(sandbox, "script") ||
		strings.Contains(sandbox, "same-origin") {
		t.Errorf("the frame's sandbox is %q", sandbox)
	}
	if link, _ := a.Find(".email-text a").Attr("href"); link != "http://dashboard.localhost/password/x" ||
		!strings.HasSuffix(a.Find(".email-text").Text(), "/x.\n\n  <script>") {
		t.Errorf("the text is %q with a link to %q", a.Find(".email-text").Text(), link)
	}
	if a.Find("main script").Length() != 0 || a.words("#delivery a.link") != "Moss" {
		t.Error("the page lets an email's markup in, or doesn't name the merchant")
	}
	a = p.get(src).want(t, 200)
	policy := a.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script-src") ||
		!strings.Contains(policy, "sandbox allow-popups") || a.Header.Get("X-Frame-Options") != "SAMEORIGIN" ||
		a.Find("head base[target=_blank]").Length() != 1 {
		t.Errorf("the email's own page: %s, %s", policy, a.body)
	}
}

// An email that goes out by a mail server is its reader's: while it waits, too, no admin sees its links. Only the local
// mailbox shows them, as long as it is where emails are read.
func TestEmailFilters(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	for i := range 30 {
		status := orbit.EmailFailed
		if i%10 == 0 {
			status = orbit.EmailSent
		}
		if _, err := p.db.Pool().Exec(t.Context(), `INSERT INTO emails (id, message_id, recipient, subject, html, text,
		status, created_at)
			VALUES (gen_random_uuid(), $1, $2, 'Your order', '<p>x</p>', 'x', $3, now() - make_interval(mins => $4))`,
			fmt.Sprintf("<%d@test>", i), fmt.Sprintf("zoë%d@example.com", i), string(status), i); err != nil {
			t.Fatal(err)
		}
	}
	for href, want := range map[string]int{"/emails": 25, "/emails?status=sent": 3, "/emails?status=failed": 25,
		"/emails?status=none": 25, "/emails?q=ZOE7": 1, "/emails?q=zoë&status=sent": 3, "/emails?q=zoe2&status=sent": 1,
		"/emails?page=99": 25, "/emails?before=x": 25} {
		if a := p.get(href).want(t, 200); a.Find("#emails tbody tr").Length() != want {
			t.Errorf("%s: %d emails, want %d", href, a.Find("#emails tbody tr").Length(), want)
		}
	}
	a := p.get("/emails?status=failed").want(t, 200)
	older, _ := a.Find(".pager a[rel=next]").Attr("href")
	if b := p.get(older).want(t, 200); !strings.Contains(older, "status=failed") ||
		b.Find("#emails tbody tr").Length() != 2 || b.Find(".pager a[rel=next]").Length() != 0 ||
		b.words(".tab[aria-current]") != "Failed" {
		t.Errorf("%s: %s", older, b.words("#emails"))
	}
	// What was swept says so.
	if _, err := p.db.Pool().Exec(t.Context(), `UPDATE emails SET html = '', text = ''
		WHERE recipient = 'zoë10@example.com'`); err != nil {
		t.Fatal(err)
	}
	href, _ := p.get("/emails?q=zoe10").want(t, 200).Find("#emails .name-link").Attr("href")
	if a := p.get(href).want(t, 200); a.Find("iframe").Length() != 0 ||
		!strings.Contains(a.words("#html"), "for 30 days") {
		t.Errorf("%s: %s", href, a.words("main"))
	}
}

func TestEmailShowsNoWorkingLink(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	for name, tc := range map[string]struct {
		status orbit.EmailStatus
		local  bool
		works  bool
	}{
		"waiting for the mail server":       {orbit.EmailQueued, false, false},
		"waiting, the server is taken away": {orbit.EmailQueued, true, false},
		"refused":                           {orbit.EmailFailed, false, false},
		"in the local mailbox":              {orbit.EmailLocal, true, true},
		"in a mailbox that was local once":  {orbit.EmailLocal, false, false},
	} {
		p.kit.LocalEmail = tc.local
		token := pg.Token()
		m := orbit.Email{MessageID: "<" + name + "@localhost>", Recipient: "fern@example.com", Subject: "Set a new password",
			Status: orbit.EmailQueued,
			HTML:   `<html><head></head><body><a href="http://dashboard.localhost/password/` + token + `">Set</a></body></html>`,
			Text:   "http://dashboard.localhost/password/" + token}
		if tc.status == orbit.EmailLocal {
			m.Status = tc.status
		}
		a := orbit.Application{Name: "Moss", OwnerName: "Fern", Email: "fern@example.com", Category: "books"}
		if _, err := p.db.CreateMerchant(t.Context(), orbit.NewID[orbit.Merchant](), a, &m, orbit.System); err != nil {
			t.Fatal(err)
		}
		if tc.status == orbit.EmailFailed {
			if _, err := p.db.EmailTried(t.Context(), m.ID, orbit.EmailFailed, "550 no such user"); err != nil {
				t.Fatal(err)
			}
		}
		for _, path := range []string{"", "/html"} {
			if got := strings.Contains(p.get("/emails/"+m.ID.String()+path).want(t, 200).body, token); got != tc.works {
				t.Errorf("%s: %q shows a working link: %v", name, path, got)
			}
		}
	}
}

func TestAudit(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id, other := p.apply("Moss & Fern"), p.apply("Papier Lune")
	for range 60 {
		if err := p.db.Audit(t.Context(), orbit.System, orbit.ActionMerchantResumed, other, "",
			orbit.Details{"run": "0199", "why": "test"}); err != nil {
			t.Fatal(err)
		}
	}
	a := p.get("/audit").want(t, 200)
	if a.Find("#audit tbody tr").Length() != 50 || a.words("#audit .name-link") != "Papier Lune" ||
		!strings.Contains(a.words("#audit tbody"), "why test") || strings.Contains(a.words("#audit tbody"), "0199") {
		t.Errorf("first page: %s", a.words("#audit"))
	}
	next, _ := a.Find(".pager a[rel=next]").Attr("href")
	second := p.get(next).want(t, 200)
	if !strings.HasPrefix(next, "/audit?before=") || second.Find(".pager a[rel=next]").Length() != 0 ||
		!strings.Contains(second.words("#audit"), "Signed in") {
		t.Errorf("%s: %s", next, second.words("#audit"))
	}
	// Back to where it began, also from an address that no longer leads anywhere, or never did.
	back, _ := second.Find(".pager a[rel=prev]").Attr("href")
	for _, href := range []string{back, "/audit?page=99", "/audit?before=x", "/audit?after=9-9-9",
		"/audit?before=99999999999999999999-1", "/audit?area=none"} {
		if a := p.get(href).want(t, 200); a.Find("#audit tbody tr").Length() != 50 ||
			a.Find(".pager a[rel=prev]").Length() != 0 {
			t.Errorf("%s: %d lines", href, a.Find("#audit tbody tr").Length())
		}
	}
	// Search and area are kept together in the address.
	for href, want := range map[string]int{"/audit?q=signed": 0, "/audit?q=SESSION": 1, "/audit?area=access": 1,
		"/audit?area=access&q=session": 1, "/audit?area=catalog&q=session": 0, "/audit?q=resumed": 50, "/audit?q=resu_ed": 0,
		"/audit?q=resu%25ed": 0} {
		a := p.get(href).want(t, 200)
		if n := a.Find("#audit tbody tr").Length(); n != want {
			t.Errorf("%s: %d lines, want %d", href, n, want)
		}
		if q, _ := a.Find("input[name=q]").Attr("value"); strings.Contains(href, "area=access") &&
			(a.words(".tab[aria-current]") != "Access" || (strings.Contains(href, "q=") && q != "session")) {
			t.Errorf("%s: %s %q", href, a.words(".tab[aria-current]"), q)
		}
	}
	if a := p.get("/audit?merchant="+id.String()).want(t, 200); a.Find("#audit tbody tr").Length() != 1 ||
		a.words(".filter .truncate") != "Moss & Fern" {
		t.Errorf("filtered: %s", a.words("main"))
	}
	p.get("/audit?merchant=x").want(t, 404)
}

// The log names people, with their addresses, and finds them by either; somebody who is gone stays as recorded.
func TestAuditNamesPeople(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id := p.apply("Moss & Fern")
	note := url.Values{"id": {orbit.NewID[orbit.Note]().String()}, "note": {"Call back."}}
	p.post(path(id, "/notes"), note).want(t, 303)
	admin, err := p.db.UserByEmail(t.Context(), adminEmail)
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []orbit.Actor{{ID: admin.ID, Name: adminEmail + " (key Till)"},
		{ID: orbit.NewID[orbit.User](), Name: "gone@example.com", Address: "198.51.100.7"}, orbit.System} {
		if err := p.db.Audit(t.Context(), who, orbit.ActionMerchantResumed, id, "", nil); err != nil {
			t.Fatal(err)
		}
	}
	who := func(at string) (all []string) {
		p.get(at).want(t, 200).Find("#audit .who").Each(func(_ int, s *goquery.Selection) {
			words := s.Find("p").Map(func(_ int, p *goquery.Selection) string { return p.Text() })
			all = append(all, strings.Join(words, " "))
		})
		return all
	}
	want := []string{"System", "gone@example.com 198.51.100.7", "Ada Okafor (API key Till) ada@example.com",
		"Ada Okafor ada@example.com · 127.0.0.1"}
	for _, at := range []string{"/audit?merchant=" + id.String(), path(id, "")} {
		if got := who(at); len(got) < 4 || !slices.Equal(got[:4], want) {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
	}
	for q, want := range map[string][]string{"okafor": want[2:], "ada%40example": want[2:], "gone%40": want[1:2]} {
		if got := who("/audit?area=merchants&q=" + q); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", q, got, want)
		}
	}
}

// What the database can't keep as text is refused, not a fault of ours.
func TestTextThatCantBeKept(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	for _, odd := range []string{"%00", "%ff", "a%00b"} {
		p.get("/themes/new?from="+odd).want(t, 400)
	}
}
