package themes

import (
	"slices"
	"strings"
	"time"

	"orbit360.app/orbit"
)

// OrderPage confirms an order, and says later how far it is.
type OrderPage struct {
	Order       orbit.Order
	Undelivered bool                  // the confirmation was refused for good
	Methods     []orbit.PaymentMethod // with which what is due can be paid now
	Notice      string                // what went wrong with paying
	Wait        time.Duration         // after which its payment is looked at again; 0 for never
}

// Thanks returns the heading of the confirmation.
func (p OrderPage) Thanks(w *Words) string {
	if p.Order.Status == orbit.OrderCanceled {
		return w.CanceledHeading
	}
	name, _, _ := strings.Cut(p.Order.Address.Name, " ")
	return w.ThankYou(name)
}

// Next returns what happens with the order now.
func (p OrderPage) Next(w *Words) string {
	switch {
	case p.unpaid():
		return w.OrderNotPaid
	case p.Order.Status == orbit.OrderCanceled:
		return w.OrderCanceled
	case p.Order.FulfillmentStatus == orbit.Fulfilled:
		return w.OrderOnItsWay
	case p.Order.FulfillmentStatus == orbit.PartiallyFulfilled:
		return w.OrderPartlyOnItsWay
	case p.Undelivered:
		return w.OrderUndelivered(p.Order.Email)
	case p.Order.PaymentStatus == orbit.FinancialPaid && p.Order.Total > 0:
		return w.PaymentArrived
	case p.processing():
		return w.PaymentExpected
	}
	return w.OrderReceived(p.Order.Email)
}

// processing reports whether money is on its way.
func (p OrderPage) processing() bool {
	return slices.ContainsFunc(p.Order.Payments, func(p orbit.Payment) bool {
		return p.Status == orbit.PaymentProcessing
	})
}

// unpaid reports whether the order was canceled because its payment failed.
func (p OrderPage) unpaid() bool {
	return p.Order.Status == orbit.OrderCanceled && p.Order.Paid == 0 &&
		slices.ContainsFunc(p.Order.Payments, func(p orbit.Payment) bool { return p.Status == orbit.PaymentFailed })
}

// payable reports whether the shopper can pay something now.
func (p OrderPage) payable() bool { return len(p.Methods) > 0 && p.Order.Due() > 0 && !p.processing() }

func (p OrderPage) due() string {
	return orbit.Money{Amount: p.Order.Due(), Currency: p.Order.Currency}.String()
}

// refunds returns the amounts that were paid back, or are on their way.
func (p OrderPage) refunds() (amounts []string) {
	for _, r := range p.Order.Refunds {
		if p.Order.Given(r.ID) {
			amounts = append(amounts, orbit.Money{Amount: r.Amount, Currency: p.Order.Currency}.String())
		}
	}
	return amounts
}

// paidWith returns the payments of an order that came to something, or may.
func paidWith(o orbit.Order) []orbit.Payment {
	return slices.DeleteFunc(slices.Clone(o.Payments), func(p orbit.Payment) bool {
		return p.Status == orbit.PaymentFailed || p.Status == orbit.PaymentExpired
	})
}

// paidBy returns what an order was paid with, as shoppers call it, and more of it where there is more to say.
func paidBy(w *Words, p orbit.Payment) (name, more string) {
	name = methodName(w, orbit.PaymentMethod{Kind: p.Kind, Name: p.Name})
	if name == w.Card && p.Method != "" { // it may have been something else that Stripe takes
		return p.Method, ""
	}
	return name, p.Method
}

// items is how many things are in a parcel.
func items(f orbit.Fulfillment) (n int) {
	for _, l := range f.Lines {
		n += l.Quantity
	}
	return n
}

// track returns where a carrier shows the way of a parcel, "" where that is no page.
func track(f orbit.Fulfillment) string {
	if strings.HasPrefix(f.TrackingURL, "https://") || strings.HasPrefix(f.TrackingURL, "http://") {
		return f.TrackingURL
	}
	return ""
}
