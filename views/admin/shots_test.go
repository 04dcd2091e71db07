package admin_test

import (
	"os"
	"strings"
	"testing"

	"orbit360.app/browsertest"
)

// TestPageShots takes images of every gallery page and of the dialogs, as TestPartShots in views/ui does.
func TestPageShots(t *testing.T) {
	if os.Getenv("SHOTS") == "" {
		t.Skip("SHOTS names no folder")
	}
	s, b := serve(t), browsertest.New(t)
	for path := range gallery() {
		b.Open(s.URL + path)
		b.Look(strings.TrimPrefix(path, "/"))
	}
	for name, open := range map[string][2]string{"dialog-activation": {"/merchants-all", "tbody .btn[aria-haspopup]"},
		"dialog-rollback": {"/provisioning-failed", ".alert .btn[aria-haspopup]"}} {
		b.Open(s.URL + open[0])
		b.Click(open[1])
		b.Until(`document.querySelector("dialog[open]").checkVisibility()`)
		b.WindowLook(name)
	}
}

// No page scrolls sideways, whatever the width.
func TestPagesFit(t *testing.T) {
	t.Parallel()
	s, b := serve(t), browsertest.New(t)
	for path := range gallery() {
		b.Open(s.URL + path)
		for _, width := range []int64{1440, 1024, 768, 390, 320} {
			b.Resize(width)
			if wide := browsertest.Eval[int](b, `Math.max(document.documentElement.scrollWidth - innerWidth,
				...[...document.querySelectorAll(".table-box, .card")].map((e) => e.scrollWidth - e.clientWidth))`); wide > 1 {
				t.Errorf("%s is %d px too wide at %d px", path, wide, width)
			}
		}
	}
}
