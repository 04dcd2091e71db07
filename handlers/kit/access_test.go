package kit_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/jackc/pgx/v5"

	"orbit360.app/handlers/kit"
	"orbit360.app/jobs/jobstest"
	"orbit360.app/live"
	"orbit360.app/orbit"
	"orbit360.app/outbox"
	"orbit360.app/store"
)

// work starts the jobs; the function waits until one more has been done.
func (p *panel) work() (done func()) {
	p.t.Helper()
	log := slog.New(slog.DiscardHandler)
	jobstest.Start(p.t, live.New(live.Config{DB: p.kit.DB, Log: log}), outbox.Queue(outbox.Config{DB: p.kit.DB, Log: log,
		Addresses: p.kit.Addresses, Mail: p.kit.Mail}))
	var before int
	return func() {
		p.t.Helper()
		before++
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(2 * time.Millisecond) {
			var completed int
			var failures string
			if err := p.kit.DB.Pool().QueryRow(p.t.Context(), `SELECT count(*) FILTER (WHERE state = 'completed'),
				coalesce(string_agg(errors::text, ' '), '') FROM river_job`).Scan(&completed, &failures); err != nil {
				p.t.Fatal(err)
			}
			if completed >= before {
				return
			}
			if failures != "" || time.Now().After(deadline) {
				p.t.Fatal("no job has been done ", failures)
			}
		}
	}
}

