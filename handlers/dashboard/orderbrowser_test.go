package dashboard_test

import (
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/orbit"
)

// In a browser a refund says what it comes to while it is typed, in a dialog, and a part of the order is fulfilled.
func TestOrderInABrowser(t *testing.T) {
	t.Parallel()
	w := begin(t)
	own, _, page := w.sell()
	w.post(w.ada, page+"/payment", nil)
	plan, err := w.read(own).RefundPlan(orbit.RefundWish{Lines: []orbit.RefundLine{{ID: own.Lines[0].ID, Quantity: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	amount := orbit.Money{Amount: plan.Amount, Currency: own.Currency}.String()
	quantity := `[id="quantity-` + own.Lines[0].ID.String() + `"]`
	at := w.serve(w.ada) + page
	b := browsertest.New(t)
	b.Open(at)
	b.Press("Fulfill items")
	b.Until(`document.querySelector("dialog[open] #fulfillment")`)
	b.Set(quantity, "1")
	b.Set(`[name="trackingNumber"]`, "JD0146")
	b.Click(`dialog[open] .dialog-foot .btn-primary`)
	b.Until(`!document.querySelector("dialog[open]") &&
		document.querySelector("#order-timeline").innerText.includes("JD0146")`)
	b.Press("Refund")
	b.Until(`document.querySelector("dialog[open] #refund")`)
	b.Set(quantity, "1")
	b.Until(`document.querySelector("#refund-preview").innerText.includes("` + amount + `")`)
	b.WindowLook("refund")
	b.Set(quantity, "5")
	b.Until(`document.querySelector("#refund-preview .fault")`)
	b.Set(quantity, "1")
	b.Until(`!document.querySelector("#refund-preview .fault")`)
	b.Click(`dialog[open] .dialog-foot .btn-primary`)
	b.Until(`!document.querySelector("dialog[open]") && document.body.innerText.includes("Partially refunded")`)
	if o := w.read(own); o.Refunded != plan.Amount || len(o.Fulfillments) != 1 || o.Lines[0].Fulfilled != 1 {
		t.Errorf("%+v", o)
	}
	// Ticking an order shows what can be done with it.
	b.Open(w.serve(w.ada) + w.home(w.moss) + "/orders")
	b.Until(`!document.querySelector(".picked").checkVisibility()`)
	b.Click(`[name="order"]`)
	b.Until(`document.querySelector(".picked").checkVisibility()`)
	b.WindowLook("picked")
}

// Without scripts a button shows what a refund comes to, and every form ends the same way.
func TestOrderWithoutScripts(t *testing.T) {
	t.Parallel()
	w := begin(t)
	own, _, page := w.sell()
	w.post(w.ada, page+"/payment", nil)
	at := w.serve(w.ada) + page
	b := browsertest.New(t, browsertest.Scripts(false))
	b.Open(at + "/refund/new")
	b.Fill("Amount", "5.00")
	b.Fill("Reason", "Late")
	b.Press("Preview")
	b.See("You pay $5.00 back yourself")
	b.Press("Refund")
	b.See("$5.00 was refunded")
	b.Press("Cancel order")
	b.See("A canceled order can't be opened again.")
	b.Fill("Reason", "Gone")
	b.Press("Cancel order")
	b.See("This order is canceled")
	if o := w.read(own); o.Status != orbit.OrderCanceled || o.Refunded != o.Paid || len(o.Refunds) != 2 {
		t.Errorf("%+v", o)
	}
}
