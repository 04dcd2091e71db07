package ui_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/fasthttp/websocket"

	"orbit360.app/orbit"
	"orbit360.app/static"
	"orbit360.app/views/ui"
)

// The pages' real policy.
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
	"connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"

var now = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// in puts a component around others.
func in(outer templ.Component, inner ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return outer.Render(templ.WithChildren(ctx, seq(inner...)), w)
	})
}

func seq(parts ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		ctx = templ.ClearChildren(ctx)
		for _, p := range parts {
			if err := p.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

func div(class string, inner ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		fmt.Fprintf(w, `<div class="%s">`, class)
		if err := seq(inner...).Render(ctx, w); err != nil {
			return err
		}
		_, err := io.WriteString(w, "</div>")
		return err
	})
}

func admin(title, current string, inner ...templ.Component) templ.Component {
	nav := []ui.NavItem{
		{Label: "Merchants", Href: "/list", Icon: "store", Count: "12"}, {Label: "Themes", Href: "#", Icon: "palette"},
		{Label: "Plans", Href: "#", Icon: "layers"}, {Label: "Domains", Href: "#", Icon: "globe"},
		{Label: "Emails", Href: "#", Icon: "mail", Count: "3"},
		{Label: "Audit", Href: "#", Icon: "scroll-text"}, {Label: "Operations", Href: "#", Icon: "activity"},
	}
	for i := range nav {
		nav[i].Current = nav[i].Label == current
	}
	return in(ui.Page(ui.Frame{
		Document: ui.DocumentProps{Title: title}, Place: "Admin", Nav: nav,
		User: ui.UserMenu{Name: "Ada Okafor", Email: "ada.okafor@orbit360.app", SignOutAction: "/signout"},
	}), inner...)
}

var merchants = []struct {
	name, email, status, plan, when string
	tone                            ui.Tone
	busy                            bool
}{
	{"Moss & Fern", "hello@mossandfern.example", "Pending", "Starter", "4m", ui.Warning, false},
	{"Kōhī Coffee Roasters", "mari@kohi.example", "In progress", "Professional", "12s", ui.Info, true},
	{"Ateliers Réunis de la Vallée du Rhône", "contact@ateliers-reunis.example", "Failed", "Enterprise", "3h", ui.Danger,
		false},
	{"Northwind Cycles", "ops@northwind.example", "Active", "Professional", "50h", ui.Success, false},
	{"Papier Lune", "zoe@papierlune.example", "Suspended", "Starter", "700h", ui.Neutral, false},
}

func merchantTable() templ.Component {
	var rows []templ.Component
	for i, m := range merchants {
		ago, _ := time.ParseDuration(m.when)
		var actions []templ.Component
		if m.status == "Pending" {
			actions = append(actions, ui.Button(ui.ButtonProps{Label: "Activate", Kind: ui.Primary, Small: true, Href: "/dialog",
				Attrs: ui.OpensDialog("/dialog")}))
		} else {
			actions = append(actions, ui.Button(ui.ButtonProps{Label: "Open", Small: true, Href: "#"}))
		}
		rows = append(rows, in(ui.Row(fmt.Sprintf("merchant-%d", i)),
			in(ui.Cell(ui.CellProps{Main: true}), ui.NameCell(ui.NameCellProps{Name: m.name, Href: "#", Detail: m.email})),
			in(ui.Cell(ui.CellProps{Label: "Status"}), ui.Badge(ui.BadgeProps{Label: m.status, Tone: m.tone, Busy: m.busy})),
			in(ui.Cell(ui.CellProps{Label: "Plan"}), ui.Text(m.plan)),
			in(ui.Cell(ui.CellProps{Label: "Sales", Numeric: true}), ui.Money(fmt.Sprintf("$%d,%03d.00", i+1, i*137))),
			in(ui.Cell(ui.CellProps{Label: "Applied"}), ui.RelativeTime(now.Add(-ago), now)),
			in(ui.Cell(ui.CellProps{Actions: true}), actions...),
		))
	}
	return in(ui.Table(ui.TableProps{ID: "merchants", Caption: "Merchants", Columns: []ui.Column{
		{Label: "Store", Sort: "#", Sorted: "ascending"}, {Label: "Status"}, {Label: "Plan"}, {Label: "Sales", Numeric: true},
		{Label: "Applied", Sort: "#"}, {Label: "Actions", Hidden: true},
	}}), rows...)
}

