package journey

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"orbit360.app/browsertest"
	"orbit360.app/programtest"
)

// TestJourney is the platform's main job in a browser: apply, activate, watch, read the email, set a
// password, see the dashboard, visit the shop.
func TestJourney(t *testing.T) {
	t.Parallel()
	for name, scripts := range map[string]bool{"scripts": true, "noscripts": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := install(t)
			p.start()
			b := browsertest.New(t, browsertest.Scripts(scripts))
			begin := time.Now()

			b.Open(p.URL("", "/apply"))
			b.Shot("apply")
			b.Fill("Store name", "Juniper & Sons")
			b.Fill("Your name", "June Juniper")
			b.Fill("Email", "june@example.com")
			b.Choose("Business category", "Home & garden")
			b.Press("Send application")
			b.See("Juniper & Sons")
			b.Until(`/^\/apply\/[A-Za-z0-9_-]{43}$/.test(location.pathname)`)
			b.Shot("applied")

			b.Open(p.URL("admin", "/"))
			b.Fill("Email", programtest.AdminEmail)
			b.Fill("Password", programtest.AdminPassword)
			b.Shot("signin")
			b.Press("Sign in")
			b.See("Juniper & Sons")
			b.Shot("merchants")
			b.Press("Activate")
			b.See("Activate merchant")
			if scripts {
				b.Until(`!!document.querySelector('dialog[open]') && location.pathname === '/merchants'`)
			}
			b.Shot("activation")
			b.Tick("Upfront Classic")
			b.Tick("Professional")
			b.Fill("Subdomain", "www")
			if scripts {
				b.See("reserved")
			}
			b.Fill("Subdomain", "juniper")
			if scripts {
				b.See("juniper.localhost:" + p.Port)
			}
			b.Tick("Stripe")
			b.Press("Activate merchant")
			b.Until(`location.pathname.endsWith('/provisioning')`)
			b.Until(`[...document.querySelectorAll('[role=progressbar]')].some(e => e.getAttribute('aria-valuenow') === '100')
				&& document.body.innerText.includes('COMPLETED')`)
			b.See("ORB-")
			b.Shot("provisioned")
			website, dashboard := href(b, "Website"), href(b, "Dashboard")
			if website != p.URL("juniper", "") {
				t.Errorf("Website leads to %q", website)
			}
			if !strings.HasPrefix(dashboard, p.URL("dashboard", "/")) {
				t.Errorf("Dashboard leads to %q", dashboard)
			}

			b.Open(p.URL("admin", "/emails"))
			b.See("june@example.com")
			b.Shot("emails")
			b.On(`[...document.querySelectorAll('a[href^="/emails/"]')].find(a => /is ready/.test(a.innerText))`, `e.click()`)
			b.See("/password/")
			b.Shot("email")
			text := b.Text()
			link := regexp.MustCompile(regexp.QuoteMeta(p.URL("dashboard", "/password/")) + `[A-Za-z0-9_-]{43}`).FindString(text)
			if link == "" || !strings.Contains(text, website) {
				t.Fatalf("the email lacks its links:\n%s", text)
			}

			b.Open(link)
			b.Shot("password")
			b.Fill("Password", "a long enough password")
			b.Fill("Repeat password", "a long enough password")
			b.Press("Set password")
			b.See("Set up your store")
			b.Until(`location.pathname.endsWith('/onboarding')`)
			b.Shot("onboarding")
			b.Open(dashboard)
			b.See("Professional")
			b.Until(atHome)
			b.Shot("dashboard")

			b.Open(website)
			b.See("Juniper & Sons")
			b.Shot("soon")
			if strings.Contains(b.Text(), "Stoneware Mug") {
				t.Error("the public sees products before the shop is open")
			}
			b.Open(dashboard)
			setUp(t, b, scripts)
			b.Shot("live")
			b.Open(website)
			b.See("Stoneware Mug")
			b.Shot("home")
			b.Open(website + "/collections/all")
			b.See("Linen Throw")
			b.Shot("collection")
			b.Open(website + "/products/stoneware-mug")
			b.See("$24.00")
			b.Shot("product")
			t.Logf("the whole journey took %v", time.Since(begin))

			b.Open(link)
			b.See("has been used or has expired")
		})
	}
}

// setUp goes through what a shop can't be opened without, and opens it.
func setUp(t *testing.T, b *browsertest.Browser, scripts bool) {
	t.Helper()
	b.Press("Store setup")
	b.See("Set up your store")
	b.Press("Go live")
	b.See("Your shop can’t open yet")
	b.Shot("missing")
	b.Press("Business info")
	b.See("Business address")
	b.Choose("Country", "United Kingdom")
	for label, value := range map[string]string{"Address": "1 High Street", "City": "Leeds", "Postal code": "LS1 1AA"} {
		b.Fill(label, value)
	}
	if scripts {
		b.Until(`document.querySelectorAll('.saving .verdict[data-tone=success]').length === 4`)
		b.Until(`!!document.querySelector('#parts li[data-key=business][data-done]')`)
	} else {
		b.Press("Save")
		b.See("Saved.")
	}
	b.Shot("business")
	b.Press("Products")
	b.See("Add a product")
	b.Fill("Title", "Hill Lamp")
	b.Fill("Price", "64.50")
	b.Fill("Quantity", "3")
	b.Press("Add product")
	b.See("Hill Lamp was added.")
	b.Shot("products")
	b.Press("All parts")
	b.See("Set up your store")
	b.Press("Go live")
	b.See("Your shop is live")
}

// href is where the link with these words leads.
func href(b *browsertest.Browser, words string) string {
	url := browsertest.Eval[string](b,
		browsertest.Pressables+`.filter(e => e.tagName === 'A'
			&& e.innerText.trim().startsWith('`+words+`')).map(e => e.href).at(-1) || ''`)
	return strings.TrimSuffix(url, "/")
}
