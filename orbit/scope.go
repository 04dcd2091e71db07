package orbit

import (
	"slices"
	"strings"
)

// APIScope is what an API key of a shop may be used for: an area of the shop, and whether to read there or to write.
// Writing includes reading.
type APIScope string

// The scopes. Nothing is written in analytics and events, and API keys can't make others.
const (
	ScopeShopRead         APIScope = "shop:read"
	ScopeShopWrite        APIScope = "shop:write"
	ScopeOrdersRead       APIScope = "orders:read"
	ScopeOrdersWrite      APIScope = "orders:write"
	ScopeProductsRead     APIScope = "products:read"
	ScopeProductsWrite    APIScope = "products:write"
	ScopeCustomersRead    APIScope = "customers:read"
	ScopeCustomersWrite   APIScope = "customers:write"
	ScopeDiscountsRead    APIScope = "discounts:read"
	ScopeDiscountsWrite   APIScope = "discounts:write"
	ScopeContentRead      APIScope = "content:read"
	ScopeContentWrite     APIScope = "content:write"
	ScopeAnalyticsRead    APIScope = "analytics:read"
	ScopeOnlineStoreRead  APIScope = "online_store:read"
	ScopeOnlineStoreWrite APIScope = "online_store:write"
	ScopeSettingsRead     APIScope = "settings:read"
	ScopeSettingsWrite    APIScope = "settings:write"
	ScopePaymentsRead     APIScope = "payments:read"
	ScopePaymentsWrite    APIScope = "payments:write"
	ScopeStaffRead        APIScope = "staff:read"
	ScopeStaffWrite       APIScope = "staff:write"
	ScopeWebhooksRead     APIScope = "webhooks:read"
	ScopeWebhooksWrite    APIScope = "webhooks:write"
	ScopeEventsRead       APIScope = "events:read"
)

// APIScopes returns all scopes, those of an area beside each other.
func APIScopes() Terms[APIScope] {
	return Terms[APIScope]{
		{ScopeShopRead, "Read the shop"},
		{ScopeShopWrite, "Edit the shop, open and close it"},
		{ScopeOrdersRead, "Read orders"},
		{ScopeOrdersWrite, "Edit orders"},
		{ScopeProductsRead, "Read products"},
		{ScopeProductsWrite, "Edit products"},
		{ScopeCustomersRead, "Read customers"},
		{ScopeCustomersWrite, "Edit customers"},
		{ScopeDiscountsRead, "Read discounts"},
		{ScopeDiscountsWrite, "Edit discounts"},
		{ScopeContentRead, "Read content"},
		{ScopeContentWrite, "Edit content"},
		{ScopeAnalyticsRead, "Read analytics"},
		{ScopeOnlineStoreRead, "Read the online store"},
		{ScopeOnlineStoreWrite, "Edit the online store"},
		{ScopeSettingsRead, "Read settings"},
		{ScopeSettingsWrite, "Edit settings"},
		{ScopePaymentsRead, "Read payment settings"},
		{ScopePaymentsWrite, "Edit payment settings"},
		{ScopeStaffRead, "Read staff"},
		{ScopeStaffWrite, "Invite, edit and remove staff"},
		{ScopeWebhooksRead, "Read webhooks"},
		{ScopeWebhooksWrite, "Edit webhooks"},
		{ScopeEventsRead, "Follow events"},
	}
}

// Area returns what the scope is about: what stands before the colon.
func (s APIScope) Area() string {
	area, _, _ := strings.Cut(string(s), ":")
	return area
}

// ScopeArea is what some scopes are about, with those to read there and to write; "" where there is none.
type ScopeArea struct {
	Name        string
	Read, Write APIScope
}

// ScopeAreas returns all areas.
func ScopeAreas() (areas []ScopeArea) {
	names := Permissions()
	for _, s := range APIScopes().Values() {
		if s.writing() == "" { // its area is there already
			areas[len(areas)-1].Write = s
			continue
		}
		name := names.Name(Permission(s.Area()))
		if name == s.Area() {
			name = strings.ToUpper(name[:1]) + name[1:]
		}
		areas = append(areas, ScopeArea{Name: name, Read: s})
	}
	return areas
}

// Permission is what a member of the shop needs for what the scope stands for.
func (s APIScope) Permission() Permission {
	switch s {
	case ScopeShopRead:
		return PermissionMember
	case ScopeShopWrite:
		return PermissionSettings
	case ScopeStaffRead, ScopeStaffWrite:
		return PermissionOwner
	case ScopeWebhooksRead, ScopeWebhooksWrite, ScopeEventsRead:
		return PermissionDevelopers
	}
	return Permission(s.Area())
}

// CheckScopes gives the scopes of a key in their order, without those that others include. The fault is on scopes.
func CheckScopes(chosen []APIScope) ([]APIScope, error) {
	var f Faults
	for _, s := range chosen {
		if !APIScopes().Has(s) {
			f.Add("scopes", string(s), "There is no scope “%s”.", shorten(string(s), 40))
		}
	}
	var all []APIScope
	for _, s := range APIScopes().Values() {
		if slices.Contains(chosen, s) && !slices.Contains(chosen, s.writing()) {
			all = append(all, s)
		}
	}
	if len(all) == 0 && len(f) == 0 {
		f.Add("scopes", "", "Choose at least one scope.")
	}
	return all, f.Err()
}

// writing is the scope that includes a reading one; "" for one that writes.
func (s APIScope) writing() APIScope {
	if area, reads := strings.CutSuffix(string(s), ":read"); reads {
		return APIScope(area + ":write")
	}
	return ""
}

// Allows reports whether scopes include one.
func (k APIKey) Allows(s APIScope) bool {
	return slices.Contains(k.Scopes, s) || slices.Contains(k.Scopes, s.writing())
}
