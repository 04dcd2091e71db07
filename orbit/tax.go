package orbit

import (
	"cmp"
	"slices"
	"strconv"
)

// Tax is how a shop's prices are taxed.
type Tax struct {
	Name     string
	Rate     int  // hundredths of a percent: 1900 is 19 %
	Included bool // prices hold it already
}

// TaxAmount is what one tax comes to on a line, on the shipping or on an order.
type TaxAmount struct {
	Name   string `json:"name"`
	Rate   int    `json:"rate"` // hundredths of a percent
	Amount int64  `json:"amount"`
}

// Label is the tax as people say it: VAT 20%, or City tax 8.875%.
func (t TaxAmount) Label() string {
	if t.Name == "" {
		return "Tax " + t.Percent() + "%"
	}
	return t.Name + " " + t.Percent() + "%"
}

// Percent is the rate as people read it: 7.5 for 750 hundredths of a percent.
func (t TaxAmount) Percent() string {
	return strconv.FormatFloat(float64(t.Rate)/100, 'f', -1, 64)
}

// taxOn returns the tax on an amount, and what each rate has of it. Rates add up, and their sum is rounded half up
// once: two halves of a unit are one unit, not two. A rate of 0 is no tax. All prices of an order hold their taxes or
// none does, so a rate's own Included doesn't count.
func taxOn(amount int64, included bool, rates []Tax) (int64, []TaxAmount) {
	taxes, weights, rate, whole := []TaxAmount{}, []int64{}, int64(0), int64(10000)
	for _, t := range rates {
		if t.Rate > 0 {
			taxes, weights = append(taxes, TaxAmount{Name: t.Name, Rate: t.Rate}), append(weights, int64(t.Rate))
			rate += int64(t.Rate)
		}
	}
	if included {
		whole += rate
	}
	tax := share(amount, rate, whole)
	for i, part := range Allocate(tax, weights) {
		taxes[i].Amount = part
	}
	return tax, taxes
}

// Taxes returns the taxes of all lines and of the shipping, one for each name and rate, the highest rate first.
func (o Order) Taxes() []TaxAmount {
	lists := [][]TaxAmount{}
	for _, l := range o.Lines {
		lists = append(lists, l.Taxes)
	}
	return sumTaxes(append(lists, o.ShippingTaxes)...)
}

// sumTaxes adds up what is of the same name and rate, the highest rate first.
func sumTaxes(lists ...[]TaxAmount) []TaxAmount {
	sums := []TaxAmount{}
	for _, taxes := range lists {
		for _, t := range taxes {
			i := slices.IndexFunc(sums, func(s TaxAmount) bool { return s.Name == t.Name && s.Rate == t.Rate })
			if i < 0 {
				sums = append(sums, t)
			} else {
				sums[i].Amount += t.Amount
			}
		}
	}
	slices.SortFunc(sums, func(a, b TaxAmount) int {
		return cmp.Or(cmp.Compare(b.Rate, a.Rate), cmp.Compare(a.Name, b.Name))
	})
	return sums
}
