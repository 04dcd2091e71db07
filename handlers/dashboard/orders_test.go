package dashboard_test

import (
	"strconv"
	"strings"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// buy places an order at a shop for two of its first product.
func (w *world) buy(id orbit.MerchantID) orbit.Order {
	w.Helper()
	var token string
	var total int64
	ctx := w.Context()
	err := shop.For(w.db, id).Do(ctx, func(t *shop.Tenant) error {
		r := t.Reader()
		ps := r.Products(1)
		err := r.Read(ctx)
		if err != nil {
			return err
		}
		if token, _, err = t.AddToCart(ctx, "", ps.Value[0].Variants[0].ID, 2); err != nil {
			return err
		}
		offer, err := t.Checkout(ctx)
		if err != nil {
			return err
		}
		c, err := t.Cart(ctx, token)
		if err != nil {
			return err
		}
		sum, err := t.Totals(ctx, c, offer, orbit.CheckoutForm{Shipping: "Standard"})
		total = sum.Total
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	o, err := shop.For(w.db, id).PlaceOrder(ctx, token, orbit.CheckoutForm{Key: orbit.NewID[orbit.Order]().String(),
		Email: "june@example.com", Name: "June <b>Juniper</b>", Line1: "12 Quay Street", City: "Bristol", Postcode: "BS1 4QA",
		Country:  "GB",
		Shipping: "Standard", Payment: "manual", Seen: strconv.FormatInt(total, 10)},
		shop.Placing{Write: func(_ orbit.OrderEmail, o orbit.Order) (orbit.Email, error) {
			return orbit.Email{MessageID: "<" + o.ID.String() + "@test>", Recipient: o.Email, Subject: o.Name(),
				Status: orbit.EmailLocal}, nil
		}})
	if err != nil {
		w.Fatal(err)
	}
	return o
}

func TestOrders(t *testing.T) {
	t.Parallel()
	w := begin(t)
	moss, nord := w.home(w.moss), w.home(w.nord)
	if _, doc := w.get(w.ada, moss+"/orders"); !strings.Contains(doc.Text(), "No orders yet") {
		t.Error(doc.Text())
	}
	w.ready(w.ada, w.moss)
	w.ready(w.bob, w.nord)
	for cookie, path := range map[string]string{w.ada: moss, w.bob: nord} {
		if res, _ := w.post(cookie, path+"/live", nil); res.StatusCode != 303 {
			t.Fatal(res.StatusCode)
		}
	}
	own, foreign := w.buy(w.moss), w.buy(w.nord)
	res, doc := w.get(w.ada, moss+"/orders")
	if rows := doc.Find("#orders tbody tr"); res.StatusCode != 200 || rows.Length() != 1 ||
		!strings.Contains(rows.Text(), "#1001 June <b>Juniper</b>") || !strings.Contains(rows.Text(), "Pending") ||
		!strings.Contains(rows.Text(), "Unfulfilled") {
		t.Error(res.StatusCode, rows.Text())
	}
	for query, want := range map[string]int{"?q=1001": 1, "?q=juniper": 1, "?q=zzz": 0,
		"?status=unpaid": 1, "?status=unfulfilled": 1, "?status=open": 1, "?status=closed": 0,
		"?status=" + string(orbit.OrderCanceled): 0,
		"?status=nonsense":                       1, "?page=2": 0, "?q=%00": 1,
		"?payment=pending": 1, "?payment=paid": 0, "?payment=x": 1,
		"?fulfillment=unfulfilled": 1, "?fulfillment=fulfilled": 0, "?from=2001-01-01": 1, "?to=2001-01-01": 0,
		"?from=yesterday": 1, "?q=juniper&payment=pending&from=2001-01-01&status=open": 1} {
		if res, doc := w.get(w.ada, moss+"/orders"+query); res.StatusCode != 200 ||
			doc.Find("#orders tbody tr").Length() != want {
			t.Error(query, res.StatusCode, doc.Find("#orders tbody tr").Length())
		}
	}
	page := moss + "/orders/" + own.ID.String()
	_, doc = w.get(w.ada, page)
	for _, words := range []string{"Order #1001", "12 Quay Street", "june@example.com", own.Lines[0].Title,
		orbit.Money{Amount: own.Total, Currency: own.Currency}.String(), "Mark as paid", "Fulfill items"} {
		if !strings.Contains(doc.Text(), words) {
			t.Errorf("no %q on the order's page", words)
		}
	}
	// nobody else's order, by any way
	for name, tt := range map[string][2]string{
		"another's order":        {w.ada, moss + "/orders/" + foreign.ID.String()},
		"another's shop":         {w.ada, nord + "/orders/" + foreign.ID.String()},
		"another's list":         {w.ada, nord + "/orders"},
		"of nobody":              {w.ada, moss + "/orders/" + orbit.NewID[orbit.Order]().String()},
		"no id":                  {w.ada, moss + "/orders/1001"},
		"own order, wrong owner": {w.bob, page},
	} {
		if res, _ := w.get(tt[0], tt[1]); res.StatusCode != 404 {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
		if !strings.HasSuffix(tt[1], "/orders") {
			for _, change := range []string{"/payment", "/fulfillment", "/refund", "/cancellation", "/notes", "/emails"} {
				if res, _ := w.post(tt[0], tt[1]+change, nil); res.StatusCode != 404 {
					t.Errorf("%s%s: %d", name, change, res.StatusCode)
				}
			}
		}
	}
	// It is asked first whether the shopper is to get an email, on a page of its own too.
	_, asked := w.get(w.ada, page+"/fulfillment/new")
	if form := asked.Find("form#fulfillment"); form.AttrOr("action", "") != page+"/fulfillment" ||
		!strings.Contains(form.Text(), "Send a shipping confirmation to "+own.Email) {
		t.Errorf("asks %q", form.Text())
	}
	for i := range 2 { // twice is once
		for _, change := range []string{"/payment", "/fulfillment"} {
			want := 303
			if i == 1 && change == "/fulfillment" {
				want = 409 // there is nothing left to fulfill
			}
			if res, _ := w.post(w.ada, page+change, nil); res.StatusCode != want {
				t.Error(change, res.StatusCode)
			}
		}
	}
	if _, again := w.get(w.ada, page+"/fulfillment/new"); !strings.Contains(again.Find("main").Text(),
		"fulfilled already") || again.Find("form#fulfillment").Length() > 0 {
		t.Errorf("asks again: %s", again.Find("main").Text())
	}
	err := shop.For(w.db, w.moss).Do(t.Context(), func(tt *shop.Tenant) error {
		o, err := tt.Order(t.Context(), own.ID)
		if err == nil && (o.PaymentStatus != orbit.FinancialPaid || o.Status != orbit.OrderClosed || o.PaidAt.IsZero() ||
			o.FulfilledAt.IsZero() || o.Payments[0].Status != orbit.PaymentPaid) {
			t.Errorf("%+v", o)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if emails, n, err := w.db.Emails(t.Context(), "on its way", 10, 0); err != nil || n != 1 ||
		emails[0].Recipient != own.Email {
		t.Error(n, err, emails)
	}
	log, err := w.db.AuditLog(t.Context(), w.moss, 50, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := map[orbit.Action]int{}
	for _, e := range log {
		n[e.Action]++
	}
	if n[orbit.ActionOrderPaid] != 1 || n[orbit.ActionOrderFulfilled] != 1 {
		t.Error(n)
	}
}