func listPage() templ.Component {
	return admin("Merchants", "Merchants",
		ui.PageHeader(ui.PageHeaderProps{Title: "Merchants",
			Description: "Applications and shops.",
			Actions: seq(ui.Button(ui.ButtonProps{Label: "Export", Icon: "download", Href: "#"}),
				ui.Button(ui.ButtonProps{Label: "New merchant", Icon: "plus", Kind: ui.Primary, Href: "/dialog", ID: "open-dialog",
					Attrs: ui.OpensDialog("/dialog")}))}),
		div("stats",
			ui.Stat(ui.StatProps{Label: "Active shops", Value: "1,284", Change: "+12 this week", Tone: ui.Success, Href: "#"}),
			ui.Stat(ui.StatProps{Label: "Pending", Value: "12", Change: "Oldest 3 h ago"}),
			ui.Stat(ui.StatProps{Label: "Failed today", Value: "1", Change: "+1 since yesterday", Tone: ui.Danger}),
			ui.Stat(ui.StatProps{Label: "Median provisioning", Value: "28 ms", Change: "p99 210 ms"})),
		in(ui.Toolbar(),
			ui.Tabs("Merchants by status", []ui.Tab{{Label: "Pending", Href: "#", Count: "12", Current: true},
				{Label: "Active", Href: "#", Count: "1,284"}, {Label: "Failed", Href: "#", Count: "1"},
				{Label: "Suspended", Href: "#", Count: "3"}, {Label: "All", Href: "#"}}),
			ui.SearchBox(ui.SearchBoxProps{Action: "/list", Label: "Search merchants", Target: "list",
				Keep: []ui.Hidden{{Name: "tab", Value: "pending"}}})),
		in(ui.Card(ui.CardProps{ID: "list", Flush: true, Footer: ui.Pager(ui.PagerProps{NextHref: "#",
			Summary: "1 to 5 of 312"})}), merchantTable()),
		in(ui.Card(ui.CardProps{Flush: true}), ui.Empty(ui.EmptyProps{Icon: "store", Title: "No shop has failed",
			Message: "When provisioning fails it shows up here, with what went wrong and a button to try again.",
			Action:  ui.Button(ui.ButtonProps{Label: "See pending merchants", Href: "#"})})),
	)
}

var steps = []ui.Step{
	{Name: "Store configuration", Detail: "Theme, plan and subdomain are fixed.", State: ui.StepDone, Took: "4 ms"},
	{Name: "Workspace creation", Detail: "Merchant ORB-7K3M9QXZ.", State: ui.StepDone, Took: "3 ms"},
	{Name: "Dashboard creation", Detail: "Owner account and checklist.", State: ui.StepDone, Took: "6 ms"},
	{Name: "Website deployment", State: ui.StepFailed, Detail: "Attempt 3 of 3.", Took: "1.4 s",
		Error: "The custom domain shop.example.com belongs to another shop. Remove it there, or activate without it, then " +
			"retry."},
	{Name: "Data initialization", State: ui.StepRunning, Detail: "Sample products, pages, menus."},
	{Name: "Credential delivery", Detail: "Welcome email with a one-time link.", State: ui.StepWaiting},
	{Name: "Completion", State: ui.StepUndone},
}

func runPanel(value int) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		io.WriteString(w, `<div id="run-7" class="stack">`)
		err := seq(ui.Progress(ui.ProgressProps{Label: "Provisioning Moss & Fern", Value: value}),
			ui.StepList("Steps", steps)).Render(ctx, w)
		io.WriteString(w, `</div>`)
		return err
	})
}

