package orbit

import "time"

// MaxRedirects is how many a shop can have.
const MaxRedirects = 20_000

// Redirect is an address of a shop that leads elsewhere for good.
type Redirect struct {
	MerchantID MerchantID   `bun:",pk"`
	ID         ID[Redirect] `bun:",pk"`
	FromPath   string       // with a slash first
	ToPath     string       // a path of the shop's, or an address elsewhere
	Version    int
	CreatedAt  time.Time
	UpdatedAt  time.Time
}
