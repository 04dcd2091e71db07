package orbit

import "time"

// LinkPurpose is what a one-time link lets its holder do.
type LinkPurpose string

// The purposes of one-time links.
const (
	LinkSetPassword LinkPurpose = "set_password" // the owner of a new shop, or a forgotten password
	LinkFirstAdmin  LinkPurpose = "first_admin"  // makes the platform's first admin
	LinkInvitation  LinkPurpose = "invitation"   // makes somebody a member of a shop
)

// LinkPurposes returns all of them.
func LinkPurposes() Terms[LinkPurpose] {
	return Terms[LinkPurpose]{
		{LinkSetPassword, "Set a password"},
		{LinkFirstAdmin, "Create the first admin"},
		{LinkInvitation, "Join a shop"},
	}
}

// How long one-time links hold.
const (
	SetPasswordFor   = 7 * 24 * time.Hour
	ResetPasswordFor = time.Hour
	FirstAdminFor    = 24 * time.Hour
)

// Link is a one-time link as it is before use.
type Link struct {
	Purpose    LinkPurpose
	UserID     UserID     `bun:",nullzero"`
	MerchantID MerchantID `bun:",nullzero"`
	Email      string     `bun:",nullzero"` // of UserID
	ShopName   string     `bun:",nullzero"` // of MerchantID
}
