package admin_test

import (
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/views/admin"
)

// A run that failed and was rolled back is found from Operations, with all that happened to it, under its own
// merchant alone.
func TestOperationsLeadsToTheTimeline(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.work(true)
	id, other := p.apply("Moss & Fern"), p.apply("Rival")
	if a := p.do("POST", "/merchants/"+id.String()+"/activation", order("moss")); a.StatusCode != 303 {
		t.Fatal(a.StatusCode, a.body)
	}
	var v orbit.RunView
	for deadline := time.Now().Add(30 * time.Second); v.Run.Status != orbit.RunFailed; time.Sleep(10 * time.Millisecond) {
		var err error
		if v, err = p.db.RunView(t.Context(), id); err != nil || time.Now().After(deadline) {
			t.Fatal(v.Run.Status, err)
		}
	}
	path := admin.RunPath(id, v.Run.ID)
	page := p.do("GET", "/operations", nil)
	for _, want := range []string{`href="` + path + `"`, "Moss &amp; Fern", "Missed", "0 of 1 runs completed", "Running"} {
		if page.StatusCode != 200 || !strings.Contains(page.body, want) {
			t.Errorf("Operations lacks %q (%d)", want, page.StatusCode)
		}
	}
	page = p.do("GET", path, nil)
	for _, want := range []string{"Completion failed, for the first time", "Accepted from Ada Okafor",
		"Picked up by a worker", `aria-current="page"`} {
		if page.StatusCode != 200 || !strings.Contains(page.body, want) {
			t.Errorf("the timeline lacks %q (%d)", want, page.StatusCode)
		}
	}
	if a := p.do("GET", admin.RunPath(other, v.Run.ID), nil); a.StatusCode != 404 {
		t.Errorf("another merchant's run: %d", a.StatusCode)
	}
}
