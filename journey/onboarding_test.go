package journey

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/orbit"
)

// TestOnboarding goes through all six parts on a phone's width and a desk's at once, each in its own tab, to an open
// shop; and counts what a person has to fill in.
func TestOnboarding(t *testing.T) {
	t.Parallel()
	p := install(t)
	p.start()
	admin := p.client()
	admin.signIn()
	id := orbit.NewID[orbit.Merchant]().String()
	admin.must(303, "", "/apply", "id", id, "name", "Juniper", "ownerName", "June Juniper", "email", "june@example.com",
		"category", "home-garden")
	admin.must(303, "admin", "/merchants/"+id+"/activation", "theme", "upfront-modern", "plan", "professional",
		"subdomain", "juniper", "category", "home-garden")
	p.until("the shop to be there", func() bool {
		status, _, _, err := p.client().do("juniper", "/")
		return err == nil && status == 200
	})
	desk, phone := browsertest.New(t, browsertest.OneProcess()), browsertest.New(t)
	desk.Open(p.URL("dashboard", p.welcome(admin, "june@example.com")))
	desk.Fill("Password", ownerPassword)
	desk.Fill("Repeat password", ownerPassword)
	desk.Press("Set password")
	desk.See("Set up your store")
	phone.Resize(390)
	phone.Open(p.URL("dashboard", "/sign-in"))
	phone.Fill("Email", "june@example.com")
	phone.Fill("Password", ownerPassword)
	phone.Press("Sign in")
	phone.See("Set up your store")
	desk.Look("parts")
	home := p.URL("dashboard", "/juniper")

	// Two tabs of the same part: different fields, at once, and neither loses what the other wrote.
	desk.Open(home + "/onboarding/business")
	phone.Open(home + "/onboarding/business")
	desk.Choose("Country", "United States")
	desk.Until(`!!document.querySelector('#address-region option[value=CA]')`)
	desk.Choose("State", "California")
	phone.Fill("Phone", "+1 555 0100")
	desk.Fill("Address", "1 High Street")
	phone.Fill("Legal name", "Juniper LLC")
	desk.Fill("City", "Oakland")
	desk.Fill("Postal code", "94612")
	saved := `[...document.querySelectorAll('.saving .verdict[data-tone=success]')].length === %d`
	desk.Until(fmt.Sprintf(saved, 5))
	phone.Until(fmt.Sprintf(saved, 2))
	desk.Until(`document.activeElement.id === 'address-postcode' && document.activeElement.selectionStart === 5`)
	phone.Fill("Email", "nonsense")
	phone.See("Enter an email address")
	phone.Look("business")
	phone.Fill("Email", "hello@juniper.example")
	phone.Until(`!document.querySelector('.verdict[data-tone=danger]')`)
	desk.Open(home + "/settings/general")
	desk.Until(`document.querySelector('#phone').value === '+1 555 0100'
		&& document.querySelector('#legalName').value === 'Juniper LLC'
		&& document.querySelector('#address-city').value === 'Oakland'
		&& document.querySelector('#address-region').value === 'CA'
		&& document.querySelector('#email').value === 'hello@juniper.example'`)
	desk.Look("general")

	desk.Open(home + "/onboarding/branding")
	logo := filepath.Join(t.TempDir(), "logo.png")
	if err := os.WriteFile(logo, aLogo(t), 0o600); err != nil {
		t.Fatal(err)
	}
	desk.Upload("#logo-file", logo)
	desk.Press("Upload logo")
	desk.Until(`!!document.querySelector('#logo img') && document.querySelector('#accent').value === '#c81e28'`)
	desk.UntilInFrame(`document.body.innerText.includes('Stoneware Mug') && !!document.querySelector('header img')`)
	desk.Look("branding")
	desk.Press("Publish")
	desk.See("Your branding is published.")

	phone.Open(home + "/onboarding/payments")
	phone.Fill("Instructions", "Transfer the total to IBAN GB33 BUKB 2020 1555 5555 55.")
	phone.Until(`!!document.querySelector('#parts li[data-key=payments][data-done]')`)
	phone.Look("payments")
	desk.Open(home + "/onboarding/marketing")
	desk.Fill("Description", "Useful things for slow mornings, made by hand.")
	desk.Fill("Instagram", "@juniper")
	desk.Until(fmt.Sprintf(saved, 2))
	desk.Until(`document.querySelector('#search-result').innerText.includes('Useful things')`)
	desk.Look("marketing")
	phone.Open(home + "/onboarding/products")
	phone.Fill("Title", "Hill Lamp")
	phone.Fill("Price", "64.50")
	phone.Upload("#files", logo)
	phone.Press("Add product")
	phone.See("Hill Lamp was added.")
	phone.Press("Delete sample products")
	phone.See("This deletes the products")
	phone.On(`[...document.querySelectorAll('dialog[open] button')].find(e => /Delete sample/.test(e.innerText))`,
		`e.click()`)
	phone.See("The sample products are deleted.")
	phone.Look("products")
	desk.Open(home + "/onboarding/website")
	desk.See("Home page")
	desk.On(`document.querySelector('#website input[name^="config."]')`, `e.value = 'Slow mornings'`)
	desk.Look("website")
	desk.Press("Publish")
	desk.See("Your home page is published.")
	desk.Open(home + "/onboarding")
	desk.See("6 of 6 done")
	desk.Press("Go live")
	desk.See("Your shop is live")
	desk.Look("live")

	desk.Open(p.URL("juniper", "/"))
	desk.See("Slow mornings")
	desk.See("Hill Lamp")
	desk.Until(`document.querySelector('meta[name=description]').content.startsWith('Useful things')
		&& document.body.innerText.includes('Instagram')
		&& document.querySelector('link[rel=icon]').href.endsWith('/favicon.ico')`)
	desk.Shot("shop")
	visitor := p.client()
	for path := range map[string]int{"/favicon.ico": 32, "/apple-touch-icon.png": 180} {
		if status, body, _, err := visitor.do("juniper", path); err != nil || status != 200 || body[1:4] != "PNG" {
			t.Error(path, status, err)
		}
	}
	p.enter(desk)
	desk.Open(p.URL("admin", "/operations"))
	desk.See("with every part")
	desk.Look("funnel")
}

// aLogo is an image of red and blue upon nothing.
func aLogo(t *testing.T) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 640, 320))
	draw.Draw(m, image.Rect(40, 40, 600, 200), image.NewUniform(color.NRGBA{200, 30, 40, 255}), image.Point{}, draw.Src)
	draw.Draw(m, image.Rect(40, 200, 600, 280), image.NewUniform(color.NRGBA{20, 40, 200, 255}), image.Point{}, draw.Src)
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}
