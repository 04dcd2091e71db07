package orbit

import (
	"math"
	"strconv"
	"strings"
)

// grams is how many grams a unit has. Pounds and ounces are those of the international yard and pound agreement, 1959.
func (u WeightUnit) grams() float64 {
	switch u {
	case "g":
		return 1
	case "lb":
		return 453.59237
	case "oz":
		return 28.349523125
	}
	return 1000
}

// Symbol is the unit as it stands behind a number.
func (u WeightUnit) Symbol() string {
	if u == "" {
		return "kg"
	}
	return string(u)
}

// ParseWeight reads a weight in a unit and returns grams.
func ParseWeight(typed string, unit WeightUnit) (grams int, err error) {
	typed = strings.TrimSuffix(strings.TrimSpace(Plain(typed)), unit.Symbol())
	n, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(typed), ",", ".", 1), 64)
	if err != nil || math.IsNaN(n) || n < 0 || math.Round(n*unit.grams()) > maxWeight {
		return 0, Errorf(Invalid, "Enter a weight in %s, up to %s.", unit.Symbol(), FormatWeight(maxWeight, unit))
	}
	return int(math.Round(n * unit.grams())), nil
}

// FormatWeight returns grams in a unit, so that ParseWeight reads the same grams; "" for none.
func FormatWeight(grams int, unit WeightUnit) string {
	if grams == 0 {
		return ""
	}
	for digits := 0; ; digits++ {
		s := strconv.FormatFloat(float64(grams)/unit.grams(), 'f', digits, 64)
		n, _ := strconv.ParseFloat(s, 64)
		if digits == 6 || int(math.Round(n*unit.grams())) == grams {
			return s
		}
	}
}
