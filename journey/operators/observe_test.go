package operators

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/journey/journeytest"
	"orbit360.app/orbit"
	"orbit360.app/programtest"
)

// scrape is what Prometheus would get.
func scrape(t *testing.T, addr string) string {
	t.Helper()
	res, err := http.Get("http://" + addr + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		t.Fatal(res.StatusCode, err)
	}
	return string(text)
}

// TestMetrics is the endpoint of the real program after some work.
func TestMetrics(t *testing.T) {
	t.Parallel()
	addr := "127.0.0.1:" + journeytest.FreePort(t)
	p := journeytest.Install(t, "METRICS_ADDR="+addr)
	p.MustStart()
	pool := p.Database()
	c := p.Client()
	c.SignIn()
	ids := journeytest.Applicants(t, pool, 3)
	for i, id := range ids {
		if err := activate(c, id, fmt.Sprintf("metric%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	journeytest.Eventually(t, "three shops", func() bool {
		return journeytest.Count(t, pool, `SELECT count(*) FROM merchant_provisionings WHERE status = 'COMPLETED'`) == 3
	})
	secretPath := "/no-such-page-" + strings.Repeat("x", 50)
	c.Must(404, "", secretPath)
	c.Must(404, "nobody-at-all", "/")
	c.Must(200, "", "/healthz")
	for _, id := range ids {
		c.Must(200, "admin", "/merchants/"+id.String())
	}
	var text string
	journeytest.Eventually(t, "all runs counted", func() bool {
		text = scrape(t, addr)
		return strings.Contains(text, `orbit360_run_duration_seconds_count{status="COMPLETED"} 3`)
	})
	for _, line := range []string{
		`orbit360_http_requests_total{audience="admin",method="GET",route="/merchants/:merchant",status="200"} 3`,
		`orbit360_http_requests_total{audience="admin",method="POST",route="/merchants/:merchant/activation",status="303"} 3`,
		`orbit360_http_requests_total{audience="site",method="GET",route="unmatched",status="404"} 1`,
		`orbit360_http_requests_total{audience="nobody",method="GET",route="unmatched",status="404"} 1`,
		`orbit360_http_requests_total{audience="health",method="GET",route="/healthz",status="200"} 1`,
		`orbit360_step_attempts_total{outcome="done",step="completion"} 3`,
		`orbit360_step_duration_seconds_count{step="store_configuration"} 3`,
		`orbit360_runs{status="FAILED"} 0`, `orbit360_mails_queued 0`, `orbit360_workers_alive 1`, `orbit360_database_up 1`,
		`orbit360_streams_open 0`,
		`orbit360_page_cache_listening 1`, `orbit360_pool_connections_max{pool="storefronts"} 8`, "go_goroutines ",
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("no %s in\n%s", line, grep(text, line[:strings.IndexAny(line+"{", "{ ")]))
		}
	}
	// What somebody asked for never becomes a label.
	for _, id := range append([]string{secretPath, "nobody-at-all", "metric0"}, ids[0].String()) {
		if strings.Contains(text, id) {
			t.Errorf("%s is in the metrics", id)
		}
	}
	if res, err := http.Get("http://" + addr + "/"); err != nil || res.StatusCode != 404 {
		t.Error("the address of the metrics answers more than it should")
	}
	c.Must(404, "", "/metrics")
}

func grep(text, part string) string {
	var found []string
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			found = append(found, line)
		}
	}
	return strings.Join(found, "")
}

// TestLogsHoldNoSecrets walks through what has secrets with the log at its most talkative.
func TestLogsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	// A mail server that isn't there: failures are reported.
	p := journeytest.Install(t, "LOG_LEVEL=debug",
		"SMTP_URL=smtp://postman:smtp-pass-word@127.0.0.1:"+journeytest.FreePort(t))
	p.MustStart()
	secrets := map[string]string{"the admin's password": programtest.AdminPassword, "SMTP's password": "smtp-pass-word"}
	c := p.Client()
	c.Must(200, "admin", "/sign-in")
	c.Must(422, "admin", "/sign-in", "email", programtest.AdminEmail, "password", "a-wrong-password")
	secrets["a wrong password"] = "a-wrong-password"
	c.SignIn()
	c.Must(303, "", "/apply", "id", orbit.NewID[orbit.Merchant]().String(), "name", "Moss & Fern", "ownerName", "Fern",
		"email", "fern@example.com", "category", "books")
	pool := p.Database()
	var id string
	if err := pool.QueryRow(t.Context(), `SELECT id::text FROM merchants`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	c.Must(303, "admin", "/merchants/"+id+"/activation", "theme", "upfront-minimal", "plan", "starter", "subdomain",
		"moss", "category", "books", "go_live", "on")
	var text string
	journeytest.Eventually(t, "the welcome email", func() bool {
		return pool.QueryRow(t.Context(), `SELECT text FROM emails WHERE text LIKE '%/password/%' AND EXISTS (SELECT
			FROM merchant_provisionings WHERE status = 'COMPLETED')`).Scan(&text) == nil
	})
	token := regexp.MustCompile(`/password/([A-Za-z0-9_-]{43})`).FindStringSubmatch(text)
	if token == nil {
		t.Fatal(text)
	}
	secrets["the link's token"] = token[1]
	c.Must(200, "dashboard", "/password/"+token[1])
	c.Must(422, "dashboard", "/password/"+token[1], "password", "owner-pass-phrase", "repeat", "something-else")
	c.Must(303, "dashboard", "/password/"+token[1], "password", "owner-pass-phrase", "repeat", "owner-pass-phrase")
	secrets["the owner's password"], secrets["a mistyped password"] = "owner-pass-phrase", "something-else"
	c.Must(200, "moss", "/")
	c.Must(410, "dashboard", "/password/"+token[1])
	c.Must(200, "moss", "/orders/"+token[1]) // the page that says that it opens soon
	c.Must(200, "admin", "/operations")
	for host, cookie := range c.Jar {
		_, value, _ := strings.Cut(cookie, "=")
		secrets["the cookie of "+host] = value
	}
	for _, file := range []string{"secret-key", filepath.Join("postgres", "secrets")} {
		content, err := os.ReadFile(filepath.Join(p.Dir, file))
		if err != nil {
			t.Fatal(err)
		}
		var several map[string]any
		if json.Unmarshal(content, &several) != nil {
			several = map[string]any{"": strings.TrimSpace(string(content))}
		}
		for name, value := range several {
			if s, ok := value.(string); ok && len(s) >= 8 {
				secrets[file+" "+name] = s
			}
		}
	}
	journeytest.Eventually(t, "an email that couldn't be sent", func() bool {
		return strings.Contains(p.Out.String(),
			"an email couldn't be sent yet")
	})
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	log := p.Out.String()
	if len(secrets) < 9 {
		t.Errorf("only %d secrets", len(secrets))
	}
	for name, secret := range secrets {
		if secret == "" || strings.Contains(log, secret) {
			t.Errorf("%s is in the log (or empty)", name)
		}
	}
	for _, want := range []string{`msg=request request=`, "path=/password/…", `msg="a step is done" run=`,
		"step=completion", `msg="a run ended" run=`, "status=COMPLETED"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q", want)
		}
	}
}

