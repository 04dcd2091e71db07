package dashboard_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/orbit"
)

// confirmation is what the form of a preview sends.
func confirmation(page *goquery.Document) url.Values {
	form := url.Values{}
	page.Find("#change input[type=hidden]").Each(func(_ int, input *goquery.Selection) {
		form.Set(input.AttrOr("name", ""), input.AttrOr("value", ""))
	})
	return form
}

// TestPlan goes from the page of the plan through a preview to another plan, and finds the month's statement.
func TestPlan(t *testing.T) {
	t.Parallel()
	w := begin(t)
	plan := w.home(w.moss) + "/settings/plan"
	_, page := w.get(w.ada, plan)
	if n := page.Find("[role=meter]").Length(); n != 4 {
		t.Errorf("%d meters", n)
	}
	if page.Find("#statements .empty").Length() != 1 || page.Find("#plan h2").Text() != "Professional" {
		t.Error(page.Find("main").Text())
	}
	choose, ok := page.Find(`a:contains("Change plan")`).Attr("href")
	if !ok {
		t.Fatal("no way to another plan")
	}
	_, page = w.get(w.ada, choose)
	if page.Find(".plan-choice").Length() != 3 || page.Find("[data-current] h2").Text() != "Professional" ||
		page.Find("[data-current] a").Length() != 0 {
		t.Error(page.Find("main").Text())
	}
	preview, _ := page.Find(`[data-plan=starter] a:contains("Preview change")`).Attr("href")
	for _, sql := range []string{`UPDATE plans SET limits = limits || '{"products": 3}' WHERE slug = 'starter'`,
		`UPDATE merchant_plans SET started_at = started_at - interval '1 minute'`} {
		if _, err := w.super(t).Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	_, page = w.get(w.ada, preview)
	text := page.Find("main").Text()
	for _, want := range []string{"Products: 6 of 3", "can't add products", "Over the limit", "$29.99", "$79.99"} {
		if !strings.Contains(text, want) {
			t.Errorf("the preview lacks %q:\n%s", want, strings.Join(strings.Fields(text), " "))
		}
	}
	names := page.Find(".plan-products a").Map(func(_ int, a *goquery.Selection) string { return a.AttrOr("href", "") })
	if len(names) != 3 {
		t.Errorf("%d products named: %s", len(names), page.Find(".plan-products").Text())
	}
	form := confirmation(page)
	// It can't be sent for another shop, nor by its staff.
	if res, _ := w.post(w.bob, plan+"/changes", form); res.StatusCode != 404 {
		t.Error("another shop's owner:", res.StatusCode)
	}
	for range 2 { // the second click changes nothing
		res, _ := w.post(w.ada, plan+"/changes", form)
		if res.StatusCode != 303 || res.Header.Get("Location") != plan {
			t.Fatal(res.StatusCode, res.Header)
		}
	}
	_, page = w.get(w.ada, plan)
	if page.Find("#plan h2").Text() != "Starter" || page.Find("#next dt").Length() != 3 ||
		!strings.Contains(page.Find(".meter-word").Text(), "Over the limit") {
		t.Error(page.Find("main").Text())
	}
	for _, named := range names {
		if _, page := w.get(w.ada, named); page.Find("#read-only").Length() != 1 {
			t.Errorf("%s can be edited: %s", named, page.Find("h1").Text())
		}
	}
	res, page := w.addProduct(w.ada, w.moss)
	if res.StatusCode != 409 || !strings.Contains(page.Text(), "Your Starter plan allows 3 products.") {
		t.Error(res.StatusCode, page.Find(".alert").Text())
	}
	_, page = w.get(w.ada, plan+"/statements/"+time.Now().UTC().Format("2006-01"))
	if page.Find("#statement tbody tr").Length() != 2 ||
		!strings.Contains(page.Find(".statement footer").Text(), "isn't over") {
		t.Error(page.Find(".statement").Text())
	}
	for _, month := range []string{"2020-01", "2199-01", "9999-12", "0000-01", "x", "2026-13"} {
		if res, _ := w.get(w.ada, plan+"/statements/"+month); res.StatusCode != 404 {
			t.Error(month, res.StatusCode)
		}
	}
}

// TestPlanChangeRefused: a preview that is no longer true comes back with the reason and what is true now.
func TestPlanChangeRefused(t *testing.T) {
	t.Parallel()
	w := begin(t)
	plan := w.home(w.moss) + "/settings/plan"
	enterprise, err := w.db.Plan(t.Context(), "enterprise")
	if err != nil {
		t.Fatal(err)
	}
	_, page := w.get(w.ada, plan+"/changes/new?plan=enterprise")
	form := confirmation(page)

	// Another price.
	in := enterprise.Input()
	in.Price = 39999
	if _, err := w.db.UpdatePlan(t.Context(), enterprise.ID, in, orbit.System); err != nil {
		t.Fatal(err)
	}
	res, page := w.post(w.ada, plan+"/changes", form)
	if res.StatusCode != 409 || !strings.Contains(page.Find(".alert").Text(), "has been changed since") ||
		!strings.Contains(page.Find("#price").Text(), "$399.99") {
		t.Error(res.StatusCode, page.Find("main").Text())
	}
	// Deactivated.
	form = confirmation(page)
	if _, err := w.db.SetPlanActive(t.Context(), enterprise.ID, false, orbit.System); err != nil {
		t.Fatal(err)
	}
	res, page = w.post(w.ada, plan+"/changes", form)
	if res.StatusCode != 422 || !strings.Contains(page.Find(".alert").Text(), "isn't available") ||
		page.Find(".plan-choice").Length() != 2 {
		t.Error(res.StatusCode, page.Find("main").Text())
	}
	// Not a form of ours.
	for _, form := range []url.Values{{}, {"from": {"x"}, "plan": {"y"}}} {
		if res, _ := w.post(w.ada, plan+"/changes", form); res.StatusCode != 400 {
			t.Error(form, res.StatusCode)
		}
	}
	// A suspended shop's owner sees the plan and can't change it.
	if err := w.db.Suspend(t.Context(), w.moss, "Unpaid", orbit.System, nil); err != nil {
		t.Fatal(err)
	}
	res, page = w.get(w.ada, plan)
	if res.StatusCode != 200 || page.Find(`a:contains("Change plan")`).Length() != 0 {
		t.Error(res.StatusCode, page.Find("main").Text())
	}
}

// TestHomeSaysWhatIsNear: Home has a notice for each limit that is near or reached, with the way to another plan for
// owners alone; staff who don't run the shop have none.
func TestHomeSaysWhatIsNear(t *testing.T) {
	t.Parallel()
	w := begin(t)
	if _, err := w.super(t).Exec(t.Context(), `UPDATE plans SET limits = '{"products": 6, "ordersPerMonth": 9}'
		WHERE slug = 'professional'`); err != nil {
		t.Fatal(err)
	}
	home := w.home(w.moss)
	_, page := w.get(w.ada, home)
	notice := page.Find("#limit-products")
	if page.Find(".alert[id^=limit-]").Length() != 1 || !strings.Contains(notice.Text(), "6 of 6, limit reached") ||
		notice.Find("a").Length() != 1 {
		t.Error(page.Find("main").Text())
	}
	// Home and the page of the plan draw the same meters, and say the same of them.
	for limits, want := range map[string]string{`{"products": 7}`: "Near the limit", `{"products": 6}`: "Limit reached",
		`{"products": 5}`: "Over the limit", `{"products": 8}`: ""} {
		if _, err := w.super(t).Exec(t.Context(), `UPDATE plans SET limits = $1::text::jsonb
			WHERE slug = 'professional'`, limits); err != nil {
			t.Fatal(err)
		}
		_, page := w.get(w.ada, home)
		_, plan := w.get(w.ada, home+"/settings/plan")
		for name, meters := range map[string]*goquery.Selection{"Home": page.Find("#plan"), "Plan": plan.Find("#usage")} {
			if got := strings.TrimSpace(meters.Find(".meter-word").Text()); got != want ||
				meters.Find("[role=meter]").Length() != 1 || meters.Find(".progress").Length() != 4 {
				t.Errorf("%s of %s: %q, want %q", name, limits, got, want)
			}
		}
		notice := page.Find("#limit-products .alert-title").Text()
		if want != "" && !strings.HasSuffix(notice, ", "+strings.ToLower(want)) || want == "" && notice != "" {
			t.Errorf("the notice of %s: %q", limits, notice)
		}
	}
	if _, err := w.super(t).Exec(t.Context(), `UPDATE plans SET limits = '{"products": 6}'
		WHERE slug = 'professional'`); err != nil {
		t.Fatal(err)
	}
	for may, want := range map[orbit.Permission]int{orbit.PermissionSettings: 1, orbit.PermissionContent: 0} {
		w.staff(w.moss, "bob@example.com", may)
		_, page := w.get(w.bob, home)
		if page.Find("#limit-products").Length() != want || page.Find("#limit-products a").Length() != 0 {
			t.Errorf("staff with %s: %s", may, page.Find("main").Text())
		}
	}
}
