package journey

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"orbit360.app/browsertest"
	"orbit360.app/journey/journeytest"
	"orbit360.app/orbit"
)

// TestFirstDay is a merchant's first day, whole: from the link in the welcome email through the six parts to a shop
// that is live, and on to its first order, which comes from another window, stands on the open pages without a reload,
// is fulfilled, and of which the shopper hears. Two of the merchant's devices are open all day. What the merchant does
// is counted, for how long a person would take.
func TestFirstDay(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	emails := &journeytest.MailServer{}
	server := emails.Listen(t, "127.0.0.1:0")
	p := journeytest.Install(t, "SMTP_URL=smtp://"+server+"?tls=none", "MAIL_FROM=Orbit <hello@orbit.example>")
	p.MustStart()
	admin := p.Client()
	admin.SignIn()
	id := orbit.NewID[orbit.Merchant]().String()
	admin.Must(303, "", "/apply", "id", id, "name", "Juniper", "ownerName", "June Juniper", "email", "june@example.com",
		"category", "home-garden")
	admin.Must(303, "admin", "/merchants/"+id+"/activation", "theme", "upfront-modern", "plan", "professional",
		"subdomain", "juniper", "category", "home-garden")
	welcome := p.Email(emails, "june@example.com", "/password/")
	merchant := &hand{}
	desk := merchant.takes(browsertest.New(t, browsertest.OneProcess()))
	phone := merchant.takes(browsertest.New(t))
	phone.Resize(browsertest.Narrow)
	moveInto(p, desk, phone, journeytest.PasswordLink.FindString(welcome))
	sixParts(t, p, desk, phone)
	desk.Press("All parts")
	desk.See("6 of 6 done")
	desk.Look("complete")
	desk.Press("Go live")
	desk.See("Your shop is live")
	merchant.count(t, "from the welcome email to a live shop", 10*time.Minute)
	desk.Look("live")
	dressed(t, p, desk)
	firstOrder(t, p, desk, phone, emails)
	merchant.count(t, "the first day", 12*time.Minute)
	t.Logf("and of the machine's: %v", time.Since(begin).Round(time.Second))

	p.Enter(desk.Browser)
	desk.Open(p.URL("admin", "/operations"))
	desk.See("with every part")
	desk.Look("funnel")
}

// moveInto sets the password on one device and signs in on the other: both stand before the six parts.
func moveInto(p *journeytest.Program, desk, phone *device, welcome string) {
	desk.Visit(p.URL("dashboard", welcome))
	desk.Fill("Password", journeytest.OwnerPassword)
	desk.Fill("Repeat password", journeytest.OwnerPassword)
	desk.Press("Set password")
	desk.See("Set up your store")
	phone.Visit(p.URL("dashboard", "/sign-in"))
	phone.Fill("Email", "june@example.com")
	phone.Fill("Password", journeytest.OwnerPassword)
	phone.Press("Sign in")
	phone.See("Set up your store")
	desk.Look("parts")
}

// sixParts goes through the parts of setting up a shop.
func sixParts(t *testing.T, p *journeytest.Program, desk, phone *device) {
	t.Helper()
	desk.Press("Business info")
	phone.Press("Business info")
	business(desk, phone)

	desk.Press("Next: Branding")
	desk.See("Upload logo")
	desk.Look("branding-empty")
	logo := aLogo(t)
	desk.Upload("#logo-file", logo)
	desk.Press("Upload logo")
	desk.Until(`!!document.querySelector('#logo img') && document.querySelector('#accent').value === '#c81e28'`)
	desk.UntilInFrame(`document.body.innerText.includes('Stoneware Mug') && !!document.querySelector('header img')`)
	desk.Until(`document.querySelector('#shop-preview').innerText.includes('Unpublished changes')`)
	desk.Look("branding")
	desk.Press("Publish")
	desk.See("Your branding is published.")
	desk.Until(`document.querySelector('#shop-preview').innerText.includes('As shoppers see it')`)

	phone.Press("Payments")
	phone.Fill("Instructions", "Transfer the total to IBAN GB33 BUKB 2020 1555 5555 55.")
	phone.Until(`!!document.querySelector('#parts li[data-key=payments][data-done]')`)
	phone.Look("payments")
	phone.Resize(browsertest.Narrow)
	desk.Press("Marketing")
	desk.Fill("Description", "Useful things for slow mornings, made by hand.")
	desk.Fill("Instagram", "@juniper")
	desk.Until(saves("2"))
	desk.Until(`document.querySelector('#search-result').innerText.includes('Useful things')`)
	desk.Look("marketing")
	phone.Press("Products")
	phone.See("Add a product")
	phone.Look("products-empty")
	phone.Resize(browsertest.Narrow)
	phone.Fill("Title", "Hill Lamp")
	phone.Fill("Price", "64.50")
	phone.Upload("#files", logo)
	phone.Press("Add product")
	phone.See("Hill Lamp was added.")
	phone.Press("Delete sample products")
	phone.See("This deletes the products")
	phone.Until(`!!document.querySelector('dialog[open]')`)
	phone.Press("Delete sample products")
	phone.See("The sample products are deleted.")
	phone.Look("products")
	desk.Press("Website")
	desk.See("Home page")
	desk.Look("website-empty")
	desk.Fill("Hero: Heading", "Slow mornings")
	desk.Until(saves("1") + ` && document.querySelector('#shop-preview').innerText.includes('Only you see them')`)
	desk.UntilInFrame(`document.querySelector('h1').innerText === 'Slow mornings'`)
	desk.Look("website")
	phone.Open(desk.Location()) // to go on where the other device is
	phone.Until(`document.querySelector('#config-hero_heading').value === 'Slow mornings'`)
	desk.Press("Publish")
	desk.See("Your home page is published.")
}

