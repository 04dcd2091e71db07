package orbit

import (
	"strconv"
	"strings"
)

// CustomerColumns returns the first line of a CSV file of customers. The names are those of Shopify's export
// (help.shopify.com, "Exporting and importing customers"), for programs that read it.
func CustomerColumns() []string {
	return []string{"First Name", "Last Name", "Email", "Accepts Email Marketing", "Default Address Company",
		"Default Address Address1", "Default Address Address2", "Default Address City", "Default Address Province Code",
		"Default Address Country Code", "Default Address Zip", "Default Address Phone", "Phone", "Total Spent",
		"Total Orders", "Note", "Tax Exempt", "Tags"}
}

// Record returns the customer's line in such a file. No cell is one that a spreadsheet would run.
func (c Customer) Record(currency string) []string {
	yes := map[bool]string{true: "yes", false: "no"}
	a := c.Address
	record := []string{c.FirstName, c.LastName, c.Email, yes[c.AcceptsMarketing], "", a.Line1, a.Line2, a.City, a.Region,
		a.Country, a.Postcode, "", c.Phone, Money{c.Spent, currency}.Decimal(), strconv.Itoa(c.Orders), c.Note,
		yes[c.TaxExempt], strings.Join(c.Tags, ", ")}
	for i := range record {
		record[i] = CSVCell(record[i])
	}
	return record
}
