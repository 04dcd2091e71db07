package orbit

import (
	"slices"
	"time"
)

// APIKeyPrefix begins every API key, so that people and secret scanners know one when they see it.
const APIKeyPrefix = "orb_"

// APIKeyShown is how much of a key stays readable: "orb_" and eight of its 43 characters.
const APIKeyShown = len(APIKeyPrefix) + 8

// Bounds of a shop's keys.
const (
	MaxShopKeys = 25 // that work
	KeptKeys    = 25 // that don't work any longer, and are still listed
)

// APIKeyID names an API key.
type APIKeyID = ID[APIKey]

// APIKey lets a program act as the person who made it: as an admin of the platform, or within the scopes as a member of
// a shop. The key itself is shown once and never kept.
type APIKey struct {
	ID         APIKeyID   `bun:",pk"`
	MerchantID MerchantID `bun:",nullzero"` // zero for the platform's own
	Name       string
	Prefix     string     // how the key begins, enough to tell keys apart
	Scopes     []APIScope `bun:",array"` // none for the platform's own
	CreatedBy  UserID
	CreatedAt  time.Time
	ExpiresAt  time.Time `bun:",nullzero"`
	LastUsedAt time.Time `bun:",nullzero"` // to about a minute
	RevokedAt  time.Time `bun:",nullzero"`
}

// Revoked reports whether the key has been revoked.
func (k APIKey) Revoked() bool { return !k.RevokedAt.IsZero() }

// Expired reports whether the key's time is over.
func (k APIKey) Expired(now time.Time) bool { return !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt) }

// APIKeyRow is one line of the list of keys.
type APIKeyRow struct {
	APIKey  `bun:",extend"`
	Creator string // address of who made it

	MemberRole  MembershipRole `bun:",nullzero"` // of the creator in the key's shop; "" for none
	Permissions []Permission   `bun:",array"`
}

// Rights returns what the creator may do in the key's shop now.
func (k APIKeyRow) Rights() Rights { return Rights{k.MemberRole, k.Permissions} }

// Lacking returns the scopes of a key that its creator may not use themselves any longer.
func (k APIKeyRow) Lacking() (scopes []APIScope) {
	for _, s := range k.Scopes {
		if !k.Rights().May(s.Permission()) {
			scopes = append(scopes, s)
		}
	}
	return scopes
}

// Caller is the owner of a credential, as the database has them now.
type Caller struct {
	User User
	Key  APIKey     // zero unless it is one
	Shop Membership // zero for a credential of the platform, and for who is no member of the credential's shop
}

// Check is nil where the caller may do what a scope stands for in their shop: their own permissions and their key's
// scopes both have to include it.
func (c Caller) Check(s APIScope) error {
	if !c.Key.ID.IsZero() && !c.Key.Allows(s) {
		return Errorf(Forbidden, "This API key doesn't have the scope “%s”. Create a key that has it.", s)
	}
	return c.Shop.Check(s.Permission())
}

// KeyLifetimes returns for how many days a shop's key can work; 0 is without an end.
func KeyLifetimes() []int { return []int{0, 30, 90, 365} }

// CheckAPIKeyName gives the name in its stored form. The fault is on name.
func CheckAPIKeyName(name string) (string, error) {
	var f Faults
	name = f.line("name", "The name", name, 2, 60)
	return name, f.Err()
}

// ShopKeyInput is what a member says about a new key of the shop.
type ShopKeyInput struct {
	ID     APIKeyID // made with the form, so that sending it twice makes one
	Name   string
	Scopes []APIScope
	Days   int // one of KeyLifetimes
}

// Check gives the key, or all that is wrong with it. Faults are on name, scopes and days. A member can't give a key
// what they may not do themselves.
func (in ShopKeyInput) Check(r Rights, now time.Time) (APIKey, error) {
	var f Faults
	name := f.line("name", "The name", in.Name, 2, 60)
	scopes, err := CheckScopes(in.Scopes)
	f = append(f, FaultsOf(err)...)
	for _, s := range scopes {
		if !r.May(s.Permission()) {
			f.Add("scopes", string(s), "You can't give the scope “%s”: you don't have that permission yourself.", s)
		}
	}
	k := APIKey{ID: in.ID, Name: name, Scopes: scopes, CreatedAt: now}
	if !slices.Contains(KeyLifetimes(), in.Days) {
		f.Add("days", "", "Choose when the key expires.")
	} else if in.Days > 0 {
		k.ExpiresAt = now.AddDate(0, 0, in.Days)
	}
	return k, f.Err()
}
