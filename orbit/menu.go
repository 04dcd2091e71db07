package orbit

// MenuItem is one link of a menu.
type MenuItem struct {
	Label string `json:"label"`
	URL   string `json:"url"`
}

// Menu is a named list of links: "main" or "footer".
type Menu struct {
	MerchantID MerchantID `bun:",pk"`
	Handle     string     `bun:",pk"`
	Items      []MenuItem `bun:"type:jsonb"`
}
