package journey

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/jackc/pgx/v5/pgxpool"

	"orbit360.app/browsertest"
	"orbit360.app/journey/journeytest"
	"orbit360.app/orbit"
	"orbit360.app/themes"
)

// TestPaying has a shopper pay on Test payments' page: each choice there with scripts and without, in all themes, on a
// desk and in a hand.
func TestPaying(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	pool := p.Database()
	c := p.Client()
	c.SignIn()
	engines, widths := []string{"modern", "classic", "minimal"}, []int64{browsertest.Wide, browsertest.Narrow}
	for _, theme := range engines {
		p.OpenShop(c, theme)
	}
	if _, err := pool.Exec(t.Context(), `INSERT INTO payment_methods (merchant_id, kind, name, enabled)
		SELECT id, 'test', 'Test payments', true FROM merchants ON CONFLICT (merchant_id, kind) DO UPDATE
		SET enabled = true`); err != nil {
		t.Fatal(err)
	}
	for name, scripts := range map[string]bool{"scripts": true, "noscripts": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := browsertest.New(t, browsertest.Scripts(scripts))
			product, shift := "stoneware-mug", 0 // each choice is made in one theme and width, and without scripts in others
			if !scripts {
				product, shift = "olive-wood-board", 1
			}
			for i, choice := range orbit.TestChoices() {
				theme, width := engines[(i+shift)%len(engines)], widths[(i/len(engines)+shift)%len(widths)]
				b.Resize(width)
				payer{t, b, p, pool, theme, product, fmt.Sprintf("%s-%d-%s", theme, width, choice), scripts}.pays(choice)
			}
		})
	}
}

// buttons holds what the choices are called on the page.
var buttons = themes.WordsFor("en").TestChoices

// payer is a shopper with one thing to pay for, which nobody else buys in the meantime.
type payer struct {
	*testing.T
	*browsertest.Browser
	p       *journeytest.Program
	pool    *pgxpool.Pool
	theme   string
	product string // its handle
	name    string // of what is done, for images and messages
	scripts bool
}

// pays buys, makes a choice on the page of Test payments, and looks at what came of it.
func (s payer) pays(choice orbit.TestChoice) {
	s.Helper()
	stock, orders := s.count(stockOf), s.count(ordersOf)
	s.toPayment()
	s.holds("a payment page holds its product", stockOf, stock-1)
	s.holds("nothing is ordered yet", ordersOf, orders)
	if choice == orbit.TestFail { // the card is declined twice, the second time for good measure
		s.declined()
	}
	pay := s.Location()
	s.Press(buttons[choice])
	switch choice {
	case orbit.TestNeverReturn:
		s.See("this page doesn't lead back to the shop")
		s.Fits(s.name)
		s.Open(s.at("/orders/" + s.token()))
	case orbit.TestFail:
		s.See("The card was declined")
		s.Press(buttons[orbit.TestSucceed])
	case orbit.TestPendingSucceed, orbit.TestPendingFail:
		s.pending()
	}
	if choice == orbit.TestPendingFail {
		s.See("Order canceled")
		s.See("Your payment didn't go through")
		s.holds("the product is back", stockOf, stock)
	} else {
		s.See("Thank you, Ada")
		s.See("Payment received")
		s.holds("one is sold", stockOf, stock-1)
	}
	s.Fits(s.name + "-order")
	s.holds("one order", ordersOf, orders+1)
	order := s.Location()
	// Back, a reload, and the payment page once more change nothing.
	s.Do(chromedp.Reload())
	s.Until(`location.href === "` + order + `"`)
	s.Open(pay)
	if choice == orbit.TestNeverReturn {
		s.See("this page doesn't lead back")
	} else {
		s.See("You already chose what becomes of this payment.")
	}
	s.Fits(s.name + "-closed")
	s.Do(chromedp.NavigateBack())
	s.Until(`location.href === "` + order + `"`)
	s.Open(s.at("/cart"))
	s.See("Your cart is empty")
	s.holds("one order", ordersOf, orders+1)
	if choice == orbit.TestPendingFail {
		s.Open(order)
		s.Press("Buy again")
		s.Until(`location.pathname === "/cart" && document.querySelector(".line-change input").value === "1"`)
		s.Click(".remove")
		s.See("Your cart is empty")
	}
	if choice == orbit.TestTwice {
		s.p.Until("the second charge to be paid back", func() bool {
			return s.count(`SELECT count(*) FROM order_transactions t JOIN orders o ON o.id = t.order_id
				JOIN merchants m ON m.id = o.merchant_id JOIN order_lines l ON l.order_id = o.id
				WHERE m.subdomain = $1 AND l.handle = $2 AND t.kind = 'adjustment' AND t.status = 'succeeded'
				AND o.paid = o.total`) > 0
		})
	}
}

