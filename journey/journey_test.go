package journey

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"orbit360.app/browsertest"
	"orbit360.app/journey/journeytest"
	"orbit360.app/programtest"
)

// TestJourney is the platform's main job in a browser: apply, activate, watch, read the email, set a
// password, see the dashboard, visit the shop.
func TestJourney(t *testing.T) {
	t.Parallel()
	for name, scripts := range map[string]bool{"scripts": true, "noscripts": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := journeytest.Install(t)
			p.MustStart()
			b := browsertest.New(t, browsertest.Scripts(scripts))
			begin := time.Now()

			b.Open(p.URL("", "/apply"))
			b.Shot("apply")
			b.Fill("Store name", "Juniper & Sons")
			b.Fill("Your name", "June Juniper")
			b.Fill("Email", "june@example.com")
			b.Choose("Business category", "Home & garden")
			b.Press("Apply")
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
			b.Until(journeytest.AtHome)
			b.Shot("dashboard")

			b.Open(website)
			b.See("Juniper & Sons")
			b.Shot("soon")
			if strings.Contains(b.Text(), "Stoneware Mug") {
				t.Error("the public sees products before the shop is open")
			}
			b.Open(dashboard)
			if scripts {
				setUp(b)
			} else {
				setUpByForms(t, b)
			}
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
func setUp(b *browsertest.Browser) {
	notYet(b)
	b.Press("Business info")
	b.See("Business address")
	fillAddress(b)
	b.Until(saves("4"))
	b.Until(`!!document.querySelector('#parts li[data-key=business][data-done]')`)
	b.Shot("business")
	b.Press("Products")
	addLamp(b)
	b.Press("All parts")
	b.See("Set up your store")
	b.Press("Go live")
	b.See("Your shop is live")
}

// notYet tries to open a shop, and reads what is missing.
func notYet(b *browsertest.Browser) {
	b.Press("Store setup")
	b.See("Set up your store")
	b.Press("Go live")
	b.See("Your shop can't open yet")
	b.Until(`document.querySelectorAll('#missing li').length === 2`)
	b.Shot("missing")
}

func fillAddress(b *browsertest.Browser) {
	b.Choose("Country", "United Kingdom")
	for label, value := range map[string]string{"Address": "1 High Street", "City": "Leeds", "Postal code": "LS1 1AA"} {
		b.Fill(label, value)
	}
}

func addLamp(b *browsertest.Browser) {
	b.See("Add a product")
	b.Fill("Title", "Hill Lamp")
	b.Fill("Price", "64.50")
	b.Fill("Quantity", "3")
	b.Press("Add product")
	b.See("Hill Lamp was added.")
	b.Shot("products")
}

// setUpByForms goes through all six parts without scripts, and opens the shop: each says that it is saved, and the
// progress follows.
func setUpByForms(t *testing.T, b *browsertest.Browser) {
	t.Helper()
	notYet(b)
	after := func(part, words string) {
		b.See(words)
		b.See(part)
		b.Until(`document.querySelector('#parts').innerText.includes('` + part + `')`)
	}
	b.Press("Business info")
	b.See("Business address")
	fillAddress(b)
	b.Press("Save")
	after("1 of 6 done", "Saved.")
	b.Press("Next: Branding")
	b.See("Upload logo")
	b.Upload("#logo-file", aLogo(t))
	b.Press("Upload logo")
	b.Until(`document.querySelector('#logo').innerText.includes('Remove logo')`)
	// People press it until they see it: once on each page, as the page stays until the next one comes.
	b.Until(`!!document.querySelector('#logo img') || (() => {
		const refresh = document.querySelector('#logo a.link');
		if (refresh && !window.pressed) { window.pressed = true; refresh.click(); }
	})()`)
	b.On(`document.querySelector('.onb-color[value="#1428c8"]')`, `e.click()`)
	b.Until(`document.querySelector('.onb-color[value="#1428c8"]').getAttribute('aria-pressed') === 'true'
		&& document.querySelector('#accent').value === '#1428c8'`)
	b.Fits("branding")
	b.Press("Publish")
	after("2 of 6 done", "Your branding is published.")
	b.Press("Next: Payments")
	b.Fill("Instructions", "Transfer the total to our account.")
	b.Press("Save")
	after("3 of 6 done", "Saved.")
	b.Press("Next: Marketing")
	b.Press("Skip for now")
	b.Fits("skip")
	b.Fill("Reason", "Our writer is away")
	b.On(`document.querySelector('#skipping button')`, `e.click()`)
	after("3 of 6 done, 1 skipped", "Our writer is away")
	b.Press("Marketing")
	b.See("You skipped this part")
	b.Fits("skipped")
	b.Resize(browsertest.Narrow)
	b.Fits("skipped-390")
	b.Resize(browsertest.Wide)
	b.Press("Resume")
	b.Until(`!document.body.innerText.includes('You skipped this part')`)
	b.Fill("Description", "Useful things for slow mornings.")
	b.Press("Save")
	after("4 of 6 done", "Saved.")
	b.Press("Next: Products")
	addLamp(b)
	after("5 of 6 done", "Hill Lamp")
	b.Press("Next: Website")
	b.Fill("Banner: Heading", "Slow mornings")
	b.Keys("\r") // saves, and publishes nothing
	after("5 of 6 done", "Saved.")
	b.See("Only you see them")
	b.Fits("website")
	b.Press("Publish")
	after("6 of 6 done", "Your home page is published.")
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
