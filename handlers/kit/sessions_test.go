package kit_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
	"orbit360.app/store/storetest"
)

// in reports whether a cookie signs in.
func (p *panel) in(cookie string) bool {
	p.t.Helper()
	status, _, _, _ := p.send(p.app, cookie, "/", nil)
	return status == 200
}

// The page of the account lists where its person is signed in, in words; they end one session, or all.
func TestSessionsOfAPerson(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	agent := func(cookie, name string) {
		t.Helper()
		p.exec(`UPDATE sessions SET agent = $1, address = '198.51.100.7' WHERE agent = '' AND user_id IS NOT NULL`, name)
	}
	here := p.signIn("ann@example.com")
	agent(here, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	phone := p.signIn("ann@example.com")
	agent(phone, "Mozilla/5.0 (iPhone) CriOS/140.0 Safari/604.1")
	bobs := p.signIn("bob@example.com")
	list := func() *goquery.Document {
		t.Helper()
		status, body, _, _ := p.send(p.app, here, "/account", nil)
		if status != 200 {
			t.Fatal(status)
		}
		return doc(t, body)
	}
	rows := list().Find("#sessions tbody tr")
	if rows.Length() != 2 || !strings.Contains(rows.First().Text(), "Firefox on Linux") ||
		!strings.Contains(rows.First().Text(), "This session") || rows.First().Find("form").Length() != 0 ||
		!strings.Contains(rows.Last().Text(), "Chrome on iPhone") || !strings.Contains(rows.Text(), "198.51.100.7") {
		t.Error(rows.Text())
	}
	end := rows.Last().Find("form").AttrOr("action", "")
	if status, _, _, _ := p.send(p.app, bobs, end, url.Values{}); status != 404 || !p.in(phone) {
		t.Error("another ends her session:", status)
	}
	if status, _, _, _ := p.send(p.app, here, end, url.Values{}); status != 303 || p.in(phone) || !p.in(here) {
		t.Error("one session:", status)
	}
	if n := list().Find("#sessions tbody tr").Length(); n != 1 {
		t.Error("an ended session is listed:", n)
	}
	phone = p.signIn("ann@example.com")
	if status, _, _, h := p.send(p.app, here, "/account/sign-out", url.Values{}); status != 303 ||
		h.Get("Location") != "/sign-in" || p.in(phone) || p.in(here) || !p.in(bobs) {
		t.Error("everywhere:", status)
	}
	for _, path := range []string{"/account", "/account/two-step"} {
		if status, _, _, h := p.send(p.app, here, path, nil); status != 303 ||
			!strings.HasPrefix(h.Get("Location"), "/sign-in") {
			t.Error(path, status)
		}
		if status, _, _, _ := p.send(p.app, "", path, url.Values{}); status != 401 && status != 405 {
			t.Error("POST", path, status)
		}
	}
}

// A new password ends the person's other sessions, and takes the one before.
func TestChangePassword(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	here, there := p.signIn("ann@example.com"), p.signIn("ann@example.com")
	change := func(cookie, current, password, repeat string) (int, string) {
		t.Helper()
		status, _, after, _ := p.send(p.app, cookie, "/account/password", url.Values{"current_password": {current},
			"password": {password}, "repeat": {repeat}})
		return status, after
	}
	for _, bad := range [][3]string{{"wrong password here", "another good one", "another good one"},
		{rightPassword, "short", "short"}, {rightPassword, "another good one", "yet another one"}} {
		if status, _ := change(here, bad[0], bad[1], bad[2]); status != 422 || !p.in(there) {
			t.Error(bad, status)
		}
	}
	status, after := change(here, rightPassword, "another good one", "another good one")
	if status != 303 || !p.in(after) || p.in(there) || p.in(here) {
		t.Error(status, p.in(after), p.in(there), p.in(here))
	}
	if status, _, _, _ := p.send(p.app, "", "/sign-in", login("ann@example.com", rightPassword)); status != 422 {
		t.Error("the old password works:", status)
	}
	emails, _, err := p.kit.DB.Emails(t.Context(), "ann@example.com", 10, 0)
	if err != nil || len(emails) != 1 || emails[0].Subject != "Your password was changed" {
		t.Error(emails, err)
	}
}

// A sign-in on a device that isn't known is announced, once a day for a network, and one on a known device isn't.
func TestNewDeviceIsAnnounced(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	notices := func() (n int) {
		t.Helper()
		emails, _, err := p.kit.DB.Emails(t.Context(), "ann@example.com", 20, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range emails {
			if m.Subject == "New sign-in to your account" {
				n++
			}
		}
		return n
	}
	p.signIn("ann@example.com")
	if notices() != 0 {
		t.Error("the first hour of an account is announced")
	}
	p.exec(`UPDATE users SET created_at = now() - interval '2 hours'`)
	p.signIn("ann@example.com")
	p.signIn("ann@example.com")
	if n := notices(); n != 1 {
		t.Error(n, "notices for two sign-ins of a program")
	}
	p.exec(`DELETE FROM throttles`)
	r := func(cookie string) string {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, "http://admin.localhost:3000/sign-in",
			strings.NewReader(login("ann@example.com", rightPassword).Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Dest", "document")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		req.Header.Set("Cookie", cookie)
		res, err := p.app.Test(req, 20_000)
		if err != nil || res.StatusCode != 303 {
			t.Fatal(res, err)
		}
		for _, c := range res.Cookies() {
			if c.Name == "orbit-device" {
				return c.Name + "=" + c.Value
			}
		}
		return ""
	}
	device := r("")
	if n := notices(); n != 2 || device == "" {
		t.Error(n, device)
	}
	p.exec(`DELETE FROM throttles`)
	r(device)
	if n := notices(); n != 2 {
		t.Error("a known device is announced:", n)
	}
}

// Another SECRET_KEY moves the secrets of two-step sign-in with it; until then it opens them beside the new one.
func TestTwoStepMovesToAnotherKey(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	ann, _ := p.turnOn(p.signIn("ann@example.com"))
	bob, _ := p.turnOn(p.signIn("bob@example.com"))
	key, before := []byte("another key, of 32 bytes or more."), p.kit.PreviewKey
	both := orbit.NewSecretKeys(key, before)
	use := func(keys orbit.SecretKeys) {
		t.Helper()
		c, err := keys.Cipher(orbit.TwoStepSecrets)
		if err != nil {
			t.Fatal(err)
		}
		*p.kit.Secrets = c
	}
	enter := func(email, secret string) int {
		t.Helper()
		status, _, _, _ := p.send(p.app, p.password(email), "/sign-in/code", url.Values{"code": {p.code(secret, 0)}})
		return status
	}
	use(both)
	if status := enter("ann@example.com", ann); status != 303 {
		t.Error("with both keys, before the move:", status)
	}
	if err := p.replaceKey(both); err != nil {
		t.Fatal(err)
	}
	use(orbit.NewSecretKeys(before))
	if status := enter("bob@example.com", bob); status != 422 {
		t.Error("the key before opens it:", status)
	}
	use(orbit.NewSecretKeys(key))
	if status := enter("bob@example.com", bob); status != 303 {
		t.Error("the new key doesn't open it:", status)
	}
}

// What waits in a session for its code is encrypted with the key of the day when the code comes.
func TestTwoStepSetupOutlivesItsKey(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	key := []byte("another key, of 32 bytes or more.")
	both, err := orbit.NewSecretKeys(key, p.kit.PreviewKey).Cipher(orbit.TwoStepSecrets)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := orbit.NewSecretKeys(key).Cipher(orbit.TwoStepSecrets)
	if err != nil {
		t.Fatal(err)
	}
	p.waiting = func() { *p.kit.Secrets = both }
	p.turnOn(p.signIn("bob@example.com"))
	var id orbit.UserID
	var kept []byte
	if err := p.kit.DB.Pool().QueryRow(t.Context(), `SELECT id, two_step_secret FROM users WHERE email = $1`,
		"bob@example.com").Scan(&id, &kept); err != nil {
		t.Fatal(err)
	}
	if _, err := alone.Decrypt(orbit.TwoStepSecret(id), kept); err != nil {
		t.Error("it is kept under the key that was replaced:", err)
	}
}

// replaceKey does what a start with another SECRET_KEY does.
func (p *panel) replaceKey(keys orbit.SecretKeys) error {
	p.t.Helper()
	owner, err := pg.OpenOwner(p.t.Context(), storetest.OwnerURL(p.kit.DB.Pool().Config().ConnString()), p.kit.Log)
	if err != nil {
		return err
	}
	defer owner.Close()
	return owner.ReplaceKey(p.t.Context(), pg.Key{Fingerprint: "another"}, keys)
}
