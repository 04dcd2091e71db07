package orbit

// Permission is what a member of a shop may do there. Owners may do everything; staff have a list of permissions.
type Permission string

// The permissions. They are coarse on purpose: one for each section of the dashboard.
const (
	PermissionOrders      Permission = "orders"
	PermissionProducts    Permission = "products"
	PermissionCustomers   Permission = "customers"
	PermissionDiscounts   Permission = "discounts"
	PermissionContent     Permission = "content"
	PermissionAnalytics   Permission = "analytics"
	PermissionOnlineStore Permission = "online_store"
	PermissionSettings    Permission = "settings"
	PermissionPayments    Permission = "payments"
	PermissionDevelopers  Permission = "developers"
)

// Two that no list holds.
const (
	PermissionMember Permission = ""      // whatever a member's permissions are
	PermissionOwner  Permission = "owner" // for owners alone: plan and staff
)

// Permissions returns those that staff can have, in the order of the menu.
func Permissions() Terms[Permission] {
	return Terms[Permission]{
		{PermissionOrders, "Orders"},
		{PermissionProducts, "Products"},
		{PermissionCustomers, "Customers"},
		{PermissionDiscounts, "Discounts"},
		{PermissionContent, "Content"},
		{PermissionAnalytics, "Analytics"},
		{PermissionOnlineStore, "Online store"},
		{PermissionSettings, "Settings"},
		{PermissionPayments, "Payments"},
		{PermissionDevelopers, "Developers"},
	}
}