// business fills in one part on two devices at once: different fields, and neither loses what the other wrote.
func business(desk, phone *device) {
	desk.See("Business address")
	phone.See("Business address")
	desk.Look("business-empty")
	desk.Choose("Country", "United States")
	desk.Until(`!!document.querySelector('#address-region option[value=CA]')`)
	desk.Choose("State", "California")
	phone.Fill("Phone", "+1 555 0100")
	desk.Fill("Address", "1 High Street")
	phone.Fill("Legal name", "Juniper LLC")
	desk.Fill("City", "Oakland")
	desk.Fill("Postal code", "94612")
	desk.Until(saves("5"))
	phone.Until(saves("2"))
	desk.Until(`document.activeElement.id === 'address-postcode' && document.activeElement.selectionStart === 5`)
	phone.Fill("Email", "nonsense")
	phone.See("Enter an email address")
	phone.Look("business")
	phone.Resize(browsertest.Narrow)
	phone.Fill("Email", "hello@juniper.example")
	phone.Until(`!document.querySelector('.verdict[data-tone=danger]')`)
	at := desk.Location() // what both have saved stands on a page that is opened anew
	desk.Open(strings.Replace(at, "/onboarding/business", "/settings/general", 1))
	desk.Until(`document.querySelector('#phone').value === '+1 555 0100'
		&& document.querySelector('#legalName').value === 'Juniper LLC'
		&& document.querySelector('#address-city').value === 'Oakland'
		&& document.querySelector('#address-region').value === 'CA'
		&& document.querySelector('#email').value === 'hello@juniper.example'`)
	desk.Look("general")
	desk.Open(at)
}

// dressed looks at the shop that the six parts made.
func dressed(t *testing.T, p *journeytest.Program, desk *device) {
	t.Helper()
	back := desk.Location()
	desk.Open(p.URL("juniper", "/"))
	desk.See("Slow mornings")
	desk.See("Hill Lamp")
	desk.Until(`document.querySelector('meta[name=description]').content.startsWith('Useful things')
		&& document.body.innerText.includes('Instagram')
		&& document.querySelector('link[rel=icon]').href.endsWith('/favicon.ico')`)
	desk.Shot("shop")
	visitor := p.Client()
	for _, path := range []string{"/favicon.ico", "/apple-touch-icon.png"} {
		if status, body, _, err := visitor.Do("juniper", path); err != nil || status != 200 || body[1:4] != "PNG" {
			t.Error(path, status, err)
		}
	}
	desk.Open(back)
}

