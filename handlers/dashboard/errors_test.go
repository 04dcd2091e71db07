package dashboard_test

import (
	"strings"
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/orbit"
)

// TestErrorsKeepTheMenu: who is a shop's member finds on from an error there; settings lead to the first page of them.
func TestErrorsKeepTheMenu(t *testing.T) {
	t.Parallel()
	w := begin(t)
	home := w.home(w.moss)
	w.staff(w.moss, "bob@example.com", orbit.PermissionProducts)
	for path, status := range map[string]int{"/settings/general": 403, "/nothing-here": 404, "/orders": 403,
		"/products/x": 404} {
		res, page := w.get(w.bob, home+path)
		menu := strings.Fields(page.Find(".side-nav .side-list").First().Text())
		if res.StatusCode != status || strings.Join(menu, " ") != "Home Products" ||
			page.Find(`main a[href="`+home+`"]`).Length() == 0 {
			t.Errorf("%s: %d, menu %q", path, res.StatusCode, menu)
		}
	}
	b := browsertest.New(t, browsertest.Scripts(false))
	b.Open(w.serve(w.bob) + home + "/orders")
	b.Look("not allowed")
	if _, page := w.get(w.ada, w.home(w.nord)+"/orders"); strings.Contains(page.Text(), w.merchant(w.nord).Name) {
		t.Error("another's shop is named")
	}
	for cookie, to := range map[string]string{w.ada: home + "/settings/general", w.bob: home} {
		if res, _ := w.get(cookie, home+"/settings"); res.StatusCode != 303 || res.Header.Get("Location") != to {
			t.Errorf("%d %s", res.StatusCode, res.Header.Get("Location"))
		}
	}
	w.visited("bob@example.com")
	if res, _ := w.get(w.bob, home+"/leaving/new"); res.StatusCode != 404 {
		t.Errorf("support is asked whether it leaves: %d", res.StatusCode)
	}
	res, page := w.get(w.bob, home+"/onboarding/payments")
	menu := page.Find(".side-nav .side-list").First().Text()
	if res.StatusCode != 403 || !strings.Contains(menu, "Orders") {
		t.Errorf("support at payments: %d %q", res.StatusCode, menu)
	}
}

// TestConflictsTitle: what is refused for another reason than a change isn't said to have changed.
func TestConflictsTitle(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.exec(`UPDATE merchants SET status = 'suspended' WHERE id = '` + w.moss.String() + `'`)
	res, page := w.post(w.ada, w.home(w.moss)+"/live", nil)
	if res.StatusCode != 409 || strings.Contains(page.Text(), "since you opened it") {
		t.Errorf("%d %s", res.StatusCode, page.Find("main").Text())
	}
}
