package journey

import (
	"regexp"
	"testing"
	"time"

	"orbit360.app/browsertest"
	"orbit360.app/journey/journeytest"
	"orbit360.app/orbit"
)

var invitationPath = regexp.MustCompile(`/invitations/[A-Za-z0-9_-]{43}`)

// TestStaff goes the way of a shop that grows: its owner turns on two-step sign-in and invites somebody, who accepts in
// another browser with scripts off, works in two shops, loses a permission at once and is removed.
func TestStaff(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	c := p.Client()
	c.SignIn()
	p.OpenShop(c, "modern")
	p.OpenShop(c, "minimal")
	b := browsertest.New(t, browsertest.OneProcess())
	p.MoveIn(b, p.Welcome(c, "modern@example.com"))

	// The account: two-step sign-in with an app.
	b.Open(p.URL("dashboard", "/account"))
	b.See("This session")
	b.Look("account")
	b.Press("Set up two-step sign-in")
	b.See("authenticator app on your phone")
	b.Look("two-step")
	b.Fill("Current password", "not the right one")
	b.Press("Continue")
	b.See("That isn't your current password.")
	b.Fill("Current password", journeytest.OwnerPassword)
	b.Press("Continue")
	b.See("Scan this code")
	b.Look("two-step-setup")
	secret := browsertest.Eval[string](b, `document.querySelector("[data-copy]").dataset.copy`)
	code, err := orbit.TOTPCode(secret, orbit.TOTPStep(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	b.Fill("Authentication code", code)
	b.Press("Turn on two-step sign-in")
	b.See("Save your recovery codes")
	b.Look("recovery-codes")
	recovery := browsertest.Eval[string](b, `document.querySelector(".recovery-codes li").textContent`)
	b.Press("I've saved them")
	b.Until(`location.pathname === "/account"`)
	b.Press("Manage two-step sign-in")
	b.See("Create new recovery codes")
	b.Look("two-step-on")

	// Staff: an invitation.
	b.Open(p.URL("dashboard", "/modern/settings/staff"))
	b.See("Up to 50 people")
	b.Press("Invite staff")
	b.Until(`document.querySelector("dialog:modal #email")`)
	b.WindowLook("invite")
	b.Fill("Email", "eve@example.com")
	b.Press("Send invitation")
	b.See("Choose at least one permission.")
	b.Tick("Orders")
	b.Tick("Products")
	b.Press("Send invitation")
	b.See("Invitation sent to eve@example.com.")
	b.See("Invited")
	b.Look("staff-invited")

	// Somebody new accepts it, with scripts off.
	eve := browsertest.New(t, browsertest.OneProcess(), browsertest.Scripts(false))
	link := ""
	list, _ := c.Must(200, "admin", "/emails?q=eve@example.com")
	for _, m := range regexp.MustCompile(`/emails/[0-9a-f-]{36}`).FindAllString(list, -1) {
		body, _ := c.Must(200, "admin", m)
		if link = invitationPath.FindString(body); link != "" {
			break
		}
	}
	eve.Open(p.URL("dashboard", link))
	eve.See("Your permissions")
	eve.Look("invitation")
	eve.Fill("Your name", "Eve Adams")
	eve.Fill("Password", journeytest.OwnerPassword)
	eve.Fill("Repeat password", journeytest.OwnerPassword)
	eve.Press("Accept invitation")
	eve.Until(`location.pathname === "/modern"`)
	eve.Open(p.URL("dashboard", "/modern/orders"))
	eve.See("Orders")

	// The owner takes a permission away; it is gone with the next page.
	b.Open(p.URL("dashboard", "/modern/settings/staff"))
	b.See("Eve Adams")
	b.Click(`a[aria-label="Permissions of Eve Adams"]`)
	b.Until(`document.querySelector("dialog:modal #may-orders")`)
	b.Click("dialog #may-orders")
	b.Press("Save")
	b.See("Permissions saved.")
	b.Look("staff")
	eve.Open(p.URL("dashboard", "/modern/orders"))
	eve.See("You don't have the permission “Orders” in this shop.")
	eve.Look("no-permission")

	// A second shop, and the menu between them: plain HTML, with keys.
	other := browsertest.New(t, browsertest.OneProcess())
	p.MoveIn(other, p.Welcome(c, "minimal@example.com"))
	other.Open(p.URL("dashboard", "/minimal/settings/staff"))
	other.Press("Invite staff")
	other.Until(`document.querySelector("dialog:modal #email")`)
	other.Fill("Email", "eve@example.com")
	other.Tick("Settings")
	other.Press("Send invitation")
	other.See("Invitation sent")
	list, _ = c.Must(200, "admin", "/emails?q=eve@example.com")
	second := ""
	for _, m := range regexp.MustCompile(`/emails/[0-9a-f-]{36}`).FindAllString(list, -1) {
		body, _ := c.Must(200, "admin", m)
		if found := invitationPath.FindString(body); found != "" && found != link {
			second = found
			break
		}
	}
	eve.Open(p.URL("dashboard", second))
	eve.Press("Accept invitation")
	eve.Until(`location.pathname === "/minimal"`)
	eve.On(`document.querySelector("#switcher summary")`, `e.focus()`)
	eve.Keys("\r")
	eve.Until(`document.querySelector("#switcher").open`)
	eve.WindowLook("switcher")
	eve.Click(`.switcher-menu a[href="/modern"]`)
	eve.Until(`location.pathname === "/modern"`)

	// The owner signs in again: password, then a code.
	b.Open(p.URL("dashboard", "/account"))
	b.Press("Sign out everywhere")
	b.Until(`location.pathname === "/sign-in"`)
	b.Fill("Email", "modern@example.com")
	b.Fill("Password", journeytest.OwnerPassword)
	b.Press("Sign in")
	b.Until(`location.pathname === "/sign-in/code"`)
	b.Look("sign-in-code")
	b.Fill("Authentication code", "000 000")
	b.Press("Continue")
	b.See("This code isn't right")
	b.Fill("Authentication code", recovery)
	b.Press("Continue")
	b.Until(journeytest.AtHome)

	// Removed, she is out.
	b.Open(p.URL("dashboard", "/modern/settings/staff"))
	b.Click(`a[aria-label="Remove Eve Adams"]`)
	b.Until(`document.querySelector("dialog:modal #remove")`)
	b.WindowLook("remove")
	b.Press("Remove")
	b.See("Eve Adams was removed.")
	eve.Open(p.URL("dashboard", "/modern"))
	eve.See("There is nothing at this address.")
}
