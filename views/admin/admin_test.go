package admin_test

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/views/admin"
)

func draw(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(html(t, c)))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// words is the text of what a selector finds first, in one line, with a space between elements.
func words(doc *goquery.Document, selector string) string {
	var parts []string
	var walk func(*goquery.Selection)
	walk = func(s *goquery.Selection) {
		s.Contents().Each(func(_ int, n *goquery.Selection) {
			if goquery.NodeName(n) == "#text" {
				parts = append(parts, strings.Fields(n.Text())...)
			} else {
				walk(n)
			}
		})
	}
	walk(doc.Find(selector).First())
	return strings.Join(parts, " ")
}

// What the pages' policy forbids doesn't appear, and names stay text, whatever they hold.
func TestPagesKeepThePolicy(t *testing.T) {
	t.Parallel()
	for path, page := range gallery() {
		doc := draw(t, page)
		if n := doc.Find("[style], main script, [onerror], [onclick], img[src=x]").Length(); n != 0 {
			t.Errorf("%s has %d elements that the policy forbids", path, n)
		}
		seen := map[string]bool{}
		doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
			id := s.AttrOr("id", "")
			if seen[id] {
				t.Errorf("%s has two #%s", path, id)
			}
			seen[id] = true
		})
		if doc.Find("h1").Length() != 1 {
			t.Errorf("%s has %d h1", path, doc.Find("h1").Length())
		}
	}
}

func TestRunPanel(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		view                           orbit.RunView
		badge, percent, doing, current string
		actions                        string
		refresh                        bool
	}{
		"never":   {never(), "PENDING", "0", "This merchant hasn't been activated yet.", "", "Activate", false},
		"pending": {view(orbit.RunPending, 0), "PENDING", "0", "Accepted. It starts in a moment.", "", "", true},
		"running": {view(orbit.RunInProgress, 3), "IN PROGRESS", "40", "Publishing version 1 and attaching its addresses.",
			"Website deployment", "", true},
		"completed": {view(orbit.RunCompleted, len(orbit.StepDefinitions())), "COMPLETED", "100",
			"The shop is set up. Visitors see the Opening soon page until the merchant goes live.", "",
			"Website (opens in a new tab) Dashboard (opens in a new tab)", false},
		"failed": {view(orbit.RunFailed, 3), "FAILED", "40", "It stopped at Website deployment.", "", "Retry Roll back",
			false},
		"undoing": {view(orbit.RunRollback, 3), "ROLLBACK", "40", "Undoing the completed steps, last step first.", "", "",
			true},
		"undone": {rolledBack(), "ROLLBACK", "0", "Everything was undone. The merchant is pending again.", "", "Activate",
			false},
	} {
		doc := draw(t, admin.RunPage(frame(), c.view))
		bar := doc.Find(".run [role=progressbar]")
		if words(doc, ".run-head .badge") != c.badge || bar.AttrOr("aria-valuenow", "") != c.percent ||
			words(doc, ".run-head [aria-live]") != c.doing {
			t.Errorf("%s: %s, %s %%, %q", name, words(doc, ".run-head .badge"), bar.AttrOr("aria-valuenow", ""),
				words(doc, ".run-head [aria-live]"))
		}
		if got := words(doc, ".step[aria-current] .step-name"); got != c.current {
			t.Errorf("%s: the current step is %q", name, got)
		}
		if got := words(doc, ".run-actions, .alert-actions"); got != c.actions {
			t.Errorf("%s offers %q", name, got)
		}
		if (doc.Find("noscript meta[http-equiv=refresh][content='3']").Length() == 1 ||
			strings.Contains(words(doc, "noscript"), "refresh")) != c.refresh {
			t.Errorf("%s: refresh is %v", name, !c.refresh)
		}
		if doc.Find("#run-"+c.view.Merchant.ID.String()).Length() != 1 ||
			doc.Find(".step").Length() != len(orbit.StepDefinitions()) {
			t.Errorf("%s: no panel of all steps", name)
		}
	}
	doc := draw(t, admin.RunPage(frame(), view(orbit.RunFailed, 3)))
	if got := words(doc,
		".step[data-state=failed]"); got != "Website deployment Publishing version 1 and attaching its addresses · 3 "+
		"attempts The custom domain shop.kohi.example belongs to another shop. Failed" {
		t.Errorf("the failed step says %q", got)
	}
	v := view(orbit.RunInProgress, 3)
	v.Run.Steps[3].Attempts, v.Run.Steps[3].Error = 1, "The database was away."
	if got := words(draw(t, admin.RunPage(frame(), v)), ".step[aria-current] .step-detail"); !strings.HasSuffix(got,
		"attempt 2 of 3") {
		t.Errorf("the second attempt says %q", got)
	}
}

