package admin_test

import (
	"os"
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/orbit"
)

// TestChangeShots takes images of what an admin changes of a merchant.
func TestChangeShots(t *testing.T) {
	if os.Getenv("SHOTS") == "" {
		t.Skip("SHOTS names no folder")
	}
	p := newPanel(t)
	p.work(false)
	id := p.apply("Moss & Fern")
	p.activate(id, "moss")
	p.await(id, orbit.MerchantActive)
	b := browsertest.New(t)
	p.enter(b)
	for name, at := range map[string]string{"change-merchant": "", "change-plan": "/plan/changes/new",
		"change-plan-preview": "/plan/changes/new?plan=professional", "change-visit": "/visit/new"} {
		b.Open(p.url(path(id, at)))
		b.Look(name)
	}
	b.Open(p.url("/merchants?status=all&theme=upfront-classic"))
	b.Look("change-filters")
}
