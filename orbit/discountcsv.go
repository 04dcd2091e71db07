package orbit

import (
	"strconv"
	"strings"
)

// DiscountColumns returns the columns of a CSV file of discounts.
func DiscountColumns() []string {
	return []string{"Code", "Title", "Kind", "Value", "Currency", "Applies to", "Minimum amount", "Minimum quantity",
		"Usage limit", "Used", "Once per customer", "Combines with", "Starts at", "Ends at", "Active", "Created at"}
}

// DiscountRecords returns the lines of such a file, with times in the shop's time zone. No cell is a formula.
func DiscountRecords(all []Discount, s ShopSettings) (records [][]string) {
	zone := s.Location()
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	yes := func(on bool) string { return map[bool]string{true: "yes", false: "no"}[on] }
	for _, d := range all {
		f := d.Form(s.Currency, zone)
		on := string(d.AppliesTo)
		for _, id := range d.Products {
			on += " " + id.String()
		}
		for _, id := range d.Collections {
			on += " " + id.String()
		}
		var with []string
		for _, c := range d.CombinesWith {
			with = append(with, string(c))
		}
		r := []string{d.Code, d.Title, string(d.Kind), f.Value, s.Currency, on, f.MinimumAmount, f.MinimumQuantity,
			number(d.UsageLimit), strconv.Itoa(d.Used), yes(d.OncePerCustomer), strings.Join(with, " "),
			csvTime(d.StartsAt, zone), csvTime(d.EndsAt, zone), yes(d.Active), csvTime(d.CreatedAt, zone)}
		for i := range r {
			r[i] = CSVCell(r[i])
		}
		records = append(records, r)
	}
	return records
}
