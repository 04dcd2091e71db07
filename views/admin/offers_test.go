package admin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/views/admin"
	"orbit360.app/views/hooks"
	"orbit360.app/views/ui"
)

func themeCards() []admin.ThemeCard {
	var cards []admin.ThemeCard
	for i, t := range themes() {
		cards = append(cards, admin.ThemeCard{Theme: t, Uses: []int{1240, 1, 0}[i]})
	}
	cards[2].Active = false
	return cards
}

func plans() []orbit.Plan {
	all := orbit.DefaultPlans()
	for i := range all {
		all[i].ID = id[orbit.Plan](i + 1)
	}
	return all
}

func planLines() []admin.PlanLine {
	var lines []admin.PlanLine
	for i, p := range plans() {
		lines = append(lines, admin.PlanLine{Plan: p, Uses: []int{912, 371, 0}[i]})
	}
	return lines
}

func uses() orbit.Uses {
	u := orbit.Uses{Total: 63, Current: 62}
	for i, m := range merchants() {
		u.Merchants = append(u.Merchants, orbit.Use{ID: m.ID, Name: m.Name, Status: m.Status, Current: i != 6,
			Products: int64(900 / (i + 1))})
	}
	return u
}

func planForm(asking bool) admin.PlanForm {
	p := plans()[0]
	f := admin.PlanForm{Plan: p, Typed: admin.TypePlan(p), Uses: uses()}
	if asking {
		in := p.Input()
		n := int64(50)
		in.Limits.Products, in.Price = &n, 3499
		f.Typed.Limits["products"], f.Typed.Price = "50", "34.99"
		f.Asking = true
		f.Impact = admin.PlanImpact{Uses: orbit.Uses{Total: 62, Current: 62, Merchants: uses().Merchants[:6]},
			Changes: admin.PlanChanges(p, in), Over: uses().Merchants[:2], Limit: 50, Hash: "abc"}
	}
	return f
}

func webhookRows() []orbit.WebhookRow {
	kinds := []orbit.EventKind{orbit.MerchantWasActivated, orbit.MerchantRunFailed, orbit.MerchantWasRolledBack}
	return []orbit.WebhookRow{
		{Webhook: orbit.Webhook{ID: id[orbit.Webhook](1),
			URL: "https://hooks.crm.example/orbit360/merchants?source=production", Description: "Opens an account in the CRM",
			Events: kinds[:1], CreatedAt: at("700h")}, Delivered: 1284, LastAt: at("40s")},
		{Webhook: orbit.Webhook{ID: id[orbit.Webhook](2), URL: "https://alerts.example/in", Events: kinds[1:],
			CreatedAt: at("90h"), OldUntil: now.Add(20 * time.Hour)}, Delivered: 12, Failed: 3, Pending: 1, LastAt: at("3h")},
		{Webhook: orbit.Webhook{ID: id[orbit.Webhook](3), URL: "https://old.example/", Events: kinds, CreatedAt: at("2000h"),
			DisabledAt: at("20h")}},
	}
}

func deliveryRows() []orbit.DeliveryRow {
	w := webhookRows()[1]
	row := func(n int, k orbit.EventKind, s orbit.DeliveryStatus, merchant string,
		log ...orbit.DeliveryAttempt) orbit.DeliveryRow {
		return orbit.DeliveryRow{Delivery: orbit.Delivery{ID: id[orbit.Delivery](n), EventID: id[orbit.Event](n),
			WebhookID: w.ID, Status: s, Attempts: len(log), Log: log, CreatedAt: at("3h")}, Kind: k, Merchant: merchant,
			MerchantID: id[orbit.Merchant](n), EventAt: at("3h")}
	}
	bad := orbit.DeliveryAttempt{At: at("2h"), Status: 502, Millis: 204, Body: "<html><h1>502 Bad Gateway</h1></html>"}
	none := orbit.DeliveryAttempt{At: at("1h"), Millis: 5001, Error: "No response within 5 seconds."}
	good := orbit.DeliveryAttempt{At: at("40s"), Status: 204, Millis: 38}
	rows := []orbit.DeliveryRow{
		row(1, orbit.MerchantRunFailed, orbit.DeliveryPending, "Kōhī Coffee Roasters", bad, none),
		row(2, orbit.MerchantWasRolledBack, orbit.DeliveryDelivered, "Ateliers Réunis de la Vallée du Rhône", bad, good),
		row(3, orbit.MerchantRunFailed, orbit.DeliveryFailed, "<img onerror=alert(1) src=x>", bad, bad, bad, none, bad, bad,
			bad, none),
		{Delivery: orbit.Delivery{ID: id[orbit.Delivery](4), WebhookID: w.ID, Status: orbit.DeliveryPending, CreatedAt: now},
			Kind: orbit.Ping, EventAt: now},
	}
	rows[0].NextAt = now.Add(25 * time.Minute)
	rows[0].Body = `{"id" : "0199b0aa-0000-7000-8000-000000000001", "type" : "merchant.failed", ` +
		`"createdAt" : "2026-11-23T05:00:00.000Z", "data" : {"merchant" : {"id" : "0199b0aa", "name" : "Kōhī", ` +
		`"status" : "failed"}, "status" : "FAILED"}}`
	return rows
}

