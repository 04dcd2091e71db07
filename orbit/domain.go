package orbit

import "time"

// DomainKind tells the platform's own addresses from the merchant's.
type DomainKind string

// The kinds of domains.
const (
	DomainPlatform DomainKind = "platform" // {subdomain}.BASE
	DomainCustom   DomainKind = "custom"   // the merchant's own
)

// DomainKinds returns both kinds.
func DomainKinds() Terms[DomainKind] {
	return Terms[DomainKind]{
		{DomainPlatform, "Domain"},
		{DomainCustom, "Custom domain"},
	}
}

// Name is the kind in words.
func (k DomainKind) Name() string { return DomainKinds().Name(k) }

// Domain is a host name that belongs to one merchant. It answers only once verified, and only
// while its merchant has a release.
type Domain struct {
	ID         DomainID `bun:",pk"`
	Host       string
	MerchantID MerchantID
	Kind       DomainKind
	VerifiedAt time.Time `bun:",nullzero"`
	CreatedAt  time.Time
}
