package journey

import (
	"fmt"
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/journey/journeytest"
)

// TestShopping is a shopper's whole way through each of the three themes, with scripts and without, on a desk and in a
// hand: find, choose, buy.
func TestShopping(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	c := p.Client()
	c.SignIn()
	themes := []string{"modern", "classic", "minimal"}
	for _, theme := range themes {
		p.OpenShop(c, theme)
	}
	for _, theme := range themes {
		for name, scripts := range map[string]bool{"scripts": true, "noscripts": false} {
			t.Run(theme+" "+name, func(t *testing.T) {
				t.Parallel()
				b := browsertest.New(t, browsertest.Scripts(scripts))
				for _, width := range []int64{1440, 390} {
					b.Resize(width)
					goShopping(t, p, b, theme, fmt.Sprint(width), scripts)
				}
			})
		}
	}
}

// goShopping goes a shopper's whole way through a shop.
func goShopping(t *testing.T, p *journeytest.Program, b *browsertest.Browser, theme, width string, scripts bool) {
	t.Helper()
	b.Open(p.URL(theme, "/"))
	b.See("Stoneware Mug")
	b.Fits(width + "-home")

	// find: a word with a slip of the finger in it, then a list, narrowed and sorted
	b.Open(p.URL(theme, "/search"))
	b.On(`document.querySelector("#q")`, `e.value = "terracota"; e.form.requestSubmit()`)
	b.See("Terracotta Planter")
	b.Fits(width + "-search")
	b.Open(p.URL(theme, "/collections/all"))
	b.Fits(width + "-collection")
	b.On(`document.querySelector("#sieve")`,
		`e.elements.sort.value = "-price"; e.elements.available.checked = true; e.requestSubmit()`)
	b.Until(`new URLSearchParams(location.search).get('sort') === '-price' && document.readyState === 'complete'`)
	b.Until(`![...new URLSearchParams(location.search).values()].includes('')`)
	if first := browsertest.Eval[string](b, `document.querySelector('main li h3 a').innerText`); first != "Linen Throw" {
		t.Errorf("the dearest is %q", first)
	}
	b.Fits(width + "-browse")

	// choose: the variant follows the link
	b.Open(p.URL(theme, "/products/terracotta-planter"))
	before := browsertest.Eval[string](b, `document.querySelector('.add [name=variant]').value`)
	b.On(`[...document.querySelectorAll(".value")].find(a => a.innerText.trim() === "24 cm")`, `e.click()`)
	b.Until(`document.querySelector('.value[aria-current]').innerText.trim() === '24 cm'
		&& document.querySelector('.add [name=variant]').value !== '` + before + `'`)
	b.Until(`/variant=[0-9a-f-]{36}/.test(location.search)`)
	b.Fits(width + "-product")
	b.Fill("Quantity", "2")
	b.Press("Add to cart")
	if scripts {
		b.See("is in your cart.")
		b.Until(`[...document.querySelectorAll('[data-cart-count]')].some(e => e.innerText.trim() === '2')`)
		b.Shot(width + "-added")
		b.Open(p.URL(theme, "/products/olive-wood-board"))
		b.Until(`[...document.querySelectorAll('[data-cart-count]')].some(e => e.innerText.trim() === '2')`)
		b.Press("Add to cart")
		b.See("is in your cart.")
		b.Press("View cart")
	} else {
		b.Until(`location.pathname === '/cart'`)
		b.Open(p.URL(theme, "/products/olive-wood-board"))
		b.Press("Add to cart")
	}
	b.Until(`location.pathname === '/cart' && document.querySelectorAll('.line').length === 2`)
	b.See("24 cm")
	b.Fits(width + "-cart")
	b.Set(".line-change input", "1")
	b.Press("Update cart")
	b.Until(`document.readyState === 'complete'
		&& document.querySelector('.line-change input')?.getAttribute('value') === '1'`)
	b.On(`[...document.querySelectorAll(".remove")].at(-1)`, `e.click()`)
	b.Until(`document.querySelectorAll('.line').length === 1`)

	// buy: Express costs more than the page says at first
	b.Set(".line-change input", "3") // what stands in the cart when it is left is what is bought
	b.Click(`main button[name="then"]`)
	b.Until(`location.pathname === '/checkout'`)
	b.See("3 × ")
	b.Open(p.URL(theme, "/cart"))
	if scripts { // kept without a button: when the page is left, and at once
		b.Set(".line-change input", "2")
		b.Open(p.URL(theme, "/"))
		b.Until(`document.cookie.includes('cart-count=2')`)
		b.Open(p.URL(theme, "/cart"))
		b.Until(`document.querySelector('.line-change input')?.getAttribute('value') === '2'`)
	}
	b.Set(".line-change input", "1")
	if scripts {
		b.On(`document.querySelector('.line-change input')`, `e.dispatchEvent(new Event("change", {bubbles: true}))`)
		b.Until(`document.querySelector('.line-change input')?.getAttribute('value') === '1'`)
		b.Open(p.URL(theme, "/checkout"))
	} else {
		b.Click(`main button[name="then"]`)
	}
	b.Until(`location.pathname === '/checkout'`)
	b.Fits(width + "-checkout")
	b.Fill("Email", "ada@example.com")
	b.Fill("Full name", "Ada Lovelace")
	b.Choose("Country", "United Kingdom")
	b.Fill("Address", "12 Quay Street")
	b.Fill("City", "Bristol")
	b.Fill("Postal code", "BS1 4QA")
	b.Tick("Express")
	if scripts {
		b.Until(`document.querySelector('#summary .sum-total').innerText.includes('$47.00')`)
		b.Press("Place order")
	} else {
		b.Press("Place order")
		b.See("The total has changed")
		b.See("$47.00")
		b.Shot(width + "-changed")
		b.Press("Place order")
	}
	b.Until(`/^\/orders\/[A-Za-z0-9_-]{43}$/.test(location.pathname)`)
	b.See("Thank you, Ada")
	b.See("24 cm")
	b.See("$47.00")
	b.Fits(width + "-order")
	b.Open(p.URL(theme, "/cart"))
	b.See("Your cart is empty")
	b.Fits(width + "-empty")
	b.Open(p.URL(theme, "/nothing/here"))
	b.See("Page not found")
}
