package admin_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/orbit"
)

// hidden is what a form's hidden fields send.
func (a answer) hidden(form string) url.Values {
	values := url.Values{}
	a.Find(form + " input[type=hidden]").Each(func(_ int, input *goquery.Selection) {
		values.Set(input.AttrOr("name", ""), input.AttrOr("value", ""))
	})
	return values
}

// log returns the newest lines of a merchant's log.
func (p *panel) log(id orbit.MerchantID) []orbit.AuditLine {
	p.t.Helper()
	entries, err := p.db.AuditLog(p.t.Context(), id, 20, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	return entries
}

// TestChangePlan: an admin changes a merchant's plan by way of a preview, once however often it is sent, also that of a
// suspended shop; what was changed in between is refused, and a merchant that isn't set up has none to change.
func TestChangePlan(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.work(false)
	id, rival := p.apply("Moss & Fern"), p.apply("Rival")
	if a := p.get(path(rival, "/plan/changes/new")).want(t, 409); !strings.Contains(a.words("main"), "Only an active") {
		t.Error(a.words("main"))
	}
	if p.get(path(rival, "")).want(t, 200).Find(`a:contains("Change plan")`).Length() != 0 {
		t.Error("a pending merchant is offered another plan")
	}
	p.activate(id, "moss")
	p.await(id, "active")

	choose, _ := p.get(path(id, "")).want(t, 200).Find(`#shop a:contains("Change plan")`).Attr("href")
	a := p.get(choose).want(t, 200)
	if a.Find(".plan-choice").Length() != 3 || a.words("[data-current] h2") != "Starter" {
		t.Error(a.words("main"))
	}
	p.sql(`UPDATE plans SET limits = limits || '{"products": 1}' WHERE slug = 'professional'`)
	preview, _ := a.Find(`[data-plan=professional] a:contains("Preview change")`).Attr("href")
	a = p.get(preview).want(t, 200)
	for _, want := range []string{"Starter to Professional", "Within the limit", "$29.99", "$79.99", "Confirm change"} {
		if !strings.Contains(a.words("main"), want) {
			t.Errorf("the preview lacks %q: %s", want, a.words("main"))
		}
	}
	if named := a.Find(".plan-products li"); named.Length() == 0 || named.Find("a").Length() != 0 {
		t.Error("what becomes read-only:", a.words(".alert"))
	}
	form := a.hidden("#change")
	p.post(path(rival, "/plan/changes"), form).want(t, 409)
	for range 2 { // the second click changes nothing
		if a := p.post(path(id, "/plan/changes"), form).want(t, 303); a.Header.Get("Location") != path(id, "") {
			t.Error(a.Header)
		}
	}
	log := p.log(id)
	if log[0].Action != orbit.ActionMerchantPlan || log[0].Actor != adminEmail || log[1].Action == log[0].Action {
		t.Error(log)
	}

	p.post(path(id, "/suspension"), url.Values{"reason": {"Unpaid"}}).want(t, 303)
	p.get(path(id, "/plan/changes/new")).want(t, 200)
	back := p.get(path(id, "/plan/changes/new?plan=starter")).want(t, 200).hidden("#change")
	p.sql(`UPDATE plans SET price = price + 100, updated_at = updated_at + interval '1 second' WHERE slug = 'starter'`)
	a = p.post(path(id, "/plan/changes"), back).want(t, 409)
	if !strings.Contains(a.words("#problem"), "Preview the change again") || a.hidden("#change").Get("version") ==
		back.Get("version") {
		t.Error(a.words("main"))
	}
	p.post(path(id, "/plan/changes"), a.hidden("#change")).want(t, 303)
	m, err := p.db.Merchant(t.Context(), id)
	if err != nil || m.PlanID.String() != back.Get("plan") || m.Status != orbit.MerchantSuspended {
		t.Error(m, err)
	}
	p.post(path(id, "/plan/changes"), url.Values{"plan": {"x"}}).want(t, 400)
	// The first form was made before the plan was changed away and back.
	p.post(path(id, "/plan/changes"), form).want(t, 409)
	if line := p.get(path(id, "")).want(t, 200).words("#activity tbody tr"); !strings.Contains(line,
		"Professional → Starter") {
		t.Error(line)
	}
}

func (p *panel) sql(statement string) {
	p.t.Helper()
	if _, err := p.db.Pool().Exec(p.t.Context(), statement); err != nil {
		p.t.Fatal(err)
	}
}
