package dashboard_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// TestTextsThatNoColumnHolds: NUL, or bytes that aren't UTF-8, are the caller's mistake wherever they come to the
// database: in addresses and in forms.
func TestTextsThatNoColumnHolds(t *testing.T) {
	t.Parallel()
	w := begin(t)
	home := w.home(w.moss)
	for _, bad := range []string{"\x00", "\xff", "upfront-modern\x00"} {
		form := url.Values{"theme": {bad}, "at": {"2030-01-01T10:00"}, "days": {"7"}}
		if res, page := w.get(w.ada, home+"/theme?"+form.Encode()); res.StatusCode != 400 ||
			!strings.Contains(page.Text(), "characters that can't be used") {
			t.Errorf("GET with %q: %d %s", bad, res.StatusCode, page.Find("main").Text())
		}
		for _, path := range []string{"/theme/preview", "/releases", "/theme/schedule", "/theme/shares"} {
			if res, _ := w.post(w.ada, home+path, form); res.StatusCode < 400 || res.StatusCode > 499 {
				t.Errorf("POST %s with %q: %d", path, bad, res.StatusCode)
			}
		}
	}
}

// TestNothingIsSavedWithoutItsForm: a form that isn't one of the page's is refused, and never answered as saved.
func TestNothingIsSavedWithoutItsForm(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for _, part := range []string{"business", "marketing", "payments", "website", "branding"} {
		for name, form := range map[string]string{"a field alone": "name=Changed&legalName=Changed&accent=%23112233",
			"others": "evil=1", "nothing": ""} {
			r := httptest.NewRequest(http.MethodPost, w.home(w.moss)+"/onboarding/"+part, strings.NewReader(form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			r.Header.Set("HX-Request", "true")
			if res, page := w.send(w.ada, r); res.StatusCode != 400 ||
				!strings.Contains(page.Text(), "The form is incomplete.") {
				t.Errorf("%s, %s: %d %s", part, name, res.StatusCode, page.Text())
			}
		}
	}
	if name := w.merchant(w.moss).Name; name == "Changed" {
		t.Error("it was saved")
	}
}
