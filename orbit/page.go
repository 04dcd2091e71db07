package orbit

import "time"

// Page is a page of text, such as About us.
type Page struct {
	ID         PageID `bun:",pk"`
	MerchantID MerchantID
	Handle     string
	Title      string
	Body       string // paragraphs of plain text
	CreatedAt  time.Time
	UpdatedAt  time.Time
}
