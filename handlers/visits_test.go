package handlers_test

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

const adminHost = "admin.localhost:3000"

// sql writes as the program does, to the platform's own tables.
func (w *world) sql(query string, args ...any) {
	w.Helper()
	conn, err := pgx.Connect(w.Context(), w.url)
	if err != nil {
		w.Fatal(err)
	}
	defer conn.Close(w.Context()) //nolint:errcheck // a test's connection
	if _, err := conn.Exec(w.Context(), query, args...); err != nil {
		w.Fatal(query, err)
	}
}

// browser keeps the cookies of two hosts, as a browser does, and follows nothing by itself.
type browser struct {
	*world
	cookies map[string]string // by host
}

func (b *browser) ask(method, host, target string, form url.Values) answer {
	b.Helper()
	a := b.a.send(method, host, target, b.cookies[host], form)
	if set := a.header.Get("Set-Cookie"); strings.HasPrefix(set, "orbit=") {
		b.cookies[host], _, _ = strings.Cut(set, ";")
	}
	return a
}

// follow goes where redirects lead, until an answer is none.
func (b *browser) follow(a answer) (answer, []string) {
	b.Helper()
	var way []string
	host := ""
	for range 9 {
		to := a.header.Get("Location")
		if a.status != 303 || to == "" {
			return a, way
		}
		way = append(way, to)
		u, err := url.Parse(to)
		if err != nil {
			b.Fatal(err)
		}
		if u.Host != "" {
			host = u.Host
		}
		a = b.ask("GET", host, u.RequestURI(), nil)
	}
	b.Fatal("goes round and round: ", way)
	return a, way
}

// admin signs an admin in.
func (w *world) admin(email string) *browser {
	w.Helper()
	const password = "a long enough password"
	hash, err := kit.HashPassword(password)
	if err == nil {
		_, err = w.db.EnsureAdmin(w.Context(), email, "Ad", hash)
	}
	if err != nil {
		w.Fatal(err)
	}
	b := &browser{w, map[string]string{}}
	if a := b.ask("POST", adminHost, "/sign-in", url.Values{"email": {email}, "password": {password}}); a.status != 303 {
		w.Fatal(a.status)
	}
	return b
}

// visit goes the whole way into a shop.
func (b *browser) visit(m orbit.MerchantID) []string {
	b.Helper()
	a := b.ask("POST", adminHost, "/merchants/"+m.String()+"/visit", url.Values{"reason": {"Ticket 12"}})
	a, way := b.follow(a)
	if a.status != 200 || !strings.Contains(a.body, "as support") {
		b.Fatalf("%d %v %.300s", a.status, way, a.body)
	}
	return way
}

func (b *browser) dashboard(method, path string) answer {
	b.Helper()
	return b.ask(method, dashboardHost, path, nil)
}