// firstOrder has a shopper order, and the merchant fulfill it: with the list of orders open on one device and Home on
// the other, neither of which is loaded again.
func firstOrder(t *testing.T, p *journeytest.Program, desk, phone *device, emails *journeytest.MailServer) {
	t.Helper()
	const connected = `document.querySelector('[data-socket]')?.dataset.lost === 'false'`
	desk.Press("Orders")
	desk.See("No orders yet")
	desk.Until(connected + ` && (window.here = document.querySelector('#main'))`) // a reload would take it away
	phone.Visit(p.URL("dashboard", "/juniper"))
	phone.See("Your sales will appear here")
	phone.Until(connected + ` && (window.here = document.querySelector('#main'))`)

	shopper := browsertest.New(t)
	buysLamp(p, shopper)
	order := shopper.Location()
	begin := time.Now()
	desk.See("#1001")
	t.Logf("the order stood on the open page %v after the shopper saw theirs", time.Since(begin).Round(time.Millisecond))
	desk.Until(`document.title.startsWith('(1) Orders') && window.here.isConnected`)
	phone.Until(`document.title.startsWith('(1) ') && window.here.isConnected
		&& [...document.querySelectorAll('#figures .stat')].some(s => /Sales\s*\$69\.50/.test(s.innerText))
		&& document.querySelector('#latest-orders').innerText.includes('#1001 Ada Lovelace')`)
	desk.Look("arrived")
	phone.Look("home")
	if text := p.Email(emails, "ada@example.com", "Thank you for your order"); !strings.Contains(text, order) ||
		!strings.Contains(text, "IBAN GB33 BUKB 2020 1555 5555 55") || !strings.Contains(text, "hello@juniper.example") {
		t.Errorf("the confirmation lacks the order's page, how to pay, or where to ask: %s", text)
	}

	desk.Press("#1001 Ada Lovelace")
	desk.See("12 Quay Street")
	desk.Look("order")
	desk.Press("Mark as paid")
	desk.See("marked as paid")
	desk.Press("Fulfill items")
	desk.See("Send a shipping confirmation to ada@example.com")
	desk.Click(`dialog[open] .dialog-foot .btn-primary`)
	desk.See("Items fulfilled.")
	desk.Until(`!` + browsertest.Pressables + `.some(e => /^(Mark as|Fulfill)/.test(e.innerText))`)
	desk.Look("fulfilled")
	sent := p.Email(emails, "ada@example.com", "Your order is on its way")
	link := regexp.MustCompile(regexp.QuoteMeta(p.URL("juniper", "/orders/")) + `[A-Za-z0-9_-]{43}`).FindString(sent)
	if link != order || !strings.Contains(sent, "Hill Lamp") {
		t.Errorf("the email leads to %q and not to %q: %s", link, order, sent)
	}
	shopper.See("Thank you, Ada")
	shopper.Open(link)
	shopper.See("Your order is on its way.")
	shopper.Look("shopper")
	phone.Until(`window.here.isConnected && !document.querySelector('#to-do').innerText.trim()
		&& /#1001[^]*Paid[^]*Fulfilled/.test(document.querySelector('#latest-orders').innerText)`)
}

// buysLamp is a shopper who comes to the shop's host and orders what they find there.
func buysLamp(p *journeytest.Program, b *browsertest.Browser) {
	b.Open(p.URL("juniper", "/"))
	b.Press("Hill Lamp")
	b.See("$64.50")
	b.Press("Add to cart")
	b.See("is in your cart.")
	b.Press("View cart")
	b.Until(`location.pathname === '/cart'`)
	b.Click(`main button[name="then"]`)
	b.Until(`location.pathname === '/checkout'`)
	b.Fill("Email", "ada@example.com")
	b.Fill("Full name", "Ada Lovelace")
	b.Choose("Country", "United Kingdom")
	b.Fill("Address", "12 Quay Street")
	b.Fill("City", "Bristol")
	b.Fill("Postal code", "BS1 4QA")
	b.Press("Place order")
	b.Until(`/^\/orders\/[A-Za-z0-9_-]{43}$/.test(location.pathname)`)
	b.See("Thank you, Ada")
	b.See("IBAN GB33 BUKB")
}

// aLogo is the path of an image of red and blue upon nothing.
func aLogo(t *testing.T) string {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 640, 320))
	draw.Draw(m, image.Rect(40, 40, 600, 200), image.NewUniform(color.NRGBA{200, 30, 40, 255}), image.Point{}, draw.Src)
	draw.Draw(m, image.Rect(40, 200, 600, 280), image.NewUniform(color.NRGBA{20, 40, 200, 255}), image.Point{}, draw.Src)
	var file bytes.Buffer
	err := png.Encode(&file, m)
	path := filepath.Join(t.TempDir(), "logo.png")
	if err == nil {
		err = os.WriteFile(path, file.Bytes(), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}
