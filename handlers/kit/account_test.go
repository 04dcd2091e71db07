package kit_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
	"orbit360.app/store/storetest"
	"orbit360.app/views/ui"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// panel is an audience of its own with one page behind the sign-in.
type panel struct {
	t       *testing.T
	kit     *kit.Kit
	app     *fiber.App
	other   *fiber.App // another host of the platform, over the same database
	release chan bool  // lets /slow go on
	entered chan bool
	waiting func() // runs between the two pages of setting up two-step sign-in
	step    int64  // of the clock, after the one in which somebody turned two-step sign-in on last
}

const rightPassword = "right password here"

func newPanel(t *testing.T) *panel {
	t.Helper()
	return newPanelOf(t, "ann@example.com", "bob@example.com")
}

// newPanelOf is a panel with these admins.
func newPanelOf(t *testing.T, admins ...string) *panel {
	t.Helper()
	db := storetest.New(t)
	hash, err := kit.HashPassword(rightPassword)
	if err != nil {
		t.Fatal(err)
	}
	for _, email := range admins {
		if _, err := db.EnsureAdmin(t.Context(), email, "Somebody", hash); err != nil {
			t.Fatal(err)
		}
	}
	addresses := orbit.Addresses{Scheme: "http", Base: "localhost", Port: "3000"}
	k := kit.New(kit.Kit{DB: db, Addresses: addresses, Log: slog.New(slog.DiscardHandler),
		Mail: mail.Composer{Addresses: addresses, Status: orbit.EmailLocal}, LocalEmail: true})
	p := &panel{t: t, kit: k, release: make(chan bool), entered: make(chan bool, 1)}
	plain := func(c *fiber.Ctx, e kit.ErrorPage) templ.Component { return templ.Raw(e.Title + ": " + e.Message) }
	frame := func(_ *fiber.Ctx, title string) (ui.Frame, error) {
		return ui.Frame{Document: ui.DocumentProps{Title: title}}, nil
	}
	p.app = k.App(kit.Audience{Name: "admin", Role: orbit.RoleAdmin, Error: plain, Frame: frame})
	p.app.Use(k.RequireUser)
	p.app.Get("/", func(c *fiber.Ctx) error { return c.SendString("hello " + kit.User(c).Email) })
	p.app.Get("/slow", func(c *fiber.Ctx) error {
		k.Toast(c, "a change of the session")
		p.entered <- true
		<-p.release
		return c.SendString("slow")
	})
	p.other = k.App(kit.Audience{Name: "dashboard", Role: orbit.RoleMerchant, Error: plain, Frame: frame})
	p.other.Use(k.RequireUser)
	p.other.Get("/", func(c *fiber.Ctx) error { return c.SendString("hello " + kit.User(c).Email) })
	return p
}

// send sends a request with a cookie; a form makes it a POST. It gives status, body, the cookie afterwards and the
// header.
func (p *panel) send(app *fiber.App, cookie, path string, form url.Values) (int, string, string, http.Header) {
	p.t.Helper()
	method, body := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	req, err := http.NewRequest(method, "http://admin.localhost:3000"+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	res, err := app.Test(req, 20_000)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		cookie = c.Name + "=" + c.Value
		if c.MaxAge < 0 {
			cookie = ""
		}
		if !c.HttpOnly || c.Domain != "" || c.Path != "/" || c.SameSite != http.SameSiteLaxMode {
			p.t.Errorf("a careless cookie: %v", c)
		}
	}
	content, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res.StatusCode, string(content), cookie, res.Header
}

func login(email, password string) url.Values {
	return url.Values{"email": {email}, "password": {password}}
}

