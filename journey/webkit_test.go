package journey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orbit360.app/journey/journeytest"
	"orbit360.app/programtest"
)

// webkit is a window of WebKit's, the engine of every browser on an iPhone, driven by the W3C's WebDriver.
type webkit struct {
	t       *testing.T
	session string // its address
}

// newWebKit starts one on a screen of its own, with the programs of Debian's packages webkit2gtk-driver and xvfb.
// They are large, so the tests wait to be asked for: WEBKIT_TESTS=1.
func newWebKit(t *testing.T) *webkit {
	t.Helper()
	if os.Getenv("WEBKIT_TESTS") != "1" {
		t.Skip("WEBKIT_TESTS=1 runs it, with Debian's webkit2gtk-driver and xvfb")
	}
	found, err := filepath.Glob("/usr/lib/*/webkit2gtk-4.*/MiniBrowser")
	if err != nil || len(found) == 0 {
		t.Fatal("no MiniBrowser: install the package webkit2gtk-driver")
	}
	run := func(cmd *exec.Cmd) {
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait() // "signal: killed"
		})
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // it has been read
	screen := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1600x1200x24")
	screen.ExtraFiles = []*os.File{w}
	run(screen)
	_ = w.Close() // the screen has its own
	var number int
	if _, err := fmt.Fscan(r, &number); err != nil {
		t.Fatal("no screen: ", err)
	}
	port := journeytest.FreePort(t)
	driver := exec.Command("WebKitWebDriver", "--port="+port)
	// Its sandbox needs rights that containers lack; the pages are ours.
	driver.Env = append(os.Environ(), fmt.Sprintf("DISPLAY=:%d", number), "LIBGL_ALWAYS_SOFTWARE=1",
		"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=1")
	run(driver)
	wk := &webkit{t, "http://127.0.0.1:" + port}
	journeytest.Eventually(t, "the driver", func() bool {
		res, err := http.Get(wk.session + "/status")
		if err == nil {
			_ = res.Body.Close() // only that it answers is wanted
		}
		return err == nil
	})
	var s struct{ SessionID string }
	options := map[string]any{"binary": found[0], "args": []string{"--automation"}}
	wk.call("POST", "/session", map[string]any{"capabilities": map[string]any{
		"alwaysMatch": map[string]any{"browserName": "MiniBrowser", "webkitgtk:browserOptions": options}}}, &s)
	wk.session += "/session/" + s.SessionID
	t.Cleanup(func() { wk.call("DELETE", "", nil, nil) })
	wk.resize(1440, 900)
	return wk
}

func (w *webkit) call(method, path string, body, value any) {
	w.t.Helper()
	var sent io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		sent = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, w.session+path, sent)
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		w.t.Fatalf("%s %s: %d %.500s %v", method, path, res.StatusCode, text, err)
	}
	if value != nil {
		if err := json.Unmarshal(text, &struct{ Value any }{value}); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *webkit) resize(width, height int) {
	w.t.Helper()
	w.call("POST", "/window/rect", map[string]int{"width": width, "height": height}, nil)
}

func (w *webkit) open(url string) {
	w.t.Helper()
	w.call("POST", "/url", map[string]string{"url": url}, nil)
}

// eval is the value of a JavaScript expression as text.
func (w *webkit) eval(js string) (value string) {
	w.t.Helper()
	w.call("POST", "/execute/sync", map[string]any{"script": "try { return String(" + js +
		") } catch (e) { return 'failed: ' + e }", "args": []any{}}, &value)
	return value
}

func (w *webkit) until(js string) {
	w.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); w.eval(
		`document.readyState === "complete" && !!(`+js+`)`) != "true"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("never came true: %s\nat %s, what is invalid: %s\n%.2000s", js, w.eval("location.href"),
				w.eval(`[...document.querySelectorAll("input:invalid, select:invalid")].map(e => e.name)`),
				w.eval("document.body.innerText"))
		}
	}
}

func (w *webkit) see(words string) {
	w.t.Helper()
	w.until(fmt.Sprintf(`document.body.innerText.includes(%q)`, words))
}

// on waits for an element and does something to it, as e, at once.
func (w *webkit) on(find, do string) {
	w.t.Helper()
	w.until(`(() => { const e = ` + find + `; if (!e) return false; ` + do + `; return true })()`)
}

func (w *webkit) fill(label, value string) {
	w.t.Helper()
	w.on(fmt.Sprintf(`[...document.querySelectorAll("label")].find(l => l.innerText.trim().startsWith(%q))?.control`,
		label),
		fmt.Sprintf(
			`e.value = %q; e.dispatchEvent(new Event("input", {bubbles: true}));
				e.dispatchEvent(new Event("change", {bubbles: true}))`, value))
}

