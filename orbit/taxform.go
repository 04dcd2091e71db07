package orbit

import (
	"strconv"
	"strings"
)

// TaxForm is a tax rate as people type it.
type TaxForm struct {
	Country           string // "" for all countries that no other rate names
	Region            string
	Name              string
	Rate              string // percent
	AppliesToShipping bool
}

// Form returns the rate as people type it.
func (r TaxRate) Form() TaxForm {
	return TaxForm{Country: r.Country, Region: r.Region, Name: r.Name, Rate: r.Percent(),
		AppliesToShipping: r.AppliesToShipping}
}

// Upon makes of a rate what the form says, in its stored form. Faults are those of TaxRate.Check; others are the shop's
// other rates.
func (f TaxForm) Upon(r TaxRate, others []TaxRate) (TaxRate, error) {
	var faults Faults
	r.Country, r.Region, r.Name, r.AppliesToShipping = f.Country, f.Region, f.Name, f.AppliesToShipping
	n, err := ParsePercent(f.Rate)
	if err != nil {
		faults.Add("rate", f.Rate, "%s", Sentence(err))
	}
	r.Rate = int(min(n, 10_001)) // of more than there can be there is a fault
	checked, err := r.Check(others)
	for _, fault := range FaultsOf(err) {
		if !faults.On(fault.Field) {
			faults = append(faults, fault)
		}
	}
	return checked, faults.Err()
}

// ParsePercent reads a percentage as people type it, with a point or a comma and up to two decimals ("19", "7.5 %"),
// into hundredths of a percent. It takes nothing below zero.
func ParsePercent(typed string) (int64, error) {
	number := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(Plain(typed)), "%"))
	whole, decimals, _ := strings.Cut(strings.Replace(number, ",", ".", 1), ".")
	n, err := strconv.ParseInt(whole+(decimals + "00")[:2], 10, 64)
	if err != nil || whole+decimals == "" || len(decimals) > 2 || strings.ContainsAny(number, "+-") {
		return 0, Errorf(Invalid, "Enter a percentage such as 25 or 12.5.")
	}
	return n, nil
}

// RatesAt returns those of a shop's rates that are of the same places as others, which they add up with.
func RatesAt(rates, others []TaxRate) (same []TaxRate) {
	for _, r := range rates {
		for _, o := range others {
			if r.Country == o.Country && strings.EqualFold(r.Region, o.Region) {
				same = append(same, r)
				break
			}
		}
	}
	return same
}
