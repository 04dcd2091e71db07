package kit_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/orbit"
)

// doc reads a page.
func doc(t *testing.T, body string) *goquery.Document {
	t.Helper()
	d, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// code returns the code of a secret a few steps after the one that follows turnOn's, whatever the time is now: that one
// is good for half a minute at least. Each is good once: tests take steps that rise.
func (p *panel) code(secret string, steps int64) string {
	p.t.Helper()
	c, err := orbit.TOTPCode(secret, p.step+steps)
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

// turnOn sets up two-step sign-in as a person does, with the code of now.
func (p *panel) turnOn(cookie string) (secret string, recovery []string) {
	p.t.Helper()
	status, body, cookie, h := p.send(p.app, cookie, "/account/two-step/setup",
		url.Values{"current_password": {rightPassword}})
	if status != 303 {
		p.t.Fatal(status, body)
	}
	if p.waiting != nil {
		p.waiting()
	}
	_, body, _, _ = p.send(p.app, cookie, h.Get("Location"), nil)
	page := doc(p.t, body)
	secret, _ = page.Find("[data-copy]").Attr("data-copy")
	if secret == "" || page.Find("svg.qr path").Length() != 1 {
		p.t.Fatal("no secret, or no QR code:", body)
	}
	if status, _, _, _ := p.send(p.app, cookie, "/account/two-step", url.Values{"code": {"000000x"}}); status != 422 {
		p.t.Error("a wrong code confirms:", status)
	}
	p.step = orbit.TOTPStep(time.Now()) + 1
	status, body, _, _ = p.send(p.app, cookie, "/account/two-step", url.Values{"code": {p.code(secret, -1)}})
	doc(p.t, body).Find(".recovery-codes li").Each(func(_ int, s *goquery.Selection) {
		recovery = append(recovery, s.Text())
	})
	if status != 200 || len(recovery) != orbit.RecoveryCodes {
		p.t.Fatal(status, recovery)
	}
	return secret, recovery
}

// password goes through the first page of signing in.
func (p *panel) password(email string) (cookie string) {
	p.t.Helper()
	status, body, cookie, h := p.send(p.app, "", "/sign-in", url.Values{"email": {email},
		"password": {rightPassword}, "next": {"/slow"}})
	if status != 303 || h.Get("Location") != "/sign-in/code" {
		p.t.Fatal(status, h, body)
	}
	return cookie
}

func TestTwoStepSignIn(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	secret, recovery := p.turnOn(p.signIn("ann@example.com"))
	cookie := p.password("ann@example.com")
	if status, _, _, _ := p.send(p.app, cookie, "/", nil); status != 303 {
		t.Error("the password alone signs in:", status)
	}
	try := func(cookie, code string) (int, string, string) {
		t.Helper()
		status, _, after, h := p.send(p.app, cookie, "/sign-in/code", url.Values{"code": {code}})
		return status, after, h.Get("Location")
	}
	if status, _, _ := try(cookie, p.code(secret, -1)); status != 422 {
		t.Error("the code that confirmed the app is good again:", status)
	}
	status, in, next := try(cookie, p.code(secret, 0))
	if status != 303 || next != "/slow" || in == cookie {
		t.Fatal(status, next)
	}
	if status, _, _, _ := p.send(p.app, in, "/", nil); status != 200 {
		t.Error("signed in:", status)
	}
	if status, _, next := try(cookie, p.code(secret, 1)); status != 303 || next != "/sign-in" {
		t.Error("the session of the password outlives the code:", status, next)
	}
	again := p.password("ann@example.com")
	if status, _, _ := try(again, p.code(secret, 0)); status != 422 {
		t.Error("a code is good twice:", status)
	}
	if status, _, _ := try(again, p.code(secret, 3)); status != 422 {
		t.Error("a code of a minute from now is good:", status)
	}
	if status, _, _ := try(again, strings.ToUpper(recovery[3])); status != 303 {
		t.Error("a recovery code doesn't sign in:", status)
	}
	again = p.password("ann@example.com")
	if status, _, _ := try(again, recovery[3]); status != 422 {
		t.Error("a recovery code is good twice:", status)
	}
	if left, err := p.kit.DB.RecoveryCodesLeft(t.Context(), p.user("ann@example.com").ID); left != 9 || err != nil {
		t.Error(left, err)
	}
	// Nobody else's code opens it, and nobody else's account asks for one.
	p.signIn("bob@example.com")
	_, bobs := p.turnOn(p.signIn("bob@example.com"))
	if status, _, _ := try(again, bobs[0]); status != 422 {
		t.Error("another's recovery code is good:", status)
	}
}

// user returns a person as the database has them.
func (p *panel) user(email string) orbit.User {
	p.t.Helper()
	u, err := p.kit.DB.UserByEmail(p.t.Context(), email)
	if err != nil {
		p.t.Fatal(err)
	}
	return u
}

func (p *panel) exec(sql string, args ...any) {
	p.t.Helper()
	if _, err := p.kit.DB.Pool().Exec(p.t.Context(), sql, args...); err != nil {
		p.t.Fatal(err)
	}
}

// What the second page refuses: too many codes, a password that was changed since, and time that is over.
func TestSecondStepEnds(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	secret, recovery := p.turnOn(p.signIn("ann@example.com"))
	cookie := p.password("ann@example.com")
	for range 12 {
		if status, _, _, _ := p.send(p.app, cookie, "/sign-in/code", url.Values{"code": {"12345x"}}); status == 429 {
			break
		}
	}
	status, _, _, h := p.send(p.app, cookie, "/sign-in/code", url.Values{"code": {p.code(secret, 1)}})
	if status != 429 || h.Get("Retry-After") == "" {
		t.Error("codes without end:", status)
	}
	if status, _, _, _ := p.send(p.app, cookie, "/sign-in/code", url.Values{"code": {recovery[0]}}); status != 429 {
		t.Error("recovery codes without end:", status)
	}
	p.exec(`DELETE FROM throttles WHERE key LIKE 'code %'`) // from another network, then
	p.exec(`UPDATE throttles SET arrival = now() + interval '1 day' WHERE key LIKE 'codes %'`)
	if status, _, _, _ = p.send(p.app, cookie, "/sign-in/code", url.Values{"code": {recovery[0]}}); status != 429 {
		t.Error("codes from everywhere without end:", status)
	}
	p.exec(`DELETE FROM throttles`)
	p.exec(`UPDATE users SET password_changed_at = now() + interval '1 minute' WHERE email = 'ann@example.com'`)
	if status, _, _, h := p.send(p.app, cookie, "/sign-in/code", url.Values{"code": {recovery[0]}}); status != 303 ||
		h.Get("Location") != "/sign-in" {
		t.Error("the password of before is good:", status)
	}
	if lines, _ := p.auditedFor("session.refused"); lines == 0 {
		t.Error("wrong codes aren't in the audit log")
	}
}

func (p *panel) auditedFor(action string) (lines, count int) {
	p.t.Helper()
	p.kit.WriteTallies(p.t.Context())
	return p.audited(action)
}

// Changing how one signs in takes the current password; others learn of it by email.
func TestTwoStepTakesThePassword(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.exec(`UPDATE users SET created_at = now() - interval '1 day'`)
	cookie := p.signIn("ann@example.com")
	for _, path := range []string{"/account/two-step/setup", "/account/password"} {
		if status, body, _, _ := p.send(p.app, cookie, path, url.Values{"current_password": {"wrong password here"},
			"password": {"another good one"}, "repeat": {"another good one"}}); status != 422 ||
			!strings.Contains(body, "That isn&#39;t your current password.") {
			t.Error(path, status)
		}
	}
	_, old := p.turnOn(cookie)
	for _, path := range []string{"/account/two-step/codes", "/account/two-step/deletion"} {
		if status, _, _, _ := p.send(p.app, cookie, path, url.Values{"current_password": {"x"}}); status != 422 {
			t.Error(path, status)
		}
	}
	status, body, _, _ := p.send(p.app, cookie, "/account/two-step/codes", url.Values{"current_password": {rightPassword}})
	if status != 200 || strings.Contains(body, old[0]) || doc(t, body).Find(".recovery-codes li").Length() != 10 {
		t.Error("new codes:", status)
	}
	if _, _, after, _ := p.send(p.app, p.password("ann@example.com"), "/sign-in/code",
		url.Values{"code": {old[0]}}); after == "" {
		t.Error("no session")
	} else if status, _, _, _ := p.send(p.app, after, "/", nil); status == 200 {
		t.Error("a replaced recovery code is good")
	}
	if status, _, _, _ := p.send(p.app, cookie, "/account/two-step/deletion",
		url.Values{"current_password": {rightPassword}}); status != 303 {
		t.Fatal(status)
	}
	p.signIn("ann@example.com")
	emails, _, err := p.kit.DB.Emails(t.Context(), "ann@example.com", 10, 0)
	if err != nil {
		t.Fatal(err)
	}
	subjects := map[string]int{}
	for _, m := range emails {
		subjects[m.Subject]++
	}
	if subjects["Two-step sign-in is on"] != 1 || subjects["Two-step sign-in is off"] != 1 ||
		subjects["New sign-in to your account"] != 1 {
		t.Error(subjects)
	}
}

// A program sends the code along; the password alone isn't enough for it either.
func TestProgramsSendTheCode(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	secret, _ := p.turnOn(p.signIn("ann@example.com"))
	check := func(code string) error {
		_, err := p.kit.CheckCredentials(t.Context(), "198.51.100.7", "ann@example.com", rightPassword, code)
		return err
	}
	for _, c := range []string{"", "000000x"} {
		if err := check(c); orbit.CodeOf(err) != orbit.Unauthorized || !orbit.FaultsOf(err).On("code") {
			t.Errorf("%q: %v", c, err)
		}
	}
	if err := check(p.code(secret, 0)); err != nil {
		t.Error(err)
	}
	if err := check(p.code(secret, 0)); orbit.CodeOf(err) != orbit.Unauthorized {
		t.Error("a code is good twice:", err)
	}
}

// The secret is encrypted for its person alone, and recovery codes are hashed.
func TestTwoStepAtRest(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	secret, recovery := p.turnOn(p.signIn("ann@example.com"))
	p.turnOn(p.signIn("bob@example.com"))
	var all string
	if err := p.kit.DB.Pool().QueryRow(t.Context(), `SELECT (SELECT string_agg(u::text, ' ') FROM users u) ||
		(SELECT string_agg(r::text, ' ') FROM recovery_codes r) || (SELECT string_agg(s::text, ' ') FROM sessions s)`).
		Scan(&all); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(all, secret) || strings.Contains(all, recovery[0]) || !regexp.MustCompile(`\\x`).MatchString(all) {
		t.Error("a secret stands in the database as it is")
	}
	// Another's secret in one's row opens nothing.
	p.exec(`UPDATE users SET two_step_secret = (SELECT two_step_secret FROM users WHERE email = 'ann@example.com')
		WHERE email = 'bob@example.com'`)
	cookie := p.password("bob@example.com")
	if status, _, _, _ := p.send(p.app, cookie, "/sign-in/code", url.Values{"code": {p.code(secret, 1)}}); status != 422 {
		t.Error("another's secret is good:", status)
	}
}

// A reset of the password doesn't get around the code.
func TestResetAsksForTheCode(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	_, recovery := p.turnOn(p.signIn("ann@example.com"))
	done := p.work()
	p.send(p.app, "", "/password", url.Values{"email": {"ann@example.com"}})
	done()
	token := p.resetToken("ann@example.com")
	status, _, cookie, h := p.send(p.app, "", "/password/"+token,
		url.Values{"password": {"another good one"}, "repeat": {"another good one"}})
	if status != 303 || h.Get("Location") != "/sign-in/code" {
		t.Fatal(status, h)
	}
	if status, _, _, _ := p.send(p.app, cookie, "/", nil); status != 303 {
		t.Error("signed in without a code:", status)
	}
	status, _, cookie, _ = p.send(p.app, cookie, "/sign-in/code", url.Values{"code": {recovery[0]}})
	if status != 303 {
		t.Fatal(status)
	}
	if status, _, _, _ := p.send(p.app, cookie, "/", nil); status != 200 {
		t.Error(status)
	}
}

// resetToken returns the token of the last link to set a password that was sent.
func (p *panel) resetToken(email string) string {
	p.t.Helper()
	emails, _, err := p.kit.DB.Emails(p.t.Context(), email, 10, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, row := range emails {
		m, err := p.kit.DB.Email(p.t.Context(), row.ID)
		if err != nil {
			p.t.Fatal(err)
		}
		if _, rest, ok := strings.Cut(m.Text, "/password/"); ok {
			return rest[:43]
		}
	}
	p.t.Fatal("no link was sent")
	return ""
}
