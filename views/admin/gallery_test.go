package admin_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/static"
	"orbit360.app/views/admin"
	"orbit360.app/views/ui"
)

var now = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

var addresses = orbit.Addresses{Scheme: "https", Base: "orbit360.app"}

func frame() admin.Frame {
	return admin.Frame{Now: now, Pending: 12, Addresses: addresses,
		User: ui.UserMenu{Name: "Ada Okafor", Email: "ada.okafor@orbit360.app", SignOutAction: "/sign-out"}}
}

func at(ago string) time.Time {
	d, err := time.ParseDuration(ago)
	if err != nil {
		panic(err)
	}
	return now.Add(-d)
}

// id is the same for the same name, so that pages are the same at each run.
func id[T any](n int) orbit.ID[T] {
	v, err := orbit.ParseID[T](fmt.Sprintf("0199b0aa-0000-7000-8000-%012d", n))
	if err != nil {
		panic(err)
	}
	return v
}

func line(n int, name, owner, email string, c orbit.Category, s orbit.MerchantStatus, ago string) orbit.MerchantRow {
	r := orbit.MerchantRow{Merchant: orbit.Merchant{ID: id[orbit.Merchant](n), Name: name, OwnerName: owner, Email: email,
		Category: c, Status: s, CreatedAt: at(ago)}}
	if s != orbit.MerchantPending {
		r.Subdomain, r.ThemeName, r.PlanName, r.Code = orbit.SuggestSubdomain(name), "Upfront Modern", "Professional",
			"ORB-7K3M9QXZ"
		r.RunStatus, r.RunPercent, r.LiveAt, r.ActivatedAt = orbit.RunCompleted, 100, at(ago), at(ago)
	}
	return r
}

func merchants() []orbit.MerchantRow {
	rows := []orbit.MerchantRow{
		line(1, "Moss & Fern", "Fern Whitlock", "hello@mossandfern.example", "home-garden", orbit.MerchantPending, "4m"),
		line(2, "Kōhī Coffee Roasters", "Mari Sato", "mari@kohi.example", "food-drink", orbit.MerchantActivating, "31m"),
		line(3, "Ateliers Réunis de la Vallée du Rhône", "Zoë Marchand-Delacroix", "contact@ateliers-reunis.example",
			"art-crafts", orbit.MerchantFailed, "3h"),
		line(4, "Northwind Cycles", "Jonas Berg", "ops@northwind.example", "sports", orbit.MerchantActive, "50h"),
		line(5, "Papier Lune", "Luna Reyes", "zoe@papierlune.example", "books", orbit.MerchantSuspended, "700h"),
		line(6, "<img onerror=alert(1) src=x>", "Robert'); DROP", "bobby@tables.example", "other", orbit.MerchantPending,
			"9h"),
		line(7, "Volt & Wire", "Amara Diallo", "amara@volt.example", "electronics", orbit.MerchantActive, "90h"),
	}
	rows[1].RunStatus, rows[1].RunStep, rows[1].RunPercent = orbit.RunInProgress, orbit.StepWebsite, 40
	rows[2].RunStatus, rows[2].RunStep, rows[2].RunPercent = orbit.RunFailed, orbit.StepWebsite, 40
	rows[3].CustomDomain = "shop.northwind-cycles.example"
	rows[6].LiveAt = time.Time{}
	return rows
}

var counts = map[orbit.MerchantStatus]int{orbit.MerchantPending: 12, orbit.MerchantActivating: 1,
	orbit.MerchantActive: 1283, orbit.MerchantFailed: 1, orbit.MerchantSuspended: 3}

func list(status string, rows ...orbit.MerchantRow) admin.MerchantList {
	total := len(rows)
	if total > 0 {
		total = 312
	}
	return admin.MerchantList{Query: admin.ParseMerchantQuery(status, "", "", ""), Counts: counts, Rows: rows,
		Total: total}
}

func themes() []orbit.Theme {
	all := orbit.DefaultThemes()
	for i := range all {
		all[i].ID = id[orbit.Theme](i)
	}
	return all
}

