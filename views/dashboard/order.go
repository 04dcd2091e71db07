package dashboard

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// paymentBadge says what has become of an order's money.
func paymentBadge(o orbit.Order) ui.BadgeProps {
	p := ui.BadgeProps{Label: o.PaymentStatus.Name()}
	switch o.PaymentStatus {
	case orbit.FinancialPaid:
		p.Tone = ui.Success
	case orbit.FinancialRefunded, orbit.FinancialPartiallyRefunded:
		p.Icon = "rotate-ccw"
	case orbit.FinancialVoided:
		p.Icon = "circle-minus"
	default:
		p.Tone, p.Icon = ui.Warning, "clock"
	}
	return p
}

// orderBadge says how much of an order has been sent.
func orderBadge(o orbit.Order) ui.BadgeProps {
	p := ui.BadgeProps{Label: o.FulfillmentStatus.Name()}
	switch {
	case o.FulfillmentStatus == orbit.Fulfilled:
		p.Tone, p.Icon = ui.Success, "truck"
	case o.Status == orbit.OrderCanceled:
		p.Label, p.Icon = o.Status.Name(), "circle-x"
	case o.FulfillmentStatus == orbit.PartiallyFulfilled:
		p.Tone, p.Icon = ui.Warning, "package"
	default:
		p.Tone, p.Icon = ui.Info, "package"
	}
	return p
}

// testBadge marks an order that was paid with a provider's test mode.
func testBadge() ui.BadgeProps { return ui.BadgeProps{Label: "Test", Icon: "zap"} }

// disputeAlert says how a dispute about a payment stands, in the provider's words, and where it is answered. One that
// has ended is for the record.
func disputeAlert(p orbit.Payment) ui.AlertProps {
	words := strings.ToLower(strings.ReplaceAll(p.Dispute, "_", " "))
	a := ui.AlertProps{Tone: ui.Warning, Title: "The customer disputes this payment",
		Message: fmt.Sprintf("%s says: %s. Answer it there.", orbit.Providers().Name(p.Kind), words)}
	if ended := []string{"won", "lost", "prevented", "warning closed", "resolved"}; slices.Contains(ended, words) {
		a.Tone, a.Title = ui.Info, "The customer has disputed this payment"
		a.Message = fmt.Sprintf("%s says: %s.", orbit.Providers().Name(p.Kind), words)
	}
	return a
}

// attemptBadge says what has become of one payment.
func attemptBadge(s orbit.PaymentStatus) ui.BadgeProps {
	p := ui.BadgeProps{Label: s.Name()}
	switch s {
	case orbit.PaymentPaid:
		p.Tone = ui.Success
	case orbit.PaymentFailed:
		p.Tone = ui.Danger
	case orbit.PaymentExpired:
		p.Icon = "circle-minus"
	default:
		p.Tone, p.Icon = ui.Warning, "clock"
	}
	return p
}

// transactionBadge says how far a transaction is at its provider.
func transactionBadge(s orbit.TransactionStatus) ui.BadgeProps {
	p := ui.BadgeProps{Label: orbit.TransactionStatuses().Name(s)}
	switch s {
	case orbit.TransactionSucceeded:
		p.Tone = ui.Success
	case orbit.TransactionFailed:
		p.Tone = ui.Danger
	default:
		p.Tone, p.Icon = ui.Warning, "clock"
	}
	return p
}

func amount(o orbit.Order, minor int64) string {
	return orbit.Money{Amount: minor, Currency: o.Currency}.String()
}

// lineImage returns the address of a line's image, as the product has it now; "" for none.
func lineImage(m orbit.Merchant, l orbit.OrderLine) string {
	if len(l.Images) == 0 {
		return ""
	}
	return imageURL(m, l.Images[0], 160)
}

func lineDetail(l orbit.OrderLine) string {
	switch {
	case l.Variant != "" && l.SKU != "":
		return l.Variant + " · " + l.SKU
	case l.Variant != "":
		return l.Variant
	}
	return l.SKU
}

