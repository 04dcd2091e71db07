package orbit

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// Invoice is what an order was charged for, as books have it: each line without its tax, the tax, and both. It holds
// what is stored with the order, so that its sums are the order's to the last unit.
type Invoice struct {
	Lines   []InvoiceLine // the order's, then the shipping where there is any
	Rates   []InvoiceRate // what is taxed alike, the highest rate first; their sums are the invoice's
	Credits []CreditNote
	InvoiceAmounts
}

// InvoiceAmounts holds minor units of the order's currency.
type InvoiceAmounts struct {
	Net   int64
	Tax   int64
	Gross int64 // Net and Tax
}

func (a *InvoiceAmounts) add(b InvoiceAmounts) {
	a.Net, a.Tax, a.Gross = a.Net+b.Net, a.Tax+b.Tax, a.Gross+b.Gross
}

// InvoiceLine is a line of an order, or its shipping.
type InvoiceLine struct {
	Title    string
	Variant  string
	SKU      string
	Quantity int
	Price    int64 // of one, as the shop asks for it: with its tax where prices hold it
	Discount int64 // likewise, of all of the line
	Taxes    []TaxAmount
	InvoiceAmounts
}

// InvoiceRate is all that is taxed by the same taxes: mostly by one, by several at once in some places, or by none.
type InvoiceRate struct {
	Taxes []TaxAmount
	InvoiceAmounts
}

// CreditNote is what a refund takes off an invoice.
type CreditNote struct {
	Number string
	At     time.Time
	Reason string
	Failed bool // none of it has gone back: its amounts are 0
	InvoiceAmounts
}

// Credited returns the note's amounts as they change the invoice's: below zero.
func (n CreditNote) Credited() InvoiceAmounts { return InvoiceAmounts{-n.Net, -n.Tax, -n.Gross} }

// Invoice returns what the order was charged for.
func (o Order) Invoice() Invoice {
	var in Invoice
	for _, l := range o.Lines {
		in.add(InvoiceLine{Title: l.Title, Variant: l.Variant, SKU: l.SKU, Quantity: l.Quantity, Price: l.Price,
			Discount: l.Discount, Taxes: l.Taxes, InvoiceAmounts: InvoiceAmounts{l.Total - l.Tax, l.Tax, l.Total}})
	}
	if total := o.shippingTotal(); o.ShippingName != "" || o.Shipping > 0 {
		in.add(InvoiceLine{Title: "Shipping", Variant: o.ShippingName, Quantity: 1, Price: o.Shipping,
			Discount: o.ShippingDiscount, Taxes: o.ShippingTaxes,
			InvoiceAmounts: InvoiceAmounts{total - o.ShippingTax, o.ShippingTax, total}})
	}
	slices.SortStableFunc(in.Rates, func(a, b InvoiceRate) int { return cmp.Compare(rateOf(b.Taxes), rateOf(a.Taxes)) })
	in.Credits = o.credits()
	return in
}

func (in *Invoice) add(l InvoiceLine) {
	in.Lines = append(in.Lines, l)
	in.InvoiceAmounts.add(l.InvoiceAmounts)
	i := slices.IndexFunc(in.Rates, func(r InvoiceRate) bool {
		return slices.EqualFunc(r.Taxes, l.Taxes, func(a, b TaxAmount) bool { return a.Name == b.Name && a.Rate == b.Rate })
	})
	if i < 0 {
		i, in.Rates = len(in.Rates), append(in.Rates, InvoiceRate{})
		for _, t := range l.Taxes {
			in.Rates[i].Taxes = append(in.Rates[i].Taxes, TaxAmount{Name: t.Name, Rate: t.Rate})
		}
	}
	in.Rates[i].add(l.InvoiceAmounts)
	for j, t := range l.Taxes {
		in.Rates[i].Taxes[j].Amount += t.Amount
	}
}

func rateOf(taxes []TaxAmount) (rate int) {
	for _, t := range taxes {
		rate += t.Rate
	}
	return rate
}

// credits returns the refunds that gave money back, numbered in the order in which they were made. A number stays a
// refund's, also where the provider couldn't pay all of it back: its note is of what the ledger has.
func (o Order) credits() (notes []CreditNote) {
	for _, r := range o.Refunds {
		if r.Amount == 0 {
			continue
		}
		n := CreditNote{Number: o.Name() + "-R" + strconv.Itoa(len(notes)+1), At: r.CreatedAt, Reason: r.Reason}
		for _, t := range o.Transactions {
			if t.RefundID == r.ID && t.Status != TransactionFailed {
				n.Gross -= t.Amount
			}
		}
		n.Failed = n.Gross == 0
		n.Tax = share(r.Tax, n.Gross, r.Amount)
		n.Net = n.Gross - n.Tax
		notes = append(notes, n)
	}
	return notes
}