// view is a run at one of its turns: a number of steps done, and a status.
func view(status orbit.RunStatus, done int) orbit.RunView {
	m := line(2, "Kōhī Coffee Roasters", "Mari Sato", "mari@kohi.example", "food-drink", orbit.MerchantActivating,
		"31m").Merchant
	v := orbit.RunView{Merchant: m, Theme: themes()[0], Plan: orbit.DefaultPlans()[1]}
	v.Run = orbit.Run{ID: id[orbit.Run](1), MerchantID: m.ID, Status: status, Subdomain: "kohi-coffee-roasters",
		CustomDomain: "shop.kohi.example", Category: "food-drink",
		Integrations: orbit.Integrations{Stripe: true, Analytics: true}, StartedAt: at("2s"), CreatedAt: at("2s")}
	v.Merchant.LiveAt = time.Time{}
	for i, d := range orbit.StepDefinitions() {
		s := orbit.Step{Key: d.Key, Position: i, Status: orbit.StepPending}
		switch {
		case i < done:
			s.Status, s.Attempts, s.StartedAt, s.CompletedAt = orbit.StepDone, 1,
				at("2s").Add(time.Duration(i)*4*time.Millisecond), at("2s").Add(time.Duration(i+1)*4*time.Millisecond)
			v.Run.CompletionPercent = d.Percent
		case i == done && status == orbit.RunInProgress:
			s.Status, s.StartedAt = orbit.StepRunning, at("1s")
		case i == done && status == orbit.RunFailed:
			s.Status, s.Attempts, s.Error = orbit.StepFailed, 3, "The custom domain shop.kohi.example belongs to another shop."
			v.Run.ErrorLog = []orbit.RunError{{Step: d.Key, Message: s.Error, At: at("40s")},
				{Step: d.Key, Message: s.Error, At: at("20s")}, {Step: d.Key, Message: s.Error, At: at("5s")}}
		}
		v.Run.Steps = append(v.Run.Steps, s)
	}
	if done >= 2 {
		v.Deployment = &orbit.Deployment{MerchantID: m.ID, MerchantCode: "ORB-7K3M9QXZ", SSLStatus: "pending",
			DNSStatus: "pending"}
	}
	if done >= 4 {
		v.Deployment.DashboardURL, v.Deployment.WebsiteURL,
			v.Deployment.SSLStatus = "https://dashboard.orbit360.app/"+m.ID.String(),
			"https://kohi-coffee-roasters.orbit360.app", "active"
	}
	switch status {
	case orbit.RunFailed:
		v.Merchant.Status = orbit.MerchantFailed
	case orbit.RunCompleted:
		v.Run.CompletedAt = v.Run.StartedAt.Add(28 * time.Millisecond)
		v.Merchant.Status = orbit.MerchantActive
	}
	return v
}

func never() orbit.RunView {
	v := orbit.RunView{Merchant: merchants()[0].Merchant, Run: orbit.Run{Status: orbit.RunPending}}
	for i, d := range orbit.StepDefinitions() {
		v.Run.Steps = append(v.Run.Steps, orbit.Step{Key: d.Key, Position: i, Status: orbit.StepPending})
	}
	return v
}

func rolledBack() orbit.RunView {
	v := view(orbit.RunRollback, 0)
	for i := range v.Run.Steps {
		v.Run.Steps[i].Status = orbit.StepUndone
	}
	v.Run.CompletedAt, v.Run.CompletionPercent, v.Merchant.Status, v.Deployment = at("1s"), 0, orbit.MerchantPending, nil
	return v
}

func form(page bool) admin.ActivationForm {
	return admin.ActivationForm{Merchant: merchants()[0].Merchant, Themes: themes(), Plans: orbit.DefaultPlans(),
		Addresses: addresses, Page: page,
		Input: orbit.Activation{Theme: "upfront-modern", Plan: "professional", Subdomain: "moss-fern",
			Category: "home-garden"},
		Claim: &orbit.Claim{Subdomain: "moss-fern", Free: true}}
}

func faulty(page bool) admin.ActivationForm {
	a := form(page)
	a.Input = orbit.Activation{Plan: "starter", Subdomain: "Admin", CustomDomain: "http://x", Category: "home-garden",
		Integrations: orbit.Integrations{Stripe: true}, GoLive: true}
	_, err := a.Input.Check("orbit360.app")
	a.Faults = orbit.FaultsOf(err)
	return a
}

