package dashboard

import (
	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// entry is a line of a shop's menu. One with pages leads to the first of them that a member may see, and shows them all
// while one is open.
type entry struct {
	section    string // by which a page names its line
	label      string
	path       string // after the shop's
	icon       string
	permission orbit.Permission
	pages      []entry
}

// menu returns the menu of a shop that is set up.
func menu() []entry {
	return []entry{
		{"home", "Home", "", "house", orbit.PermissionMember, nil},
		{"onboarding", "Store setup", "/onboarding", "list-checks", orbit.PermissionSettings, nil},
		{"orders", "Orders", "/orders", "shopping-bag", orbit.PermissionOrders, nil},
		{label: "Products", icon: "package", pages: []entry{
			{"products", "All products", "/products", "", orbit.PermissionProducts, nil},
			{"inventory", "Inventory", "/inventory", "", orbit.PermissionProducts, nil},
		}},
		{"customers", "Customers", "/customers", "users", orbit.PermissionCustomers, nil},
		{"discounts", "Discounts", "/discounts", "tag", orbit.PermissionDiscounts, nil},
		{label: "Online store", icon: "store", pages: []entry{
			{"theme", "Theme", "/theme", "", orbit.PermissionOnlineStore, nil},
			{"releases", "Version history", "/releases", "", orbit.PermissionOnlineStore, nil},
		}},
		{label: "Settings", icon: "settings", pages: settings()},
	}
}

func settings() []entry {
	return []entry{
		{"general", "General", "/settings/general", "", orbit.PermissionSettings, nil},
		{"plan", "Plan", "/settings/plan", "", orbit.PermissionOwner, nil},
		{"staff", "Staff", "/settings/staff", "", orbit.PermissionOwner, nil},
		{"payments", "Payments", "/settings/payments", "", orbit.PermissionPayments, nil},
		{"shipping", "Shipping", "/settings/shipping", "", orbit.PermissionSettings, nil},
		{"taxes", "Taxes", "/settings/taxes", "", orbit.PermissionSettings, nil},
		{"activity", "Activity", "/settings/activity", "", orbit.PermissionSettings, nil},
		{"api-keys", "API keys", "/settings/api-keys", "", orbit.PermissionDevelopers, nil},
		{"webhooks", "Webhooks", "/settings/webhooks", "", orbit.PermissionDevelopers, nil},
	}
}

// SettingsPath returns the first page of a shop's settings that a member may see, and Home where there is none.
func SettingsPath(of orbit.Merchant, rights orbit.Rights) string {
	if pages := nav(of, rights, "", settings()); len(pages) > 0 {
		return pages[0].Href
	}
	return Path(of)
}

// nav returns the lines of a menu that a member may see.
func nav(of orbit.Merchant, rights orbit.Rights, section string, lines []entry) (items []ui.NavItem) {
	for _, e := range lines {
		item := ui.NavItem{Label: e.label, Href: Path(of) + e.path, Icon: e.icon,
			Current: e.section == section && section != ""}
		if e.section != "" {
			if rights.May(e.permission) {
				items = append(items, item)
			}
			continue
		}
		pages := nav(of, rights, section, e.pages)
		if len(pages) == 0 {
			continue
		}
		item.Href = pages[0].Href
		for _, p := range pages {
			if p.Current {
				item.Items = pages
			}
		}
		items = append(items, item)
	}
	return items
}
