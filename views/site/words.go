package site

import (
	"strings"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// masked is an address that its owner knows and nobody else learns: a•••@example.com.
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
		{"Orders per month", func(p orbit.Plan) string { return ui.Limit(p.Limits.OrdersPerMonth) }},
		{"Storage", func(p orbit.Plan) string { return ui.SizeLimit(p.Limits.StorageBytes) }},
	}
}

type question struct{ Ask, Answer string }

// questions returns what visitors ask, answered by what the platform does today.
func questions(base string) []question {
	return []question{
		{"Does applying cost anything?",
			"No. Applying is free and asks for no card. We agree on your first plan when we set up your shop."},
		{"How long does it take?",
			"A person reviews each application, in the order they arrive. Once yours is approved, the rest is automatic: " +
				"your website, dashboard and sample products are ready within seconds, and a welcome email follows."},
		{"What will my shop's address be?", "A subdomain of " + base + ", such as moss-and-stone." + base +
			". Some plans let you use a domain of your own."},
		{"Will shoppers see a half-finished shop?",
			"Only if you ask us to open it at once. Otherwise visitors see an “Opening soon” page until you go live, and " +
				"search engines don't list it. Open your shop with one click when you're ready."},
		{"What is in the shop when I get it?",
			"Sample products, a collection, pages, menus, shipping rates and a manual payment method. Replace them one by " +
				"one; your shop looks finished from the first minute."},
		{"Is my data kept apart from other shops'?",
			"Yes. The database assigns every row to one shop, so a request for one shop can't read another's data."},
		{"Can I have more than one shop?",
			"Yes. Apply again with the same email address. You sign in once for all your shops."},
	}
}