func runPage() templ.Component {
	pairs := func(kv ...templ.Component) templ.Component { return in(ui.DescriptionList(), kv...) }
	return admin("Provisioning", "Merchants",
		ui.PageHeader(ui.PageHeaderProps{Title: "Moss & Fern",
			Crumbs: []ui.Crumb{{"Merchants", "/list"}, {"Moss & Fern", "#"}},
			Badge:  ui.Badge(ui.BadgeProps{Label: "FAILED", Tone: ui.Danger}),
			Actions: seq(ui.PostButton("/x", ui.ButtonProps{Label: "Roll back", Icon: "undo-2"}),
				ui.PostButton("/x", ui.ButtonProps{Label: "Retry", Icon: "rotate-ccw", Kind: ui.Primary}))}),
		ui.Alert(ui.AlertProps{Tone: ui.Danger, Title: "Website deployment failed",
			Message:     "The custom domain belongs to another shop. Remove it there, or activate without it, then retry.",
			Dismissible: true}),
		div("split",
			in(ui.Card(ui.CardProps{ID: "progress", Title: "Progress", Description: "Started 40 s ago"}), runPanel(40)),
			div("stack",
				in(ui.Card(ui.CardProps{Title: "Details"}), pairs(
					in(ui.Description("Merchant ID"), ui.Copyable(ui.CopyableProps{Value: "ORB-7K3M9QXZ", Label: "merchant ID",
						Mono: true})),
					in(ui.Description("Website"), ui.Copyable(ui.CopyableProps{Value: "https://moss-and-fern.orbit360.app",
						Text: "moss-and-fern.orbit360.app", Label: "website address", Href: "https://moss-and-fern.orbit360.app"})),
					in(ui.Description("Theme"), ui.Text("Upfront Modern")),
					in(ui.Description("Plan"), ui.Text("Starter")),
					in(ui.Description("Started"), ui.RelativeTime(now.Add(-40*time.Second), now)),
					in(ui.Description("Completed")))),
				in(ui.Card(ui.CardProps{Title: "Usage"}), div("stack",
					ui.PlanMeters(orbit.DefaultPlans()[0].Limits.Meters(orbit.Usage{Products: 42, OrdersThisMonth: 500,
						StorageBytes: 4 << 30, BandwidthBytesThisMonth: 61 << 30}), now))),
				in(ui.Card(ui.CardProps{Title: "Sales per day", Actions: ui.Button(ui.ButtonProps{Label: "Report", Kind: ui.Ghost,
					Small: true, Href: "#", IconEnd: "arrow-right"})}), ui.Histogram(columns())))),
		ui.Stream("/stream"),
	)
}

func columns() ui.HistogramProps {
	b := ui.HistogramProps{Label: "Sales per day, last 14 days"}
	for i, v := range []float64{3, 5, 2, 8, 13, 9, 4, 6, 7, 0, 12, 15, 11, 16} {
		b.Items = append(b.Items, ui.Point{Label: fmt.Sprintf("%d Nov", 10+i), Value: v, Text: fmt.Sprintf("%g orders", v)})
	}
	return b
}