func auditLines() []admin.AuditLine {
	m := merchants()
	return []admin.AuditLine{
		{At: at("40s"), Actor: "System", Action: "run.completed", MerchantID: m[3].ID, Merchant: m[3].Name,
			Target: "northwind-cycles"},
		{At: at("41s"), Actor: "Ada Okafor", Email: "ada.okafor@orbit360.app",
			Action: orbit.ActionMerchantActivation, MerchantID: m[3].ID,
			Merchant: m[3].Name, Target: "northwind-cycles", Detail: "plan professional, theme upfront-modern",
			Address: "203.0.113.9"},
		{At: at("3h"), Actor: "System", Action: "run.failed", MerchantID: m[2].ID, Merchant: m[2].Name,
			Target: "website_deployment", Detail: "The custom domain belongs to another shop."},
		{At: at("50h"), Actor: "public", Action: "merchant.applied", MerchantID: m[3].ID, Merchant: m[3].Name,
			Target: m[3].Name, Address: "2001:db8::17"},
		{At: at("700h"), Actor: "Ada Okafor", Email: "ada.okafor@orbit360.app",
			Action: "merchant.suspended", MerchantID: m[4].ID,
			Merchant: m[4].Name, Address: "203.0.113.9"},
	}
}

var emails = []orbit.Email{
	{ID: id[orbit.Email](1), Recipient: "mari@kohi.example", Subject: "Kōhī Coffee Roasters is ready",
		Status: orbit.EmailLocal, CreatedAt: at("20s"), SentAt: at("20s"), MessageID: "<run-0199b0aa.welcome@orbit360.app>",
		MerchantID: id[orbit.Merchant](2),
		Text: "Hello Mari,\n\nyour shop is ready: https://kohi-coffee-roasters.orbit360.app.\n\nSet your password " +
			"(the link holds for 7 days):\nhttps://dashboard.orbit360.app/password/q7Yd-<b>\n\n1. Add your products\n2. Go " +
			"live\n"},
	{ID: id[orbit.Email](2), Recipient: "ops@northwind.example", Subject: "We have your application",
		Status: orbit.EmailSent, CreatedAt: at("50h"), SentAt: at("50h"), Attempts: 1},
	{ID: id[orbit.Email](3), Recipient: "nobody@gone.example", Subject: "Set a new password", Status: orbit.EmailFailed,
		CreatedAt: at("70h"), Attempts: 3, Error: "550 no such user"},
	{ID: id[orbit.Email](4), Recipient: "amara@volt.example", Subject: "Volt & Wire is ready", Status: orbit.EmailQueued,
		CreatedAt: at("5s"), Attempts: 1, Error: "The mail server didn't answer."},
}

func detail(row orbit.MerchantRow, v orbit.RunView) admin.MerchantDetail {
	v.Merchant = row.Merchant
	d := admin.MerchantDetail{View: v, Audit: auditLines()[:3]}
	if row.Status != orbit.MerchantPending {
		d.Theme, d.Plan = v.Theme, v.Plan
		d.Domains = []orbit.Domain{{Host: row.Subdomain + ".orbit360.app", Kind: orbit.DomainPlatform, VerifiedAt: now},
			{Host: "shop.example.com", Kind: orbit.DomainCustom}}
	}
	return d
}

