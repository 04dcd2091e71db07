package journeytest

import (
	"regexp"
	"strings"

	"orbit360.app/browsertest"
	"orbit360.app/orbit"
	"orbit360.app/programtest"
)

// PasswordLink is the path of a link that sets a password.
var PasswordLink = regexp.MustCompile(`/password/[A-Za-z0-9_-]{43}`)

// OwnerPassword is what all owners of shops choose.
const OwnerPassword = "a long enough password"

// AtHome is JavaScript that is true in the dashboard, of a shop.
const AtHome = `/^\/(?!sign-in)[a-z0-9-]+$/.test(location.pathname)`

// OpenShop has a shop set up in a theme and opened at once.
func (p *Program) OpenShop(admin *Client, theme string) {
	p.t.Helper()
	visitor := p.Client()
	id := orbit.NewID[orbit.Merchant]().String()
	visitor.Must(303, "", "/apply", "id", id, "name", "Juniper "+theme, "ownerName", "June Juniper", "email",
		theme+"@example.com", "category", "home-garden")
	admin.Must(303, "admin", "/merchants/"+id+"/activation", "theme", "upfront-"+theme, "plan", "professional",
		"subdomain", theme, "category", "home-garden", "goLive", "on")
	p.Until(theme+" to be open", func() bool {
		status, body, _, err := visitor.Do(theme, "/")
		return err == nil && status == 200 && !strings.Contains(body, "Opening soon")
	})
}

// Enter signs in to the admin panel, and has arrived when it returns.
func (p *Program) Enter(b *browsertest.Browser) {
	p.t.Helper()
	b.Open(p.URL("admin", "/"))
	b.Fill("Email", programtest.AdminEmail)
	b.Fill("Password", programtest.AdminPassword)
	b.Press("Sign in")
	b.Until(`location.pathname === "/merchants"`)
}

// MoveIn follows the link of a welcome email, sets a password and arrives at the dashboard.
func (p *Program) MoveIn(b *browsertest.Browser, welcome string) {
	p.t.Helper()
	b.Open(p.URL("dashboard", welcome))
	b.Fill("Password", OwnerPassword)
	b.Fill("Repeat password", OwnerPassword)
	b.Press("Set password")
	b.Until(AtHome)
}

// ComeBack signs a shop's owner in to the dashboard.
func (p *Program) ComeBack(b *browsertest.Browser, email string) {
	p.t.Helper()
	b.Open(p.URL("dashboard", "/sign-in"))
	b.Fill("Email", email)
	b.Fill("Password", OwnerPassword)
	b.Press("Sign in")
	b.Until(AtHome)
}

// Welcome is the path of the link in somebody's welcome email.
func (p *Program) Welcome(admin *Client, email string) string {
	p.t.Helper()
	list, _ := admin.Must(200, "admin", "/emails?q="+email)
	for _, m := range regexp.MustCompile(`/emails/[0-9a-f-]{36}`).FindAllString(list, -1) {
		body, _ := admin.Must(200, "admin", m)
		if found := PasswordLink.FindString(body); found != "" {
			return found
		}
	}
	p.t.Fatal("no welcome email")
	return ""
}
