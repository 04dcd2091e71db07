package site

import (
	"strconv"
	"strings"

	"orbit360.app/orbit"
)

// per is the end of a price: "month", "year".
func per(c orbit.BillingCycle) string {
	if c == orbit.Yearly {
		return "year"
	}
	return "month"
}

func count(n *int64) string {
	if n == nil {
		return "Unlimited"
	}
	s := strconv.FormatInt(*n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func size(n *int64) string {
	if n == nil {
		return "Unlimited"
	}
	for _, unit := range []struct {
		name  string
		bytes int64
	}{{"TB", 1 << 40}, {"GB", 1 << 30}, {"MB", 1 << 20}} {
		if *n >= unit.bytes {
			return strconv.FormatFloat(float64(*n*10/unit.bytes)/10, 'f', -1, 64) + " " + unit.name
		}
	}
	return strconv.FormatInt(*n, 10) + " B"
}

// masked is an address that its owner recognises and nobody else learns: a•••@example.com.
func masked(email string) string {
	at := strings.LastIndexByte(email, '@')
	if at < 1 {
		return "the address you gave"
	}
	return string([]rune(email)[:1]) + "•••" + email[at:]
}

// limit is a line of the comparison of plans.
type limit struct {
	Name string
	Of   func(orbit.Plan) string
}

func limits() []limit {
	return []limit{
		{"Products", func(p orbit.Plan) string { return count(p.Limits.Products) }},
		{"Orders a month", func(p orbit.Plan) string { return count(p.Limits.OrdersPerMonth) }},
		{"Storage", func(p orbit.Plan) string { return size(p.Limits.StorageBytes) }},
		{"Traffic a month", func(p orbit.Plan) string { return size(p.Limits.BandwidthBytes) }},
	}
}

type question struct{ Ask, Answer string }

// questions are answered by what the platform does today.
func questions(base string) []question {
	return []question{
		{"Does applying cost anything?", "No. Applying is free and asks for no card. Which plan your shop begins with is settled when it is set up."},
		{"How long does it take?", "A person reads each application first, in the order they arrive. Once yours is approved the rest is automatic: website, dashboard and sample products are made within seconds, and the welcome mail follows."},
		{"What will my shop’s address be?", "A name of its own below " + base + ", such as moss-and-stone." + base + ". Plans that include it let you bring a domain of your own."},
		{"Will shoppers see a half-finished shop?", "Only if you ask us to open it at once. Otherwise visitors see an “Opening soon” page until you go live, and search engines are asked to stay away. You open the shop with one button, when you are ready."},
		{"What is in the shop when I get it?", "Sample products, a collection, pages, menus, shipping prices and a way to pay by arrangement. Replace them one by one; the shop looks finished from the first minute."},
		{"Is my data kept apart from other shops’?", "Yes, by the database itself: every row belongs to one shop, and a request for one shop can’t read another’s rows, whatever the program above does."},
		{"Can I have more than one shop?", "Yes. Apply again with the same email address: one sign-in opens all your shops."},
	}
}
