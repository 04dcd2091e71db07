package dashboard_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
)

var invitationLink = regexp.MustCompile(`https://dashboard\.orbit360\.app(/invitations/\S+)`)

// invite invites somebody to Moss & Stone and returns the link that they get.
func (w *world) invite(email string, may ...string) (path string) {
	w.Helper()
	res, page := w.post(w.ada, w.home(w.moss)+"/settings/staff/invitations",
		url.Values{"email": {email}, "permissions": may})
	if res.StatusCode != 303 {
		w.Fatal(res.StatusCode, page.Find(".fault, .alert").Text())
	}
	return w.invitation(email)
}

// invitation returns the last link that was sent to an address.
func (w *world) invitation(email string) string {
	w.Helper()
	emails, _, err := w.db.Emails(w.Context(), email, 10, 0)
	if err != nil {
		w.Fatal(err)
	}
	for _, row := range emails {
		m, err := w.db.Email(w.Context(), row.ID)
		if err != nil {
			w.Fatal(err)
		}
		if found := invitationLink.FindStringSubmatch(m.Text); found != nil {
			return found[1]
		}
	}
	w.Fatal("no invitation was sent to ", email)
	return ""
}

func (w *world) exec(sql string, args ...any) {
	w.Helper()
	if _, err := w.super(w.T).Exec(w.Context(), sql, args...); err != nil {
		w.Fatal(err)
	}
}

