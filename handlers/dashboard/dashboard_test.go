package dashboard_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/browsertest"
	"orbit360.app/handlers/dashboard"
	"orbit360.app/handlers/kit"
	"orbit360.app/imports"
	"orbit360.app/jobs/jobstest"
	"orbit360.app/live"
	"orbit360.app/mail"
	"orbit360.app/media"
	"orbit360.app/orbit"
	"orbit360.app/payments"
	"orbit360.app/payments/stripe"
	"orbit360.app/provision"
	"orbit360.app/store"
	"orbit360.app/store/storetest"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
	"orbit360.app/webhooks"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const password = "correct horse battery"

var addresses = orbit.Addresses{Scheme: "https", Base: "orbit360.app"}

// world has two shops of two people who must never meet, set up by the real provisioning.
type world struct {
	*testing.T
	db         *store.DB
	kit        *kit.Kit
	app        *fiber.App
	images     *media.Service
	moss, nord orbit.MerchantID // ada's, bob's
	ada, bob   string           // their cookies
	served     string           // where host serves it
}

func begin(t *testing.T) *world {
	t.Helper()
	db := storetest.New(t)
	composer := mail.Composer{Addresses: addresses, Status: orbit.EmailLocal}
	bucket, err := media.Open(t.Context(), media.FolderURL(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	images := media.New(media.Config{DB: db, Log: slog.New(slog.DiscardHandler), Bucket: bucket})
	k := kit.New(kit.Kit{DB: db, Addresses: addresses, Log: slog.New(slog.DiscardHandler), Mail: composer, Media: images})
	log := slog.New(slog.DiscardHandler)
	k.Imports = imports.New(imports.Config{DB: db, Log: log, Files: images, Images: images, Private: true})
	feed := live.New(live.Config{DB: db, Log: log})
	jobstest.Start(t, feed, append(k.Imports.Queues(), images.Queue(), provision.Queue(provision.Config{
		DB: db, Log: log, Addresses: addresses, Mail: composer,
		Engines: themes.NewSet(modern.New(), classic.New(), minimal.New()),
		Visit: func(context.Context, string) provision.Visitor {
			return func(string) (int, []byte, error) { return 200, []byte("</html>"), nil }
		}}))...)
	hooks, err := webhooks.New(webhooks.Config{DB: db, Log: log, Private: true,
		Keys: orbit.NewSecretKeys([]byte("0123456789abcdef0123456789abcdef"))})
	if err != nil {
		t.Fatal(err)
	}
	if k.Payments, err = payments.New(payments.Config{DB: db, Log: log, Mail: composer, Addresses: addresses,
		Keys: orbit.NewSecretKeys([]byte("0123456789abcdef0123456789abcdef")), Providers: map[string]payments.Provider{
			orbit.ProviderStripe: stripe.New("http://127.0.0.1:1")}}); err != nil { // which has no accounts: see banks
		t.Fatal(err)
	}
	w := &world{T: t, db: db, kit: k, images: images, app: dashboard.New(k, feed,
		themes.NewSet(modern.New(), classic.New(), minimal.New()), hooks)}
	w.moss = w.shop(feed, "Moss & Stone", "ada@example.com", "moss-and-stone")
	w.nord = w.shop(feed, "Nord", "bob@example.com", "nord-shop")
	w.ada, w.bob = w.welcome("ada@example.com"), w.welcome("bob@example.com")
	return w
}

func (w *world) apply(name, email string) orbit.MerchantID {
	w.Helper()
	id := orbit.NewID[orbit.Merchant]()
	if _, err := w.db.CreateMerchant(w.Context(), id, orbit.Application{Name: name, OwnerName: "Some One", Email: email,
		Category: "home-garden"}, nil, orbit.System); err != nil {
		w.Fatal(err)
	}
	return id
}

func (w *world) shop(f *live.Feed, name, email, subdomain string) orbit.MerchantID {
	w.Helper()
	id := w.apply(name, email)
	changes, cancel := f.Subscribe(id)
	defer cancel()
	a := orbit.Activation{Theme: "upfront-modern", Plan: "professional", Subdomain: subdomain, Category: "home-garden"}
	if _, err := w.db.Activate(w.Context(), id, a, addresses.Base, orbit.System); err != nil {
		w.Fatal(err)
	}
	deadline := time.After(30 * time.Second)
	for {
		v, err := w.db.RunView(w.Context(), id)
		if err != nil {
			w.Fatal(err)
		}
		if v.Run.Status == orbit.RunCompleted {
			return id
		}
		select {
		case <-changes:
		case <-deadline:
			w.Fatalf("%s: %+v", name, v.Run)
		}
	}
}

var link = regexp.MustCompile(`https://dashboard\.orbit360\.app(/password/\S+)`)

// welcome goes the way of the welcome email: its link, a password, and the cookie that comes of it.
func (w *world) welcome(email string) string {
	w.Helper()
	emails, _, err := w.db.Emails(w.Context(), email, 10, 0)
	if err != nil || len(emails) == 0 {
		w.Fatal("no welcome email for ", email, err)
	}
	m, err := w.db.Email(w.Context(), emails[0].ID)
	if err != nil {
		w.Fatal(err)
	}
	found := link.FindStringSubmatch(m.Text)
	if found == nil {
		w.Fatal("no link in the email:\n", m.Text)
	}
	res, _ := w.post("", found[1], url.Values{"password": {password}, "repeat": {password}})
	cookie, _, _ := strings.Cut(res.Header.Get("Set-Cookie"), ";")
	if res.StatusCode != 303 || cookie == "" {
		w.Fatal(res.StatusCode, res.Header)
	}
	return cookie
}

func (w *world) get(cookie, path string) (*http.Response, *goquery.Document) {
	w.Helper()
	return w.send(cookie, httptest.NewRequest(http.MethodGet, path, nil))
}

func (w *world) post(cookie, path string, form url.Values) (*http.Response, *goquery.Document) {
	w.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://dashboard.orbit360.app")
	return w.send(cookie, r)
}

func (w *world) send(cookie string, r *http.Request) (*http.Response, *goquery.Document) {
	w.Helper()
	r.Host = "dashboard.orbit360.app"
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	res, err := w.app.Test(r, 10_000)
	if err != nil {
		w.Fatal(err)
	}
	defer func(body io.Closer) { _ = body.Close() }(res.Body)
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	res.Body = io.NopCloser(strings.NewReader(string(body))) // for those that aren't pages
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(body)))
	if err != nil {
		w.Fatal(err)
	}
	if ids := browsertest.RepeatedIDs(doc); len(ids) > 0 {
		w.Errorf("%s has ids twice: %q", r.URL, ids)
	}
	return res, doc
}