func activationForm(fault string) templ.Component {
	return in(ui.Form(ui.FormProps{ID: "activation", Action: "/dialog", Class: "stack-l"}),
		ui.RadioCards(ui.RadioCardsProps{Name: "theme", Legend: "Theme", Value: "modern", Required: true,
			Options: []ui.RadioCard{
				{Value: "modern", Title: "Upfront Modern", Description: "Clean and airy, with a full-bleed hero.",
					Image: "/thumb.svg"},
				{Value: "classic", Title: "Upfront Classic", Description: "A traditional shop with a sidebar.",
					Image: "/thumb.svg"},
				{Value: "minimal", Title: "Upfront Minimal", Description: "Photography first, almost no chrome.",
					Image: "/thumb.svg"}}}),
		ui.RadioCards(ui.RadioCardsProps{Name: "plan", Legend: "Plan", Value: "professional", Options: []ui.RadioCard{
			{Value: "starter", Title: "Starter", Price: "$29.99", Per: "month",
				Features: []string{"100 products", "5 GB storage"}},
			{Value: "professional", Title: "Professional", Price: "$79.99", Per: "month", Badge: "Popular",
				Features: []string{"1,000 products", "50 GB storage"}},
			{Value: "enterprise", Title: "Enterprise", Price: "$299.99", Per: "month",
				Features: []string{"Unlimited products", "Unlimited storage"}}}}),
		div("grid-2",
			ui.Field(ui.FieldProps{Name: "subdomain", Label: "Subdomain", Value: "moss-and-fern", Suffix: ".orbit360.app",
				Error: fault, Required: true, Status: ui.Verdict(ui.Success, "https://moss-and-fern.orbit360.app is free"),
				Attrs: templ.Attributes{"hx-get": "/subdomain", "hx-trigger": "input changed delay:20ms",
					"hx-target": "#subdomain-status", "hx-swap": "innerHTML"}}),
			ui.Field(ui.FieldProps{Name: "domain", Label: "Custom domain", Optional: true, Placeholder: "shop.example.com",
				Prefix: "https://"})),
		ui.Select(ui.SelectProps{Name: "category", Label: "Business category", Value: "home-garden",
			Options: []ui.Option{{Value: "fashion", Label: "Fashion"}, {Value: "home-garden", Label: "Home & garden"}}}),
		div("toggles",
			ui.Toggle(ui.ToggleProps{Name: "stripe", Label: "Stripe", Hint: "Card payments.", Icon: "credit-card",
				Checked: true}),
			ui.Toggle(ui.ToggleProps{Name: "paypal", Label: "PayPal", Icon: "wallet"}),
			ui.Toggle(ui.ToggleProps{Name: "live", Label: "Go live at once",
				Hint: "Otherwise visitors see the Opening soon page.", Icon: "rocket"})))
}

func dialog(page bool, fault string) templ.Component {
	return in(ui.Dialog(ui.DialogProps{ID: "activate", Title: "Activate Moss & Fern",
		Description: "Pick what the shop starts with. It is ready in under a second.", Wide: true, Page: page,
		CancelHref: "/list",
		Footer: ui.Button(ui.ButtonProps{Label: "Activate merchant", Kind: ui.Primary, Form: "activation",
			ID: "submit-activation"})}), activationForm(fault))
}

