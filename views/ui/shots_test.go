package ui_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestShots writes a picture of every gallery page at both widths and in both schemes into the folder named by UI_SHOTS:
//
//	UI_SHOTS=$PWD/shots go test -run TestShots ./views/ui
//
// Look at them after every change of the parts or of the styles.
func TestShots(t *testing.T) {
	dir := os.Getenv("UI_SHOTS")
	if dir == "" {
		t.Skip("UI_SHOTS names no folder")
	}
	only := os.Getenv("UI_SHOTS_ONLY")
	s := serve(t)
	ctx := browser(t)
	for _, size := range []struct {
		name string
		w, h int64
	}{{"wide", 1440, 900}, {"narrow", 390, 844}} {
		for _, scheme := range []string{"light", "dark"} {
			for path := range gallery() {
				name := strings.TrimPrefix(path, "/") + "-" + size.name + "-" + scheme + ".png"
				if only != "" && !strings.Contains(name, only) {
					continue
				}
				shot := chromedp.FullScreenshot(100)
				actions := []chromedp.Action[chromedp.Void]{
					chromedp.EmulateViewport(size.w, size.h),
					media(scheme),
					chromedp.Navigate(s.URL + path),
					chromedp.Sleep(250 * time.Millisecond), // icons and fonts, for the eye only
				}
				if path == "/page" { // the same as a dialog
					actions = append(actions, chromedp.Navigate(s.URL+"/list"), chromedp.Click("#open-dialog"), chromedp.WaitVisible("dialog[open]"), chromedp.Sleep(500*time.Millisecond))
					shot = chromedp.CaptureScreenshot()
				}
				run(t, ctx, actions...)
				png, err := chromedp.Run(ctx, shot)
				if err != nil {
					t.Fatal(name, err)
				}
				if err := os.WriteFile(filepath.Join(dir, name), png, 0o644); err != nil {
					t.Fatal(err)
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
