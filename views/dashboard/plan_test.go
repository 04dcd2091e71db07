package dashboard_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/fasthttp/websocket"

	"orbit360.app/browsertest"
	"orbit360.app/orbit"
	"orbit360.app/static"
	"orbit360.app/views/dashboard"
	"orbit360.app/views/ui"
)

var planNow = time.Date(2026, 11, 16, 8, 0, 0, 0, time.UTC)

func id[T any](n int) orbit.ID[T] {
	v, err := orbit.ParseID[T](fmt.Sprintf("0199b0aa-0000-7000-8000-%012d", n))
	if err != nil {
		panic(err)
	}
	return v
}

func moss() orbit.Merchant {
	return orbit.Merchant{ID: id[orbit.Merchant](1), Code: "ORB-7K3M9QXZ", Name: "Moss & Fern", OwnerName: "Fern Whitlock",
		Email: "hello@mossandfern.example", Status: orbit.MerchantActive, Subdomain: "moss", LiveAt: planNow}
}

func frame() dashboard.Frame {
	of := orbit.Membership{Merchant: moss(), Rights: orbit.Rights{MemberRole: orbit.MemberOwner}}
	return dashboard.Frame{Addresses: orbit.Addresses{Scheme: "https", Base: "orbit360.app"},
		User:  orbit.User{ID: id[orbit.User](1), Name: "Fern Whitlock", Email: "fern@mossandfern.example"},
		Shops: []orbit.Membership{of}}
}

func plans() []orbit.Plan {
	all := orbit.DefaultPlans()
	for i := range all {
		all[i].ID = id[orbit.Plan](i + 1)
	}
	return all
}

func sheet(plan int, u orbit.Usage) orbit.PlanSheet {
	p := plans()
	november := orbit.MonthOf(planNow)
	return orbit.PlanSheet{Plan: p[plan], Usage: u, Now: planNow, Periods: []orbit.PlanPeriod{
		{From: november, To: november.AddDate(0, 0, 10).Add(9 * time.Hour), Name: p[0].Name, Price: p[0].Price,
			Currency: "USD", BillingCycle: orbit.Monthly},
		{From: november.AddDate(0, 0, 10).Add(9 * time.Hour), To: orbit.NextMonth(planNow), Name: p[plan].Name,
			Price: p[plan].Price, Currency: "USD", BillingCycle: orbit.Monthly}}}
}

func closed() (all []orbit.Statement) {
	for month := range 3 {
		from := orbit.MonthOf(planNow).AddDate(0, -1-month, 0)
		p := plans()[0]
		all = append(all, orbit.Statement{Month: from, Orders: 214, BandwidthBytes: 31 << 30,
			CreatedAt: orbit.NextMonth(from), Lines: orbit.Charges(from, []orbit.PlanPeriod{{From: from,
				To: orbit.NextMonth(from), Name: p.Name, Price: p.Price, Currency: "USD", BillingCycle: orbit.Monthly}})})
	}
	return all
}

// gallery holds the pages of the plan in all that they can show.
func planGallery() map[string]templ.Component {
	const gib = 1 << 30
	f, m := frame(), moss()
	page := func(plan int, u orbit.Usage, s []orbit.Statement) templ.Component {
		return dashboard.Plan(f, dashboard.PlanPage{PlanSheet: sheet(plan, u), Merchant: m, Statements: s})
	}
	full := orbit.Usage{Products: 140, OrdersThisMonth: 500, StorageBytes: 4 * gib, BandwidthBytesThisMonth: 61 * gib}
	preview := func(from, to int, u orbit.Usage, problem string) templ.Component {
		p := sheet(from, u).Preview(plans()[to])
		if to == 0 {
			for i := range orbit.MaxNamed {
				p.ReadOnly = append(p.ReadOnly, orbit.ProductName{ID: id[orbit.Product](i + 1),
					Title: strings.Repeat("Hand-thrown breakfast bowl ", i+1)[:27*(1+i%5)-1]})
			}
			p.Unnamed = 30
		}
		return dashboard.PreviewPlan(f, dashboard.PlanChange{PlanPreview: p, Merchant: m, Now: planNow, Problem: problem})
	}
	s := sheet(1, full)
	return map[string]templ.Component{
		"/plan-empty": page(0, orbit.Usage{}, nil),
		"/plan-79": page(0, orbit.Usage{Products: 79, OrdersThisMonth: 395, StorageBytes: 39 * gib / 10,
			BandwidthBytesThisMonth: 39 * gib}, closed()),
		"/plan-80": page(0, orbit.Usage{Products: 80, OrdersThisMonth: 400, StorageBytes: 4 * gib,
			BandwidthBytesThisMonth: 40 * gib}, closed()),
		"/plan-full":      page(0, full, closed()),
		"/plan-unlimited": page(2, full, closed()),
		"/choose":         dashboard.ChoosePlan(f, dashboard.PlanChoices{Merchant: m, Current: plans()[0], Plans: plans()}),
		"/upgrade":        preview(0, 1, full, ""),
		"/downgrade": preview(1, 0, full,
			"The Starter plan has been changed since you opened this page. Preview the change again."),
		"/statement": dashboard.Statement(f, ui.StatementProps{Merchant: m, Statement: orbit.Statement{
			Month: orbit.MonthOf(planNow), Lines: s.Lines(), Orders: 412, BandwidthBytes: 61 * gib, CreatedAt: planNow}}),
		"/notices": noticed(plans()[0].Limits.Meters(full)),
	}
}

// noticed is a page with notices, as Home has them.
func noticed(meters []orbit.Meter) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		inside := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
			if _, err := io.WriteString(w, `<div class="stack">`); err != nil {
				return err
			}
			if err := dashboard.PlanNotices(moss(), meters, true, planNow).Render(ctx, w); err != nil {
				return err
			}
			_, err := io.WriteString(w, `</div>`)
			return err
		})
		return ui.Page(ui.Frame{Document: ui.DocumentProps{Title: "Home"}}).Render(templ.WithChildren(ctx, inside), w)
	})
}

func servePlans(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	for path, page := range planGallery() {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if err := page.Render(r.Context(), w); err != nil {
				t.Error(err)
			}
		})
	}
	mux.HandleFunc("GET /moss/live", func(w http.ResponseWriter, r *http.Request) { // a socket that has nothing to say
		conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close() //nolint:errcheck // the page is gone
		_, _, _ = conn.ReadMessage()
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

// TestPlanShots takes images of the pages of the plan, as TestPartShots in views/ui does.
func TestPlanShots(t *testing.T) {
	if os.Getenv("SHOTS") == "" {
		t.Skip("SHOTS names no folder")
	}
	s, b := servePlans(t), browsertest.New(t)
	for path := range planGallery() {
		b.Open(s.URL + path)
		b.Look(strings.TrimPrefix(path, "/"))
	}
}

// TestPlanFits: no page of the plan scrolls sideways, whatever the width.
func TestPlanFits(t *testing.T) {
	t.Parallel()
	s, b := servePlans(t), browsertest.New(t)
	for path := range planGallery() {
		b.Open(s.URL + path)
		for _, width := range []int64{1440, 1024, 768, 390, 320} {
			b.Resize(width)
			if wide := browsertest.Eval[int](b, `Math.max(document.documentElement.scrollWidth - innerWidth,
				...[...document.querySelectorAll(".table-box, .card")].map((e) => e.scrollWidth - e.clientWidth))`); wide > 1 {
				t.Errorf("%s is %d px too wide at %d px", path, wide, width)
			}
		}
	}
}
