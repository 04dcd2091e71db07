package admin_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestShots writes a picture of every gallery page at both widths and in both schemes into the folder named by UI_SHOTS,
// as the test of the same name in views/ui does. UI_SHOTS_ONLY is a part of the names to draw.
func TestShots(t *testing.T) {
	dir := os.Getenv("UI_SHOTS")
	if dir == "" {
		t.Skip("UI_SHOTS names no folder")
	}
	s, ctx := serve(t), browser(t)
	only := os.Getenv("UI_SHOTS_ONLY")
	shoot := func(name string, shot chromedp.Action[[]byte], actions ...chromedp.Action[chromedp.Void]) {
		run(t, ctx, actions...)
		png, err := chromedp.Run(ctx, shot)
		if err != nil {
			t.Fatal(name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), png, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, size := range []struct {
		name string
		w, h int64
	}{{"wide", 1440, 900}, {"middle", 1024, 700}, {"narrow", 390, 844}} {
		for _, scheme := range []string{"light", "dark"} {
			set := []chromedp.Action[chromedp.Void]{chromedp.EmulateViewport(size.w, size.h), media(scheme)}
			settle := chromedp.Sleep(200 * time.Millisecond) // icons and fonts, for the eye only
			for path := range gallery() {
				name := strings.TrimPrefix(path, "/") + "-" + size.name + "-" + scheme + ".png"
				if strings.Contains(name, only) {
					shoot(name, chromedp.FullScreenshot(100), append(set, chromedp.Navigate(s.URL+path), settle)...)
				}
			}
			for name, open := range map[string][2]string{"dialog-activation": {"/merchants-all", "tbody .btn[aria-haspopup]"}, "dialog-rollback": {"/provisioning-failed", ".alert .btn[aria-haspopup]"}} {
				name += "-" + size.name + "-" + scheme + ".png"
				if strings.Contains(name, only) {
					shoot(name, chromedp.CaptureScreenshot(), append(set, chromedp.Navigate(s.URL+open[0]), chromedp.Click(open[1]), chromedp.WaitVisible("dialog[open]"), chromedp.Sleep(400*time.Millisecond))...)
				}
			}
		}
	}
}

func media(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return err
	})
}

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
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-dev-shm-usage", true))
	ctx, giveUp := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(giveUp)
	alloc, stop := chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(alloc)
	t.Cleanup(closeTab)
	return ctx
}

func run(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// No page scrolls sideways, whatever the width.
func TestPagesFit(t *testing.T) {
	t.Parallel()
	s, ctx := serve(t), browser(t)
	for path := range gallery() {
		for _, width := range []int64{1440, 1024, 768, 390, 320} {
			run(t, ctx, chromedp.EmulateViewport(width, 844), chromedp.Navigate(s.URL+path))
			wide, err := chromedp.Run(ctx, chromedp.Evaluate[int](`Math.max(document.documentElement.scrollWidth - innerWidth, ...[...document.querySelectorAll(".table-box, .card")].map((e) => e.scrollWidth - e.clientWidth))`))
			if err != nil || wide > 1 {
				t.Errorf("%s is %d px too wide at %d px (%v)", path, wide, width, err)
			}
		}
	}
}
