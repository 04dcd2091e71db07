package dashboard_test

import (
	"net/url"
	"strings"
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/orbit"
)

// TestSettingsInABrowser: each page of the settings fits wide and narrow windows.
func TestSettingsInABrowser(t *testing.T) {
	t.Parallel()
	w := begin(t)
	home := w.home(w.moss)
	w.post(w.ada, home+"/settings/webhooks", url.Values{"id": {orbit.NewID[orbit.Webhook]().String()},
		"url": {"https://hooks.example.com/orbit"}, "events": {"order.created", "order.paid"}})
	b := browsertest.New(t, browsertest.Scripts(false))
	at := w.serve(w.ada) + home
	for _, page := range []string{"webhooks", "webhooks/new", "api-keys", "activity", "general", "plan", "staff"} {
		if res, _ := w.get(w.ada, home+"/settings/"+page); res.StatusCode != 200 {
			t.Errorf("%s: %d", page, res.StatusCode)
		}
		b.Open(at + "/settings/" + page)
		b.Look(strings.ReplaceAll(page, "/", "-"))
	}
}
