package admin_test

import (
	"os"
	"testing"
	"time"

	"orbit360.app/browsertest"
)

// TestChangeShots takes images of what an admin changes of a merchant.
func TestChangeShots(t *testing.T) {
	if os.Getenv("SHOTS") == "" {
		t.Skip("SHOTS names no folder")
	}
	p := newPanel(t)
	id, _ := p.themed()
	p.schedule(id, time.Now().AddDate(0, 0, 9))
	b := browsertest.New(t)
	p.enter(b)
	for name, at := range map[string]string{"change-merchant": "", "change-plan": "/plan/changes/new",
		"change-plan-preview": "/plan/changes/new?plan=professional",
		"change-theme":        "/theme/changes/new?theme=upfront-modern", "change-visit": "/visit/new"} {
		b.Open(p.url(path(id, at)))
		b.Look(name)
	}
	p.post(path(id, "/suspension"), nil).want(t, 303)
	b.Open(p.url(path(id, "/theme/changes/new?theme=upfront-minimal")))
	b.Look("change-theme-suspended")
	b.Open(p.url("/merchants?status=all&theme=upfront-classic"))
	b.Look("change-filters")
}
