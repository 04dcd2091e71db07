package orbit

import "time"

// Collection is a group of products with a page of its own.
type Collection struct {
	ID          CollectionID `bun:",pk"`
	MerchantID  MerchantID
	Handle      string
	Title       string
	Description string
	Position    int
	CreatedAt   time.Time
}
