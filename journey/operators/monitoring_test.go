package operators

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"orbit360.app/journey/journeytest"
	"orbit360.app/programtest"
)

// question is a query in PromQL, and where it stands.
type question struct{ where, expr string }

// monitoring returns the questions of the alert rules and of the dashboard.
func monitoring(t *testing.T) (rules, dashboard []question) {
	t.Helper()
	text, err := os.ReadFile("../../docs/monitoring/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	name := ""
	for line := range strings.Lines(string(text)) {
		if _, rest, ok := strings.Cut(line, "- alert: "); ok {
			name = strings.TrimSpace(rest)
		}
		if _, rest, ok := strings.Cut(line, " expr: "); ok {
			var expr string
			if err := json.Unmarshal([]byte(rest), &expr); err != nil { // YAML's double quotes are JSON's
				t.Fatal(name, err)
			}
			rules = append(rules, question{name, expr})
		}
	}
	var board struct {
		Panels []struct {
			ID      int
			Title   string
			GridPos struct{ H, W, X, Y int }
			Targets []struct{ Expr string }
		}
	}
	text, err = os.ReadFile("../../docs/monitoring/dashboard.json")
	if err == nil {
		err = json.Unmarshal(text, &board)
	}
	if err != nil {
		t.Fatal(err)
	}
	ids := map[int]bool{}
	for _, p := range board.Panels {
		if ids[p.ID] || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %d, %s: the id is taken, or it is off the board", p.ID, p.Title)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			dashboard = append(dashboard, question{p.Title, strings.NewReplacer("$__rate_interval", "1m", "$instance",
				".*").Replace(target.Expr)})
		}
	}
	if len(rules) < 20 || len(dashboard) < 30 {
		t.Fatalf("%d rules and %d panels were read", len(rules), len(dashboard))
	}
	return rules, dashboard
}

var (
	quoted     = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	matchers   = regexp.MustCompile(`\{[^}]*\}|\[[^\]]*\]`)
	groupings  = regexp.MustCompile(`\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)`)
	identifier = regexp.MustCompile(`[A-Za-z_:][A-Za-z0-9_:]*\s*\(?`)
)

// metricNames returns the names of the metrics that a query asks for: identifiers that aren't functions, operators or
// labels.
func metricNames(expr string) (names []string) {
	for _, drop := range []*regexp.Regexp{quoted, matchers, groupings} {
		expr = drop.ReplaceAllString(expr, " ")
	}
	for _, id := range identifier.FindAllString(expr, -1) {
		id = strings.TrimSpace(id)
		if !strings.HasSuffix(id, "(") && !slices.Contains([]string{"and", "or", "unless", "bool", "offset", "by", "without",
			"e9", "Inf", "NaN"}, id) {
			names = append(names, id)
		}
	}
	return names
}

func TestMetricNames(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		`up{job="a"} == 0`: "up",
		`histogram_quantile(0.99, sum by (le, a) (rate(x_bucket{y=~"z|up"}[5m]))) > 1.5e9`: "x_bucket",
		`sum(a:b) / ignoring(state) c_max or predict_linear(d[6h], 24 * 3600) < 0`:         "a:b c_max d",

		`topk(10, sum by (shop) (rate(orbit360_shop_requests_total{instance=~"a(b)"}[1m]))) and on (x) go_up`: "" +
			"orbit360_shop_requests_total go_up",
	} {
		if got := strings.Join(metricNames(expr), " "); got != want {
			t.Errorf("%s asks for %q, not %q", expr, got, want)
		}
	}
}

// busy is a program that has done some of everything, with its metrics at an address.
func busy(t *testing.T) (p *journeytest.Program, addr string) {
	t.Helper()
	addr = "127.0.0.1:" + journeytest.FreePort(t)
	p = journeytest.Install(t, "METRICS_ADDR="+addr, "LOG_FORMAT=json")
	p.MustStart()
	pool := p.Database()
	admin := p.Client()
	admin.Must(422, "admin", "/sign-in", "email", programtest.AdminEmail, "password", "not the password")
	admin.SignIn()
	for i, id := range journeytest.Applicants(t, pool, 2) {
		admin.Must(303, "admin", "/merchants/"+id.String()+"/activation", "theme", "upfront-modern", "plan", "starter",
			"subdomain", []string{"moss", "fern"}[i], "category", "books", "goLive", "on")
	}
	journeytest.Eventually(t, "two shops", func() bool {
		return journeytest.Count(t, pool, `SELECT count(*) FROM merchant_provisionings WHERE status = 'COMPLETED'`) == 2
	})
	visitor := p.Client()
	for range 3 {
		visitor.Must(200, "moss", "/")
	}
	visitor.Must(200, "moss", "/search?q=a")
	return p, addr
}

