package fake

import (
	"slices"
	"strings"

	"orbit360.app/orbit"
)

// The currencies that Stripe takes, by how their amounts are written (docs.stripe.com/currencies). This table is apart
// from the client's: a mistake in one shows in the other.
var (
	twoDecimals = strings.Fields("aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn " +
		"bzd cad cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl " +
		"htg huf idr ils inr jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk " +
		"mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp " +
		"sle sos srd std szl thb tjs top try ttd twd tzs uah usd uyu uzs wst xcd yer zar zmw ")
	noDecimals    = strings.Fields("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf")
	threeDecimals = strings.Fields("bhd jod kwd omr tnd") // the last one 0
	wholeOnly     = strings.Fields("isk ugx")             // two decimals, both 0
	twelveDigits  = strings.Fields("cop huf idr inr jpy lbp")
	smallest      = map[string]int64{"usd": 50, "eur": 50, "gbp": 30, "jpy": 50, "aud": 50, "cad": 50, "chf": 50,
		"sek": 300, "nok": 300, "nzd": 50, "huf": 17500, "czk": 1500, "dkk": 250, "pln": 200}
)

// decimals is how many decimal places Stripe's amounts in a currency have, -1 where it doesn't take the currency.
func decimals(currency string) int {
	for places, list := range map[int][]string{2: slices.Concat(wholeOnly, twoDecimals), 0: noDecimals, 3: threeDecimals} {
		if slices.Contains(list, currency) {
			return places
		}
	}
	return -1
}

// checkAmount refuses an amount that Stripe can't charge.
func checkAmount(amount int64, currency string) *stripeError {
	largest := int64(99_999_999)
	if slices.Contains(twelveDigits, currency) {
		largest = 999_999_999_999
	}
	switch {
	case decimals(currency) < 0:
		return invalid("", "line_items[0][price_data][currency]", "Invalid currency: %s.", currency)
	case slices.Contains(threeDecimals, currency) && amount%10 != 0:
		return invalid("", "line_items[0]", "Invalid amount: the last digit must be 0 in %s.", currency)
	case slices.Contains(wholeOnly, currency) && amount%100 != 0:
		return invalid("", "line_items[0]", "Invalid amount: %s has no fractions.", currency)
	case amount < max(smallest[currency], 1):
		return invalid("amount_too_small", "", "The Checkout Session's total amount due must add up to at least %d %s.",
			smallest[currency], currency)
	case amount > largest:
		return invalid("amount_too_large", "", "The Checkout Session's total amount due must be no more than %d %s.",
			largest, currency)
	}
	return nil
}

// money is an amount of Stripe's in orbit's minor units.
func money(amount int64, currency string) orbit.Money {
	m := orbit.Money{Amount: amount, Currency: strings.ToUpper(currency)}
	for places := decimals(currency); places != orbit.Digits(m.Currency); {
		if places < orbit.Digits(m.Currency) {
			m.Amount, places = m.Amount*10, places+1
		} else {
			m.Amount, places = m.Amount/10, places-1
		}
	}
	return m
}