// TestOperationsInBrowser sees the pages about the platform's work, River's own among them.
func TestOperationsInBrowser(t *testing.T) {
	t.Parallel()
	addr := "127.0.0.1:" + journeytest.FreePort(t)
	p := journeytest.Install(t, "METRICS_ADDR="+addr)
	p.MustStart()
	pool := p.Database()
	c := p.Client()
	c.SignIn()
	ids := journeytest.Applicants(t, pool, 1)
	b := browsertest.New(t)
	p.Enter(b)
	// The page watches before the run begins, so that its changes are live updates.
	b.Open(p.URL("admin", "/merchants/"+ids[0].String()+"/provisioning"))
	b.See("hasn't been activated")
	// It and no other: the list that was left a moment ago is known to be gone, long before the second heartbeat would
	// tell.
	p.Until("one page to watch", func() bool { return strings.Contains(scrape(t, addr), "\norbit360_streams_open 1\n") })
	if err := activate(c, ids[0], "seen"); err != nil {
		t.Fatal(err)
	}
	b.See("COMPLETED")
	b.Press("Timeline")
	b.See("Timing")
	b.See("Completion is done")
	b.Shot("timeline")

	journeytest.Eventually(t, "the times of live updates to be kept", func() bool {
		return journeytest.Count(t, pool,
			`SELECT coalesce(sum(count), 0) FROM live_update_times`) > 0
	})
	b.Press("Operations")
	b.See("1 of 1 runs completed")
	// Met or at risk: a busy machine isn't what this tries.
	b.Until(`document.querySelectorAll('.promise .badge:is([data-tone=success], [data-tone=warning])').length === 4`)
	b.Press("7 days")
	b.Until(`location.search === '?span=7d'`)
	b.Shot("operations")

	b.Press("Jobs")
	b.Until(`location.pathname.startsWith('/jobs/') && /Completed/.test(document.body.innerText)`)
	b.On(`window`,
		`e.refused = []; document.addEventListener("securitypolicyviolation",
			v => e.refused.push(v.violatedDirective + " " + v.blockedURI))`)
	b.On(`[...document.querySelectorAll("a")].find(a => /^Completed/.test(a.innerText.trim()))`, `e.click()`)
	b.Until(`/provision/.test(document.body.innerText)`)
	for _, scheme := range []string{"light", "dark"} {
		b.Scheme(scheme)
		b.Shot("jobs-" + scheme)
	}
	b.On(`[...document.querySelectorAll("a")].find(a => /\/queues$/.test(a.pathname))`, `e.click()`)
	b.Until(`location.pathname.endsWith('/queues') && /webhook/.test(document.body.innerText)`)
	b.Shot("queues")
	if got := browsertest.Eval[string](b, `JSON.stringify(window.refused)`); got != "[]" {
		t.Errorf("the policy refused %s", got)
	}
	// Without a sign-in, or from another site, nothing changes.
	stranger := p.Client()
	for _, path := range []string{"/jobs/", "/jobs/api/jobs"} {
		status, body, to, err := stranger.Do("admin", path)
		if err != nil {
			t.Fatal(err)
		}
		if status != 303 || !strings.HasPrefix(to, "/sign-in") {
			t.Errorf("%s sends a stranger %d to %q, not to sign in", path, status, to)
		}
		if strings.Contains(body, "runId") {
			t.Errorf("%s shows a stranger jobs", path)
		}
	}
	for site, want := range map[string]int{"same-origin": 200, "cross-site": 403} {
		req, err := http.NewRequest("PUT", p.URL("admin", "/jobs/api/queues/mail/pause"), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Sec-Fetch-Site", site)
		req.Header.Set("Cookie", c.Jar["admin"])
		res, err := c.HTTP.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close() // only the status is wanted
		if res.StatusCode != want {
			t.Errorf("pausing a queue from %s: %d", site, res.StatusCode)
		}
	}
	if n := journeytest.Count(t, pool, `SELECT count(*) FROM audit_log WHERE action = 'jobs.changed'
		AND target = 'queues/mail/pause'`); n != 1 {
		t.Errorf("%d lines in the audit log", n)
	}
}
