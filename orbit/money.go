package orbit

import (
	"strconv"
	"strings"

	"golang.org/x/text/currency"
)

// Money is an amount in minor units (cents) of an ISO 4217 currency.
type Money struct {
	Amount   int64
	Currency string
}

// ValidCurrency tells whether code is an ISO 4217 code that is in use.
func ValidCurrency(code string) bool {
	_, err := currency.ParseISO(code)
	return err == nil && code == strings.ToUpper(code)
}

// Digits is how many decimal places the currency has (ISO 4217): 2 for USD, 0 for JPY, 3 for KWD.
func Digits(code string) int {
	unit, err := currency.ParseISO(code)
	if err != nil {
		return 2
	}
	scale, _ := currency.Standard.Rounding(unit)
	return scale
}

var symbols = map[string]string{"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "CAD": "CA$", "AUD": "A$", "BRL": "R$", "ILS": "₪", "KRW": "₩"}

// String is the amount as people read it in English: $1,299.00, ¥1,200, CHF 12.50.
func (m Money) String() string {
	sign, symbol := "", symbols[m.Currency]
	if symbol == "" {
		symbol = m.Currency + "\u00a0"
	}
	if m.Amount < 0 {
		sign = "−"
	}
	return sign + symbol + m.number(true)
}

// Decimal is the bare number for machines: 1299.00.
func (m Money) Decimal() string {
	if m.Amount < 0 {
		return "-" + m.number(false)
	}
	return m.number(false)
}

func (m Money) number(grouped bool) string {
	digits := Digits(m.Currency)
	// uint64 so that the smallest int64 has an absolute value.
	abs := uint64(m.Amount)
	if m.Amount < 0 {
		abs = -abs
	}
	s := strconv.FormatUint(abs, 10)
	if len(s) <= digits {
		s = strings.Repeat("0", digits-len(s)+1) + s
	}
	whole, cents := s[:len(s)-digits], s[len(s)-digits:]
	if grouped {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "," + whole[i:]
		}
	}
	if digits == 0 {
		return whole
	}
	return whole + "." + cents
}
