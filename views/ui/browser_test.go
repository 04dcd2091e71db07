package ui_test

import (
	"strings"
	"testing"
	"time"

	"orbit360.app/browsertest"
	"orbit360.app/views/ui"
)

// Every page of parts loads under the pages' CSP without a complaint, with icons and fonts, and none scrolls sideways.
func TestPagesKeepTheCSP(t *testing.T) {
	s, b := serve(t), browsertest.New(t)
	for path := range gallery() {
		b.Open(s.URL + path)
		for _, width := range []int64{1440, 390, 320} {
			b.Resize(width)
			if wide := browsertest.Eval[int](b, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
				t.Errorf("%s scrolls sideways by %d px at %d px", path, wide, width)
			}
		}
		b.Until(`document.fonts.check("14px Inter") && !!window.htmx`)
	}
}

// What somebody types before the scripts are there is heard when they are.
func TestTypedEarly(t *testing.T) {
	s, b := serve(t), browsertest.New(t)
	b.Open(s.URL + "/list")
	h := hold{make(chan struct{}), make(chan struct{})}
	s.holdScript <- h
	browsertest.Eval[bool](b, `!!setTimeout(() => { location.href = "/dialog?early" })`)
	<-h.came
	for !browsertest.Eval[bool](b, `(() => {
		const field = document.querySelector("#subdomain");
		field?.focus();
		field?.select();
		return !!field && document.execCommand("insertText", false, "early");
	})()`) {
		time.Sleep(5 * time.Millisecond)
	}
	if browsertest.Eval[bool](b, `"htmx" in window`) {
		t.Fatal("the scripts came before it was typed")
	}
	close(h.gone)
	b.Until(`document.querySelector("#subdomain-status").textContent.includes("early is reserved")`)
}

func TestDialog(t *testing.T) {
	s, b := serve(t), browsertest.New(t)
	b.Open(s.URL + "/list")
	b.Click("#open-dialog")
	b.Until(`document.querySelector("dialog")?.matches(":modal")`)

	// Escape closes it, and focus is where it was.
	b.Keys("\x1b")
	b.Until(`!document.querySelector("dialog") && document.activeElement.id === "open-dialog" &&
		document.querySelector("body > #toasts")`)

	// A live check answers into the field's status.
	b.Click("#open-dialog")
	b.Until(`document.querySelector("dialog[open]").checkVisibility()`)
	b.Type("#subdomain", "taken")
	b.Until(`document.querySelector("#subdomain-status").textContent.includes("taken is reserved")`)

	// 422: the form says what is wrong, in the same open dialog; the caret stays.
	b.Type("#subdomain", "\r")
	b.Until(`document.querySelector("#subdomain-error")?.textContent.includes("is taken") &&
		document.querySelector("dialog:modal") && document.activeElement.id === "subdomain"`)

	// 500: a toast that stays; what was typed stays.
	b.Set("#subdomain", "broken")
	b.Click("#submit-activation")
	b.Until(`document.querySelector("#toasts .toast[role=alert]") &&
		document.querySelector("dialog:modal #subdomain").value === "broken"`)

	b.Click(".toast [data-dismiss]") // it lies over the dialog, within reach
	b.Until(`!document.querySelector(".toast")`)

	// 303: the page it leads to, under its address.
	b.Set("#subdomain", "moss")
	b.Click("#submit-activation")
	b.Until(`location.pathname === "/run" && !!document.querySelector("#run-7") && !document.querySelector("dialog") &&
		document.title.startsWith("Provisioning")`)
	if got := <-s.posted; !strings.Contains(got, "subdomain=moss") || !strings.Contains(got, "plan=professional") {
		t.Errorf("posted %s", got)
	}
}

func TestStream(t *testing.T) {
	s, b := serve(t), browsertest.New(t)
	s.failStream <- true // the first connection is refused, and tried again
	s.streams <- message(t, in(ui.Patch("run-7"), runPanel(60)))
	b.Open(s.URL + "/run")
	b.Until(`document.querySelector("#run-7 [role=progressbar]").getAttribute("aria-valuenow") === "60"`)

	// One message renews several elements and passes over those the page doesn't have; morphing keeps the node.
	b.On(`document`,
		`document.querySelector("#run-7 .step").dataset.kept = "yes";
		window.bar = document.querySelector("#run-7 [role=progressbar]")`)
	s.streams <- message(t, seq(in(ui.Patch("run-7"), runPanel(80)), in(ui.Patch("run-8"), ui.Text("other"))))
	b.Until(`bar.isConnected && bar.getAttribute("aria-valuenow") === "80"`)

	// The stream ends without a word: it comes back and goes on.
	s.streams <- ""
	s.streams <- message(t, in(ui.Patch("run-7"), runPanel(95)))
	b.Until(`bar.getAttribute("aria-valuenow") === "95" &&
		document.querySelector("[data-stream]").dataset.lost !== "true"`)

	// The server says that it is over.
	b.On(`document`, `document.addEventListener("htmx:sse:close", (e) => { window.ended = e.detail.reason })`)
	s.streams <- "event: close\ndata:\n\n"
	b.Until(`window.ended === "message"`)
}