func (p *panel) signIn(email string) (cookie string) {
	p.t.Helper()
	status, body, cookie, _ := p.send(p.app, "", "/sign-in", login(email, rightPassword))
	if status != 303 || cookie == "" {
		p.t.Fatal(status, body)
	}
	return cookie
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	if status, _, _, h := p.send(p.app, "", "/", nil); status != 303 || h.Get("Location") != "/sign-in?next=%2F" {
		t.Error(status, h)
	}
	wrong, _, _, _ := p.send(p.app, "", "/sign-in", login("ann@example.com", "wrong password here"))
	_, wrongText, _, _ := p.send(p.app, "", "/sign-in", login("ann@example.com", "wrong password here"))
	unknown, unknownText, _, _ := p.send(p.app, "", "/sign-in", login("ann@example.org", "wrong password here"))
	if wrong != 422 || unknown != 422 || strings.ReplaceAll(unknownText, "example.org", "example.com") != wrongText {
		t.Error("known and unknown addresses differ:", wrong, unknown)
	}

	// A session id that somebody set before the sign-in is worth nothing after it.
	cookie := p.signIn("Ann@Example.com")
	_, _, again, _ := p.send(p.app, cookie, "/sign-in", login("ann@example.com", rightPassword))
	if again == cookie {
		t.Error("the session kept its token through a sign-in")
	}
	if _, body, _, _ := p.send(p.app, again, "/", nil); body != "hello ann@example.com" {
		t.Error(body)
	}
	if status, _, _, _ := p.send(p.app, cookie, "/", nil); status != 303 {
		t.Error("the old token still works")
	}
	if status, _, _, _ := p.send(p.other, again, "/", nil); status != 303 {
		t.Error("a cookie of one host works at another")
	}
	for _, junk := range []string{"orbit=", "orbit=x", "orbit=" + strings.Repeat("x", 4000)} {
		if status, _, _, _ := p.send(p.app, junk, "/", nil); status != 303 {
			t.Errorf("%.20q: %d", junk, status)
		}
	}
}

func TestBadPasswords(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	for name, password := range map[string]string{"empty": "", "huge": strings.Repeat("x", 900_000),
		"NUL": "right password here\x00", "NUL inside": "right\x00password here", "bad UTF-8": "\xff\xfe"} {
		if status, _, _, _ := p.send(p.app, "", "/sign-in", login("bob@example.com", password)); status < 400 ||
			status > 499 {
			t.Errorf("%s: %d", name, status)
		}
	}
	var status int
	var h http.Header
	for i := 0; i < 20 && status != 429; i++ {
		status, _, _, h = p.send(p.app, "", "/sign-in", login("ann@example.com", "wrong password here"))
	}
	if status != 429 || h.Get("Retry-After") == "" {
		t.Error("20 bad passwords:", status, h)
	}
	// The right one is refused too from there, or guessing would go on; from elsewhere its owner gets in.
	if _, err := p.kit.CheckPassword(t.Context(), "198.51.100.7", "ann@example.com", rightPassword); err != nil {
		t.Error("the owner can't get in from elsewhere:", err)
	}
	if status, _, _, _ := p.send(p.app, "", "/sign-in", login("bob@example.com", rightPassword)); status != 303 {
		t.Error("another account is locked too:", status)
	}
}

