package themes

import "orbit360.app/orbit"

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

// taxesOf returns the taxes of totals as they are drawn: one that has no name, for totals that know no more, or
// of 0, where there is none.
func taxesOf(t orbit.Totals) []orbit.TaxAmount {
	taxes := t.Taxes()
	if len(taxes) == 0 {
		taxes = append(taxes, orbit.TaxAmount{Name: t.TaxName, Rate: t.TaxRate, Amount: t.Tax})
	}
	return taxes
}

// taxLabel names a tax: "VAT (20 %)", "Including VAT (7.5 %)".
func taxLabel(w *Words, t orbit.Totals, tax orbit.TaxAmount) string {
	label := First(tax.Name, w.Tax)
	if tax.Rate > 0 {
		label = w.TaxAt(label, tax.Percent())
	}
	if t.TaxIncluded {
		label = w.TaxIncluded(label)
	}
	return label
}
