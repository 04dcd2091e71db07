package orbit

import (
	"fmt"
	"time"
)

// Bounds of a shop's staff: members and open invitations together, and how many invitations it sends in a day.
const (
	MaxStaff          = 50
	InvitationsPerDay = 20
	InvitationFor     = 7 * 24 * time.Hour
)

// InvitationID names an invitation.
type InvitationID = ID[Invitation]

// Invitation asks the person at an address to work in a shop. Its link is sent to them and kept as a hash.
type Invitation struct {
	ID          InvitationID `bun:",pk"`
	MerchantID  MerchantID
	Email       string
	Permissions []Permission `bun:",array"`
	InvitedBy   UserID       `bun:",nullzero"`
	CreatedAt   time.Time
	SentAt      time.Time
	ExpiresAt   time.Time
	Version     int // counts changes of the permissions
	UpdatedAt   time.Time
}

// Open reports whether the link that was sent last still works.
func (i Invitation) Open(now time.Time) bool { return now.Before(i.ExpiresAt) }

// InvitationView is an invitation as the invited person sees it.
type InvitationView struct {
	Invitation `bun:",extend"`
	Shop       string // name
	Subdomain  string
	Inviter    string // name; "" for somebody who is gone
	Account    bool   // the address has an account with a password
}

// StaffMember is a person who works in a shop, as the shop sees them.
type StaffMember struct {
	UserID    UserID
	Name      string
	Email     string
	Rights    `bun:",extend"`
	TwoStep   bool
	SeenAt    time.Time `bun:",nullzero"` // in this shop's dashboard, to about an hour; zero for never
	CreatedAt time.Time
	Version   int // counts changes of role and permissions
	UpdatedAt time.Time
}

// Owner reports whether the member owns the shop.
func (m StaffMember) Owner() bool { return m.MemberRole == MemberOwner }

// Staff is everybody who works in a shop, or is invited to.
type Staff struct {
	Members         []StaffMember // the owner first
	Invitations     []Invitation
	TwoStepRequired bool
}

// Sentence says what a permission allows.
func (p Permission) Sentence() string {
	switch p {
	case PermissionOrders:
		return "See orders, mark them as paid, fulfill, refund and cancel them."
	case PermissionProducts:
		return "Create, edit and delete products and collections, and adjust inventory."
	case PermissionCustomers:
		return "See and edit customers and their data."
	case PermissionDiscounts:
		return "Create and end discount codes and automatic discounts."
	case PermissionContent:
		return "Edit pages, menus, files and redirects."
	case PermissionAnalytics:
		return "See sales, visitors and reports."
	case PermissionOnlineStore:
		return "Customize and publish the theme, and manage domains."
	case PermissionSettings:
		return "Change shop details, shipping, taxes and notifications, and see the activity log."
	case PermissionPayments:
		return "Connect and change payment providers."
	case PermissionDevelopers:
		return "Create API keys and webhooks."
	}
	return ""
}

// CheckPermissions returns what a form or a program chose, each permission once and in their order. At least one is
// needed: who may nothing has no use for a shop. The fault is on permissions.
func CheckPermissions(chosen []string) ([]Permission, error) {
	has := map[string]bool{}
	for _, c := range chosen {
		if !Permissions().Has(Permission(c)) {
			return nil, FaultOn(Invalid, "permissions", c, fmt.Sprintf("There is no permission “%s”. Choose from: %s.",
				shorten(c, 40), Permissions().Choices()))
		}
		has[c] = true
	}
	var list []Permission
	for _, p := range Permissions().Values() {
		if has[string(p)] {
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		return nil, FaultOn(Invalid, "permissions", "", "Choose at least one permission.")
	}
	return list, nil
}
