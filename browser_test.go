package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// browser is one tab of a headless Chromium. Its methods find things as people do, by their words.
type browser struct {
	t   *testing.T
	ctx context.Context
}

// openBrowser starts a browser with a profile of its own, with scripts or without.
func openBrowser(t *testing.T, scripts bool, flags ...chromedp.ExecAllocatorOption) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("no Chromium: install the package chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1440, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(options, flags...)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{t, ctx}
	// The first action's context is the browser's life: no time limit on it.
	b.do(chromedp.Navigate("about:blank"))
	b.ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.shot("failure")
		b.t.Fatalf("%v\n%.3000s", err, b.text())
	}
}

func (b *browser) open(url string) { b.t.Helper(); b.do(chromedp.Navigate(url)) }

// eval asks the page; it works with scripts off too, since DevTools asks.
func eval[T any](b *browser, js string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
	return v
}

func (b *browser) text() string {
	s, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText : ""`)) // for messages only
	return s
}

func (b *browser) location() string {
	b.t.Helper()
	url, err := chromedp.Run(b.ctx, chromedp.Location())
	if err != nil {
		b.t.Fatal(err)
	}
	return url
}

// until waits for something on the page to be true, asking every few milliseconds.
func (b *browser) until(what, js string) {
	b.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](js))
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			b.shot("failure")
			b.t.Fatalf("waited for %s at %s, %v:\n%.3000s", what, b.location(), err, b.text())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// see waits for words on the page.
func (b *browser) see(words string) {
	b.t.Helper()
	b.until(fmt.Sprintf("the words %q", words), fmt.Sprintf(`!!document.body && document.body.innerText.includes(%q)`, words))
}

// labelled is JavaScript for the control with a label.
func labelled(label string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('label')].filter(l => l.innerText.trim().startsWith(%q)).map(l => l.control).find(c => c && c.checkVisibility())`, label)
}

// fill writes into the field with this label, over what is in it, as an input method does.
func (b *browser) fill(label, value string) {
	b.t.Helper()
	b.until("the field "+label, `!!(`+labelled(label)+`)`)
	eval[bool](b, `(() => { const c = `+labelled(label)+`; c.focus(); if (c.select) c.select(); return true })()`)
	if _, err := chromedp.Call(b.ctx, input.InsertText, input.InsertTextParams{Text: value}); err != nil {
		b.t.Fatal(err)
	}
}

// choose picks an option of a select by its words.
func (b *browser) choose(label, option string) {
	b.t.Helper()
	b.until("the choice "+label, `!!(`+labelled(label)+`)`)
	eval[string](b, fmt.Sprintf(`(() => { const c = %s; const o = [...c.options].find(o => o.text.trim() === %q); c.value = o.value; c.dispatchEvent(new Event('change', {bubbles: true})); return o.value })()`, labelled(label), option))
}

// tick switches on the switch, or picks the radio card, with this label.
func (b *browser) tick(label string) {
	b.t.Helper()
	b.until("the switch "+label, `!!(`+labelled(label)+`)`)
	eval[bool](b, fmt.Sprintf(`(() => { const c = %s; if (!c.checked) c.click(); return c.checked })()`, labelled(label)))
}

const pressables = `[...document.querySelectorAll('button, a, [role=button], summary')].filter(e => e.checkVisibility())`

// press clicks the visible button or link with these words, the last where there are several (a dialog
// lies over its page).
func (b *browser) press(words string) {
	b.t.Helper()
	find := fmt.Sprintf(`%s.filter(e => e.innerText.trim() === %q).at(-1)`, pressables, words)
	b.until("the button "+words, `!!(`+find+`)`)
	eval[bool](b, `(() => { const e = `+find+`; e.scrollIntoView({block: 'center'}); e.click(); return true })()`)
}

// shot keeps a picture of the page where SHOTS names a folder.
func (b *browser) shot(name string) {
	folder := os.Getenv("SHOTS")
	if folder == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Log(err)
		return
	}
	file := filepath.Join(folder, strings.ReplaceAll(b.t.Name()+"-"+name, "/", "-")+".png")
	if err := os.WriteFile(file, png, 0o644); err != nil {
		b.t.Log(err)
	}
}
