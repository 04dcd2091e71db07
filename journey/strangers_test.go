package journey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"orbit360.app/browsertest"
	"orbit360.app/journey/journeytest"
)

// The programs that judge the pages here as strangers would, with the versions that were tried.
const (
	htmlChecker = "vnu-jar@26.9.27"
	lighthouse  = "lighthouse@12.8.2"
	axe         = "axe-core@4.14.1"
)

// npm installs a program, or skips the test where nobody asked for programs from npm: NPM_TESTS=1 does.
func npm(t *testing.T, needs string, program string) (dir string) {
	t.Helper()
	if os.Getenv("NPM_TESTS") != "1" {
		t.Skip("set NPM_TESTS=1 to run it: it takes programs from npm")
	}
	for _, command := range []string{"npm", needs} {
		if _, err := exec.LookPath(command); err != nil {
			t.Skip(command, " isn't installed")
		}
	}
	dir = t.TempDir()
	cmd := exec.CommandContext(t.Context(), "npm", "install", "--no-audit", "--no-fund", "--prefix", dir, program)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// TestPagesAreValid has the Nu HTML checker read every kind of page that people see. htmx's attributes, which the
// standard doesn't know, are let pass.
func TestPagesAreValid(t *testing.T) {
	t.Parallel()
	vnu := filepath.Join(npm(t, "java", htmlChecker), "node_modules", "vnu-jar", "build", "dist", "vnu.jar")
	p := journeytest.Install(t)
	p.MustStart()
	admin, merchant, shopper := p.Client(), p.Client(), p.Client()
	admin.SignIn()
	dir := t.TempDir()
	keep := func(folder string) func(host, path, body string) {
		files := 0
		return func(host, path, body string) {
			files++
			name := host + strings.NewReplacer("/", "_", "?", "-", "&", "-", "=", "-").Replace(path)
			if err := os.WriteFile(filepath.Join(dir, folder, fmt.Sprintf("%s.%d.html", name[:min(len(name), 120)], files)),
				[]byte(body), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, theme := range []string{"modern", "classic", "minimal"} {
		p.OpenShop(admin, theme)
		crawl(t, p, shopper, keep(""), 3, theme, "/", "/cart", "/search?q=mug", "/search?q=nothingatall",
			"/collections/all?available=on&sort=price", "/nothing", "/checkout")
		_, page, _, _ := shopper.Do(theme, "/collections/all")
		for _, m := range regexp.MustCompile(`/products/[a-z0-9-]+`).FindAllString(page, 3) {
			_, product, _, _ := shopper.Do(theme, m)
			if v := regexp.MustCompile(
				`name="variant"[^>]*value="([0-9a-f-]{36})"|<option[^>]*value="([0-9a-f-]{36})"`).FindStringSubmatch(
				product); v != nil {
				_, _, _, _ = shopper.Do(theme, "/cart/add", "variant", v[1]+v[2])
			}
		}
		if err := os.Mkdir(filepath.Join(dir, "filled-"+theme), 0o700); err != nil {
			t.Fatal(err)
		}
		crawl(t, p, shopper, keep("filled-"+theme), 3, theme, "/cart", "/checkout")
	}
	applyAs(t, p, "Pending", "pending@example.com")
	crawl(t, p, admin, keep(""), 3, "admin", "/", "/merchants?status=pending", "/merchants?q=nobody", "/nothing")
	merchant.Must(303, "dashboard", p.Welcome(admin, "modern@example.com"), "password", "a long enough password", "repeat",
		"a long enough password")
	_, _, home, err := merchant.Do("dashboard", "/") // leads on to the only shop
	if err != nil {
		t.Fatal(err)
	}
	crawl(t, p, merchant, keep(""), 3, "dashboard",
		strings.TrimPrefix(home, strings.TrimSuffix(p.URL("dashboard", ""), "/")), "/nothing")
	crawl(t, p, shopper, keep(""), 3, "", "/", "/apply", "/nothing", "/api/docs")
	crawl(t, p, shopper, keep(""), 3, "admin", "/sign-in", "/forgot-password")

	var out []byte
	out, err = exec.CommandContext(t.Context(), "java", "-jar", vnu, "--skip-non-html", "--errors-only", "--filterpattern",
		`Attribute “hx-.*” not allowed.*`, "--format", "json", "--stdout", "--exit-zero-always", dir).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var report struct {
		Messages []struct{ Type, URL, Message, Extract string }
	}
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	said := map[string]int{}
	for _, m := range report.Messages {
		if said[m.Message]++; said[m.Message] <= 3 {
			t.Errorf("%s: %s\n%s", filepath.Base(m.URL), m.Message, m.Extract)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 160 {
		t.Errorf("only %d pages, %v", len(files), err)
	}
	t.Logf("%d pages, %d errors", len(files), len(report.Messages))
}

// applyAs applies for a shop as a visitor does.
func applyAs(t *testing.T, p *journeytest.Program, name, email string) {
	t.Helper()
	p.Client().Must(303, "", "/apply", "id", "0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d9e", "name", name, "ownerName", "Some One",
		"email", email, "category", "books")
}

// TestLighthouse prints Lighthouse's scores of home, collection and product of each theme, on a phone. What doesn't
// depend on the machine must be 100.
func TestLighthouse(t *testing.T) {
	dir := npm(t, "chromium", lighthouse)
	p := journeytest.Install(t)
	p.MustStart()
	admin := p.Client()
	admin.SignIn()
	for _, theme := range []string{"modern", "classic", "minimal"} {
		p.OpenShop(admin, theme)
		_, page := "", ""
		if _, body, _, err := admin.Do(theme, "/collections/all"); err == nil {
			page = body
		}
		product := regexp.MustCompile(`/products/[a-z0-9-]+`).FindString(page)
		for _, path := range []string{"/", "/collections/all", product} {
			scores, failed, err := judge(t.Context(), dir, p.URL(theme, path))
			for tries := 1; err != nil && tries < 3 && strings.Contains(err.Error(), "Please run Lighthouse again"); tries++ {
				scores, failed, err = judge(t.Context(), dir, p.URL(theme, path)) // its own browser failed it
			}
			if err != nil {
				t.Fatal(theme, path, err)
			}
			t.Logf("%-8s %-32s performance %3.0f  accessibility %3.0f  best practices %3.0f  SEO %3.0f  %s", theme, path,
				scores["performance"], scores["accessibility"], scores["best-practices"], scores["seo"], strings.Join(failed, ", "))
			for _, category := range []string{"accessibility", "best-practices", "seo"} {
				if scores[category] < 100 {
					t.Errorf("%s%s: %s %.0f: %s", theme, path, category, scores[category], strings.Join(failed, ", "))
				}
			}
		}
	}
}

// judge runs Lighthouse on a page and gives its scores of 100 and the audits that cost some.
func judge(ctx context.Context, dir, address string) (scores map[string]float64, failed []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "node_modules", ".bin", "lighthouse"), address, "--output=json",
		"--quiet",
		"--only-categories=performance,accessibility,best-practices,seo",
		"--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage")
	cmd.Env = append(os.Environ(), "CHROME_PATH="+chromium)
	out, err := cmd.Output()
	if err != nil {
		exit, _ := errors.AsType[*exec.ExitError](err)
		if exit != nil {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return nil, nil, err
	}
	var report struct {
		Categories map[string]struct {
			Score     float64
			AuditRefs []struct {
				ID     string
				Weight float64
			}
		}
		Audits map[string]struct {
			Score        *float64
			DisplayValue string
		}
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return nil, nil, err
	}
	scores = map[string]float64{}
	for name, c := range report.Categories {
		scores[name] = 100 * c.Score
		for _, ref := range c.AuditRefs {
			if a := report.Audits[ref.ID]; ref.Weight > 0 && a.Score != nil && *a.Score < 0.9 {
				failed = append(failed, strings.TrimSpace(ref.ID+" "+a.DisplayValue))
			}
		}
	}
	slices.Sort(failed)
	return scores, failed, nil
}

// TestAxe has axe-core look at the pages of each theme and of the platform in a browser, at both widths.
func TestAxe(t *testing.T) {
	source, err := os.ReadFile(filepath.Join(npm(t, "chromium", axe), "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	p := journeytest.Install(t)
	p.MustStart()
	admin := p.Client()
	admin.SignIn()
	var b *browsertest.Browser
	anew := func() { b = browsertest.New(t) } // none lives longer than five minutes
	look := func(host string, paths ...string) {
		for _, path := range paths {
			for _, width := range []int64{1440, 390} {
				b.Resize(width)
				b.Open(p.URL(host, path))
				browsertest.Eval[bool](b,
					string(source)+`; axe.run().then(
						r => { window.found = r.violations.map(v => v.id + " (" +
							v.nodes.slice(0, 3).map(n => n.target.join(" ")).join(", ") + ")") },
						e => { window.found = [String(e)] }); true`)
				b.Until(`!!window.found`)
				for _, v := range browsertest.Eval[[]string](b, `window.found`) {
					t.Errorf("%s%s at %d px: %s", host, path, width, v)
				}
			}
		}
	}
	for _, theme := range []string{"modern", "classic", "minimal"} {
		anew()
		p.OpenShop(admin, theme)
		_, page, _, err := admin.Do(theme, "/collections/all")
		if err != nil {
			t.Fatal(err)
		}
		product := regexp.MustCompile(`/products/[a-z0-9-]+`).FindString(page)
		b.Open(p.URL(theme, product))
		b.Press("Add to cart")
		b.See("is in your cart.")
		look(theme, "/", "/collections/all", product, "/search?q=mug", "/cart", "/checkout", "/nothing")
	}
	anew()
	look("", "/", "/apply", "/pricing", "/themes", "/api/docs")
	anew()
	p.Enter(b)
	look("admin", "/merchants", "/themes", "/plans", "/webhooks", "/operations", "/emails", "/audit", "/api-keys")
	anew()
	p.MoveIn(b, p.Welcome(admin, "modern@example.com"))
	home := strings.TrimPrefix(b.Location(), strings.TrimSuffix(p.URL("dashboard", ""), "/"))
	look("dashboard", home, home+"/orders", home+"/products", home+"/products/new", home+"/theme", home+"/themes",
		home+"/releases", home+"/images")
}
