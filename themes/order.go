package themes

import (
	"strings"

	"orbit360.app/orbit"
)

// OrderPage confirms an order.
type OrderPage struct {
	Order       orbit.Order
	Undelivered bool // the confirmation was refused for good
}

// Thanks returns the heading of the confirmation.
func (p OrderPage) Thanks(w *Words) string {
	name, _, _ := strings.Cut(p.Order.Address.Name, " ")
	return w.ThankYou(name)
}

// Next returns what happens with the order now.
func (p OrderPage) Next(w *Words) string {
	switch {
	case p.Order.Status == orbit.OrderCanceled:
		return w.OrderCanceled
	case p.Order.FulfillmentStatus == orbit.Fulfilled:
		return w.OrderOnItsWay
	case p.Order.PaymentStatus == orbit.FinancialPaid && p.Order.Total > 0:
		return w.PaymentReceived
	}
	if p.Undelivered {
		return w.OrderUndelivered(p.Order.Email)
	}
	return w.OrderReceived(p.Order.Email)
}