// An admin gets in with a reason, sees the banner on every page, acts in the open, and is out at once.
func TestViewAsMerchant(t *testing.T) {
	t.Parallel()
	w := begin(t)
	ann := w.admin("ann@example.com")
	a := ann.ask("POST", adminHost, "/merchants/"+w.moss.String()+"/visit", url.Values{"reason": {" "}})
	if a.status != 422 {
		t.Error("without a reason:", a.status)
	}
	ann.visit(w.moss)
	for _, path := range []string{"/moss", "/moss/orders", "/moss/products", "/moss/theme", "/moss/nothing-here"} {
		a := ann.dashboard("GET", path)
		if page := a.page(t); !strings.Contains(page.Find("#visit").Text(), "You are viewing Moss & Stone as support") ||
			page.Find(`#visit form[action="/support/stop"] button`).Length() != 1 {
			t.Errorf("%s: %d, the banner says %q", path, a.status, page.Find("#visit").Text())
		}
	}
	// Only this shop; the account isn't one's own here.
	for path, want := range map[string]int{"/nord": 404, "/" + w.nord.String(): 404, "/account": 403,
		"/account/two-step": 403, "/moss/theme": 200} {
		if a := ann.dashboard("GET", path); a.status != want {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := ann.dashboard("GET", "/"); a.status != 303 || a.header.Get("Location") != "/moss" {
		t.Error(a.status, a.header.Get("Location"))
	}
	// What is done is the admin's, as support.
	form := fields(ann.dashboard("GET", "/moss/theme").page(t), "form#theme")
	form.Set("config.announcement", "By support")
	if a := ann.ask("POST", dashboardHost, "/moss/releases", form); a.status != 303 {
		t.Fatal(a.status)
	}
	log := func() orbit.AuditLine {
		t.Helper()
		entries, err := w.db.AuditLog(t.Context(), w.moss, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		return entries[0]
	}
	if e := log(); e.Action != orbit.ActionReleasePublished || e.Actor != "ann@example.com" || e.Detail["support"] == nil {
		t.Errorf("%+v", e)
	}
	if a := ann.dashboard("POST", "/support/stop"); a.status != 303 || a.header.Get("Location") != "/support/stopped" {
		t.Error(a.status, a.header.Get("Location"))
	}
	if e := log(); e.Action != orbit.ActionVisitStopped {
		t.Errorf("%+v", e)
	}
	if a := ann.dashboard("GET", "/moss"); a.status != 303 || !strings.Contains(a.header.Get("Location"), "/sign-in") {
		t.Error("stopped:", a.status)
	}
	if a := ann.ask("GET", adminHost, "/merchants/"+w.moss.String(), nil); a.status != 200 {
		t.Error("out of the admin panel too:", a.status)
	}
}

// The way in works once, in the browser that asked, for the admin who asked, within a minute.
func TestTheWayInIsUsedUp(t *testing.T) {
	t.Parallel()
	w := begin(t)
	ann, ben := w.admin("ann@example.com"), w.admin("ben@example.com")
	target := func(to string) (host, path string) {
		u, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		return u.Host, u.RequestURI()
	}
	gone := func(what string, a answer) {
		t.Helper()
		if a.status != 410 {
			t.Errorf("%s: %d", what, a.status)
		}
	}
	way := ann.visit(w.moss)
	if len(way) != 4 {
		t.Fatal(way)
	}
	for i := range 3 { // each step again: by her, by another admin, by nobody
		host, path := target(way[i])
		for who, b := range map[string]*browser{"Ann": ann, "Ben": ben} {
			a, _ := b.follow(b.ask("GET", host, path, nil))
			gone(who+" at step "+path, a)
		}
		b := &browser{w, map[string]string{}}
		a, _ := b.follow(b.ask("GET", host, path, nil))
		if a.status == 200 && !strings.Contains(a.body, "Sign in") {
			t.Errorf("nobody at %s: %d", path, a.status)
		}
	}
	// Another admin takes the beginning of it, before she has gone on: nobody gets in by it.
	begun := func() string {
		t.Helper()
		a := ann.ask("POST", adminHost, "/merchants/"+w.nord.String()+"/visit", url.Values{"reason": {"x"}})
		return a.header.Get("Location")
	}
	host, path := target(begun())
	a, _ := ben.follow(ben.ask("GET", host, path, nil))
	gone("another admin", a)
	// The last step in another browser, approved for hers.
	host, path = target(begun())
	approval := ann.ask("GET", host, path, nil).header.Get("Location")
	host, path = target(approval)
	enter := ann.ask("GET", host, path, nil).header.Get("Location")
	host, path = target(enter)
	gone("another browser", ben.ask("GET", host, path, nil))
	if a := ann.ask("GET", host, path, nil); a.status != 303 {
		t.Error("her own browser afterwards:", a.status)
	}
	// After its minute.
	host, path = target(begun())
	w.sql(`UPDATE support_visits SET expires_at = now() - interval '1 second' WHERE opened_at IS NULL`)
	a, _ = ann.follow(ann.ask("GET", host, path, nil))
	gone("after a minute", a)
	// Merchants can't ask for one.
	june := &browser{w, map[string]string{adminHost: w.member("moss@example.com")}}
	if a := june.ask("POST", adminHost, "/merchants/"+w.nord.String()+"/visit",
		url.Values{"reason": {"x"}}); a.status != 401 {
		t.Error("a merchant:", a.status)
	}
}

// A visit ends by the database's clock, with the admin's own session, account and role; what is running ends too.
func TestVisitsEnd(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for what, end := range map[string]func(*browser){
		"after 60 minutes": func(*browser) {
			w.sql(`UPDATE support_visits SET expires_at = expires_at - interval '60 minutes' WHERE opened_at IS NOT NULL`)
		},
		"signed out": func(b *browser) { b.ask("POST", adminHost, "/sign-out", nil) },
		"disabled":   func(*browser) { w.sql(`UPDATE users SET disabled_at = now() WHERE role = 'admin'`) },
		"no admin":   func(*browser) { w.sql(`UPDATE users SET role = 'merchant' WHERE email LIKE 'ann%'`) },
	} {
		w.sql(`UPDATE users SET disabled_at = NULL, role = CASE WHEN email LIKE 'ann%' THEN 'admin' ELSE role END`)
		email := "ann-" + strings.ReplaceAll(what, " ", "-") + "@example.com"
		ann := w.admin(email)
		ann.visit(w.moss)
		if a := ann.dashboard("GET", "/moss/orders"); a.status != 200 {
			t.Fatal(what, a.status)
		}
		user, err := w.db.UserByEmail(t.Context(), email)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := w.db.AuditLog(t.Context(), w.moss, 1, 0)
		if err != nil || entries[0].Action != orbit.ActionVisitOpened || entries[0].Detail["reason"] != "Ticket 12" {
			t.Fatal(entries, err)
		}
		id, _ := entries[0].Detail["support"].(string)
		visit, err := orbit.ParseID[orbit.Visit](id)
		if err != nil {
			t.Fatal(err)
		}
		as := shop.MemberOf(w.db, orbit.Actor{ID: user.ID, Name: email, Visit: visit}, w.moss, orbit.PermissionOrders)
		reads := func() error { return as.Read(t.Context(), func(*shop.Tenant) error { return nil }) }
		writes := func() error { return as.Change(t.Context(), func(*shop.Edit) error { return nil }) }
		if err := reads(); err != nil {
			t.Error(what, err)
		}
		if err := writes(); err != nil {
			t.Error(what, err)
		}
		end(ann)
		if a := ann.dashboard("GET", "/moss/orders"); a.status != 303 {
			t.Errorf("%s: %d", what, a.status)
		}
		for _, do := range []func() error{reads, writes} {
			if err := do(); orbit.CodeOf(err) != orbit.NotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		rights, err := w.db.RightsIn(t.Context(), w.moss, []orbit.UserID{user.ID})
		if err != nil || len(rights) != 0 {
			t.Errorf("%s: sockets stay open: %v %v", what, rights, err)
		}
	}
}

// The rights of support: everything but plan, staff, where money goes, and keys; in another's shop nothing.
func TestSupportsRights(t *testing.T) {
	t.Parallel()
	w := begin(t)
	ann := w.admin("ann@example.com")
	ann.visit(w.moss)
	user, err := w.db.UserByEmail(t.Context(), "ann@example.com")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := w.db.AuditLog(t.Context(), w.moss, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	id, _ := entries[0].Detail["support"].(string)
	visit, err := orbit.ParseID[orbit.Visit](id)
	if err != nil {
		t.Fatal(err)
	}
	denied := []orbit.Permission{orbit.PermissionOwner, orbit.PermissionPayments, orbit.PermissionDevelopers}
	for _, p := range append(orbit.Permissions().Values(), orbit.PermissionOwner, orbit.PermissionMember) {
		want := orbit.Code("")
		if slices.Contains(denied, p) {
			want = orbit.Forbidden
		}
		actor := orbit.Actor{ID: user.ID, Visit: visit}
		for name, do := range map[string]func(shop.Member) error{
			"read": func(m shop.Member) error {
				return m.Read(context.WithoutCancel(t.Context()), func(*shop.Tenant) error { return nil })
			},
			"change": func(m shop.Member) error {
				return m.Change(context.WithoutCancel(t.Context()), func(*shop.Edit) error { return nil })
			},
		} {
			if err := do(shop.MemberOf(w.db, actor, w.moss, p)); orbit.CodeOf(err) != want {
				t.Errorf("%s with %q: %v", name, p, err)
			}
			if err := do(shop.MemberOf(w.db, actor, w.nord, p)); orbit.CodeOf(err) != orbit.NotFound {
				t.Errorf("%s another shop with %q: %v", name, p, err)
			}
			actorOf := orbit.Actor{ID: user.ID} // the admin without the visit
			if err := do(shop.MemberOf(w.db, actorOf, w.moss, p)); orbit.CodeOf(err) != orbit.NotFound {
				t.Errorf("%s without a visit: %v", name, err)
			}
		}
	}
}