// A new person opens the link as often as they like, and accepts once: with a name and a password they are signed in,
// and may do what the invitation says.
func TestInvitationOfSomebodyNew(t *testing.T) {
	t.Parallel()
	w := begin(t)
	link := w.invite("eve@example.com", "products")
	for range 3 { // mailboxes look at links before people do
		if res, page := w.get("", link); res.StatusCode != 200 || !strings.Contains(page.Text(), "Products") {
			t.Fatal(res.StatusCode)
		}
	}
	for name, form := range map[string]url.Values{"no name": {"password": {password}, "repeat": {password}},
		"short": {"name": {"Eve"}, "password": {"x"}, "repeat": {"x"}}} {
		if res, _ := w.post("", link, form); res.StatusCode != 422 {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	fine := url.Values{"name": {"Eve Adams"}, "password": {password}, "repeat": {password}}
	res, _ := w.post("", link, fine)
	cookie, _, _ := strings.Cut(res.Header.Get("Set-Cookie"), ";")
	if res.StatusCode != 303 || res.Header.Get("Location") != "/moss-and-stone" || cookie == "" {
		t.Fatal(res.StatusCode, res.Header)
	}
	for path, want := range map[string]int{"": 200, "/products": 200, "/orders": 403, "/settings/staff": 403} {
		if res, _ := w.get(cookie, w.home(w.moss)+path); res.StatusCode != want {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if res, _ := w.get(cookie, w.home(w.nord)); res.StatusCode != 404 {
		t.Error("she is in the other shop too:", res.StatusCode)
	}
	for _, as := range []string{"", cookie, w.bob} {
		if res, page := w.get(as, link); res.StatusCode != 410 || !strings.Contains(page.Text(), "Ask for a new one") {
			t.Error("a used link:", res.StatusCode)
		}
		if res, _ := w.post(as, link, fine); res.StatusCode != 410 {
			t.Error("a used link is used:", res.StatusCode)
		}
	}
	_, page := w.get(w.ada, w.home(w.moss)+"/settings/staff")
	if text := page.Find("#staff").Text(); !strings.Contains(text, "Eve Adams") || !strings.Contains(text, "Products") {
		t.Error(text)
	}
}

// Somebody with an account signs in and accepts, an admin of the platform too; nobody else can.
func TestInvitationOfAnAccount(t *testing.T) {
	t.Parallel()
	w := begin(t)
	hash, err := kit.HashPassword(password)
	if err == nil {
		_, err = w.db.EnsureAdmin(t.Context(), "root@example.com", "Root", hash)
	}
	if err != nil {
		t.Fatal(err)
	}
	link := w.invite("BOB@example.com", "orders")
	if res, page := w.get("", link); res.StatusCode != 200 ||
		page.Find(`a[href="/sign-in?next=`+url.QueryEscape(link)+`"]`).Length() != 1 || page.Find("form").Length() != 0 {
		t.Error("an account isn't asked to sign in", res.StatusCode)
	}
	if res, _ := w.post("", link, url.Values{"name": {"Not Bob"}, "password": {password}, "repeat": {password}}); res.
		StatusCode != 303 || !strings.HasPrefix(res.Header.Get("Location"), "/sign-in") {
		t.Error("an account is taken over:", res.StatusCode)
	}
	for method, res := range map[string]*http.Response{"GET": first(w.get(w.ada, link)),
		"POST": first(w.post(w.ada, link, nil))} {
		if res.StatusCode != 410 {
			t.Errorf("%s by another account: %d", method, res.StatusCode)
		}
	}
	if res, _ := w.post(w.bob, link, nil); res.StatusCode != 303 {
		t.Fatal(res.StatusCode)
	}
	if res, _ := w.get(w.bob, w.home(w.moss)+"/orders"); res.StatusCode != 200 {
		t.Error(res.StatusCode)
	}
	if res, _ := w.post(w.bob, link, nil); res.StatusCode != 410 {
		t.Error("twice:", res.StatusCode)
	}
	link = w.invite("root@example.com", "settings")
	res, _ := w.post("", "/sign-in", url.Values{"email": {"root@example.com"}, "password": {password}, "next": {link}})
	root, _, _ := strings.Cut(res.Header.Get("Set-Cookie"), ";")
	if res.StatusCode != 303 || res.Header.Get("Location") != link {
		t.Fatal(res.StatusCode, res.Header)
	}
	if res, _ := w.post(root, link, nil); res.StatusCode != 303 {
		t.Error(res.StatusCode)
	}
	if res, _ := w.get(root, w.home(w.moss)); res.StatusCode != 200 {
		t.Error(res.StatusCode)
	}
}

func first[A, B any](a A, _ B) A { return a }

// What ends an invitation, and what bounds them.
func TestInvitationsEnd(t *testing.T) {
	t.Parallel()
	w := begin(t)
	staff := w.home(w.moss) + "/settings/staff"
	row := func(email string) (id string) {
		t.Helper()
		if err := w.super(t).QueryRow(t.Context(), `SELECT id FROM invitations WHERE email = $1`, email).
			Scan(&id); err != nil {
			t.Fatal(err)
		}
		return id
	}
	gone := func(what, link string) {
		t.Helper()
		if res, _ := w.get("", link); res.StatusCode != 410 {
			t.Errorf("%s: %d", what, res.StatusCode)
		}
	}
	link := w.invite("late@example.com", "orders")
	w.exec(`UPDATE one_time_links SET expires_at = now() - interval '1 second' WHERE purpose = 'invitation'`)
	w.exec(`UPDATE invitations SET expires_at = now() - interval '1 second'`)
	gone("after a week", link)
	if _, page := w.get(w.ada, staff); !strings.Contains(page.Find("#staff").Text(), "Expired") {
		t.Error("the list doesn't say that it has expired")
	}
	if res, _ := w.post(w.ada, staff+"/invitations/"+row("late@example.com")+"/resend", nil); res.StatusCode != 303 {
		t.Fatal(res.StatusCode)
	}
	again := w.invitation("late@example.com")
	gone("resent", link)
	if res, _ := w.get("", again); res.StatusCode != 200 || again == link {
		t.Error(res.StatusCode)
	}
	if res, _ := w.post(w.ada, staff+"/invitations/"+row("late@example.com")+"/revocation", nil); res.StatusCode != 303 {
		t.Fatal(res.StatusCode)
	}
	gone("revoked", again)

	w.invite("twice@example.com", "orders")
	for email, says := range map[string]string{"Twice@example.com": "invited already",
		"ada@example.com": "works in your shop", "no address": "email address", "": "email address"} {
		res, page := w.post(w.ada, staff+"/invitations", url.Values{"email": {email}, "permissions": {"orders"}})
		if res.StatusCode != 422 || !strings.Contains(page.Find(".fault").Text(), says) {
			t.Errorf("%s: %d %s", email, res.StatusCode, page.Find(".fault").Text())
		}
	}
	for _, may := range []url.Values{{}, {"permissions": {"owner"}}, {"permissions": {"orders", "everything"}}} {
		may.Set("email", "new@example.com")
		if res, _ := w.post(w.ada, staff+"/invitations", may); res.StatusCode != 422 {
			t.Errorf("%v: %d", may, res.StatusCode)
		}
	}
	w.exec(`INSERT INTO invitations SELECT $1, gen_random_uuid(), n || '@example.com', '{orders}', NULL, now(), now(),
		now() + interval '1 day' FROM generate_series(1, 47) n`, w.moss.String())
	w.invite("fifty@example.com", "orders")
	form := url.Values{"email": {"more@example.com"}, "permissions": {"orders"}}
	if res, _ := w.post(w.ada, staff+"/invitations", form); res.StatusCode != 409 {
		t.Error("51 people:", res.StatusCode)
	}
	w.exec(`DELETE FROM invitations`)
	status := 303
	for i := 0; status == 303 && i < 30; i++ {
		form.Set("email", fmt.Sprintf("n%d@example.com", i))
		res, _ := w.post(w.ada, staff+"/invitations", form)
		status = res.StatusCode
	}
	if status != 429 {
		t.Error("invitations without end:", status)
	}
}

// A change of permissions, and a removal, are in force at the next request.
func TestRightsEndAtOnce(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.staff(w.moss, "bob@example.com", "orders", "products")
	bob := w.person("bob@example.com")
	path := w.home(w.moss) + "/settings/staff/" + bob.String()
	if res, _ := w.get(w.bob, w.home(w.moss)+"/orders"); res.StatusCode != 200 {
		t.Fatal(res.StatusCode)
	}
	if res, _ := w.post(w.ada, path+"/permissions", url.Values{"permissions": {"products"}}); res.StatusCode != 303 {
		t.Fatal(res.StatusCode)
	}
	if res, _ := w.get(w.bob, w.home(w.moss)+"/orders"); res.StatusCode != 403 {
		t.Error("a permission outlives its end:", res.StatusCode)
	}
	if res, _ := w.get(w.bob, w.home(w.moss)+"/products"); res.StatusCode != 200 {
		t.Error(res.StatusCode)
	}
	if res, _ := w.post(w.ada, path+"/permissions", nil); res.StatusCode != 422 {
		t.Error("no permission at all:", res.StatusCode)
	}
	if res, _ := w.post(w.ada, path+"/removal", nil); res.StatusCode != 303 {
		t.Fatal(res.StatusCode)
	}
	if res, _ := w.get(w.bob, w.home(w.moss)+"/products"); res.StatusCode != 404 {
		t.Error("a membership outlives its end:", res.StatusCode)
	}
	if res, _ := w.get(w.bob, w.home(w.nord)); res.StatusCode != 200 {
		t.Error("the other shop went too:", res.StatusCode)
	}
	if res, _ := w.post(w.ada, path+"/removal", nil); res.StatusCode != 404 {
		t.Error(res.StatusCode)
	}
}

func (w *world) person(email string) orbit.UserID {
	w.Helper()
	u, err := w.db.UserByEmail(w.Context(), email)
	if err != nil {
		w.Fatal(err)
	}
	return u.ID
}

// The owner stays the owner until they hand the shop to another member, which takes their password.
func TestOwnership(t *testing.T) {
	t.Parallel()
	w := begin(t)
	home := w.home(w.moss)
	ada, bob := w.person("ada@example.com"), w.person("bob@example.com")
	mine := home + "/settings/staff/" + ada.String()
	for path, form := range map[string]url.Values{mine + "/removal": nil,
		mine + "/permissions": {"permissions": {"orders"}}, home + "/leaving": {"member": {ada.String()}}} {
		if res, page := w.post(w.ada, path, form); res.StatusCode != 409 ||
			!strings.Contains(page.Text(), "Transfer the ownership") {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	transfer := func(to orbit.UserID, word string) int {
		t.Helper()
		res, _ := w.post(w.ada, home+"/settings/staff/ownership", url.Values{"to": {to.String()}, "current_password": {word}})
		return res.StatusCode
	}
	if got := transfer(bob, password); got != 422 {
		t.Error("to somebody who isn't a member:", got)
	}
	w.staff(w.moss, "bob@example.com", "orders")
	if got := transfer(bob, "wrong password here"); got != 422 {
		t.Error("with a wrong password:", got)
	}
	if got := transfer(ada, password); got != 409 {
		t.Error("to the owner:", got)
	}
	if res, _ := w.get(w.bob, home+"/settings/staff"); res.StatusCode != 403 {
		t.Error(res.StatusCode)
	}
	if got := transfer(bob, password); got != 303 {
		t.Fatal(got)
	}
	if res, _ := w.get(w.bob, home+"/settings/staff"); res.StatusCode != 200 {
		t.Error("the new owner isn't:", res.StatusCode)
	}
	if res, _ := w.get(w.ada, home+"/settings/staff"); res.StatusCode != 403 {
		t.Error("the old owner is still:", res.StatusCode)
	}
	if res, _ := w.get(w.ada, home+"/orders"); res.StatusCode != 200 {
		t.Error("and isn't on the staff:", res.StatusCode)
	}
	if m := w.merchant(w.moss); m.OwnerID != bob || m.Email != "bob@example.com" || m.OwnerName != "Some One" {
		t.Error("the platform writes to the old owner:", m.Email)
	}
	for _, email := range []string{"ada@example.com", "bob@example.com"} {
		emails, _, err := w.db.Emails(t.Context(), email, 1, 0)
		if err != nil || len(emails) == 0 || emails[0].Subject != "Moss & Stone has another owner" {
			t.Error(email, emails, err)
		}
	}
	// Staff leave by themselves, with a form that names them.
	if res, _ := w.post(w.ada, home+"/leaving", nil); res.StatusCode != 422 {
		t.Error(res.StatusCode)
	}
	if res, page := w.get(w.ada, home+"/leaving/new"); res.StatusCode != 200 {
		t.Error(res.StatusCode)
	} else if res, _ := w.post(w.ada, home+"/leaving",
		url.Values{"member": {page.Find("form#leave input[name=member]").AttrOr("value", "")}}); res.StatusCode != 303 {
		t.Error(res.StatusCode)
	}
	if res, _ := w.get(w.ada, home); res.StatusCode != 404 {
		t.Error(res.StatusCode)
	}
}

// A shop that requires two-step sign-in lets nobody in without it, and leads them to set it up.
func TestTwoStepRequired(t *testing.T) {
	t.Parallel()
	w := begin(t)
	home := w.home(w.moss)
	w.staff(w.moss, "bob@example.com", "orders")
	require := url.Values{"required": {"on"}}
	if res, page := w.post(w.ada, home+"/settings/staff/two-step", require); res.StatusCode != 409 ||
		!strings.Contains(page.Text(), "your own account first") {
		t.Error("an owner without it requires it:", res.StatusCode)
	}
	w.exec(`UPDATE users SET two_step_at = now(), two_step_secret = 'x' WHERE email = 'ada@example.com'`)
	if res, _ := w.post(w.ada, home+"/settings/staff/two-step", require); res.StatusCode != 303 {
		t.Fatal(res.StatusCode)
	}
	if res, _ := w.get(w.ada, home+"/settings/staff"); res.StatusCode != 200 {
		t.Error(res.StatusCode)
	}
	r := httptest.NewRequest(http.MethodGet, home+"/orders", nil)
	r.Header.Set("Accept", "text/html")
	if res, _ := w.send(w.bob, r); res.StatusCode != 303 ||
		res.Header.Get("Location") != "/account/two-step?next="+url.QueryEscape(home) {
		t.Error(res.StatusCode, res.Header.Get("Location"))
	}
	if res, _ := w.get(w.bob, home+"/orders"); res.StatusCode != 403 {
		t.Error(res.StatusCode)
	}
	if res, _ := w.post(w.bob, home+"/leaving", nil); res.StatusCode != 403 {
		t.Error(res.StatusCode)
	}
	if res, page := w.get(w.bob, "/account/two-step?next="+url.QueryEscape(home)); res.StatusCode != 200 ||
		!strings.Contains(page.Text(), "requires it") {
		t.Error(res.StatusCode)
	}
	if res, _ := w.get(w.bob, w.home(w.nord)); res.StatusCode != 200 {
		t.Error("another shop asks for it:", res.StatusCode)
	}
	w.exec(`UPDATE users SET two_step_at = now(), two_step_secret = 'x' WHERE email = 'bob@example.com'`)
	if res, _ := w.get(w.bob, home+"/orders"); res.StatusCode != 200 {
		t.Error(res.StatusCode)
	}
}

// The list says when a member was in the shop's dashboard.
func TestLastSeen(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.staff(w.moss, "bob@example.com", "orders")
	seen := func() (at *time.Time) {
		t.Helper()
		if err := w.super(t).QueryRow(t.Context(), `SELECT seen_at FROM memberships WHERE merchant_id = $1 AND user_id = $2`,
			w.moss.String(), w.person("bob@example.com").String()).Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	w.get(w.bob, w.home(w.nord))
	if seen() != nil {
		t.Error("he was seen in another shop")
	}
	w.get(w.bob, w.home(w.moss))
	if at := seen(); at == nil || time.Since(*at) > time.Minute {
		t.Error(at)
	}
}
