package orbit

import "time"

// Role is what a person may do on the platform.
type Role string

// The roles.
const (
	RoleAdmin    Role = "admin"    // runs the platform
	RoleMerchant Role = "merchant" // runs the shops of their memberships
)

// Roles returns both roles.
func Roles() Terms[Role] {
	return Terms[Role]{
		{RoleAdmin, "Admin"},
		{RoleMerchant, "Merchant"},
	}
}

// User is a person who can sign in, once they have set a password.
type User struct {
	ID                UserID `bun:",pk"`
	Email             string
	Name              string
	Role              Role
	PasswordHash      string    `bun:",nullzero"` // argon2id, encoded; "" until a password is set
	PasswordChangedAt time.Time `bun:",nullzero"`
	DisabledAt        time.Time `bun:",nullzero"`
	TwoStepAt         time.Time `bun:",nullzero"` // since when signing in takes a code too; zero where it doesn't
	TokensSince       time.Time // marks their API tokens: those with another mark have ended
	CreatedAt         time.Time

	// Of an admin who looks at a shop as its owners do, by this session; zero for everybody else.
	Visit     VisitID   `bun:"-"`
	VisitEnds time.Time `bun:"-"`
	VisitShop string    `bun:"-"` // its name
}

// TwoStep reports whether signing in takes a code too.
func (u User) TwoStep() bool { return !u.TwoStepAt.IsZero() }