func fieldsPage() templ.Component {
	return admin("Parts", "Themes",
		ui.PageHeader(ui.PageHeaderProps{Title: "Parts"}),
		in(ui.Card(ui.CardProps{Title: "Buttons"}), div("stack",
			div("row", ui.Button(ui.ButtonProps{Label: "Primary", Kind: ui.Primary}),
				ui.Button(ui.ButtonProps{Label: "Secondary"}), ui.Button(ui.ButtonProps{Label: "Delete shop", Kind: ui.DangerKind,
					Icon: "trash-2"}), ui.Button(ui.ButtonProps{Label: "Ghost", Kind: ui.Ghost}),
				ui.Button(ui.ButtonProps{Label: "Disabled", Disabled: true}),
				ui.Button(ui.ButtonProps{Label: "Settings", Icon: "settings", IconOnly: true}),
				ui.Button(ui.ButtonProps{Label: "Busy now", Kind: ui.Primary, Attrs: templ.Attributes{"aria-busy": "true"}}),
				ui.Button(ui.ButtonProps{Label: "Busy now", Attrs: templ.Attributes{"aria-busy": "true"}})),
			div("row", ui.Button(ui.ButtonProps{Label: "Small", Small: true, Kind: ui.Primary}),
				ui.Button(ui.ButtonProps{Label: "Small", Small: true, Icon: "plus"}),
				ui.Button(ui.ButtonProps{Label: "Open website", Small: true, Href: "#", NewTab: true, IconEnd: "arrow-up-right"})),
			div("row", ui.Badge(ui.BadgeProps{Label: "PENDING", Tone: ui.Warning, Icon: "clock"}),
				ui.Badge(ui.BadgeProps{Label: "IN PROGRESS", Tone: ui.Info, Busy: true}),
				ui.Badge(ui.BadgeProps{Label: "COMPLETED", Tone: ui.Success}),
				ui.Badge(ui.BadgeProps{Label: "FAILED", Tone: ui.Danger}),
				ui.Badge(ui.BadgeProps{Label: "ROLLBACK", Icon: "undo-2"})))),
		in(ui.Card(ui.CardProps{Title: "Fields", Description: "As they stand in a form.",
			Footer: seq(ui.Button(ui.ButtonProps{Label: "Cancel"}),
				ui.Button(ui.ButtonProps{Label: "Save changes", Kind: ui.Primary}))}), div("grid-2",
			ui.Field(ui.FieldProps{Name: "store", Label: "Store name", Value: "Moss & Fern <b>",
				Hint: "Shown to shoppers and on receipts.", Required: true}),
			ui.Field(ui.FieldProps{Name: "email", Label: "Email", Type: "email", Value: "not-an-address",
				Error: "Enter an address like name@example.com.", Autocomplete: "email"}),
			ui.Field(ui.FieldProps{Name: "price", Label: "Price", Value: "29.99", Prefix: "$", InputMode: "decimal"}),
			ui.Field(ui.FieldProps{Name: "key", Label: "API key", Value: "sk_live_4242", Mono: true, ReadOnly: true}),
			ui.TextArea(ui.TextAreaProps{Name: "about", Label: "About", Placeholder: "A few words on the shop", Optional: true}),
			div("stack", ui.Select(ui.SelectProps{Name: "cat", Label: "Business category", Placeholder: "Choose one",
				Error: "Choose a category.", Options: []ui.Option{{Value: "fashion", Label: "Fashion"}}}),
				ui.Toggle(ui.ToggleProps{Name: "ads", Label: "Meta Ads", Hint: "Sends purchases to your ad account.",
					Checked: true}),
				ui.Checkbox(ui.CheckboxProps{Name: "terms", Label: "I agree to the terms", Checked: true})))),
		div("stack",
			ui.Alert(ui.AlertProps{Tone: ui.Info, Message: "Backups run every night at 02:00 UTC."}),
			ui.Alert(ui.AlertProps{Tone: ui.Success, Title: "Your shop is live",
				Message: "Share the address and take your first order."}),
			ui.Alert(ui.AlertProps{Tone: ui.Warning, Title: "Storage is nearly full", Message: "4.4 of 5 GB used.",
				Actions: ui.Button(ui.ButtonProps{Label: "See plans", Small: true, Href: "#"})}),
			ui.Alert(ui.AlertProps{Tone: ui.Danger, Title: "Payment failed",
				Message: "Your bank declined the card. Use another one.", Dismissible: true})),
		div("row-l", ui.Thumb(ui.ThumbProps{Label: "Moss & Fern"}), ui.Thumb(ui.ThumbProps{Label: "Kōhī"}),
			ui.Thumb(ui.ThumbProps{Label: "Papier Lune"}), ui.Thumb(ui.ThumbProps{Label: "Ada Okafor", Round: true,
				Size: ui.ThumbLarge}), ui.Thumb(ui.ThumbProps{Src: "/thumb.svg", Size: ui.ThumbLarge})),
		in(ui.Card(ui.CardProps{Title: "Nothing sold yet"}), ui.Histogram(ui.HistogramProps{Label: "Sales",
			Empty: "No orders yet. They show up here the moment one comes in."})),
	)
}