// gallery is every page in every state that looks different, under a path.
func gallery() map[string]templ.Component {
	f, rows := frame(), merchants()
	searched := list("pending")
	searched.Query.Query = "blorb"
	pages := map[string]templ.Component{
		"/merchants":         admin.MerchantsPage(f, list("pending", rows[0], rows[5], rows[1])),
		"/merchants-all":     admin.MerchantsPage(f, list("all", rows...)),
		"/merchants-empty":   admin.MerchantsPage(f, list("failed")),
		"/merchants-nomatch": admin.MerchantsPage(f, searched),
		"/merchant":          admin.MerchantPage(f, detail(rows[3], view(orbit.RunCompleted, len(orbit.StepDefinitions())))),
		"/merchant-pending":  admin.MerchantPage(f, admin.MerchantDetail{View: never(), Audit: auditLines()[3:4]}),
		"/merchant-failed":   admin.MerchantPage(f, detail(rows[2], view(orbit.RunFailed, 3))),
		"/activation":        admin.ActivationPage(f, form(true)),
		"/activation-faults": admin.ActivationPage(f, faulty(true)),
		"/activation-refused": admin.QuestionPage(f, func() ui.ConfirmProps {
			q := admin.MerchantQuestion(rows[3].Merchant)
			q.Refusal = "This merchant has been activated already."
			return q
		}()),
		"/suspension":             admin.QuestionPage(f, admin.SuspensionQuestion(rows[3].Merchant, "", "")),
		"/provisioning":           admin.RunPage(f, view(orbit.RunInProgress, 3)),
		"/provisioning-never":     admin.RunPage(f, never()),
		"/provisioning-failed":    admin.RunPage(f, view(orbit.RunFailed, 3)),
		"/provisioning-completed": admin.RunPage(f, view(orbit.RunCompleted, len(orbit.StepDefinitions()))),
		"/provisioning-undone":    admin.RunPage(f, rolledBack()),
		"/emails":                 admin.EmailsPage(f, admin.EmailList{Emails: emails, Older: "1-a"}),
		"/emails-empty":           admin.EmailsPage(f, admin.EmailList{}),
		"/emails-one":             admin.EmailPage(f, emails[0], "Kōhī Coffee Roasters"),
		"/audit": admin.AuditPage(f, admin.AuditLog{ListQuery: admin.AuditOf(ui.ListQuery{}, rows[3].ID),
			MerchantID: rows[3].ID, Merchant: rows[3].Name, Lines: auditLines(), Older: "1-1"}),
		"/audit-nomatch": admin.AuditPage(f, admin.AuditLog{ListQuery: ui.ListQuery{Text: "zo", Status: "access"},
			Partly: true}),
		"/emails-removed": admin.EmailPage(f, orbit.Email{ID: emails[0].ID, Recipient: emails[0].Recipient,
			Subject: emails[0].Subject, Status: orbit.EmailSent, CreatedAt: emails[0].CreatedAt}, ""),
		"/themes": admin.ThemesPage(f, themeCards()),
		"/plans":  admin.PlansPage(f, planLines()),
		"/problem": admin.ErrorPage(f, ui.ErrorProps{Status: 404, Title: "Page not found",
			Message: "There is nothing at this address. It may have been moved or deleted."}),
	}
	maps.Copy(pages, offerPages(f))
	maps.Copy(pages, operationsPages(f))
	return pages
}

const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: https:; font-src " +
	"'self'; connect-src 'self'; " +
	"frame-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

func serve(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	render := func(w http.ResponseWriter, r *http.Request, c templ.Component) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", csp)
		if err := c.Render(r.Context(), w); err != nil {
			t.Error(err)
		}
	}
	for path, page := range gallery() {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { render(w, r, page) })
	}
	mux.HandleFunc("GET /merchants/{id}/activation/new", func(w http.ResponseWriter,
		r *http.Request) {
		render(w, r, admin.ActivationDialog(form(false)))
	})
	mux.HandleFunc("GET /merchants/{id}/rollback/new", func(w http.ResponseWriter, r *http.Request) {
		render(w, r, ui.Confirm(admin.RollbackQuestion(merchants()[2].Merchant)))
	})
	held := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, ":\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	mux.HandleFunc("GET /merchants/stream", held)
	mux.HandleFunc("GET /merchants/{id}/provisioning/stream", held)
	mux.HandleFunc("GET /emails/{id}/html", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w,
			`<!doctype html><body style="font-family:sans-serif;padding:32px;max-width:560px;margin:auto">`+
				`<h1>Kōhī is ready</h1><p>Your shop is up. <a href="https://example.com">Open it</a></p>`)
	})
	mux.HandleFunc("GET /static/themes/{name}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = io.WriteString(w,
			`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200">`+
				`<rect width="320" height="200" fill="#e8e4da"/><rect width="320" height="22" fill="#fff"/>`+
				`<circle cx="230" cy="110" r="60" fill="#c98f65"/>`+
				`<rect x="24" y="70" width="120" height="18" rx="3" fill="#33302b"/></svg>`)
	})
	mux.HandleFunc("GET /static/", func(w http.ResponseWriter, r *http.Request) {
		f, ok := static.Open(r.URL.Path)
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", f.ContentType)
		_, _ = w.Write(f.Content)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s
}

func html(t *testing.T, c templ.Component) string {
	t.Helper()
	var b ([]byte)
	w := writer{&b}
	if err := c.Render(context.Background(), w); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

type writer struct{ b *[]byte }

func (w writer) Write(p []byte) (int, error) { *w.b = append(*w.b, p...); return len(p), nil }
