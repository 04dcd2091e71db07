package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

const (
	life    = 5 * time.Minute  // of a browser
	waiting = 20 * time.Second // for one thing
)

// Browser is one tab of a Chromium with a profile of its own. Its methods find things as people do, by their words,
// and end the test where they don't within 20 s. What the console calls an error fails the test, a breach of the
// content security policy first of all; failed requests are passed over, since tests let some fail on purpose.
type Browser struct {
	t   *testing.T
	ctx context.Context
}

// Option changes how a browser is started.
type Option func(*options)

type options struct {
	noScripts, oneProcess bool
}

// Scripts is whether pages may run theirs; some people switch them off.
func Scripts(on bool) Option { return func(o *options) { o.noScripts = !on } }

// OneProcess has frames of other hosts live beside the page's own, where [Browser.UntilInFrame] can look.
func OneProcess() Option { return func(o *options) { o.oneProcess = true } }

// New starts a browser; it ends with the test, and after five minutes at the latest.
func New(t *testing.T, opts ...Option) *Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("no browser in short mode")
	}
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.WindowSize(1440, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-dev-shm-usage", true))
	if o.oneProcess {
		flags = append(flags, chromedp.Flag("disable-site-isolation-trials", true),
			chromedp.Flag("disable-features", "SitePerProcess,IsolateOrigins"))
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), flags...)
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(alloc)
	b := &Browser{t: t}
	b.listen(tab, closeTab) // starts the browser, which lives as long as this context: no limit on it
	ctx, cancel := context.WithTimeout(tab, life)
	t.Cleanup(cancel)
	b.ctx = ctx
	b.Do(chromedp.Navigate("about:blank"))
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: o.noScripts})
	if os.Getenv("SLOW_BROWSER") == "1" {
		call(b, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 4})
		call(b, network.Enable, network.EnableParams{})
		call(b, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Latency: 150, DownloadThroughput: -1, UploadThroughput: -1}}})
	}
	return b
}

// chromium is the path of the program. On a machine without one these tests are skipped.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium: install the package chromium")
	return ""
}

// listen hears the console until the test ends, and makes its complaints the test's.
func (b *Browser) listen(ctx context.Context, closeTab context.CancelFunc) {
	b.t.Helper()
	var complaints []string
	console, heard := chromedp.Console(ctx), make(chan struct{})
	go func() {
		defer close(heard)
		for m, err := range console {
			if err != nil {
				return
			}
			bad := m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleException ||
				strings.Contains(m.Text, "Content Security Policy")
			if bad && !strings.Contains(m.Text, "Failed to load resource") {
				complaints = append(complaints, m.Text)
			}
		}
	}()
	b.t.Cleanup(func() {
		closeTab()
		<-heard
		for _, c := range complaints {
			b.t.Error("the console: ", c)
		}
	})
}

// call runs a command of the protocol.
func call[P, R any](b *Browser, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	result, err := chromedp.Call(b.ctx, command, params)
	if err != nil {
		b.t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

// Do runs actions of chromedp's.
func (b *Browser) Do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.Shot("failure")
		b.t.Fatalf("%v at %.3000s", err, b.page())
	}
}

// Open goes to an address and waits until it has loaded.
func (b *Browser) Open(url string) { b.t.Helper(); b.Do(chromedp.Navigate(url)) }

// Text is what there is to read.
func (b *Browser) Text() string { b.t.Helper(); return Eval[string](b, `document.body.innerText`) }

// Location is the address of the page.
func (b *Browser) Location() string { b.t.Helper(); return Eval[string](b, `location.href`) }