func authPage() templ.Component {
	return in(ui.Page(ui.Frame{Layout: ui.Single, Document: ui.DocumentProps{Title: "Sign in",
		Toast: "Your password is set. Sign in with it."}, Heading: "Sign in", Lead: "Welcome back to ORBIT360.",
		Foot: []ui.NavItem{{Label: "Apply for a shop", Href: "/apply"}}}),
		in(ui.Form(ui.FormProps{ID: "signin", Action: "/signin", Plain: true}),
			ui.Alert(ui.AlertProps{Tone: ui.Danger, Message: "Email or password is wrong."}),
			ui.Field(ui.FieldProps{Name: "email", Label: "Email", Type: "email", Autocomplete: "username", Required: true}),
			ui.Field(ui.FieldProps{Name: "password", Label: "Password", Type: "password", Autocomplete: "current-password",
				Required: true}),
			ui.Button(ui.ButtonProps{Label: "Sign in", Kind: ui.Primary, Wide: true})))
}

func sitePage() templ.Component {
	return in(ui.Page(ui.Frame{Layout: ui.Site, Document: ui.DocumentProps{Title: "Apply", Description: "Apply for a shop",
		Refresh: 3}, Nav: []ui.NavItem{{Label: "Pricing", Href: "/pricing"},
		{Label: "Themes", Href: "/themes", Current: true}}, Apply: "/apply",
		NavEnd: []ui.NavItem{{Label: "Sign in", Href: "/signin"}},
		Foot:   []ui.NavItem{{Label: "Pricing", Href: "#"}, {Label: "Themes", Href: "#"}, {Label: "Terms", Href: "#"}}}),
		ui.PageHeader(ui.PageHeaderProps{Title: "Apply for a shop", Description: "Four questions. We set up the rest."}),
		div("stack", ui.Text(""), activationForm("")))
}

func dashboardPage() templ.Component {
	return in(ui.Page(ui.Frame{Document: ui.DocumentProps{Title: "Home"}, Place: "Moss & Fern",
		PlaceHref: "https://moss-and-fern.orbit360.app",
		Nav: []ui.NavItem{{Label: "Home", Href: "#", Icon: "house", Current: true},
			{Label: "Orders", Href: "#", Icon: "inbox", Count: "4"}, {Label: "Products", Href: "#", Icon: "tag"},
			{Label: "Theme", Href: "#", Icon: "palette"}},
		NavEnd: []ui.NavItem{{Label: "Domains", Href: "#", Icon: "globe"}, {Label: "Plan", Href: "#", Icon: "layers"},
			{Label: "Backups", Href: "#", Icon: "archive"}},
		User: ui.UserMenu{Name: "Fern Whitlock", Email: "fern@mossandfern.example", SignOutAction: "/signout"},
		Notice: ui.Alert(ui.AlertProps{Tone: ui.Info, Title: "Your shop isn't live yet",
			Message: "Visitors see the Opening soon page.", Actions: ui.Button(ui.ButtonProps{Label: "Go live", Small: true,
				Kind: ui.Primary})})}),
		ui.PageHeader(ui.PageHeaderProps{Title: "Good morning, Fern"}),
		in(ui.Card(ui.CardProps{Title: "Sales per day"}), ui.Histogram(columns())),
		in(ui.Card(ui.CardProps{Title: "Provisioning"}), runPanel(10)),
		ui.LiveSocket("/live"))
}

// gallery is every page of parts, under a path, served as the application serves its pages.
func gallery() map[string]templ.Component {
	return map[string]templ.Component{
		"/list": listPage(), "/run": runPage(), "/parts": fieldsPage(), "/auth": authPage(), "/site": sitePage(),
		"/dashboard": dashboardPage(),
		"/page":      admin("Activate", "Merchants", ui.PageHeader(ui.PageHeaderProps{Title: "Activate"}), dialog(true, "")),
	}
}

type server struct {
	*httptest.Server
	streams    chan string // messages for the open stream
	failStream chan bool   // one per refused connection
	holdStream chan hold   // one per connection that gets no answer
	holdScript chan hold   // one per script that comes late: when gone is closed
	posted     chan string
	socket     chan string // messages for the open socket; "" drops it
}

