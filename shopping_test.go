package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"orbit360.app/orbit"
)

// TestShopping is a shopper's whole way through each of the three themes, with scripts and without, on a desk and in a
// hand: find, choose, buy, and the order reaches the merchant.
func TestShopping(t *testing.T) {
	t.Parallel()
	p := install(t)
	p.start()
	c := p.client()
	c.signIn()
	themes := []string{"modern", "classic", "minimal"}
	for _, theme := range themes {
		p.openShop(c, theme)
	}
	for _, theme := range themes {
		for name, scripts := range map[string]bool{"scripts": true, "noscripts": false} {
			t.Run(theme+" "+name, func(t *testing.T) {
				b := openBrowser(t, scripts)
				for _, width := range []int64{1440, 390} {
					b.do(chromedp.EmulateViewport(width, 900))
					b.shop(p, theme, fmt.Sprint(width), scripts)
				}
			})
		}
	}
	t.Run("the merchant", func(t *testing.T) {
		b := openBrowser(t, true)
		b.merchant(p, c)
	})
}

var (
	applicationURL = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)
	passwordLink   = regexp.MustCompile(`/password/[A-Za-z0-9_-]{43}`)
)

// openShop has a shop set up in a theme and opened at once.
func (p *program) openShop(admin *client, theme string) {
	p.t.Helper()
	visitor := p.client()
	_, location := visitor.must(303, "", "/apply", "id", orbit.NewID[orbit.Merchant]().String(), "name", "Juniper "+theme, "ownerName", "June Juniper", "email", theme+"@example.com", "category", "home-garden")
	id := applicationURL.FindString(location)
	if id == "" {
		p.t.Fatal("no id in ", location)
	}
	admin.must(303, "admin", "/merchants/"+id+"/activation", "theme", "upfront-"+theme, "plan", "professional", "subdomain", theme, "category", "home-garden", "goLive", "on")
	p.until(theme+" to be open", func() bool {
		status, body, _, err := visitor.do(theme, "/")
		return err == nil && status == 200 && !strings.Contains(body, "Opening soon")
	})
}

// until waits for something that another process brings about.
func (p *program) until(what string, ok func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("waited for %s\n%s", what, p.out)
		}
	}
}

// fits fails where a page is wider than its window, and keeps a picture of it.
func (b *browser) fits(name string) {
	b.t.Helper()
	if over := eval[float64](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		b.t.Errorf("%s at %s is %g px too wide", name, b.location(), over)
	}
	b.shot(name)
}

