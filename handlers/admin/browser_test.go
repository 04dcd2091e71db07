package admin_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"orbit360.app/orbit"
)

// browser is a tab of a headless Chromium. What the console complains about fails the test.
func (p *panel) browser() context.Context {
	t := p.t
	t.Helper()
	if testing.Short() {
		t.Skip("no browser in short mode")
	}
	at := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			at = found
			break
		}
	}
	if at == "" {
		t.Skip("no Chromium on this machine")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(at), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-dev-shm-usage", true))
	ctx, giveUp := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(giveUp)
	alloc, stop := chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(alloc)

	var complaints []string
	console, heard := chromedp.Console(ctx), make(chan struct{})
	go func() {
		defer close(heard)
		for m, err := range console {
			if err != nil {
				return
			}
			bad := m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleException || strings.Contains(m.Text, "Content Security Policy")
			if bad && !strings.Contains(m.Text, "Failed to load resource") {
				complaints = append(complaints, m.Text)
			}
		}
	}()
	t.Cleanup(func() {
		closeTab()
		<-heard
		for _, c := range complaints {
			t.Error(c)
		}
	})
	return ctx
}

func (p *panel) url(path string) string {
	_, port, _ := net.SplitHostPort(p.addr)
	return "http://admin.localhost:" + port + path
}