func TestRowsByStatus(t *testing.T) {
	t.Parallel()
	doc := draw(t, admin.MerchantsPage(frame(), list("all", merchants()...)))
	for n, want := range map[int][3]string{
		1: {"Pending", "Activate", "/activation/new"}, 2: {"Website deployment 40%", "Progress", "/provisioning"},
		3: {"Failed Website deployment", "Retry", "/provisioning"},
		4: {"Active", "Details", ""}, 5: {"Suspended", "Details", ""}, 7: {"Active Opening soon", "Details", ""},
	} {
		m := id[orbit.Merchant](n)
		row := "#" + admin.MerchantRowID(m)
		href := doc.Find(row+" .cell-actions a").AttrOr("href", "")
		if got := words(doc, row+" [data-label=Status]"); got != want[0] || words(doc, row+" .cell-actions") != want[1] ||
			href != admin.MerchantPath(m, want[2]) {
			t.Errorf("%d: %q, %q to %q", n, got, words(doc, row+" .cell-actions"), href)
		}
	}
	// A shop's address is a link only while it answers.
	if doc.Find("#"+admin.MerchantRowID(id[orbit.Merchant](4))+" .address a").Length() != 1 ||
		doc.Find("#"+admin.MerchantRowID(id[orbit.Merchant](5))+" .address a").Length() != 0 {
		t.Error("addresses")
	}
}

func TestMerchantQuery(t *testing.T) {
	t.Parallel()
	for href, q := range map[string]admin.MerchantQuery{
		"/merchants":        admin.ParseMerchantQuery("", "", "", ""),
		"/merchants?page=2": admin.ParseMerchantQuery("bogus", "", "bogus", "2"),
		"/merchants?page=3&q=a%26b&sort=oldest&status=all": admin.ParseMerchantQuery("all", "a&b", "oldest", "3"),
		"/merchants?status=failed":                         admin.ParseMerchantQuery("failed", "", "newest", "0"),
		"/merchants?q=%3Cb%3E+%22&sort=name&status=suspended": admin.ParseMerchantQuery("suspended", `<b> "`, "name",
			"99999999999999999999"),
	} {
		if q.Href() != href {
			t.Errorf("%+v is %s, want %s", q, q.Href(), href)
		}
	}
}

func TestEmailTextLinks(t *testing.T) {
	t.Parallel()
	m := emails[0]
	for text, want := range map[string]string{
		"See https://a.example/x?y=1&z=2.":         "https://a.example/x?y=1&z=2",
		"(https://a.example/b)":                    "https://a.example/b",
		"javascript:alert(1) https://a.example\"x": "https://a.example",
		"no link":               "",
		"<https://a.example/c>": "https://a.example/c",
	} {
		m.Text = text
		doc := draw(t, admin.EmailPage(frame(), m, ""))
		if got := doc.Find(".email-text a").AttrOr("href", ""); got != want {
			t.Errorf("%q links to %q", text, got)
		}
		if got := doc.Find(".email-text").Text(); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}