func (b *browser) shop(p *program, theme, width string, scripts bool) {
	b.t.Helper()
	b.open(p.url(theme, "/"))
	b.see("Stoneware Mug")
	b.fits(width + "-home")

	// find: a word with a slip of the finger in it, then a list, narrowed and sorted
	b.open(p.url(theme, "/search"))
	eval[bool](b, `(() => { const q = document.querySelector('#q'); q.value = 'terracota'; q.form.requestSubmit(); return true })()`)
	b.see("Terracotta Planter")
	b.fits(width + "-search")
	b.open(p.url(theme, "/collections/all"))
	b.fits(width + "-collection")
	eval[bool](b, `(() => { const f = document.querySelector('#sieve'); f.elements.sort.value = '-price'; f.elements.available.checked = true; f.requestSubmit(); return true })()`)
	b.until("the sorted list", `new URLSearchParams(location.search).get('sort') === '-price' && document.readyState === 'complete'`)
	b.until("an address without empty fields", `![...new URLSearchParams(location.search).values()].includes('')`)
	if first := eval[string](b, `document.querySelector('main li h3 a').innerText`); first != "Linen Throw" {
		b.t.Errorf("the dearest is %q", first)
	}
	b.fits(width + "-browse")

	// choose: the variant follows the link
	b.open(p.url(theme, "/products/terracotta-planter"))
	before := eval[string](b, `document.querySelector('.add [name=variant]').value`)
	eval[bool](b, `[...document.querySelectorAll('.value')].find(a => a.innerText.trim() === '24 cm').click() || true`)
	b.until("the other size", `document.querySelector('.value[aria-current]').innerText.trim() === '24 cm' && document.querySelector('.add [name=variant]').value !== '`+before+`'`)
	b.until("its address", `/variant=[0-9a-f-]{36}/.test(location.search)`)
	b.fits(width + "-product")
	b.fill("Quantity", "2")
	b.press("Add to cart")
	if scripts {
		b.see("is in your cart.")
		b.until("the count", `[...document.querySelectorAll('[data-cart-count]')].some(e => e.innerText.trim() === '2')`)
		b.shot(width + "-added")
		b.open(p.url(theme, "/products/olive-wood-board"))
		b.until("the count on another page", `[...document.querySelectorAll('[data-cart-count]')].some(e => e.innerText.trim() === '2')`)
		b.press("Add to cart")
		b.see("is in your cart.")
		b.press("View cart")
	} else {
		b.until("the cart", `location.pathname === '/cart'`)
		b.open(p.url(theme, "/products/olive-wood-board"))
		b.press("Add to cart")
	}
	b.until("two lines in the cart", `location.pathname === '/cart' && document.querySelectorAll('.line').length === 2`)
	b.see("24 cm")
	b.fits(width + "-cart")
	eval[bool](b, `(() => { const n = document.querySelector('.line-change input'); n.value = '1'; return true })()`)
	b.press("Update cart")
	b.until("one planter", `document.readyState === 'complete' && document.querySelector('.line-change input')?.getAttribute('value') === '1'`)
	eval[bool](b, `[...document.querySelectorAll('.remove')].at(-1).click() || true`)
	b.until("one line in the cart", `document.querySelectorAll('.line').length === 1`)

	// buy: Express costs more than the page says at first
	eval[bool](b, `document.querySelector('main a[href="/checkout"]').click() || true`)
	b.until("the checkout", `location.pathname === '/checkout'`)
	b.fits(width + "-checkout")
	b.fill("Email", "ada@example.com")
	b.fill("Full name", "Ada Lovelace")
	b.choose("Country", "United Kingdom")
	b.fill("Address", "12 Quay Street")
	b.fill("City", "Bristol")
	b.fill("Postcode", "BS1 4QA")
	b.tick("Express")
	if scripts {
		b.until("the new total", `document.querySelector('#summary .sum-total').innerText.includes('$47.00')`)
		b.press("Place order")
	} else {
		b.press("Place order")
		b.see("The total has changed")
		b.see("$47.00")
		b.shot(width + "-changed")
		b.press("Place order")
	}
	b.until("the confirmation", `/^\/orders\/[A-Za-z0-9_-]{43}$/.test(location.pathname)`)
	b.see("Thank you, Ada")
	b.see("24 cm")
	b.see("$47.00")
	b.fits(width + "-order")
	b.open(p.url(theme, "/cart"))
	b.see("Your cart is empty")
	b.fits(width + "-empty")
	b.open(p.url(theme, "/nothing/here"))
	b.see("Page not found")
}

// merchant finds the orders in the dashboard and sends one.
func (b *browser) merchant(p *program, admin *client) {
	b.t.Helper()
	b.open(p.url("dashboard", p.welcome(admin, "modern@example.com")))
	b.fill("Password", "a long enough password")
	b.fill("Repeat password", "a long enough password")
	b.press("Set password")
	b.see("Juniper modern")
	b.press("Orders")
	b.see("#1004")
	b.see("Ada Lovelace")
	b.shot("orders")
	b.press("#1001 Ada Lovelace")
	b.see("12 Quay Street")
	b.shot("order")
	b.press("Mark as paid")
	b.see("marked as paid")
	b.press("Mark as sent")
	b.see("marked as sent")
	b.until("nothing left to do", `!`+pressables+`.some(e => e.innerText.startsWith('Mark as'))`)
	b.shot("sent")
	b.do(chromedp.EmulateViewport(390, 844))
	b.fits("sent-390")
}
