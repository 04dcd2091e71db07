package ui_test

import (
	"context"
	"fmt"
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

func fill(selector, value string) chromedp.Action[chromedp.Void] {
	return js(fmt.Sprintf(`document.querySelector(%q).value = %q`, selector, value))
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
	s, ctx := serve(t), browser(t)
	run(t, ctx, chromedp.Navigate(s.URL+"/list"), chromedp.Click("#open-dialog"))
	until(t, ctx, `document.querySelector("dialog")?.matches(":modal")`)

	// Escape closes it, and focus is where it was.
	run(t, ctx, chromedp.KeyEvent("\x1b"))
	until(t, ctx, `!document.querySelector("dialog") && document.activeElement.id === "open-dialog" && document.querySelector("body > #toasts")`)

	// A live check answers into the field's status.
	run(t, ctx, chromedp.Click("#open-dialog"), chromedp.WaitVisible("dialog[open]"), fill("#subdomain", ""), chromedp.SendKeys("#subdomain", "taken"))
	until(t, ctx, `document.querySelector("#subdomain-status").textContent.includes("taken is reserved")`)

	// 422: the form says what is wrong, in the same open dialog; the caret stays.
	run(t, ctx, chromedp.SendKeys("#subdomain", "\r"))
	until(t, ctx, `document.querySelector("#subdomain-error")?.textContent.includes("is taken") && document.querySelector("dialog:modal") && document.activeElement.id === "subdomain"`)

	// 500: a toast that stays; what was typed stays.
	run(t, ctx, fill("#subdomain", "broken"), chromedp.Click("#submit-activation"))
	until(t, ctx, `document.querySelector("#toasts .toast[role=alert]") && document.querySelector("dialog:modal #subdomain").value === "broken"`)

	run(t, ctx, chromedp.Click(".toast [data-dismiss]")) // it lies over the dialog, within reach
	until(t, ctx, `!document.querySelector(".toast")`)

	// 303: the page it leads to, under its address.
	run(t, ctx, fill("#subdomain", "moss"), chromedp.Click("#submit-activation"))
	until(t, ctx, `location.pathname === "/run" && !!document.querySelector("#run-7") && !document.querySelector("dialog") && document.title.startsWith("Provisioning")`)
	if got := <-s.posted; !strings.Contains(got, "subdomain=moss") || !strings.Contains(got, "plan=professional") {
		t.Errorf("posted %s", got)
	}
}

func TestStream(t *testing.T) {
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
	run(t, ctx, js(`document.addEventListener("htmx:sse:close", (e) => { window.ended = e.detail.reason })`))
	s.streams <- "event: close\ndata:\n\n"
	until(t, ctx, `window.ended === "message"`)
}

func TestSearchWhileTyping(t *testing.T) {
	s, ctx := serve(t), browser(t)
	run(t, ctx, chromedp.Navigate(s.URL+"/list"), js(`window.list = document.querySelector("#list"); list.dataset.kept = "yes"`), chromedp.SendKeys("#search-q", "moss"))
	until(t, ctx, `new URLSearchParams(location.search).get("q") === "moss" && location.search.includes("tab=pending") && list.isConnected && !list.dataset.kept && document.activeElement.id === "search-q"`)
}

func TestLiveSocket(t *testing.T) {
	s, ctx := serve(t), browser(t)
	panel := func(value int) string {
		return strings.TrimSuffix(strings.TrimPrefix(message(t, in(ui.Patch("run-7"), runPanel(value))), "data: "), "\n\n")
	}
	s.socket <- panel(30)
	run(t, ctx, chromedp.Navigate(s.URL+"/dashboard"))
	until(t, ctx, `document.querySelector("#run-7 [role=progressbar]").getAttribute("aria-valuenow") === "30"`)
	s.socket <- "" // lost: it says so, comes back and goes on
	until(t, ctx, `document.querySelector("[data-socket]").dataset.lost === "true"`)
	s.socket <- panel(70)
	until(t, ctx, `document.querySelector("#run-7 [role=progressbar]").getAttribute("aria-valuenow") === "70" && document.querySelector(".stream-lost").textContent === ""`)
}

func TestCopyAndDismiss(t *testing.T) {
	s, ctx := serve(t), browser(t)
	run(t, ctx, chromedp.Navigate(s.URL+"/run"), chromedp.Click(".copy"))
	until(t, ctx, `document.querySelector(".copy").dataset.copied === "true" && document.querySelector(".copy [role=status]").textContent === "Copied"`)
	run(t, ctx, chromedp.Click(".alert [data-dismiss]"))
	until(t, ctx, `!document.querySelector(".alert")`)
	until(t, ctx, `/ago|just now|Nov/.test(document.querySelector("time[data-relative]").textContent)`)
}

// The navigation of a narrow page opens from its button, without our script.
func TestNarrowNavigation(t *testing.T) {
	s, ctx := serve(t), browser(t)
	run(t, ctx, chromedp.EmulateViewport(390, 844), chromedp.Navigate(s.URL+"/list"), chromedp.WaitNotVisible(".side"),
		chromedp.Click(".topbar button"), chromedp.WaitVisible(".side .side-out"))
}

// Text reads on what is behind it: 4.5 to 1, 3 to 1 for large text, in both schemes (WCAG 2.2, 1.4.3).
func TestContrast(t *testing.T) {
	s, ctx := serve(t), browser(t)
	for path := range gallery() {
		for _, scheme := range []string{"light", "dark"} {
			run(t, ctx, media(scheme), chromedp.EmulateViewport(1440, 900), chromedp.Navigate(s.URL+path))
			faint, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](contrast))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range faint {
				t.Errorf("%s, %s: %s", path, scheme, f)
			}
		}
	}
}

// contrast paints each colour on a canvas to read it as sRGB, and lays translucent ones over what is behind them.
const contrast = `(() => {
  const c = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const over = (colours) => {
    c.clearRect(0, 0, 1, 1);
    for (const colour of colours) { c.fillStyle = colour; c.fillRect(0, 0, 1, 1); }
    return [...c.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const out = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const e = node.parentElement;
    if (!node.data.trim() || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || e.closest(".visually-hidden, :disabled, [aria-disabled=true], [aria-busy=true], svg, .skip, option")) continue;
    const behind = [];
    for (let a = e; a; a = a.parentElement) behind.unshift(getComputedStyle(a).backgroundColor);
    const style = getComputedStyle(e);
    const back = over(["Canvas", ...behind]), front = over(["Canvas", ...behind, style.color]);
    const [hi, lo] = [light(front), light(back)].sort((a, b) => b - a);
    const ratio = (hi + 0.05) / (lo + 0.05);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) out.add(ratio.toFixed(2) + " " + e.className + " " + JSON.stringify(node.data.trim().slice(0, 30)));
  }
  return [...out];
})()`
