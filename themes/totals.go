package themes

import (
	"strconv"
	"strings"

	"orbit360.app/orbit"
)

// money returns an amount of a totals' currency.
func money(t orbit.Totals, amount int64) string {
	return orbit.Money{Amount: amount, Currency: t.Currency}.String()
}

func shippingPrice(w *Words, t orbit.Totals, amount int64) string {
	if amount == 0 {
		return w.Free
	}
	return money(t, amount)
}

// taxLabel names the tax: "VAT (20 %)", "Including VAT (7.5 %)".
func taxLabel(w *Words, t orbit.Totals) string {
	label := First(t.TaxName, w.Tax)
	if t.TaxRate > 0 {
		rate := strings.TrimRight(strings.TrimRight(strconv.FormatFloat(float64(t.TaxRate)/100, 'f', 2, 64), "0"), ".")
		label = w.TaxAt(label, rate)
	}
	if t.TaxIncluded {
		label = w.TaxIncluded(label)
	}
	return label
}
