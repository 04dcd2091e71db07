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
			b.See("Juniper & Sons")
			b.See("Professional")
			b.Until(atHome)
			b.Shot("dashboard")
			if got := b.Location(); got != dashboard {
				t.Errorf("the dashboard is at %s, the run said %s", got, dashboard)
			}

			b.Open(website)
			b.See("Juniper & Sons")
			b.Shot("soon")
			if strings.Contains(b.Text(), "Stoneware Mug") {
				t.Error("the public sees products before the shop is open")
			}
			b.Open(dashboard)
			b.Press("Go live")
			b.Until(`!` + browsertest.Pressables + `.some(e => e.innerText.trim() === 'Go live')`)
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

// href is where the link with these words leads.
func href(b *browsertest.Browser, words string) string {
	url := browsertest.Eval[string](b,
		browsertest.Pressables+`.filter(e => e.tagName === 'A'
			&& e.innerText.trim().startsWith('`+words+`')).map(e => e.href).at(-1) || ''`)
	return strings.TrimSuffix(url, "/")
}
