package journey

import (
	"fmt"
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/journey/journeytest"
)

// buyMug has somebody buy one mug at a shop.
func buyMug(t *testing.T, p *journeytest.Program, shop, email string) {
	t.Helper()
	c := p.Client()
	c.Submit(303, shop, "/products/stoneware-mug", `form[action$="/cart/add"]`, "quantity", "1")
	c.Submit(303, shop, "/checkout", `form[action="/checkout"]`, "action", "order", "email", email, "name", "Ada Lovelace",
		"country", "GB", "line1", "12 Quay Street", "city", "Bristol", "postcode", "BS1 4QA")
}

// TestLivePages: an order placed elsewhere stands on the pages of the shop's dashboard, and in their titles, without a
// reload; a session that ends elsewhere ends them, and they don't try again.
func TestLivePages(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	admin := p.Client()
	admin.SignIn()
	p.OpenShop(admin, "modern")
	b := browsertest.New(t)
	p.MoveIn(b, p.Welcome(admin, "modern@example.com"))
	const connected = `document.querySelector('[data-socket]')?.dataset.lost === 'false'`
	b.Press("Orders")
	b.See("No orders yet")
	b.Until(connected)
	b.Until(`(window.here = document.querySelector('#main'))`) // a reload would take it away
	buyMug(t, p, "modern", "ada@example.com")
	b.See("#1001")
	b.Until(`document.title.startsWith('(1) Orders')`)
	buyMug(t, p, "modern", "ada@example.com")
	b.See("#1002")
	b.Until(`document.title.startsWith('(2) Orders')`)
	b.Fits("live-orders")
	b.Resize(browsertest.Narrow)
	b.Fits("live-orders-390")
	b.Resize(1440)
	b.Keys("a")
	b.Until(`document.title.startsWith('Orders')`)
	// The list that was searched is the one that lives on.
	b.Type(`#search-q`, "nobody")
	b.See("No orders found")
	b.Until(connected + ` && document.querySelectorAll('[data-socket]').length === 1`)
	buyMug(t, p, "modern", "ada@example.com")
	b.Until(`document.title.startsWith('(1) Orders')`)
	b.See("No orders found")
	b.Until(`!document.body.innerText.includes('#1003') && window.here?.isConnected`)

	b.Press("Orders")
	b.Press("#1001 Ada Lovelace")
	b.See("Mark as paid")
	b.Until(connected)
	b.Press("Products")
	b.Until(connected + ` && !!document.querySelector('.prod-stock')`) // the order's page is connected too
	stock := browsertest.Eval[string](b, `[...document.querySelectorAll('tr')].find(
		r => r.innerText.includes('Stoneware Mug')).querySelector('.prod-stock').innerText.trim()`)
	buyMug(t, p, "modern", "ada@example.com")
	b.Until(fmt.Sprintf(`[...document.querySelectorAll('tr')].find(r => r.innerText.includes('Stoneware Mug'))
		.querySelector('.prod-stock').innerText.trim() === String(%s - 1)`, stock))

	b.Until(`(window.tries = 0, document.addEventListener('htmx:ws:before:connection', () => window.tries++), true)`)
	if _, err := p.Database().Exec(t.Context(), `UPDATE sessions SET ended_at = now()`); err != nil {
		t.Fatal(err)
	}
	b.See("Signed out. Sign in again")
	b.Until(`(window.since ??= Date.now()) + 3000 < Date.now() && window.tries === 0`)
	b.Shot("live-signed-out")
	b.Press("Sign in again")
	b.Until(`location.pathname === '/sign-in'`)
}