// hold is closed twice: when a request has come, and when its client has gone without an answer, or may have one.
type hold struct{ came, gone chan struct{} }

func serve(t *testing.T) *server {
	t.Helper()
	s := &server{streams: make(chan string, 10), failStream: make(chan bool, 10), holdStream: make(chan hold, 10),
		holdScript: make(chan hold, 1), posted: make(chan string, 10), socket: make(chan string, 10)}
	mux := http.NewServeMux()
	render := func(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		if err := c.Render(r.Context(), w); err != nil {
			t.Error(err)
		}
	}
	for path, page := range gallery() {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { render(w, r, 200, page) })
	}
	mux.HandleFunc("GET /dialog", func(w http.ResponseWriter, r *http.Request) {
		isPage := r.Header.Get("HX-Target") != ui.DialogTarget
		if isPage {
			render(w, r, 200, admin("Activate", "Merchants", dialog(true, "")))
			return
		}
		render(w, r, 200, dialog(false, ""))
	})
	mux.HandleFunc("POST /dialog", func(w http.ResponseWriter, r *http.Request) {
		switch r.FormValue("subdomain") {
		case "taken":
			render(w, r, 422, dialog(false, "That subdomain is taken."))
		case "broken":
			w.WriteHeader(500)
		default:
			s.posted <- r.Form.Encode()
			http.Redirect(w, r, "/run", http.StatusSeeOther)
		}
	})
	mux.HandleFunc("GET /subdomain", func(w http.ResponseWriter, r *http.Request) {
		render(w, r, 200, ui.Verdict(ui.Danger, r.FormValue("subdomain")+" is reserved."))
	})
	mux.HandleFunc("GET /stream", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-s.failStream:
			w.WriteHeader(503)
			return
		case h := <-s.holdStream:
			close(h.came)
			<-r.Context().Done()
			close(h.gone)
			return
		default:
		}
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		for {
			select {
			case m := <-s.streams:
				if m == "" {
					return
				}
				fmt.Fprint(w, m)
				w.(http.Flusher).Flush()
			case <-r.Context().Done():
				return
			}
		}
	})
	mux.HandleFunc("GET /live", func(w http.ResponseWriter, r *http.Request) {
		if !websocket.IsWebSocketUpgrade(r) { // the page asks whether there is any use in trying again
			w.WriteHeader(http.StatusUpgradeRequired)
			return
		}
		conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		for m := range s.socket {
			if m == "" {
				return
			}
			if conn.WriteMessage(websocket.TextMessage, []byte(m)) != nil {
				return
			}
		}
	})
	mux.HandleFunc("GET /thumb.svg", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		io.WriteString(w,
			`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200">`+
				`<rect width="320" height="200" fill="#e8e4da"/><rect x="0" y="0" width="320" height="22" fill="#fff"/>`+
				`<circle cx="230" cy="110" r="60" fill="#c98f65"/>`+
				`<rect x="24" y="70" width="120" height="18" rx="3" fill="#33302b"/>`+
				`<rect x="24" y="100" width="90" height="9" rx="3" fill="#8d877b"/>`+
				`<rect x="24" y="126" width="64" height="20" rx="10" fill="#33302b"/></svg>`)
	})
	mux.HandleFunc("GET /static/", func(w http.ResponseWriter, r *http.Request) {
		f, ok := static.Open(r.URL.Path)
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.URL.Path == static.Path("app.js") {
			select {
			case h := <-s.holdScript:
				close(h.came)
				<-h.gone
			default:
			}
		}
		w.Header().Set("Content-Type", f.ContentType)
		w.Write(f.Content)
	})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", csp)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { close(s.socket); s.CloseClientConnections(); s.Close() })
	return s
}

// message writes HTML as one SSE message.
func message(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return "data: " + strings.ReplaceAll(b.String(), "\n", "\ndata: ") + "\n\n"
}