// lineState says what has become of a line's units.
func lineState(l orbit.OrderLine) string {
	words := ""
	add := func(n int, what string) {
		if n > 0 && words != "" {
			words += " · "
		}
		if n > 0 {
			words += strconv.Itoa(n) + " " + what
		}
	}
	add(l.Fulfilled, "fulfilled")
	add(l.Refunded, "refunded")
	return words
}

// units says what is in a parcel.
func units(o orbit.Order, f orbit.Fulfillment) string {
	words := ""
	for _, part := range f.Lines {
		l, _ := o.Line(part.ID)
		if words != "" {
			words += ", "
		}
		words += strconv.Itoa(part.Quantity) + " × " + l.Title
	}
	return words
}

// canCancel reports whether an order can be canceled.
func canCancel(o orbit.Order) bool {
	for _, l := range o.Lines {
		if l.Fulfilled > 0 {
			return false
		}
	}
	return o.Status != orbit.OrderCanceled
}

// canRefund reports whether there is something to give back: money, or units that cost nothing.
func canRefund(o orbit.Order) bool {
	for _, l := range o.Lines {
		if l.Refunded < l.Quantity && l.Total == 0 && o.Status != orbit.OrderCanceled {
			return true
		}
	}
	return o.Refundable() > 0
}

// OrderState is how far an order's timeline has come, notes and emails aside. A form has it of when it was drawn: what
// came since, its reader hasn't seen.
func OrderState(o orbit.Order) string { return strconv.Itoa(len(changes(o))) }

func changes(o orbit.Order) (all []orbit.OrderEntry) {
	for _, e := range o.Entries {
		if e.Kind != orbit.EntryNote && e.Kind != orbit.EntryEmail {
			all = append(all, e)
		}
	}
	return all
}

// OrderForm is a form about an order: a dialog over its page, or a page of its own.
type OrderForm struct {
	Merchant orbit.Merchant
	Order    orbit.Order
	Now      time.Time
	Page     bool
	Values   url.Values // as they were typed; none on a form that is new
	Faults   map[string]string
	Refusal  string // why what was asked can't be done, "" for no such reason
	Seen     string // OrderState of the form that was sent; "" for a form that is new
	Plan     orbit.Refund
	PlanErr  string // why there is no plan
}

// Changed returns what has happened to the order since the form was drawn.
func (f OrderForm) Changed() []orbit.OrderEntry {
	all := changes(f.Order)
	n, err := strconv.Atoi(f.Seen)
	if f.Seen == "" || err != nil || n < 0 || n >= len(all) {
		return nil
	}
	return all[n:]
}

// value is what was typed into a field, or what a new form has there.
func (f OrderForm) value(name, fresh string) string {
	if f.Values == nil {
		return fresh
	}
	return f.Values.Get(name)
}

// ticked reports whether a checkbox is ticked.
func (f OrderForm) ticked(name string, fresh bool) bool {
	if f.Values == nil {
		return fresh
	}
	return f.Values.Get(name) != ""
}

func (f OrderForm) action(noun string) string { return OrderPath(f.Merchant, f.Order.ID) + "/" + noun }

// payBack says who pays a refund back.
func (f OrderForm) payBack() (words []string) {
	byHand, sums := int64(0), map[string]int64{}
	for _, t := range f.Order.PayBack(f.Plan.Amount) {
		if orbit.Hosted(t.Provider) {
			sums[t.Provider] -= t.Amount
		} else {
			byHand -= t.Amount
		}
	}
	for _, p := range orbit.Providers() {
		if sums[p.Value] > 0 {
			words = append(words, p.Name+" pays "+amount(f.Order, sums[p.Value])+" back to the customer.")
		}
	}
	if byHand > 0 {
		words = append(words, "You pay "+amount(f.Order, byHand)+" back yourself: it was paid outside of any provider.")
	}
	return words
}
