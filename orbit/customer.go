package orbit

import "time"

// Customer is somebody who has bought from a shop: one person for each email address, and one for
// each shop.
type Customer struct {
	ID         CustomerID `bun:",pk"`
	MerchantID MerchantID
	Email      string
	Name       string
	Phone      string
	CreatedAt  time.Time
	UpdatedAt  time.Time
}
