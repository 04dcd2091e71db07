package dashboard_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"

	"orbit360.app/orbit"
)

// Somebody who was removed from their only shop signs in as before, and reads what they can do now.
func TestRemovedFromTheOnlyShop(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.exec(`DELETE FROM memberships WHERE merchant_id = $1`, w.nord.String())
	res, _ := w.post("", "/sign-in", url.Values{"email": {"bob@example.com"}, "password": {password}})
	cookie, _, _ := strings.Cut(res.Header.Get("Set-Cookie"), ";")
	if res.StatusCode != 303 {
		t.Fatal(res.StatusCode)
	}
	res, page := w.get(cookie, res.Header.Get("Location"))
	if res.StatusCode != 200 || !strings.Contains(page.Text(), "You aren't a member of any shop") {
		t.Errorf("%d %s", res.StatusCode, page.Find("main").Text())
	}
	for path, want := range map[string]int{w.home(w.nord): 404, "/account": 200} {
		if res, _ := w.get(cookie, path); res.StatusCode != want {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

// An owner who hands the shop to two members at once hands it to one, and there is one owner after it.
func TestTransferTwiceAtOnce(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.staff(w.moss, "bob@example.com", "orders")
	w.exec(`INSERT INTO users (id, email, name, role) VALUES (gen_random_uuid(), 'eve@example.com', 'Eve', 'merchant')`)
	w.staff(w.moss, "eve@example.com", "orders")
	home := w.home(w.moss)
	statuses := make(chan int, 2)
	var both sync.WaitGroup
	for _, email := range []string{"bob@example.com", "eve@example.com"} {
		to := w.person(email)
		both.Go(func() {
			res, _ := w.post(w.ada, home+"/settings/staff/ownership",
				url.Values{"to": {to.String()}, "current_password": {password}})
			statuses <- res.StatusCode
		})
	}
	both.Wait()
	if sum := <-statuses + <-statuses; sum != 303+403 {
		t.Errorf("the two answers add up to %d", sum)
	}
	var owners int
	var same bool
	if err := w.super(t).QueryRow(t.Context(), `SELECT count(*), bool_and(s.user_id = m.owner_id AND u.email = m.email)
		FROM memberships s JOIN merchants m ON m.id = s.merchant_id JOIN users u ON u.id = s.user_id
		WHERE s.merchant_id = $1 AND s.role = 'owner'`, w.moss.String()).Scan(&owners, &same); err != nil || owners != 1 ||
		!same {
		t.Error(owners, same, err)
	}
}

// A password is a person's, whatever number of shops they work in: a new one signs them in to all, ends what was open,
// and leads to the list.
func TestResetWithSeveralShops(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.staff(w.nord, "ada@example.com", orbit.PermissionOrders)
	const token = "a-token-that-this-test-made-itself-for-ada-x"
	w.exec(`INSERT INTO one_time_links (token_hash, purpose, user_id, expires_at)
		SELECT sha256(convert_to($1, 'UTF8')), 'set_password', id, now() + interval '1 hour' FROM users
		WHERE email = 'ada@example.com'`, token)
	const fresh = "another long password"
	res, _ := w.post("", "/password/"+token, url.Values{"password": {fresh}, "repeat": {fresh}})
	cookie, _, _ := strings.Cut(res.Header.Get("Set-Cookie"), ";")
	if res.StatusCode != 303 || res.Header.Get("Location") != "/" {
		t.Fatal(res.StatusCode, res.Header)
	}
	if res, page := w.get(cookie, "/"); res.StatusCode != 200 || !strings.Contains(page.Text(), "Moss & Stone") ||
		!strings.Contains(page.Text(), "Nord") {
		t.Error("the list of shops:", res.StatusCode)
	}
	for _, path := range []string{w.home(w.moss), w.home(w.nord)} {
		if res, _ := w.get(cookie, path); res.StatusCode != 200 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if res, _ := w.get(w.ada, w.home(w.moss)); res.StatusCode != 303 {
		t.Error("the session of before goes on:", res.StatusCode)
	}
}

// Who invites somebody can't tell from the answer whether the address has an account.
func TestInvitationsDontTell(t *testing.T) {
	t.Parallel()
	w := begin(t)
	answer := func(email string) string {
		t.Helper()
		w.invite(email, "orders")
		_, page := w.get(w.ada, w.home(w.moss)+"/settings/staff")
		return strings.Join(strings.Fields(strings.ReplaceAll(page.Find("#staff").Text(), email, "them")), " ")
	}
	known := answer("bob@example.com")
	w.exec(`DELETE FROM invitations`)
	if unknown := answer("nobody@example.com"); unknown != known || !strings.Contains(known, "them") {
		t.Errorf("an account: %s\nnone: %s", known, unknown)
	}
}