// toPayment goes from a product to the payment page.
func (s payer) toPayment() {
	s.Helper()
	s.Open(s.at("/products/" + s.product))
	s.Press("Add to cart")
	if s.scripts {
		s.See("is in your cart.")
		s.Press("View cart")
	}
	s.Until(`location.pathname === "/cart" && document.querySelectorAll(".line").length === 1`)
	s.Click(`main button[name="then"]`)
	s.Until(`location.pathname === "/checkout"`)
	for label, value := range map[string]string{"Email": "ada@example.com", "Full name": "Ada Lovelace",
		"Address": "12 Quay Street", "City": "Bristol", "Postal code": "BS1 4QA"} {
		s.Fill(label, value)
	}
	if s.scripts { // what a country changes comes after the method was chosen
		s.On(`document.body`, `const asked = fetch;
			fetch = async (...of) => { await new Promise(go => window.go = go); return asked(...of) }`)
	}
	s.Choose("Country", "United Kingdom")
	s.Tick("Test payments")
	if s.scripts {
		s.On(`window.go && document.querySelector("#payment")`, `e.dataset.before = "yes"; go()`)
		s.Until(`!document.querySelector("#payment[data-before]")`)
	}
	s.Fits(s.name + "-checkout")
	s.Press("Continue to payment")
	s.Until(`/^\/pay\/[A-Za-z0-9_-]{43}$/.test(location.pathname)`)
	s.See("No money moves")
	s.Fits(s.name + "-pay")
}

// declined has the card declined, looks at the ways on from there, and ends on the payment page.
func (s payer) declined() {
	s.Helper()
	s.Press(buttons[orbit.TestFail])
	s.See("The card was declined")
	s.Press("Cancel and go back")
	s.Until(`location.pathname === "/checkout" && document.querySelector("#email").value === "ada@example.com"`)
	s.Open(s.at("/orders/" + s.token() + "/return"))
	s.See("Payment failed")
	s.See("The card was declined.")
	s.Fits(s.name + "-declined")
	s.Press("Choose another way to pay")
	s.Until(`location.pathname === "/checkout"`)
	s.Do(chromedp.NavigateBack())
	s.Press("Try again")
	s.Until(`location.pathname.startsWith("/pay/")`)
}

// pending waits on the order's page until it tells how a slow payment ended, without touching it.
func (s payer) pending() {
	s.Helper()
	s.See("Payment pending")
	s.See("still being processed")
	s.Fits(s.name + "-pending")
	steps := browsertest.Eval[int](s.Browser, `history.length`)
	s.Until(`!document.body.innerText.includes("Payment pending")`)
	if now := browsertest.Eval[int](s.Browser, `history.length`); now != steps && s.scripts {
		s.Errorf("%s: waiting made %d steps of history", s.name, now-steps)
	}
}

func (s payer) at(path string) string { return s.p.URL(s.theme, path) }

// token is the shop's newest checkout's.
func (s payer) token() (token string) {
	s.Helper()
	if err := s.pool.QueryRow(s.Context(), `SELECT token FROM checkouts c JOIN merchants m ON m.id = c.merchant_id
		WHERE m.subdomain = $1 AND c.document -> 'Lines' -> 0 ->> 'Handle' = $2
		ORDER BY c.created_at DESC LIMIT 1`, s.theme, s.product).Scan(&token); err != nil {
		s.Fatal(err)
	}
	return token
}

const (
	ordersOf = `SELECT count(*) FROM order_lines l JOIN merchants m ON m.id = l.merchant_id
		WHERE m.subdomain = $1 AND l.handle = $2`
	stockOf = `SELECT v.stock FROM variants v JOIN products p ON p.id = v.product_id JOIN merchants m
		ON m.id = v.merchant_id WHERE m.subdomain = $1 AND p.handle = $2`
)

// count returns what a query finds of a subdomain, $1, and a product's handle, $2.
func (s payer) count(sql string) (n int) {
	s.Helper()
	if err := s.pool.QueryRow(s.Context(), sql, s.theme, s.product).Scan(&n); err != nil {
		s.Fatal(sql, err)
	}
	return n
}

func (s payer) holds(what, sql string, want int) {
	s.Helper()
	if n := s.count(sql); n != want {
		s.Errorf("%s: %s: %d, want %d", s.name, what, n, want)
	}
}