// One account is sent so many links and no more, from wherever they are asked for; what is refused is counted in one
// line of the log. The request leaves the same for every address: one job.
func TestPasswordLinksOfOneAccount(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	ctx := t.Context()
	ask := func(email string, i int) {
		if err := p.kit.DB.RequestPasswordLink(ctx, store.PasswordArgs{Email: email, Audience: orbit.RoleAdmin,
			Address: fmt.Sprintf("198.51.100.%d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	jobs := func() (n int) {
		if err := p.kit.DB.Pool().QueryRow(ctx, `SELECT count(*) FROM river_job WHERE kind = 'password'`).Scan(
			&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for i, email := range []string{"ann@example.com", "nobody@example.com"} {
		if status, _, _, _ := p.send(p.app, "", "/password", url.Values{"email": {email}}); status != 200 || jobs() != i+1 {
			t.Fatalf("%s: %d, %d jobs", email, status, jobs())
		}
		if _, total, err := p.kit.DB.Emails(ctx, "", 10, 0); err != nil || total != 0 {
			t.Fatal("the request itself writes the email:", total, err)
		}
	}
	answered := p.work()
	answered()
	answered()
	for i := range 28 {
		ask("ANN@example.com", i%7)
		answered()
	}
	ask("bob@example.com", 1)
	answered()
	emails, _, err := p.kit.DB.Emails(ctx, "", 50, 0)
	if err != nil {
		t.Fatal(err)
	}
	sent := map[string]int{}
	for _, m := range emails {
		sent[m.Recipient]++
	}
	if sent["ann@example.com"] != 3 || sent["bob@example.com"] != 1 || len(sent) != 2 {
		t.Error("emails:", sent)
	}
	lines, refused := p.audited("password.refused")
	if lines != 7 || refused != 26 {
		t.Errorf("%d refused links in %d lines", refused, lines)
	}
}

// exhaust leaves no try for these keys, for longer than the test takes.
func (p *panel) exhaust(like string) {
	p.t.Helper()
	if _, err := p.kit.DB.Pool().Exec(p.t.Context(), `UPDATE throttles SET arrival = now() + interval '1 hour'
		WHERE key LIKE $1`, like); err != nil {
		p.t.Fatal(err)
	}
}

// audited is how many lines of an action the log has, and what their counts come to.
func (p *panel) audited(action string) (lines, count int) {
	p.t.Helper()
	if err := p.kit.DB.Pool().QueryRow(p.t.Context(), `SELECT count(*), coalesce(sum((detail ->> 'count')::int), 0)
		FROM audit_log WHERE action = $1`, action).Scan(&lines, &count); err != nil {
		p.t.Fatal(err)
	}
	return lines, count
}

// Failed sign-ins and bounds that were run into are in the log: one line for each account, network and hour.
func TestRefusalsAreInTheAuditLog(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	ctx := t.Context()
	try := func(address, email string, n int) {
		for range n {
			if _, err := p.kit.CheckPassword(ctx, address, email, "wrong password here"); err == nil {
				t.Fatal("signed in")
			}
		}
	}
	try("198.51.100.1", "ann@example.com", 4)
	try("2001:db8:1:2::1", "ann@example.com", 2)
	try("2001:db8:1:2:3::1", "ANN@example.com", 2)
	p.kit.WriteTallies(ctx)
	p.exhaust("sign-in ann@example.com 198.51.100.1")
	try("198.51.100.1", "ann@example.com", 9)
	for i := range 5 {
		try("198.51.100.1", fmt.Sprintf("secret-typed-here-%d@example.com", i), 1)
	}
	p.kit.WriteTallies(ctx)
	var got []string
	rows, err := p.kit.DB.Pool().Query(ctx,
		`SELECT action || '|' || target || '|' || address || '|' || (detail ->> 'count') FROM audit_log
			WHERE once IS NOT NULL ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	if got, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		t.Fatal(err)
	}
	want := []string{"session.refused||198.51.100.1|5", "session.refused|ann@example.com|198.51.100.1|4",
		"session.refused|ann@example.com|2001:db8:1:2:3::1|4", "throttle.hit|sign-in|198.51.100.1|9"}
	slices.Sort(want)
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	// However many networks and accounts there are, an hour has so many lines; the rest is counted in one.
	var tallies []store.Tally
	for i := range store.TalliesPerHour + 50 {
		tallies = append(tallies, store.Tally{Action: orbit.ActionSessionRefused, Target: "ann@example.com",
			Network: fmt.Sprint(i), Address: fmt.Sprint(i), At: time.Now(), Count: 2})
	}
	if err := p.kit.DB.CountInAudit(ctx, tallies); err != nil {
		t.Fatal(err)
	}
	if lines, count := p.audited("session.refused"); lines > store.TalliesPerHour+1 || lines < store.TalliesPerHour ||
		count != 13+2*len(tallies) {
		t.Errorf("%d lines count %d", lines, count)
	}
}

// A browser that has signed in to an account has tries of its own at it: neither a flood from its own network nor
// guesses at the account keep it out. At other accounts, with another cookie, or with nothing, it is like any other.
func TestKnownDevice(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	post := func(cookie, email, password string) (int, string) {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, "http://admin.localhost:3000/sign-in",
			strings.NewReader(login(email, password).Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Dest", "document")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		if cookie != "" {
			req.Header.Set("Cookie", cookie)
		}
		res, err := p.app.Test(req, 20_000)
		if err != nil {
			t.Fatal(err)
		}
		device := ""
		for _, c := range res.Cookies() {
			if c.Name == "orbit-device" {
				device = c.Name + "=" + c.Value
				if !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
					t.Error("a careless cookie:", c)
				}
			}
		}
		return res.StatusCode, device
	}
	status, device := post("", "ann@example.com", rightPassword)
	if status != 303 || device == "" {
		t.Fatal(status, device)
	}
	if status, none := post("", "ann@example.com", "wrong password here"); status != 422 || none != "" {
		t.Error("a failed sign-in makes a device known:", status, none)
	}
	// The network has no tries left, whatever the account.
	p.exhaust("sign-in%")
	if status, _ := post("", "ann@example.com", rightPassword); status != 429 {
		t.Fatal(status)
	}
	for name, cookie := range map[string]string{"another's account": device, "changed": device[:len(device)-4] + "AAAA",
		"cut": device[:40], "junk": "orbit-device=x"} {
		email := "ann@example.com"
		if cookie == device {
			email = "bob@example.com"
		}
		if status, _ := post(cookie, email, rightPassword); status != 429 {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, again := post(device, "ANN@example.com", rightPassword); status != 303 || again == "" || again == device {
		t.Error("the known device is kept out:", status)
	}
	p.exhaust("sign-in device %")
	if status, _ = post(device, "ann@example.com", rightPassword); status != 429 {
		t.Error("a device has tries without end:", status)
	}
	if status, _, _, _ := p.send(p.app, device, "/", nil); status != 303 {
		t.Error("the device's cookie signs in:", status)
	}
}

// Passwords are the same from every keyboard, and those hashed before that was so still open their accounts.
func TestPasswordsAreNormalized(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	const composed, decomposed = "Zo\u00eb geht heim", "Zoe\u0308 geht heim"
	set := func(hash string, err error) {
		t.Helper()
		if err == nil {
			_, err = p.kit.DB.Pool().Exec(t.Context(), `UPDATE users SET password_hash = $1 WHERE email = 'ann@example.com'`,
				hash)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	check := func(what, password string) {
		t.Helper()
		if _, err := p.kit.CheckPassword(t.Context(), "198.51.100.1", "ann@example.com", password); err != nil {
			t.Errorf("%s: %q: %v", what, password, err)
		}
	}
	set(kit.HashPassword(decomposed))
	check("set decomposed", composed)
	check("set decomposed", decomposed)
	set(argon2id.CreateHash(decomposed, argon2id.DefaultParams)) // as it was done before
	check("hashed as it came", decomposed)
	check("hashed as it came", composed)
	if _, err := p.kit.CheckPassword(t.Context(), "198.51.100.1", "ann@example.com",
		"Zoe geht heim"); orbit.CodeOf(err) != orbit.Unauthorized {
		t.Error("accents don't count:", err)
	}
}

// A session ends a week after its last page and a month after its beginning, whatever the cookie says. Pages that are
// left open and watch don't count as use.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	age := func(column, by string) {
		t.Helper()
		if _, err := p.kit.DB.Pool().Exec(t.Context(), `UPDATE sessions SET `+column+` = now() - $1::interval`,
			by); err != nil {
			t.Fatal(err)
		}
	}
	in := func(cookie string) bool {
		t.Helper()
		status, _, _, _ := p.send(p.app, cookie, "/", nil)
		return status == 200
	}
	cookie := p.signIn("ann@example.com")
	for range 4 { // in use for four weeks
		age("seen_at", "6 days 23 hours")
		if !in(cookie) {
			t.Fatal("a session in use ended")
		}
	}
	var fresh bool
	if err := p.kit.DB.Pool().QueryRow(t.Context(),
		`SELECT bool_and(seen_at > now() - interval '1 minute') FROM sessions`).Scan(&fresh); err != nil || !fresh {
		t.Error("a page isn't use:", err)
	}
	age("created_at", "29 days 23 hours")
	if !in(cookie) {
		t.Error("a session of 29 days ended")
	}
	age("created_at", "30 days 1 hour")
	if in(cookie) {
		t.Error("a session of more than 30 days works")
	}
	cookie = p.signIn("ann@example.com")
	age("seen_at", "6 days 23 hours")
	req, err := http.NewRequest(http.MethodGet, "http://admin.localhost:3000/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Cookie", cookie)
	req.Header.Set("Accept", "text/event-stream")
	if res, err := p.app.Test(req, 20_000); err != nil || res.StatusCode != 200 {
		t.Fatal(res, err)
	}
	if err := p.kit.DB.Pool().QueryRow(t.Context(), `SELECT bool_or(seen_at > now() - interval '1 minute') FROM sessions
		WHERE user_id IS NOT NULL`).Scan(&fresh); err != nil || fresh {
		t.Error("a page that watches is use:", err)
	}
	age("seen_at", "7 days 1 hour")
	if in(cookie) {
		t.Error("a session without a page for a week works")
	}
	if err := p.kit.DB.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := p.kit.DB.Pool().QueryRow(t.Context(), `SELECT count(*) FROM sessions`).Scan(&rows); err != nil || rows != 0 {
		t.Error("ended sessions are kept:", rows, err)
	}
}
