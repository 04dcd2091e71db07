package ui_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"orbit360.app/views/ui"
)

// browser is a tab of a headless Chromium. Everything the console says as an error fails the test at its end, CSP violations first of
// all; requests that a test lets fail on purpose are passed over.
func browser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("no browser in short mode")
	}
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium on this machine")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-dev-shm-usage", true))
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

func run(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

func js(expression string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](expression)
}

// until waits for a JavaScript expression to become true. The page looks each frame, without eval (chromedp.Poll needs it); when the
// page is left meanwhile, the next one is asked.
func until(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	script := `new Promise((done) => { const look = () => { let is = false; try { is = !!(` + expression + `) } catch {} is ? done(true) : setTimeout(look, 20) }; look() })`
	for ctx.Err() == nil {
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise)); err == nil {
			return
		}
	}
	t.Fatalf("never came true: %s", expression)
}

// Every page of parts loads under the pages' CSP without a complaint, with icons and fonts, and none scrolls sideways.
func TestPagesKeepTheCSP(t *testing.T) {
	t.Parallel()
	s, ctx := serve(t), browser(t)
	for path := range gallery() {
		for _, width := range []int64{1440, 390, 320} {
			run(t, ctx, chromedp.EmulateViewport(width, 844), chromedp.Navigate(s.URL+path))
			wide, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - innerWidth`))
			if err != nil || wide > 0 {
				t.Errorf("%s scrolls sideways by %d px at %d px (%v)", path, wide, width, err)
			}
		}
		until(t, ctx, `document.fonts.check("14px Inter") && !!window.htmx`)
	}
}

func TestDialog(t *testing.T) {
	t.Parallel()
	s, ctx := serve(t), browser(t)
	run(t, ctx, chromedp.Navigate(s.URL+"/list"), chromedp.Click("#open-dialog"))
	until(t, ctx, `document.querySelector("dialog")?.matches(":modal")`)

	// Escape closes it, and focus is where it was.
	run(t, ctx, chromedp.KeyEvent("\x1b"))
	until(t, ctx, `!document.querySelector("dialog") && document.activeElement.id === "open-dialog"`)

	// A live check answers into the field's status.
	run(t, ctx, chromedp.Click("#open-dialog"), chromedp.WaitVisible("dialog[open]"), chromedp.SetValue("#subdomain", ""), chromedp.SendKeys("#subdomain", "taken"))
	until(t, ctx, `document.querySelector("#subdomain-status").textContent.includes("taken is reserved")`)

	// 422: the form says what is wrong, in the same open dialog; the caret stays.
	run(t, ctx, chromedp.SendKeys("#subdomain", "\r"))
	until(t, ctx, `document.querySelector("#subdomain-error")?.textContent.includes("is taken") && document.querySelector("dialog:modal") && document.activeElement.id === "subdomain"`)

	// 500: a toast that stays; what was typed stays.
	run(t, ctx, chromedp.SetValue("#subdomain", "broken"), chromedp.Click("#submit-activation"))
	until(t, ctx, `document.querySelector("#toasts .toast[role=alert]") && document.querySelector("dialog:modal #subdomain").value === "broken"`)

	// 303: the page it leads to, under its address.
	run(t, ctx, chromedp.SetValue("#subdomain", "moss"), chromedp.Click("#submit-activation"))
	until(t, ctx, `location.pathname === "/run" && !!document.querySelector("#run-7") && !document.querySelector("dialog") && document.title.startsWith("Provisioning")`)
	if got := <-s.posted; !strings.Contains(got, "subdomain=moss") || !strings.Contains(got, "plan=professional") {
		t.Errorf("posted %s", got)
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	s, ctx := serve(t), browser(t)
	s.failStream <- true // the first connection is refused, and tried again
	s.streams <- message(t, in(ui.Patch("run-7"), runPanel(60)))
	run(t, ctx, chromedp.Navigate(s.URL+"/run"))
	until(t, ctx, `document.querySelector("#run-7 [role=progressbar]").getAttribute("aria-valuenow") === "60"`)

	// One message renews several elements, passes over those the page doesn't have, and brings a toast; morphing keeps the node.
	run(t, ctx, js(`document.querySelector("#run-7 .step").dataset.kept = "yes"; window.bar = document.querySelector("#run-7 [role=progressbar]")`))
	s.streams <- message(t, seq(in(ui.Patch("run-7"), runPanel(80)), in(ui.Patch("run-8"), ui.Text("other")), ui.PatchToast(ui.ToastProps{Tone: ui.Success, Message: "Website is up"})))
	until(t, ctx, `bar.isConnected && bar.getAttribute("aria-valuenow") === "80" && document.querySelector("#toasts").textContent.includes("Website is up")`)

	// The stream ends without a word: it comes back and goes on.
	s.streams <- ""
	s.streams <- message(t, in(ui.Patch("run-7"), runPanel(95)))
	until(t, ctx, `bar.getAttribute("aria-valuenow") === "95" && document.querySelector("[data-stream]").dataset.lost !== "true"`)

	// The server says that it is over.
	run(t, ctx, js(`document.addEventListener("htmx:sse:close", (e) => { window.closed = e.detail.reason })`))
	s.streams <- "event: close\ndata:\n\n"
	until(t, ctx, `window.closed === "message"`)
}

func TestCopyAndDismiss(t *testing.T) {
	t.Parallel()
	s, ctx := serve(t), browser(t)
	run(t, ctx, chromedp.Navigate(s.URL+"/run"), chromedp.Click(".copy"))
	until(t, ctx, `document.querySelector(".copy").dataset.copied === "true" && document.querySelector(".copy [role=status]").textContent === "Copied"`)
	run(t, ctx, chromedp.Click(".alert [data-dismiss]"))
	until(t, ctx, `!document.querySelector(".alert")`)
	until(t, ctx, `/ago|just now|Nov/.test(document.querySelector("time[data-relative]").textContent)`)
}

// The navigation of a narrow page opens from its button, without our script.
func TestNarrowNavigation(t *testing.T) {
	t.Parallel()
	s, ctx := serve(t), browser(t)
	run(t, ctx, chromedp.EmulateViewport(390, 844), chromedp.Navigate(s.URL+"/list"), chromedp.WaitNotVisible(".side"),
		chromedp.Click(".topbar button"), chromedp.WaitVisible(".side .side-out"))
}