// page is the address and the text, for messages.
func (b *Browser) page() string {
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body?.innerText`))
	if err != nil {
		return "a page that can't be read: " + err.Error()
	}
	return text
}

// Eval is the value of a JavaScript expression; DevTools asks for it, so it works without scripts too.
func Eval[T any](b *Browser, js string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
	return v
}

// Until waits for a JavaScript expression to be true on a page that has loaded, across pages. One that fails isn't
// true.
func (b *Browser) Until(js string) {
	b.t.Helper()
	b.wait(js, `(() => { try { return document.readyState === "complete" && !!(`+js+`) } catch { return false } })()`)
}

func (b *Browser) wait(what, script string) {
	b.t.Helper()
	for deadline := time.Now().Add(waiting); ; time.Sleep(5 * time.Millisecond) {
		is, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](script))
		if err == nil && is {
			return
		}
		if time.Now().After(deadline) || b.ctx.Err() != nil {
			b.Shot("failure")
			b.t.Fatalf("never came true (%v): %s\nat %.3000s", err, what, b.page())
		}
	}
}

// See waits for words on the page.
func (b *Browser) See(words string) {
	b.t.Helper()
	b.Until(fmt.Sprintf(`document.body.innerText.includes(%q)`, words))
}

// On waits for something that a JavaScript expression finds, and does something to it, as e, at once.
func (b *Browser) On(find, do string) {
	b.t.Helper()
	b.wait(find, `(() => {
		let e;
		try { e = document.readyState === "complete" && (`+find+`) } catch {}
		if (!e) return false;
		`+do+`;
		return true;
	})()`)
}

// Click clicks the first element of a selector, once it lies open to a pointer.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.click(fmt.Sprintf(`document.querySelector(%q)`, selector))
}

// click does in one turn what a pointer does, and so can't be too late for an element; what something else covers
// isn't clicked. An input that a label stands for has no place of its own.
func (b *Browser) click(find string) {
	b.t.Helper()
	b.On(find, `
		e.scrollIntoView({block: "center", behavior: "instant"});
		const box = e.getClientRects()[0];
		const top = box && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
		if (!e.contains(top) && !(e.labels?.length && [...e.labels].some(
			l => l.contains(top) || l.checkVisibility()))) return false;
		e.focus();
		e.click()`)
}

// Point clicks with the pointer itself, which lets the page do what only people may have it do: write to the
// clipboard, say. The element must stay where it is.
func (b *Browser) Point(selector string) { b.t.Helper(); b.Do(chromedp.Click(selector)) }

// Drag takes the element of a selector with the mouse to the middle of another, in steps as a hand does.
func (b *Browser) Drag(from, to string) {
	b.t.Helper()
	b.On(fmt.Sprintf(`document.querySelector(%q)`, from), `e.scrollIntoView({block: "center", behavior: "instant"})`)
	middle := func(selector string) [2]float64 {
		return Eval[[2]float64](b, fmt.Sprintf(`(({x, y, width, height}) => [x + width / 2, y + height / 2])(
			document.querySelector(%q).getBoundingClientRect())`, selector))
	}
	const steps = 8
	a, z := middle(from), middle(to)
	mouse := func(kind input.DispatchMouseEventType, step float64, held int64) {
		b.t.Helper()
		call(b, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, Button: input.MouseButtonLeft,
			Buttons: held, ClickCount: 1, X: a[0] + (z[0]-a[0])*step/steps, Y: a[1] + (z[1]-a[1])*step/steps})
	}
	mouse(input.DispatchMouseEventTypeMousePressed, 0, 1)
	for step := 1.0; step <= steps; step++ {
		mouse(input.DispatchMouseEventTypeMouseMoved, step, 1)
	}
	mouse(input.DispatchMouseEventTypeMouseReleased, steps, 0)
}

// Keys presses keys, in whatever has the focus.
func (b *Browser) Keys(keys string) { b.t.Helper(); b.Do(chromedp.KeyEvent(keys)) }

// Set gives the control of a selector a value, as a hand would: the page hears of it.
func (b *Browser) Set(selector, value string) {
	b.t.Helper()
	b.On(fmt.Sprintf(`document.querySelector(%q)`, selector),
		fmt.Sprintf(`e.value = %q; e.dispatchEvent(new Event("input", {bubbles: true}))`, value))
}

// labeled returns JavaScript for the visible control with a label, or what is labeled by it otherwise: an editor.
func labeled(label string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("label")].filter(l => l.innerText.trim().startsWith(%q))
		.flatMap(l => [l.control, l.id && document.querySelector("[aria-labelledby='" + l.id + "']")])
		.find(c => c && c.checkVisibility())`, label)
}

// Fill writes into the field with this label, over what is in it, as typing does: in one turn, so that no frame that
// comes in between can take the focus away.
func (b *Browser) Fill(label, value string) {
	b.t.Helper()
	b.On(labeled(label), fmt.Sprintf(`e.focus(); if (e.select) e.select(); else getSelection().selectAllChildren(e);
		const value = %q; document.execCommand(value ? "insertText" : "delete", false, value)`, value))
}

// Type writes into the field of a selector, over what is in it, key by key.
func (b *Browser) Type(selector, keys string) {
	b.t.Helper()
	b.On(fmt.Sprintf(`document.querySelector(%q)`, selector), `e.focus(); e.select()`)
	b.Keys(keys)
}

// Choose picks an option of a select by its words.
func (b *Browser) Choose(label, option string) {
	b.t.Helper()
	b.On(labeled(label),
		fmt.Sprintf(
			`e.value = [...e.options].find(o => o.text.trim() === %q).value;
			e.dispatchEvent(new Event("change", {bubbles: true}))`, option))
}

// Tick switches on the switch, or picks the radio card, with this label.
func (b *Browser) Tick(label string) {
	b.t.Helper()
	b.On(labeled(label), `if (!e.checked) e.click()`)
}

// Pressables is JavaScript for all visible buttons and links.
const Pressables = `[...document.querySelectorAll("button, a, [role=button], summary")]
	.filter(e => e.checkVisibility())`

// Press clicks the visible button or link with these words, the last where there are several (a dialog lies over its
// page).
func (b *Browser) Press(words string) {
	b.t.Helper()
	b.click(fmt.Sprintf(`%s.filter(e => e.innerText.trim() === %q).at(-1)`, Pressables, words))
}

// Upload gives files to the file field of a selector.
func (b *Browser) Upload(selector string, files ...string) {
	b.t.Helper()
	b.Do(chromedp.SetUploadFiles(selector, files))
}

// UntilInFrame waits for a JavaScript expression to be true in the first frame of the page, whatever its host; see
// [OneProcess].
func (b *Browser) UntilInFrame(js string) {
	b.t.Helper()
	for deadline := time.Now().Add(waiting); ; time.Sleep(10 * time.Millisecond) {
		is, err := b.inFrame(js)
		if is {
			return
		}
		if time.Now().After(deadline) {
			b.Shot("failure")
			b.t.Fatalf("never came true in the frame (%v): %s\nof %.3000s", err, js, b.page())
		}
	}
}

func (b *Browser) inFrame(js string) (bool, error) {
	tree, err := chromedp.Call(b.ctx, page.GetFrameTree, struct{}{})
	if err != nil || len(tree.FrameTree.ChildFrames) == 0 {
		return false, err
	}
	// A frame that waits behind the one that is shown comes after it.
	world, err := chromedp.Call(b.ctx, page.CreateIsolatedWorld,
		page.CreateIsolatedWorldParams{FrameID: tree.FrameTree.ChildFrames[0].Frame.ID})
	if err != nil {
		return false, err
	}
	yes := true
	v, err := chromedp.Call(b.ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: js,
		ContextID: world.ExecutionContextID, ReturnByValue: &yes})
	return err == nil && v.Result != nil && string(v.Result.Value) == "true", err
}