// offerPages returns the gallery's pages of plans and webhooks; the form of a theme needs an engine and is looked at in
// handlers/admin.
func offerPages(f admin.Frame) map[string]templ.Component {
	rows, of := webhookRows(), admin.HookPages(now)
	page := func(body templ.Component) templ.Component { return admin.HookPage(f, "Webhooks", body) }
	detail := hooks.Detail{WebhookRow: rows[1], Query: ui.ListQuery{Page: 1, PerPage: ui.PerPage},
		Deliveries: deliveryRows(), Total: 4}
	empty := hooks.Detail{WebhookRow: rows[2], Query: ui.ListQuery{Page: 1, PerPage: ui.PerPage}}
	form := hooks.Form{ID: id[orbit.Webhook](9), Fresh: true,
		Input: orbit.WebhookInput{URL: "http://localhost/hook"}}
	_, err := form.Input.Check(orbit.EventKinds(), false)
	form.Faults = orbit.FaultsOf(err)
	refused := admin.DeletionQuestion("Plans", "Starter", "/plans/x", "/plans")
	refused.Refusal = uses().Refusal("plan", "Starter")
	faulty := planForm(false)
	faulty.Typed.Price = "29.999"
	faulty.Faults = []orbit.Fault{{Field: "price", Message: "USD has 2 decimal places."},
		{Field: "limits.products", Message: "Enter a number, or leave blank for no limit."}}
	return map[string]templ.Component{
		"/plan":        admin.PlanPage(f, planForm(false)),
		"/plan-asking": admin.PlanPage(f, planForm(true)),
		"/plan-faults": admin.PlanPage(f, faulty),
		"/plan-new": admin.PlanPage(f, admin.PlanForm{Typed: admin.PlanTyped{Currency: "USD", Cycle: "monthly",
			Active: true}}),
		"/plan-in-use": admin.QuestionPage(f, refused),
		"/engines": admin.EnginesPage(f, []admin.EngineCard{{Name: orbit.EngineModern, Title: "Modern",
			Description: orbit.DefaultThemes()[0].Description, Settings: 38},
			{Name: orbit.EngineClassic, Title: "Classic", Settings: 41},
			{Name: orbit.EngineMinimal, Title: "Minimal", Settings: 29}}),
		"/webhooks":       page(hooks.List(of, rows)),
		"/webhooks-empty": page(hooks.List(of, nil)),
		"/webhook":        page(hooks.Page(of, detail)),
		"/webhook-off":    page(hooks.Page(of, empty)),
		"/webhook-form":   page(hooks.FormPage(of, form)),
		"/webhook-secret": page(hooks.Secret(of, rows[1].Webhook,
			"whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U", true)),
		"/webhook-rotation":  admin.QuestionPage(f, hooks.RotationQuestion(of, rows[1].Webhook)),
		"/webhook-delivery":  page(hooks.DeliveryPage(of, rows[1].Webhook, deliveryRows()[0])),
		"/webhook-delivered": page(hooks.DeliveryPage(of, rows[1].Webhook, deliveryRows()[1])),
	}
}

func TestPlanChanges(t *testing.T) {
	t.Parallel()
	got := strings.Join(planForm(true).Impact.Changes, "; ")
	if got != "Price: $29.99 / month becomes $34.99 / month; Products: 100 becomes 50" {
		t.Error(got)
	}
	for _, p := range plans() {
		if c := admin.PlanChanges(p, p.Input()); len(c) != 0 {
			t.Errorf("%s: %v", p.Slug, c)
		}
	}
}

// What a form shows is what is stored: gigabytes keep every byte.
func TestBytes(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{0, 1, 1 << 30, 5 << 30, 1<<30 + 1, 1500 << 20, orbit.MaxBytes, 123456789012345} {
		p := orbit.Plan{Currency: "USD", Limits: orbit.Limits{StorageBytes: &n}}
		typed := admin.TypePlan(p).Limits["storageBytes"]
		if got, ok := admin.Bytes(typed); !ok || got != n {
			t.Errorf("%d: %q is %d", n, typed, got)
		}
	}
	for _, s := range []string{"", "x", "NaN", "Inf", "-Inf", "0x10", "1e99", "1_0"} {
		if n, ok := admin.Bytes(s); ok {
			t.Errorf("%q: %d", s, n)
		}
	}
}