func (w *world) merchant(id orbit.MerchantID) orbit.Merchant {
	w.Helper()
	m, err := w.db.Merchant(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	return m
}

// home is the path of a shop's pages.
func (w *world) home(id orbit.MerchantID) string { return w.merchant(id).DashboardPath() }

func TestHomeShowsTheShop(t *testing.T) {
	t.Parallel()
	w := begin(t)
	home := w.home(w.moss)
	if res, _ := w.get(w.ada, "/"); res.StatusCode != 303 || res.Header.Get("Location") != home+"/onboarding" {
		t.Fatal(res.StatusCode, res.Header.Get("Location"))
	}
	w.get(w.ada, home) // takes the toast
	res, page := w.get(w.ada, home)
	m := w.merchant(w.moss)
	if res.StatusCode != 200 {
		t.Fatal(res.StatusCode)
	}
	for _, selector := range []string{
		`h1:contains("Moss & Stone")`, `.badge:contains("Opening soon")`,
		`#shop a[href="https://moss-and-stone.orbit360.app"]`, `#shop [data-copy="https://moss-and-stone.orbit360.app"]`,
		`#shop [data-copy="` + m.Code + `"]`,
		`#shop:contains("Upfront Modern")`,
		`#plan:contains("Professional"):contains("$79.99"):contains("1,000"):contains("50 GB")`,
		`#setup [role=progressbar][aria-valuenow="0"]`, `#setup a[href="` + home + `/onboarding/business"]`,
		`.page-actions a[href="` + home + `/preview"]:contains("Preview shop")`,
		`#shop a[href="` + home + `/theme"]`,
		`form[method=post][action="` + home + `/live"] button:contains("Go live")`,
		`form[action="/sign-out"] button:contains("Sign out")`,
	} {
		if page.Find(selector).Length() != 1 {
			t.Errorf("%d of %s", page.Find(selector).Length(), selector)
		}
	}
	if page.Find(`:contains("Nord")`).Length() > 0 || page.Find("[style], a[href='#']").Length() > 0 {
		t.Error("the page shows what it shouldn't")
	}
}

func TestGoLive(t *testing.T) {
	t.Parallel()
	w := begin(t)
	home := w.home(w.moss)
	res, missing := w.post(w.ada, home+"/live", nil)
	if res.StatusCode != 409 || missing.Find("#missing li").Length() != 2 ||
		missing.Find(`#missing a[href="`+home+`/onboarding/business"]`).Length() != 1 ||
		missing.Find(`#missing a[href="`+home+`/onboarding/products"]`).Length() != 1 || w.merchant(w.moss).Live() {
		t.Fatal(res.StatusCode, missing.Find("main").Text())
	}
	w.ready(w.ada, w.moss)
	for range 2 { // a double click changes nothing more
		if res, _ := w.post(w.ada, home+"/live", nil); res.StatusCode != 303 ||
			res.Header.Get("Location") != home+"/onboarding" {
			t.Fatal(res.StatusCode)
		}
	}
	m := w.merchant(w.moss)
	if !m.Live() || w.merchant(w.nord).Live() {
		t.Error("the wrong shop is live, or none")
	}
	_, page := w.get(w.ada, home)
	if page.Find(`button:contains("Go live")`).Length() != 0 || page.Find(`.badge:contains("Live")`).Length() != 1 ||
		page.Find(`.toast:contains("Your shop is live.")`).Length() != 1 {
		t.Error(page.Find("main").Text())
	}
	entries, err := w.db.AuditLog(t.Context(), w.moss, 50, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range entries {
		if e.Action == orbit.ActionMerchantLive && e.Actor == "ada@example.com" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d entries in the audit log", n)
	}
}

// Another's shop, one that doesn't exist and nonsense are the same 404.
func TestOnlyMembersGetIn(t *testing.T) {
	t.Parallel()
	w := begin(t)
	said := map[string]bool{}
	for _, key := range []string{w.nord.String(), w.merchant(w.nord).Code, orbit.NewID[orbit.Merchant]().String(),
		"ORB-00000000", "x", strings.Repeat("a", 36)} {
		res, page := w.get(w.ada, "/"+key)
		if res.StatusCode != 404 {
			t.Errorf("%s: %d", key, res.StatusCode)
		}
		said[page.Find("main").Text()] = true
		for _, path := range []string{"/live", "/onboarding/website/skip"} {
			if res, _ := w.post(w.ada, "/"+key+path, nil); res.StatusCode != 404 {
				t.Errorf("%s%s: %d", key, path, res.StatusCode)
			}
		}
	}
	if len(said) != 1 {
		t.Errorf("%d different answers", len(said))
	}
	if w.merchant(w.nord).Live() {
		t.Error("somebody else's shop went live")
	}
}

func TestNobodyIsSentToSignIn(t *testing.T) {
	t.Parallel()
	w := begin(t)
	home := w.home(w.moss)
	for _, path := range []string{"/", home} {
		if res, _ := w.get("", path); res.StatusCode != 303 ||
			res.Header.Get("Location") != "/sign-in?next="+url.QueryEscape(path) {
			t.Errorf("%s: %d %s", path, res.StatusCode, res.Header.Get("Location"))
		}
	}
	if res, page := w.post("", home+"/live", nil); res.StatusCode != 401 || page.Find("h1").Length() != 1 {
		t.Error(res.StatusCode)
	}
	// A page of another site can't press the button.
	r := httptest.NewRequest(http.MethodPost, home+"/live", nil)
	r.Header.Set("Origin", "https://moss-and-stone.orbit360.app")
	if res, _ := w.send(w.ada, r); res.StatusCode != 403 {
		t.Error(res.StatusCode)
	}
	if w.merchant(w.moss).Live() {
		t.Error("live all the same")
	}
}

func TestSuspendedShopsSaySo(t *testing.T) {
	t.Parallel()
	w := begin(t)
	if err := w.db.Suspend(t.Context(), w.moss, "Unpaid", orbit.System, nil); err != nil {
		t.Fatal(err)
	}
	home := w.home(w.moss)
	res, page := w.get(w.ada, home)
	if res.StatusCode != 403 || page.Find(`main:contains("This shop is suspended")`).Length() != 1 ||
		page.Find(`main form, #shop, a[href="https://moss-and-stone.orbit360.app"]`).Length() != 0 {
		t.Error(res.StatusCode, page.Find("main").Text())
	}
	for _, path := range []string{"/live", "/onboarding/website/skip"} {
		if res, _ := w.post(w.ada, home+path, nil); res.StatusCode != 409 && res.StatusCode != 404 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if w.merchant(w.moss).Live() {
		t.Error("a suspended shop went live")
	}
}

func TestSeveralShopsAndNone(t *testing.T) {
	t.Parallel()
	w := begin(t)
	ctx := t.Context()
	ada, err := w.db.UserByEmail(ctx, "ada@example.com")
	if err != nil {
		t.Fatal(err)
	}
	third := w.apply(`<b>Third</b>`, "cy@example.com") // has no run: still pending
	if _, err := w.db.Pool().Exec(ctx, `INSERT INTO memberships (merchant_id, user_id) VALUES ($1, $2), ($3, $2)`,
		w.nord.String(), ada.ID.String(), third.String()); err != nil {
		t.Fatal(err)
	}
	res, page := w.get(w.ada, "/")
	if res.StatusCode != 200 || page.Find("table tbody tr").Length() != 3 || page.Find("main b").Length() != 0 ||
		page.Find(`a[href="/nord-shop"]:contains("Nord")`).Length() != 1 {
		t.Error(res.StatusCode, page.Find("main").Text())
	}
	_, page = w.get(w.ada, w.home(w.moss))
	if page.Find(`nav a[href="/nord-shop"]:contains("Nord")`).Length() != 1 ||
		page.Find(`nav a[href="/"]:contains("All shops"):contains("3")`).Length() != 1 {
		t.Error(page.Find("nav").Text())
	}
	res, page = w.get(w.ada, "/"+third.String())
	if res.StatusCode != 200 || page.Find(`main:contains("being set up")`).Length() != 1 {
		t.Error(res.StatusCode)
	}
	if res, _ := w.post(w.ada, "/"+third.String()+"/live", nil); res.StatusCode != 409 {
		t.Error(res.StatusCode)
	}

	if _, err := w.db.Pool().Exec(ctx, `DELETE FROM memberships WHERE user_id = $1`, ada.ID.String()); err != nil {
		t.Fatal(err)
	}
	res, page = w.get(w.ada, "/")
	if res.StatusCode != 200 ||
		page.Find(`main:contains("No shop yet") a[href="https://orbit360.app/apply"]`).Length() != 1 {
		t.Error(res.StatusCode, page.Find("main").Text())
	}
	if res, _ := w.get(w.ada, w.home(w.moss)); res.StatusCode != 404 {
		t.Error("a member no longer: ", res.StatusCode)
	}
}

// What is odd in an address is refused, not a fault of ours.
func TestOddAddresses(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for at, want := range map[string]int{
		"/theme?theme=%00": 400, "/theme?theme=%ff": 400, "/theme?theme=zz": 404,
		"/settings/plan/statements/9999-12": 404, "/settings/plan/statements/9999-11": 404,
		"/settings/plan/statements/0000-01": 404, "/settings/plan/statements/-001-01": 404,
	} {
		if res, _ := w.get(w.ada, w.home(w.moss)+at); res.StatusCode != want {
			t.Errorf("%s: %d", at, res.StatusCode)
		}
	}
}
