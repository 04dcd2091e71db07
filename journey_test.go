package main

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestJourney is the platform's main job in a browser: apply, activate, watch, read the mail, set a
// password, see the dashboard, visit the shop.
func TestJourney(t *testing.T) {
	t.Parallel()
	for name, scripts := range map[string]bool{"scripts": true, "noscripts": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := install(t)
			p.start()
			b := openBrowser(t, scripts)
			begin := time.Now()

			b.open(p.url("", "/apply"))
			b.shot("apply")
			b.fill("Store name", "Juniper & Sons")
			b.fill("Your name", "June Juniper")
			b.fill("Email", "june@example.com")
			b.choose("Business category", "Home & garden")
			b.press("Apply")
			b.see("Juniper & Sons")
			b.until("the page that says what happens next", `/^\/apply\/[0-9a-f-]{36}$/.test(location.pathname)`)
			b.shot("applied")

			b.open(p.url("admin", "/"))
			b.fill("Email", adminEmail)
			b.fill("Password", adminPassword)
			b.shot("signin")
			b.press("Sign in")
			b.see("Juniper & Sons")
			b.shot("merchants")
			b.press("Activate")
			b.see("Activate merchant")
			if scripts {
				b.until("the dialog over the list", `!!document.querySelector('dialog[open]') && location.pathname === '/merchants'`)
			}
			b.shot("activation")
			b.tick("Upfront Classic")
			b.tick("Professional")
			b.fill("Subdomain", "www")
			if scripts {
				b.see("reserved")
			}
			b.fill("Subdomain", "juniper")
			if scripts {
				b.see("juniper.localhost:" + p.port)
			}
			b.tick("Stripe")
			b.press("Activate merchant")
			b.until("the progress page", `location.pathname.endsWith('/provisioning')`)
			b.until("the end of the run", `[...document.querySelectorAll('[role=progressbar]')].some(e => e.getAttribute('aria-valuenow') === '100') && document.body.innerText.includes('COMPLETED')`)
			b.see("ORB-")
			b.shot("provisioned")
			website, dashboard := b.href("Website"), b.href("Dashboard")
			if website != p.url("juniper", "") {
				t.Errorf("Website leads to %q", website)
			}
			if !strings.HasPrefix(dashboard, p.url("dashboard", "/")) {
				t.Errorf("Dashboard leads to %q", dashboard)
			}

			b.open(p.url("admin", "/mail"))
			b.see("june@example.com")
			b.shot("mails")
			eval[bool](b, `[...document.querySelectorAll('a[href^="/mail/"]')].find(a => /Juniper/.test(a.innerText) && !/application/i.test(a.innerText)).click() || true`)
			b.see("/password/")
			b.shot("mail")
			text := eval[string](b, `document.body.innerText`)
			link := regexp.MustCompile(regexp.QuoteMeta(p.url("dashboard", "/password/")) + `[A-Za-z0-9_-]{43}`).FindString(text)
			if link == "" || !strings.Contains(text, website) {
				t.Fatalf("the mail lacks its links:\n%s", text)
			}

			b.open(link)
			b.shot("password")
			b.fill("Password", "a long enough password")
			b.fill("Repeat password", "a long enough password")
			b.press("Set password")
			b.see("Juniper & Sons")
			b.see("Professional")
			b.until("the dashboard", `location.pathname.length > 30`)
			b.shot("dashboard")
			if got := b.location(); got != dashboard {
				t.Errorf("the dashboard is at %s, the run said %s", got, dashboard)
			}

			b.open(website)
			b.see("Juniper & Sons")
			b.shot("soon")
			if strings.Contains(b.text(), "Stoneware Mug") {
				t.Error("the public sees products before the shop is open")
			}
			b.open(dashboard)
			b.press("Go live")
			b.until("the shop to be live", `!`+pressables+`.some(e => e.innerText.trim() === 'Go live')`)
			b.shot("live")
			b.open(website)
			b.see("Stoneware Mug")
			b.shot("home")
			b.open(website + "/collections/all")
			b.see("Linen Throw")
			b.shot("collection")
			b.open(website + "/products/stoneware-mug")
			b.see("$24.00")
			b.shot("product")
			t.Logf("the whole journey took %v", time.Since(begin))

			b.open(link)
			b.see("has been used or has expired")
		})
	}
}

// href is where the link with these words leads.
func (b *browser) href(words string) string {
	b.t.Helper()
	url := eval[string](b, pressables+`.filter(e => e.tagName === 'A' && e.innerText.trim().startsWith('`+words+`')).map(e => e.href).at(-1) || ''`)
	return strings.TrimSuffix(url, "/")
}
