package dashboard_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
)

// A shop reads what was done there, in words: by its people by name and by admins as support, and nothing of another
// shop's or the platform's own.
func TestActivity(t *testing.T) {
	t.Parallel()
	w := begin(t)
	path := w.home(w.moss) + "/settings/activity"
	hash, err := kit.HashPassword(password)
	if err == nil {
		_, err = w.db.EnsureAdmin(t.Context(), "root@example.com", "Root", hash)
	}
	if err != nil {
		t.Fatal(err)
	}
	root := orbit.Actor{ID: w.person("root@example.com"), Name: "root@example.com", Address: "203.0.113.9"}
	bob := orbit.Actor{ID: w.person("bob@example.com"), Name: "bob@example.com", Address: "203.0.113.8"}
	note := func(who orbit.Actor, action orbit.Action, of orbit.MerchantID, target string) {
		t.Helper()
		if err := w.db.Audit(t.Context(), who, action, of, target, orbit.Details{"secret": "inner detail"}); err != nil {
			t.Fatal(err)
		}
	}
	note(root, orbit.ActionMerchantSuspended, w.moss, "")
	note(root, orbit.ActionMerchantActivation, w.moss, "a platform's line")
	note(bob, orbit.ActionProductCreated, w.nord, "A rival's mug")
	w.staff(w.moss, "bob@example.com", "settings")
	note(bob, orbit.ActionProductCreated, w.moss, "Bob's <b>mug</b>")
	w.invite("eve@example.com", "orders")

	lines := func(cookie, query string) (all []string) {
		t.Helper()
		res, page := w.get(cookie, path+query)
		if res.StatusCode != 200 {
			t.Fatal(query, res.StatusCode)
		}
		for _, never := range []string{"203.0.113", "inner detail", "rival", "platform's line", "root@example.com"} {
			if strings.Contains(page.Find("main").Text(), never) {
				t.Errorf("%s shows %q", query, never)
			}
		}
		page.Find("#activity tbody tr").Each(func(_ int, s *goquery.Selection) {
			all = append(all, strings.Join(strings.Fields(s.Find(".cell-main").Text()), " "))
		})
		return all
	}
	all := lines(w.ada, "")
	for _, want := range []string{"Some One invited eve@example.com", "Some One created the product Bob's <b>mug</b>",
		"ORBIT360 support suspended the shop"} {
		if !strings.Contains(strings.Join(all, "\n"), want) {
			t.Errorf("%q isn't in %q", want, all)
		}
	}
	if got := lines(w.ada, "?who=support"); len(got) != 1 || !strings.Contains(got[0], "support suspended") {
		t.Error(got)
	}
	if got := lines(w.ada, "?who="+bob.ID.String()); len(got) != 1 || !strings.Contains(got[0], "mug") {
		t.Error(got)
	}
	if got := lines(w.ada, "?area=staff"); len(got) != 1 || !strings.Contains(got[0], "invited") {
		t.Error(got)
	}
	if got := lines(w.bob, "?area=products&who="+bob.ID.String()); len(got) != 1 {
		t.Error("staff with the permission:", got)
	}
	for i := range 30 {
		note(bob, orbit.ActionProductUpdated, w.moss, "mug "+strconv.Itoa(i))
	}
	_, page := w.get(w.ada, path+"?area=products")
	older := page.Find(".pager a[rel=next]").AttrOr("href", "")
	if rows := page.Find("#activity tbody tr").Length(); rows != 25 || older == "" {
		t.Fatal(rows, older)
	}
	u, err := url.Parse(older)
	if err != nil || u.Query().Get("area") != "products" {
		t.Error(older, err)
	}
	if got := lines(w.ada, "?"+u.RawQuery); len(got) == 0 || !strings.Contains(strings.Join(got, " "), "mug") {
		t.Error(got)
	}
	if res, _ := w.get(w.ada, path+"?who=x"); res.StatusCode != 404 {
		t.Error(res.StatusCode)
	}
}