func run(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// until waits for a JavaScript expression to become true, across navigations, with scripts or without: DevTools asks.
func until(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	within, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	script := `(() => { try { return !!(` + expression + `) } catch { return false } })()`
	for within.Err() == nil {
		if is, err := chromedp.Run(within, chromedp.Evaluate[bool](script)); err == nil && is {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + " " + document.body.innerText`))
	t.Fatalf("never came true: %s\n%s", expression, text)
}

// enter signs in as a person would, and has arrived when it returns: the next navigation would abort one that is still under way.
func (p *panel) enter(ctx context.Context) {
	p.t.Helper()
	run(p.t, ctx, chromedp.Navigate(p.url("/sign-in")), chromedp.SendKeys("#email", adminEmail), chromedp.SendKeys("#password", adminPassword+"\r"))
	until(p.t, ctx, `location.pathname === "/merchants" && document.readyState === "complete"`)
}

// retype puts other words into the subdomain, key by key.
func retype(words string) []chromedp.Action[chromedp.Void] {
	return []chromedp.Action[chromedp.Void]{chromedp.Evaluate[chromedp.Void](`document.querySelector("#subdomain").select()`), chromedp.KeyEvent(words)}
}

// press clicks the first element of a selector as soon as there is one: the page may just be morphing it, which chromedp's own click, by
// the number of a node, doesn't survive. [data-htmx-powered] is a link that htmx has taken over already.
func press(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](`new Promise((done) => { const look = () => { const e = document.querySelector(`+strconv.Quote(selector)+`); e ? done(void e.click()) : setTimeout(look, 20) }; look() })`, chromedp.EvalAwaitPromise)
}

// The way of an admin: pending merchants, the dialog, the address while typing, faults, the run live, the mail.
func TestActivationInABrowser(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.work(false)
	p.activate(p.apply("Rival"), "rival")
	id := p.apply("Moss & Fern")
	ctx := p.browser()

	p.enter(ctx)
	row := "#merchant-" + id.String()
	run(t, ctx, press(row+" a[data-htmx-powered]"))
	until(t, ctx, `document.querySelector("dialog:modal #subdomain").value === "moss-fern"`)

	// The address is checked while it is typed.
	run(t, ctx, retype("rival")...)
	until(t, ctx, `document.querySelector("#subdomain-status").innerText.includes("taken by another shop")`)
	run(t, ctx, retype("admin")...)
	until(t, ctx, `document.querySelector("#subdomain-status").innerText.includes("reserved")`)

	// Sent all the same, the form comes back in the open dialog with what was typed.
	run(t, ctx, press("#stripe"), press("#theme-upfront-minimal"), press("dialog footer [type=submit]"))
	until(t, ctx, `document.querySelector("dialog:modal #subdomain-error").innerText.includes("reserved") && document.querySelector("#stripe").checked && document.querySelector("#theme-upfront-minimal").checked && document.querySelector("#subdomain").value === "admin"`)
	run(t, ctx, retype("moss")...)
	until(t, ctx, `document.querySelector("#subdomain-status").innerText.includes("moss.localhost") && document.querySelector("#subdomain-status").innerText.includes("is free")`)

	// Accepted, it leads to the progress, and that to the end, without a reload.
	run(t, ctx, press("dialog footer [type=submit]"))
	until(t, ctx, fmt.Sprintf(`location.pathname === "/merchants/%s/provisioning" && !document.querySelector("dialog")`, id))
	until(t, ctx, `document.querySelector(".run [role=progressbar]").getAttribute("aria-valuenow") === "100" && document.querySelector(".run-head .badge").innerText.trim() === "COMPLETED" && document.querySelectorAll(".step[data-state=done]").length === 7 && document.querySelectorAll(".run-actions a").length === 2`)

	// The welcome mail shows itself, in a frame that can't script, and names the link.
	run(t, ctx, chromedp.Navigate(p.url("/mail")), press("#mails .name-link"))
	until(t, ctx, `document.querySelector(".mail-text").innerText.includes("/password/") && document.querySelector("iframe").contentDocument === null`)
}

// The list follows what happens elsewhere: a pending merchant is activated by somebody else, fails, is retried.
func TestListFollowsInABrowser(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.work(true)
	id, other := p.apply("Moss & Fern"), p.apply("Papier Lune")
	ctx := p.browser()
	p.enter(ctx)
	run(t, ctx, chromedp.Navigate(p.url("/merchants?status=all")))
	row, still := fmt.Sprintf(`document.querySelector("#merchant-%s")`, id), fmt.Sprintf(`document.querySelector("#merchant-%s")`, other)
	until(t, ctx, still+` && performance.getEntriesByType("navigation").length === 1 && (window.same = `+still+`)`)
	p.activate(id, "moss")
	until(t, ctx, row+`.innerText.includes("Failed") && `+row+`.querySelector(".cell-actions a").innerText.trim() === "Retry" && window.same.isConnected`)
	close(p.broken)
	if err := p.db.RetryRun(t.Context(), id, p.actor()); err != nil {
		t.Fatal(err)
	}
	until(t, ctx, row+`.innerText.includes("Active") && `+row+`.querySelector(".address-link").href.startsWith("http://moss.localhost:") && document.querySelectorAll("#merchants tbody tr").length === 2`)

	// Searching while typing brings another page of rows, and a stream of its own.
	run(t, ctx, chromedp.SendKeys("#search-q", "lune"))
	until(t, ctx, `document.querySelectorAll("#merchants tbody tr").length === 1 && location.search.includes("q=lune") && document.activeElement.id === "search-q" && document.querySelectorAll("[data-stream]").length === 1`)
	p.activate(other, "papier-lune")
	until(t, ctx, still+`.innerText.includes("Active")`)
}

// A failed run is rolled back by way of a question.
func TestRollbackInABrowser(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.work(true)
	id := p.apply("Moss & Fern")
	p.activate(id, "moss")
	p.await(id, orbit.MerchantFailed)
	ctx := p.browser()
	p.enter(ctx)
	run(t, ctx, chromedp.Navigate(p.url(path(id, "/provisioning"))), press(".alert a[data-htmx-powered]"), chromedp.WaitVisible("dialog[open]"), press("dialog footer [type=submit]"))
	until(t, ctx, `document.querySelector(".run-head .badge").innerText.trim() === "ROLLBACK" && document.querySelectorAll(".step[data-state=undone]").length === 7 && document.querySelector(".run-actions a").innerText.trim() === "Activate"`)
}

// With scripts off each of these flows ends the same way: links are pages, and the progress loads itself anew.
func TestActivationWithoutScripts(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id := p.apply("Moss & Fern")
	ctx := p.browser()
	run(t, ctx, noScripts())
	p.enter(ctx)
	run(t, ctx, chromedp.Click("#merchant-"+id.String()+" .cell-actions a"), chromedp.WaitVisible("main form#activation"),
		chromedp.Click("button[form=activation]"), chromedp.WaitVisible("#run-"+id.String()+"[data-status=PENDING]"))
	p.work(false)
	run(t, ctx, chromedp.WaitVisible("#run-"+id.String()+"[data-status=COMPLETED] .run-actions"))
}

func noScripts() chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	})
}

// TestShots writes pictures of the real panel into the folder named by UI_SHOTS, as views/admin does of the gallery.
func TestShots(t *testing.T) {
	dir := os.Getenv("UI_SHOTS")
	if dir == "" {
		t.Skip("UI_SHOTS names no folder")
	}
	p := newPanel(t)
	p.work(false)
	id := p.apply("Moss & Fern")
	for _, name := range []string{"Kōhī Coffee Roasters", "Northwind Cycles", "Papier Lune"} {
		p.apply(name)
	}
	p.activate(id, "moss")
	p.await(id, orbit.MerchantActive)
	mails, _, err := p.db.Mails(t.Context(), "", 1, 0)
	if err != nil || len(mails) == 0 {
		t.Fatal(mails, err)
	}
	ctx := p.browser()
	p.enter(ctx)
	for name, at := range map[string]string{"list": "/merchants?status=all", "run": path(id, "/provisioning"), "merchant": path(id, ""), "mail": "/mail", "mail-one": "/mail/" + mails[0].ID.String(),
		"audit": "/audit", "themes": "/themes", "missing": "/nowhere"} {
		for width, suffix := range map[int64]string{1440: "wide", 390: "narrow"} {
			run(t, ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(p.url(at)), chromedp.Sleep(400*time.Millisecond))
			png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "real-"+name+"-"+suffix+".png"), png, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}