// TestMonitoring asks the real program for every metric that the alert rules and the dashboard ask for.
func TestMonitoring(t *testing.T) {
	t.Parallel()
	rules, dashboard := monitoring(t)
	p, addr := busy(t)
	text := scrape(t, addr)
	for _, q := range append(rules, dashboard...) {
		names := metricNames(q.expr)
		if len(names) == 0 {
			t.Errorf("%s asks for nothing: %s", q.where, q.expr)
		}
		for _, name := range names {
			// up is Prometheus's own
			if name != "up" && !strings.Contains(text, "\n"+name+"{") && !strings.Contains(text, "\n"+name+" ") {
				t.Errorf("%s asks for %s, which the program doesn't have", q.where, name)
			}
		}
	}
	for _, line := range []string{
		`orbit360_shop_requests_total{shop="moss"} 4`, `orbit360_sign_ins_total{outcome="refused"} 1`,
		`orbit360_sign_ins_total{outcome="succeeded"} 1`,
		`orbit360_search_duration_seconds_count{audience="storefront"} 1`, `orbit360_image_store_up 1`,
		`orbit360_jobs{queue="mail",state="available"} 0`, `orbit360_outbound_held 0`,
		`orbit360_webhook_attempts_total{outcome="failed"} 0`, `orbit360_throttled_total{what="cart"} 0`,
		`orbit360_disk_free_bytes `, `orbit360_disk_size_bytes `,
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("no %s in\n%s", line, grep(text, line[:strings.IndexAny(line+"{", "{ ")]))
		}
	}
	if log := p.Out.String(); !regexp.MustCompile(`"msg":"a run ended".*"took_ms":\d+\.?\d*[,}]`).MatchString(log) ||
		strings.Contains(log, `"took":`) {
		t.Errorf("durations have no unit in the log:\n%s", grep(log, "took"))
	}
	if strings.Contains(text, "fern") {
		t.Error("a shop without requests is reported")
	}
}

// TestMonitoringByPrometheus has Prometheus's own programs judge: promtool the rules and their tests, and a server
// with the configuration of docs/monitoring.md the program's answer, each rule, and each question of the dashboard.
func TestMonitoringByPrometheus(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool isn't installed (Debian: apt install prometheus)")
	}
	server, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("prometheus isn't installed (Debian: apt install prometheus)")
	}
	for _, args := range [][]string{{"check", "rules", "alerts.yml"}, {"test", "rules", "alerts_test.yml"}} {
		cmd := exec.Command(promtool, args...)
		cmd.Dir = "../../docs/monitoring"
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	_, dashboard := monitoring(t)
	_, addr := busy(t)
	check := exec.Command(promtool, "check", "metrics")
	check.Stdin = strings.NewReader(scrape(t, addr))
	if out, err := check.CombinedOutput(); strings.Contains(string(out), "error") {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
	at := startPrometheus(t, server, addr)
	// A rule that can't be evaluated says so; a question of the dashboard is answered, though not each has figures yet.
	journeytest.Eventually(t, "each rule has been evaluated", func() bool {
		var groups struct {
			Groups []struct {
				Rules []struct{ Name, Health, LastError string }
			}
		}
		ask(t, at, "/api/v1/rules", nil, &groups)
		n := 0
		for _, g := range groups.Groups {
			for _, r := range g.Rules {
				if r.Health == "err" {
					t.Fatalf("%s: %s", r.Name, r.LastError)
				}
				if r.Health == "ok" {
					n++
				}
			}
		}
		return n >= 20
	})
	figures := 0
	for _, q := range dashboard {
		var result struct{ Result []json.RawMessage }
		ask(t, at, "/api/v1/query", url.Values{"query": {q.expr}}, &result)
		if len(result.Result) > 0 {
			figures++
		}
	}
	if figures < len(dashboard)/2 {
		t.Errorf("of %d questions of the dashboard %d have figures", len(dashboard), figures)
	}
	var alerts struct {
		Alerts []struct{ Labels map[string]string }
	}
	ask(t, at, "/api/v1/alerts", nil, &alerts)
	for _, a := range alerts.Alerts {
		// the machine's, not the program's
		if a.Labels["severity"] == "critical" && a.Labels["alertname"] != "OrbitDiskFilling" {
			t.Errorf("%v is about to fire, and all is well", a.Labels)
		}
	}
}

// startPrometheus starts Prometheus as docs/monitoring.md says and waits until it has scraped a program three times.
func startPrometheus(t *testing.T, server, target string) (at string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(string(page))
	if block == nil {
		t.Fatal("../../docs/monitoring.md has no configuration")
	}
	rules, err := filepath.Abs("../../docs/monitoring/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	cfg := block[1]
	for from, to := range map[string]string{"15s": "1s", "- alerts.yml": "- " + rules,
		`["10.0.0.11:9090", "10.0.0.12:9090"]`: `["` + target + `"]`} {
		if !strings.Contains(cfg, from) {
			t.Fatalf("../../docs/monitoring.md lacks %s", from)
		}
		cfg = strings.ReplaceAll(cfg, from, to)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(cfg), 0o600); err != nil {
		t.Fatal(err)
	}
	listen := "127.0.0.1:" + journeytest.FreePort(t)
	said := &programtest.Log{}
	cmd := exec.Command(server, "--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+listen)
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait() // however it ends
		if t.Failed() {
			t.Log(said.String())
		}
	})
	at = "http://" + listen
	journeytest.Eventually(t, "Prometheus is ready", func() bool {
		res, err := http.Get(at + "/-/ready")
		if err != nil {
			return false
		}
		_ = res.Body.Close() // nothing in it is wanted
		return res.StatusCode == http.StatusOK
	})
	journeytest.Eventually(t, "three scrapes", func() bool {
		var result struct {
			Result []struct{ Value []any }
		}
		ask(t, at, "/api/v1/query",
			url.Values{
				"query": {`count_over_time(up{job="orbit360"}[1m]) >= 3 and on () (min_over_time(up{job="orbit360"}[2s]) == 1)`}},
			&result)
		return len(result.Result) == 1
	})
	return at
}

// ask asks Prometheus's API; anything but success ends the test.
func ask(t *testing.T, at, path string, values url.Values, into any) {
	t.Helper()
	res, err := http.Get(at + path + "?" + values.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it is read whole
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Status != "success" {
		t.Fatal(fmt.Sprintf("%s %v: %s", path, values, text), err)
	}
	if err := json.Unmarshal(answer.Data, into); err != nil {
		t.Fatal(err)
	}
}
