package orbit

import (
	"slices"
	"time"
)

// MembershipRole is what a person is in a shop.
type MembershipRole string

// The roles.
const (
	MemberOwner MembershipRole = "owner"
	MemberStaff MembershipRole = "staff"

	// MemberSupport is an admin on a visit, who is no member: a Visit takes the place of the membership.
	MemberSupport MembershipRole = "support"
)

// MembershipRoles returns both roles.
func MembershipRoles() Terms[MembershipRole] {
	return Terms[MembershipRole]{{MemberOwner, "Owner"}, {MemberStaff, "Staff"}}
}

// Membership is a shop with what a person may do in it.
type Membership struct {
	Merchant `bun:",extend"`
	Rights   `bun:",extend"`
	SeenAt   time.Time `bun:",nullzero"` // the person in the shop's dashboard; zero for never

	TokensSince time.Time `bun:",nullzero"` // marks the person's API tokens for the shop
}

// Rights holds what a member may do in their shop.
type Rights struct {
	MemberRole  MembershipRole
	Permissions []Permission `bun:",array"` // of staff; owners have all
}

// May reports whether a member has a permission.
func (r Rights) May(p Permission) bool {
	if r.MemberRole == MemberSupport {
		return !slices.Contains(supportMayNot, p)
	}
	return r.MemberRole == MemberOwner || p == PermissionMember || slices.Contains(r.Permissions, p)
}

// Same reports whether somebody with these rights may do exactly what somebody with those may.
func (r Rights) Same(as Rights) bool {
	return r.MemberRole == as.MemberRole && slices.Equal(r.Permissions, as.Permissions)
}

// SeesSales reports whether a member may see figures of what was sold.
func (r Rights) SeesSales() bool { return r.May(PermissionOrders) || r.May(PermissionAnalytics) }

// supportMayNot holds what an admin on a visit may not do: plan, staff, where money goes, and keys.
var supportMayNot = []Permission{PermissionOwner, PermissionPayments, PermissionDevelopers}

// Check is nil for a member who has a permission, and Forbidden for others.
func (r Rights) Check(p Permission) error {
	switch {
	case r.May(p):
		return nil
	case r.MemberRole == MemberSupport:
		return Errorf(Forbidden, "ORBIT360 support can't do this. It takes an owner of the shop.")
	case p == PermissionOwner:
		return Errorf(Forbidden, "Only an owner of the shop may do this.")
	}
	return Errorf(Forbidden, "You don't have the permission “%s” in this shop. Ask the owner for it.",
		Permissions().Name(p))
}
