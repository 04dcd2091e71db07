package stripe

import (
	"strings"

	"orbit360.app/orbit"
)

// Stripe's decimal places where they aren't two (docs.stripe.com/currencies). They aren't ISO's: UGX and ISK have none
// in ISO 4217 and two here, always 00; MGA has two in ISO and none here. HUF and TWD are whole in payouts only.
var places = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "JPY": 0, "KMF": 0, "KRW": 0, "MGA": 0, "PYG": 0, "RWF": 0, "VND": 0,
	"VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3, // the last one is 0
}

// least holds the smallest charges, in Stripe's units. Stripe has no figure for other currencies and converts.
var least = map[string]int64{
	"USD": 50, "AED": 200, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50, "GBP": 30,
	"HKD": 400, "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50, "PLN": 200,
	"RON": 200, "SEK": 300, "SGD": 50, "THB": 1000,
}

// The largest charges in Stripe's units: eight digits, and more in the currencies of small coins, where Stripe itself
// says what is too much.
const (
	most     = 99_999_999
	mostEver = 999_999_999_999
)

var more = map[string]bool{"COP": true, "HUF": true, "IDR": true, "INR": true, "JPY": true, "LBP": true}

// placesOf is how many decimal places amounts of a currency have at Stripe.
func placesOf(currency string) int {
	if n, ok := places[currency]; ok {
		return n
	}
	return 2
}

// toStripe converts an amount to Stripe's units, and refuses one that it would have to round.
func toStripe(m orbit.Money) (amount int64, currency string, err error) {
	if !orbit.ValidCurrency(m.Currency) {
		return 0, "", orbit.Errorf(orbit.Invalid, "Stripe doesn't know the currency %s.", m.Currency)
	}
	amount = m.Amount
	digits := orbit.Digits(m.Currency)
	for ; digits < placesOf(m.Currency); digits++ {
		if amount > mostEver || amount < -mostEver { // the product has to fit
			return 0, "", tooMuch(m)
		}
		amount *= 10
	}
	for ; digits > placesOf(m.Currency); digits-- {
		if amount%10 != 0 {
			return 0, "", orbit.Errorf(orbit.Invalid, "Stripe can't charge %s: amounts in %s have %d decimal places there.",
				m, m.Currency, placesOf(m.Currency))
		}
		amount /= 10
	}
	if placesOf(m.Currency) == 3 && amount%10 != 0 {
		return 0, "", orbit.Errorf(orbit.Invalid, "Stripe can't charge %s: the last digit in %s must be 0 there.", m,
			m.Currency)
	}
	return amount, strings.ToLower(m.Currency), nil
}

// toCharge is toStripe for new charges, which have a smallest and a largest amount.
func toCharge(m orbit.Money) (amount int64, currency string, err error) {
	amount, currency, err = toStripe(m)
	switch minimum := max(least[m.Currency], 1); {
	case err != nil:
		return 0, "", err
	case amount < minimum:
		smallest, err := fromStripe(minimum, currency)
		if err != nil { // the smallest coin is larger than Stripe's unit
			return 0, "", orbit.Errorf(orbit.Invalid, "Stripe can't charge %s.", m)
		}
		return 0, "", orbit.Errorf(orbit.Invalid, "Stripe can't charge %s: its smallest charge is %s.", m, smallest)
	case amount > mostEver, amount > most && !more[m.Currency]:
		return 0, "", tooMuch(m)
	}
	return amount, currency, nil
}

func tooMuch(m orbit.Money) error {
	return orbit.Errorf(orbit.Invalid, "Stripe can't charge %s at once: that is more than it takes.", m)
}

// fromStripe converts an amount that Stripe says. One that our units can't hold exactly is an error.
func fromStripe(amount int64, currency string) (orbit.Money, error) {
	m := orbit.Money{Amount: amount, Currency: strings.ToUpper(currency)}
	if !orbit.ValidCurrency(m.Currency) {
		return orbit.Money{}, orbit.Errorf(orbit.Unavailable, "Stripe's answer names a currency that isn't known here.")
	}
	digits := orbit.Digits(m.Currency)
	for n := placesOf(m.Currency); n < digits; n++ {
		m.Amount *= 10
	}
	for n := placesOf(m.Currency); n > digits; n-- {
		if m.Amount%10 != 0 {
			return orbit.Money{}, orbit.Errorf(orbit.Unavailable,
				"Stripe's answer has an amount in parts of %s that don't exist.", m.Currency)
		}
		m.Amount /= 10
	}
	return m, nil
}
