package orbit

import (
	"strconv"
	"strings"

	"github.com/bojanz/currency"
)

// Money is an amount in minor units (cents) of an ISO 4217 currency.
type Money struct {
	Amount   int64
	Currency string
}

// ValidCurrency reports whether code is an ISO 4217 code that is in use.
func ValidCurrency(code string) bool {
	return code != "" && currency.IsValid(code) // the library calls none at all valid
}

// Digits is how many decimal places the currency has (ISO 4217): 2 for USD, 0 for JPY, 3 for KWD.
func Digits(code string) int {
	digits, ok := currency.GetDigits(code)
	if !ok {
		return 2
	}
	return int(digits)
}

var symbols = map[string]string{"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "CAD": "CA$", "AUD": "A$",
	"BRL": "R$", "ILS": "₪", "KRW": "₩"}

// String is the amount as people read it in English: $1,299.00, ¥1,200, CHF 12.50. A test holds it to what
// bojanz/currency formats, which takes 16 times as long and 20 allocations: a storefront page draws dozens of prices.
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

// Number is the amount without its currency, for tables that name it once: 1,299.00.
func (m Money) Number() string {
	if m.Amount < 0 {
		return "−" + m.number(true)
	}
	return m.number(true)
}

// Decimal is the bare number for machines: 1299.00.
func (m Money) Decimal() string {
	if m.Amount < 0 {
		return "-" + m.number(false)
	}
	return m.number(false)
}

func (m Money) number(thousands bool) string {
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
	if thousands {
		whole = commas(whole)
	}
	if digits == 0 {
		return whole
	}
	return whole + "." + cents
}

// commas groups the thousands of a row of digits.
func commas(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// maxWhole is how many digits an amount may have before the decimals: minor units of all currencies fit in an int64.
const maxWhole = 12

// ParseMoney reads an amount of a currency as people type it, with a point or a comma before the decimals ("12",
// "12.5", "12,50", ".5"), into minor units. It takes nothing below zero, no thousands separators, and no more decimal
// places than the currency has: they are refused, not rounded away. The error's sentence gives an example.
func ParseMoney(s, code string) (int64, error) {
	digits := Digits(code)
	whole, decimals, _ := strings.Cut(strings.Replace(strings.TrimSpace(s), ",", ".", 1), ".")
	bad := Errorf(Invalid, "Enter an amount such as %s.", Money{2999 * pow10(digits) / 100, code}.Decimal())
	if whole+decimals == "" || len(whole) > maxWhole || strings.Trim(whole+decimals, "0123456789") != "" {
		return 0, bad
	}
	if len(decimals) > digits {
		if digits == 0 {
			return 0, Errorf(Invalid, "%s has no decimal places. %s", code, bad.Message)
		}
		return 0, Errorf(Invalid, "%s has %d decimal places. %s", code, digits, bad.Message)
	}
	n, err := strconv.ParseInt(whole+decimals+strings.Repeat("0", digits-len(decimals)), 10, 64)
	if err != nil {
		return 0, bad
	}
	return n, nil
}

// Short is Decimal without decimals that are all zero: 12 and 12.50.
func (m Money) Short() string {
	s := m.Decimal()
	if whole, decimals, ok := strings.Cut(s, "."); ok && strings.Trim(decimals, "0") == "" {
		return whole
	}
	return s
}

// Scale is by what an amount in minor units of one currency is multiplied to be the same number of another.
func Scale(from, to string) float64 { return float64(pow10(Digits(to))) / float64(pow10(Digits(from))) }

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}
