package paypal

import (
	"regexp"
	"strconv"
	"strings"

	"orbit360.app/orbit"
)

// currencies holds what PayPal takes, and how many decimals it takes of each, which isn't ISO 4217: a forint and a
// Taiwan dollar have two there and none here.
// https://developer.paypal.com/api/rest/reference/currency-codes/
var currencies = map[string]int{
	"AUD": 2, "BRL": 2, "CAD": 2, "CHF": 2, "CNY": 2, "CZK": 2, "DKK": 2, "EUR": 2, "GBP": 2, "HKD": 2, "HUF": 0, "ILS": 2,
	"JPY": 0, "MXN": 2, "MYR": 2, "NOK": 2, "NZD": 2, "PHP": 2, "PLN": 2, "SEK": 2, "SGD": 2, "THB": 2, "TWD": 0, "USD": 2,
}

// Takes reports whether PayPal takes a currency.
func Takes(currency string) bool {
	_, ok := currencies[currency]
	return ok
}

// money is an amount as PayPal writes it.
type money struct {
	Currency string `json:"currency_code"`
	Value    string `json:"value"`
}

// moneyOf writes an amount. One that PayPal has no decimals for is refused, never rounded.
func moneyOf(m orbit.Money) (money, error) {
	digits, ok := currencies[m.Currency]
	switch {
	case !ok:
		return money{}, orbit.Errorf(orbit.Invalid,
			"PayPal doesn't take %s. Choose another payment method, or sell in a currency that PayPal takes.", m.Currency)
	case m.Amount <= 0:
		return money{}, orbit.Errorf(orbit.Invalid, "PayPal takes amounts above zero only.")
	}
	value := m.Decimal()
	if orbit.Digits(m.Currency) > digits {
		whole, decimals, _ := strings.Cut(value, ".")
		if strings.Trim(decimals, "0") != "" {
			return money{}, orbit.Errorf(orbit.Invalid,
				"PayPal takes %s without decimals, and %s has some. Change the prices to whole amounts.", m.Currency, m)
		}
		value = whole
	}
	return money{m.Currency, value}, nil
}

var decimal = regexp.MustCompile(`^([0-9]{1,12})(?:\.([0-9]{1,6}))?$`)

// read is the amount in minor units.
func (m money) read() (orbit.Money, error) {
	part := decimal.FindStringSubmatch(m.Value)
	digits := orbit.Digits(m.Currency)
	if part == nil || !orbit.ValidCurrency(m.Currency) || strings.Trim(part[2][min(digits, len(part[2])):], "0") != "" {
		return orbit.Money{}, orbit.Errorf(orbit.Unavailable,
			"PayPal answered with an amount that can't be read. Check the payment at paypal.com.")
	}
	decimals := (part[2] + strings.Repeat("0", digits))[:digits]
	amount, err := strconv.ParseInt(part[1]+decimals, 10, 64)
	return orbit.Money{Amount: amount, Currency: m.Currency}, err
}