func (w *webkit) press(words string) {
	w.t.Helper()
	w.on(fmt.Sprintf(`[...document.querySelectorAll("a, button")].find(b => b.offsetParent && b.innerText.trim() === %q)`,
		words), `e.click()`)
}

// TestWebKit goes through what Safari has shown differently than Chromium: live updates, the frame of the theme
// editor, which has no origin, and how wide things are; and buys something.
func TestWebKit(t *testing.T) {
	w := newWebKit(t)
	p := journeytest.Install(t)
	p.MustStart()
	pool := p.Database()
	c := p.Client()
	c.SignIn()
	p.OpenShop(c, "modern")
	p.OpenShop(c, "classic")

	id := journeytest.Applicants(t, pool, 1)[0].String()
	w.open(p.URL("admin", "/"))
	w.fill("Email", programtest.AdminEmail)
	w.fill("Password", programtest.AdminPassword)
	w.press("Sign in")
	w.until(`location.pathname === "/merchants"`)
	w.press("Activate")
	w.until(`document.querySelector("dialog[open]")`)
	w.fill("Subdomain", "safari")
	w.see("safari.localhost:" + p.Port)
	w.press("Activate merchant")
	w.until(`location.pathname.endsWith("/provisioning")`)
	w.see("COMPLETED")
	pages := []string{p.URL("admin", "/merchants/"+id), p.URL("admin", "/merchants?status=all")}
	for _, path := range []string{"/themes", "/plans", "/emails", "/operations", "/api-keys", "/webhooks"} {
		pages = append(pages, p.URL("admin", path))
	}

	w.open(p.URL("dashboard", p.Welcome(c, "classic@example.com")))
	w.fill("Password", journeytest.OwnerPassword)
	w.fill("Repeat password", journeytest.OwnerPassword)
	w.press("Set password")
	w.until(journeytest.AtHome)
	home := w.eval("location.origin + location.pathname")
	w.open(home + "/theme")
	w.until(`document.querySelector("iframe.preview-frame")`)
	got := w.eval(`(() => { const f = document.querySelector("iframe.preview-frame");
		return Math.round(f.getBoundingClientRect().width) - f.parentElement.clientWidth + " " + f.clientWidth })()`)
	if got != "0 1280" {
		t.Errorf("the preview isn't as wide as its place, or no wide screen's: %s", got)
	}
	w.call("POST", "/frame", map[string]any{"id": 0}, nil)
	w.until(`document.querySelector(".orbit-preview")
		&& getComputedStyle(document.querySelector(".orbit-preview")).position === "fixed"`)
	w.until(`[...document.fonts].some(f => f.status === "loaded")
		&& getComputedStyle(document.querySelector("h1, h2")).fontFamily.includes("Fraunces")`)
	w.call("POST", "/frame", map[string]any{"id": nil}, nil)
	w.press("Herbal")
	w.until(`document.querySelectorAll("iframe.preview-frame").length === 1`)
	w.press("Publish")
	w.see("Version 2 is live")
	for _, path := range []string{"", "/releases", "/products", "/orders"} {
		pages = append(pages, home+path)
	}

	for _, shop := range []string{"modern", "classic"} {
		w.open(p.URL(shop, "/products/stoneware-mug"))
		w.press("Add to cart")
		w.see("is in your cart")
		w.open(p.URL(shop, "/checkout"))
		for _, f := range [][2]string{{"Email", "sam@example.com"}, {"Full name", "Sam Shopper"}, {"Country", "GB"},
			{"Address", "12 Quay Street"}, {"City", "Bristol"}, {"Postal code", "BS1 4QA"}} {
			w.fill(f[0], f[1])
		}
		w.press("Place order")
		w.see("Thank you")
		for _, path := range []string{"/", "/collections/all", "/products/stoneware-mug", "/cart"} {
			pages = append(pages, p.URL(shop, path))
		}
	}

	const sideways = `[document.documentElement, ...document.querySelectorAll("*")]
		.filter(e => e.scrollWidth > e.clientWidth)
		.filter(e => e === document.documentElement || /auto|scroll/.test(getComputedStyle(e).overflowX))
		.map(e => e.tagName + "." + e.className)`
	for _, width := range []int{1440, 1024, 390} {
		w.resize(width, 900)
		for _, url := range pages {
			w.open(url)
			w.until("true")
			if got := w.eval(sideways); got != "" && !strings.HasSuffix(got, ".tabs") { // tabs do on a telephone
				t.Errorf("%s, %d wide: %s scrolls sideways", url, width, got)
			}
		}
	}
}