// Each try from another address of one /64: as many pass as from one address. A /48 has a bound above it, which the
// neighbors' refused tries don't exhaust.
func TestTriesAreCountedByNetwork(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	from := func(address, email, password string) orbit.Code {
		_, err := p.kit.CheckPassword(t.Context(), address, email, password)
		return orbit.CodeOf(err)
	}
	began := time.Now()
	most := func() int { return 10 + 1 + int(time.Since(began)/(6*time.Second)) } // one comes back every six seconds
	codes := map[orbit.Code]int{}
	for i := range 40 {
		codes[from(fmt.Sprintf("2001:db8:1:2:%x::%x", i*1619, i+1), "ann@example.com", "wrong password here")]++
	}
	if codes[orbit.Unauthorized] < 10 || codes[orbit.Unauthorized] > most() ||
		codes[orbit.Unauthorized]+codes[orbit.TooMany] != 40 {
		t.Error("40 bad passwords from one /64:", codes)
	}
	var wide int
	if err := p.kit.DB.Pool().QueryRow(t.Context(), `SELECT count(*) FROM throttles
		WHERE key = 'sign-in ann@example.com 2001:db8:1::/48'`).Scan(&wide); err != nil || wide != 1 {
		t.Error("the /48 isn't counted:", wide, err)
	}
	p.exhaust("sign-in ann@example.com 2001:db8:1::/48")
	if code := from("2001:db8:1:300::1", "ann@example.com", "wrong password here"); code != orbit.TooMany {
		t.Error("a new /64 of a /48 without tries:", code)
	}
	if _, err := p.kit.CheckPassword(t.Context(), "2001:db8:2::1", "ann@example.com", rightPassword); err != nil {
		t.Error("the owner can't get in from elsewhere:", err)
	}
	if _, err := p.kit.CheckPassword(t.Context(), "2001:db8:1:ffff::1", "bob@example.com", rightPassword); err != nil {
		t.Error("another account is locked too:", err)
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	for next, want := range map[string]string{
		"/merchants?status=all": "/merchants?status=all", "": "/", "//evil.example": "/", `/\evil.example`: "/",
		`\\evil`: "/", "https://evil.example": "/", "javascript:alert(1)": "/", "/a\r\nX: y": "/", "evil": "/",
	} {
		form := login("bob@example.com", rightPassword)
		form.Set("next", next)
		if status, _, _, h := p.send(p.app, "", "/sign-in", form); status != 303 || h.Get("Location") != want {
			t.Errorf("next=%q leads to %q (%d)", next, h.Get("Location"), status)
		}
	}
}

func TestSignOutDuringSlowRequest(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	cookie := p.signIn("ann@example.com")
	done := make(chan bool)
	go func() {
		defer close(done)
		p.send(p.app, cookie, "/slow", nil) // changes the session and saves it after the sign-out
	}()
	<-p.entered
	if status, _, left, _ := p.send(p.app, cookie, "/sign-out", url.Values{}); status != 303 || left != "" {
		t.Error(status, left)
	}
	close(p.release)
	<-done
	if status, _, _, _ := p.send(p.app, cookie, "/", nil); status != 303 {
		t.Error("the session came back to life")
	}
}

func TestPasswordLink(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	ctx := t.Context()
	elsewhere := p.signIn("ann@example.com")
	answered := p.work()
	send := func(email string) {
		defer answered()
		if status, body, _, _ := p.send(p.app, "", "/password", url.Values{"email": {email}}); status != 200 ||
			!strings.Contains(body, "Check your email") {
			t.Fatal(status, body)
		}
	}
	send("nobody@example.com")
	send("ann@example.com")
	emails, total, err := p.kit.DB.Emails(ctx, "", 10, 0)
	if err != nil || total != 1 || emails[0].Recipient != "ann@example.com" {
		t.Fatal(emails, err)
	}
	m, err := p.kit.DB.Email(ctx, emails[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(m.Text, "http://admin.localhost:3000/password/")
	if !ok {
		t.Fatal(m.Text)
	}
	path := "/password/" + rest[:43]
	for range 3 { // scanners fetch links before people do
		if status, _, _, _ := p.send(p.app, "", path, nil); status != 200 {
			t.Fatal(status)
		}
	}
	for name, form := range map[string]url.Values{"short": {"password": {"short"}, "repeat": {"short"}},
		"differ":  {"password": {"a fine password"}, "repeat": {"another password"}},
		"address": {"password": {"ann@example.com"}, "repeat": {"ann@example.com"}}} {
		if status, _, _, _ := p.send(p.app, "", path, form); status != 422 {
			t.Errorf("%s: %d", name, status)
		}
	}
	fine := url.Values{"password": {"a fine password"}, "repeat": {"a fine password"}}
	status, _, cookie, _ := p.send(p.app, "", path, fine)
	if status != 303 || cookie == "" {
		t.Fatal(status)
	}
	if _, body, _, _ := p.send(p.app, cookie, "/", nil); body != "hello ann@example.com" {
		t.Error("not signed in by the new password:", body)
	}
	if status, _, _, _ := p.send(p.app, elsewhere, "/", nil); status != 303 {
		t.Error("a session from before the change still works")
	}
	for _, gone := range []string{path, "/password/" + pg.Token(), "/password/x"} {
		if status, _, _, _ := p.send(p.app, "", gone, nil); status != 410 {
			t.Errorf("%s: %d", gone, status)
		}
		if status, _, _, _ := p.send(p.app, "", gone, fine); status != 410 {
			t.Errorf("POST %s: %d", gone, status)
		}
	}
	if status, _, _, _ := p.send(p.app, "", "/sign-in", login("ann@example.com", rightPassword)); status != 422 {
		t.Error("the old password still works:", status)
	}
}

func TestFirstAdmin(t *testing.T) {
	t.Parallel()
	p := newPanelOf(t)
	link := func(key string) string {
		token, ends, err := p.kit.DB.FirstAdminLink(t.Context(),
			func(made time.Time) string { return fmt.Sprintf("%x", key+made.Format(time.RFC3339Nano)) })
		if err != nil || (token == "") != ends.IsZero() {
			t.Fatal(token, ends, err)
		}
		return token
	}
	old := link("another key")
	token := link("the key")
	if again := link("the key"); again != token {
		t.Errorf("two starts with one key print two links: %s and %s", token, again)
	}
	form := url.Values{"name": {"Eve"}, "email": {"eve@example.com"}, "password": {"a fine password"},
		"repeat": {"a fine password"}}
	if status, _, _, _ := p.send(p.app, "", "/welcome/"+old, form); status != 410 {
		t.Error("an older link works beside the newest:", status)
	}
	if status, _, _, _ := p.send(p.app, "", "/password/"+token, form); status != 410 {
		t.Error("a link for one thing does another:", status)
	}
	status, _, cookie, _ := p.send(p.app, "", "/welcome/"+token, form)
	if _, body, _, _ := p.send(p.app, cookie, "/", nil); status != 303 || body != "hello eve@example.com" {
		t.Error(status, body)
	}
	if status, _, _, _ := p.send(p.app, "", "/welcome/"+token, form); status != 410 {
		t.Error("the link works twice:", status)
	}
	if token := link("the key"); token != "" {
		t.Error("a link for the first admin though there is one")
	}
}

func TestOrigin(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	for name, tt := range map[string]struct {
		header map[string]string
		status int
	}{
		"own page": {map[string]string{"Sec-Fetch-Site": "same-origin",
			"Origin": "http://admin.localhost:3000"}, 422},
		"origin only": {map[string]string{"Origin": "http://admin.localhost:3000"}, 422},
		"neither":     {nil, 403},
		"null":        {map[string]string{"Origin": "null"}, 403},
		"same site": {map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "http://shop.localhost:3000"},
			403},
		"cross site":     {map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"another host":   {map[string]string{"Origin": "http://shop.localhost:3000"}, 403},
		"another scheme": {map[string]string{"Origin": "https://admin.localhost:3000"}, 403},
		"the same, of same origin": {map[string]string{"Sec-Fetch-Site": "same-origin",
			"Origin": "https://admin.localhost:3000"}, 403},
		"upper case": {map[string]string{"Origin": "HTTP://admin.localhost:3000"}, 422},
		"forged header": {map[string]string{"Origin": "http://evil.example", "X-Forwarded-Host": "evil.example"},
			403},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequest(http.MethodPost, "http://admin.localhost:3000/sign-in",
				strings.NewReader("email=x&password=y"))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for k, v := range tt.header {
				req.Header.Set(k, v)
			}
			res, err := p.app.Test(req, 20_000)
			if err != nil || res.StatusCode != tt.status {
				t.Errorf("%v %v", res.StatusCode, err)
			}
			if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") ||
				strings.Contains(csp, "unsafe") {
				t.Error(csp)
			}
		})
	}
}

// TestUnknownTakesAsLong is not about the clock but about the work: the hash that unknown addresses are
// compared with must be one that argon2id can read, with the parameters of real ones.
func TestUnknownTakesAsLong(t *testing.T) {
	t.Parallel()
	real, err := kit.HashPassword("x")
	if err != nil {
		t.Fatal(err)
	}
	if err := kit.CheckNobody(fmt.Sprintf("%.30s", real)); err != nil {
		t.Error(err)
	}
}

// Two session cookies are nobody's: one of them was set by somebody else, and nothing tells which.
func TestTwoSessionCookies(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	mine, other := p.signIn("ann@example.com"), "orbit=0123456789012345678901234567890123456789012"
	for _, cookies := range []string{mine + "; " + other, other + "; " + mine, mine + "; " + mine,
		"theme=dark; " + mine + "; orbit="} {
		if status, _, _, header := p.send(p.app, cookies, "/", nil); status != 303 ||
			!strings.HasPrefix(header.Get("Location"), "/sign-in") {
			t.Errorf("%s: %d", cookies, status)
		}
	}
	for _, cookies := range []string{mine, "theme=dark; " + mine + "; Orbit=x; xorbit=y"} {
		if status, body, _, _ := p.send(p.app, cookies, "/", nil); status != 200 {
			t.Errorf("%s: %d %s", cookies, status, body)
		}
	}
}