// TestStreamsEndWithTheirPage leaves a page while the server is still thinking about its stream: browsers keep such a
// page, with its connection, in case the visitor comes back, and a server of HTTP/1.1 gets six.
func TestStreamsEndWithTheirPage(t *testing.T) {
	s, b := serve(t), browsertest.New(t)
	h := hold{make(chan struct{}), make(chan struct{})}
	s.holdStream <- h
	wait := func(what string, c chan struct{}) {
		t.Helper()
		select {
		case <-c:
		case <-time.After(20 * time.Second):
			t.Fatal(what)
		}
	}
	b.Open(s.URL + "/run")
	b.On(`document`, `window.kept = true`)
	wait("no stream was asked for", h.came)
	b.Open(s.URL + "/list")
	wait("the page that was left still waits for its stream", h.gone)

	// Who comes back sees live updates again, whether the browser has kept the page or not.
	s.streams <- message(t, in(ui.Patch("run-7"), runPanel(60)))
	b.On(`document`, `history.back()`)
	b.Until(`document.querySelector("#run-7 [role=progressbar]")?.getAttribute("aria-valuenow") === "60" &&
		document.querySelector("[data-stream]").dataset.lost !== "true"`)
	t.Log("kept: ", browsertest.Eval[bool](b, `!!window.kept`))
}

func TestSearchWhileTyping(t *testing.T) {
	s, b := serve(t), browsertest.New(t)
	b.Open(s.URL + "/list")
	b.On(`document`, `window.list = document.querySelector("#list"); list.dataset.kept = "yes"`)
	b.Type("#search-q", "moss")
	b.Until(`new URLSearchParams(location.search).get("q") === "moss" && location.search.includes("tab=pending") &&
		list.isConnected && !list.dataset.kept && document.activeElement.id === "search-q"`)
}

func TestLiveSocket(t *testing.T) {
	s, b := serve(t), browsertest.New(t)
	panel := func(value int) string {
		return strings.TrimSuffix(strings.TrimPrefix(message(t, in(ui.Patch("run-7"), runPanel(value))), "data: "), "\n\n")
	}
	s.socket <- panel(30)
	b.Open(s.URL + "/dashboard")
	b.Until(`document.querySelector("#run-7 [role=progressbar]").getAttribute("aria-valuenow") === "30"`)
	s.socket <- "" // lost: it says so, comes back and goes on
	b.Until(`document.querySelector("[data-socket]").dataset.lost === "true"`)
	s.socket <- panel(70)
	b.Until(`document.querySelector("#run-7 [role=progressbar]").getAttribute("aria-valuenow") === "70" &&
		document.querySelector(".stream-lost").textContent === ""`)
}

func TestCopyAndDismiss(t *testing.T) {
	s, b := serve(t), browsertest.New(t)
	b.Open(s.URL + "/run")
	b.Point(".copy")
	b.Until(`document.querySelector(".copy").dataset.copied === "true" &&
		document.querySelector(".copy [role=status]").textContent === "Copied"`)
	b.Click(".alert [data-dismiss]")
	b.Until(`!document.querySelector(".alert")`)
	b.Until(`/ago|just now|Nov/.test(document.querySelector("time[data-relative]").textContent)`)
}

// The navigation of a narrow page opens from its button, without our script.
func TestNarrowNavigation(t *testing.T) {
	s, b := serve(t), browsertest.New(t)
	b.Resize(390)
	b.Open(s.URL + "/list")
	b.Until(`!document.querySelector(".side").checkVisibility()`)
	b.Click(".topbar button")
	b.Until(`document.querySelector(".side .side-out").checkVisibility()`)
}

// Text reads on what is behind it: 4.5 to 1, 3 to 1 for large text, in both schemes (WCAG 2.2, 1.4.3).
func TestContrast(t *testing.T) {
	s, b := serve(t), browsertest.New(t)
	for path := range gallery() {
		for _, scheme := range []string{"light", "dark"} {
			b.Scheme(scheme)
			b.Resize(1440)
			b.Open(s.URL + path)
			for _, f := range browsertest.Eval[[]string](b, contrast) {
				t.Errorf("%s, %s: %s", path, scheme, f)
			}
		}
	}
}

// contrast paints each color on a canvas to read it as sRGB, and lays translucent ones over what is behind them.
const contrast = `(() => {
  const c = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const over = (colors) => {
    c.clearRect(0, 0, 1, 1);
    for (const color of colors) { c.fillStyle = color; c.fillRect(0, 0, 1, 1); }
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
    if (!node.data.trim() || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) ||
      e.closest(".visually-hidden, :disabled, [aria-disabled=true], [aria-busy=true], svg, .skip, option")) continue;
    const behind = [];
    for (let a = e; a; a = a.parentElement) behind.unshift(getComputedStyle(a).backgroundColor);
    const style = getComputedStyle(e);
    const back = over(["Canvas", ...behind]), front = over(["Canvas", ...behind, style.color]);
    const [hi, lo] = [light(front), light(back)].sort((a, b) => b - a);
    const ratio = (hi + 0.05) / (lo + 0.05);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5))
      out.add(ratio.toFixed(2) + " " + e.className + " " + JSON.stringify(node.data.trim().slice(0, 30)));
  }
  return [...out];
})()`
