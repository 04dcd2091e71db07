package journey

import (
	"regexp"
	"strings"
	"time"

	"orbit360.app/browsertest"
	"orbit360.app/orbit"
	"orbit360.app/programtest"
)

var passwordLink = regexp.MustCompile(`/password/[A-Za-z0-9_-]{43}`)

const (
	ownerPassword = "a long enough password"
	atHome        = `/^\/(?!sign-in)[a-z0-9-]+$/.test(location.pathname)` // in the dashboard
)

// openShop has a shop set up in a theme and opened at once.
func (p *program) openShop(admin *client, theme string) {
	p.t.Helper()
	visitor := p.client()
	id := orbit.NewID[orbit.Merchant]().String()
	visitor.must(303, "", "/apply", "id", id, "name", "Juniper "+theme, "ownerName", "June Juniper", "email",
		theme+"@example.com", "category", "home-garden")
	admin.must(303, "admin", "/merchants/"+id+"/activation", "theme", "upfront-"+theme, "plan", "professional",
		"subdomain", theme, "category", "home-garden", "goLive", "on")
	p.until(theme+" to be open", func() bool {
		status, body, _, err := visitor.do(theme, "/")
		return err == nil && status == 200 && !strings.Contains(body, "Opening soon")
	})
}

// enter signs in to the admin panel, and has arrived when it returns.
func (p *program) enter(b *browsertest.Browser) {
	p.t.Helper()
	b.Open(p.URL("admin", "/"))
	b.Fill("Email", programtest.AdminEmail)
	b.Fill("Password", programtest.AdminPassword)
	b.Press("Sign in")
	b.Until(`location.pathname === "/merchants"`)
}

// moveIn follows the link of a welcome email, sets a password and arrives at the dashboard.
func (p *program) moveIn(b *browsertest.Browser, welcome string) {
	p.t.Helper()
	b.Open(p.URL("dashboard", welcome))
	b.Fill("Password", ownerPassword)
	b.Fill("Repeat password", ownerPassword)
	b.Press("Set password")
	b.Until(atHome)
}

// comeBack signs a shop's owner in to the dashboard.
func (p *program) comeBack(b *browsertest.Browser, email string) {
	p.t.Helper()
	b.Open(p.URL("dashboard", "/sign-in"))
	b.Fill("Email", email)
	b.Fill("Password", ownerPassword)
	b.Press("Sign in")
	b.Until(atHome)
}

// welcome is the path of the link in somebody's welcome email.
func (p *program) welcome(admin *client, email string) string {
	p.t.Helper()
	list, _ := admin.must(200, "admin", "/emails?q="+email)
	for _, m := range regexp.MustCompile(`/emails/[0-9a-f-]{36}`).FindAllString(list, -1) {
		body, _ := admin.must(200, "admin", m)
		if found := passwordLink.FindString(body); found != "" {
			return found
		}
	}
	p.t.Fatal("no welcome email")
	return ""
}

// until waits for something that another process brings about.
func (p *program) until(what string, ok func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("waited for %s\n%s", what, p.Out)
		}
	}
}
