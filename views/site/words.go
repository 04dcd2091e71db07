package site

import (
	"strings"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

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
		{"Products", func(p orbit.Plan) string { return ui.Limit(p.Limits.Products) }},
		{"Orders a month", func(p orbit.Plan) string { return ui.Limit(p.Limits.OrdersPerMonth) }},
		{"Storage", func(p orbit.Plan) string { return ui.SizeLimit(p.Limits.StorageBytes) }},
		{"Traffic a month", func(p orbit.Plan) string { return ui.SizeLimit(p.Limits.BandwidthBytes) }},
	}
}

type question struct{ Ask, Answer string }

// questions are answered by what the platform does today.
func questions(base string) []question {
	return []question{
		{"Does applying cost anything?",
			"No. Applying is free and asks for no card. Which plan your shop begins with is settled when it is set up."},
		{"How long does it take?",
			"A person reads each application first, in the order they arrive. Once yours is approved the rest is automatic: website, dashboard and sample products are made within seconds, and the welcome mail follows."},
		{"What will my shop’s address be?", "A name of its own below " + base + ", such as moss-and-stone." + base +
			". Plans that include it let you bring a domain of your own."},
		{"Will shoppers see a half-finished shop?",
			"Only if you ask us to open it at once. Otherwise visitors see an “Opening soon” page until you go live, and search engines are asked to stay away. You open the shop with one button, when you are ready."},
		{"What is in the shop when I get it?",
			"Sample products, a collection, pages, menus, shipping prices and a way to pay by arrangement. Replace them one by one; the shop looks finished from the first minute."},
		{"Is my data kept apart from other shops’?",
			"Yes, by the database itself: every row belongs to one shop, and a request for one shop can’t read another’s rows, whatever the program above does."},
		{"Can I have more than one shop?", "Yes. Apply again with the same email address: one sign-in opens all your shops."},
	}
}
