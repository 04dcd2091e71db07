package admin_test

import (
	"net/url"
	"strings"
	"testing"
)

// A theme with colors that can hardly be read says so on its page.
func TestFaintTheme(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	blank := p.get("/themes/new?engine=modern").want(t, 200)
	if blank.Find("#faint").Length() != 0 {
		t.Error("the engine's own colors are called faint")
	}
	a := p.post("/themes", fill(blank, "#theme", url.Values{"name": {"Fog"}, "config.background": {"#eeeeee"},
		"config.text": {"#eeeeee"}})).want(t, 303)
	if told := p.get(a.Header.Get("Location")).want(t, 200).words("#faint"); !strings.Contains(told,
		"Text has a contrast of 1.0 to 1 on background") {
		t.Error(told)
	}
}

// A page after the log's last says so and leads back, filter and all.
func TestAuditPastTheEnd(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	a := p.get("/audit?page=99").want(t, 200)
	// Pages of the log have places, not numbers: an old address shows the newest lines.
	if a.Find("#audit tbody tr").Length() == 0 || strings.Contains(a.words("main"), "No activity yet") {
		t.Error(a.words("main"))
	}
}
