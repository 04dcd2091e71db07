package shop

import (
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// card is a variant of a product on a list, with the product.
type card struct {
	ID                                 orbit.ProductID
	Handle, Title, Vendor, ProductType string
	Images                             []orbit.Image `bun:"type:jsonb,nullzero"`
	Total                              int
	Variant                            cardVariant `bun:"embed:v__"`
}

type cardVariant struct {
	ID        orbit.VariantID
	Price     int64
	CompareAt int64 `bun:",nullzero"`
	Stock     int
}

const cardColumns = `product.id, handle, product.title, vendor, product_type, images, total, v.id AS v__id,
	v.price AS v__price, v.compare_at AS v__compare_at, ` + sellable + ` AS v__stock`

// sellable is how many of the variant v can be sold, as orbit.Variant.Available says.
const sellable = `CASE WHEN v.track_inventory AND NOT v.continue_selling THEN greatest(v.stock, 0) ELSE 1000000 END`

// cardList is the chosen products with their places, as "product".
func cardList(counted bool, from string) string {
	count := `0`
	if counted {
		count = `count(*) OVER ()`
	}
	return `(SELECT *, row_number() OVER () AS place
		FROM (SELECT product.merchant_id, product.id, product.handle, product.title, product.vendor, product.product_type,
		product.images, ` +
		count + ` AS total ` + from + `) list) product`
}

// cards reads as much of products and their variants as a list shows, in one statement. from chooses and orders
// "product"; counted says how many it would choose without its LIMIT, in each row.
func (r *Reader) cards(counted bool, from string, args ...any) *pg.Result[[]card] {
	return pg.Ask[[]card](r.Reader, `SELECT `+cardColumns+` FROM `+cardList(counted, from)+`
		LEFT JOIN variants v ON v.merchant_id = product.merchant_id AND v.product_id = product.id
		ORDER BY product.place, v.position, v.id`, args...)
}

// gathered reads the products of cards alone.
func (r *Reader) gathered(from string, args ...any) *pg.Result[[]orbit.Product] {
	return pg.As(r.Reader, r.cards(false, from, args...), gathered)
}

// gathered returns the products of cards that stand in order.
func gathered(rows []card) []orbit.Product {
	products := 0
	for i := range rows {
		if i == 0 || rows[i].ID != rows[i-1].ID {
			products++
		}
	}
	ps := make([]orbit.Product, 0, products)
	for i := range rows {
		row := &rows[i]
		if n := len(ps); n == 0 || ps[n-1].ID != row.ID {
			ps = append(ps, orbit.Product{ID: row.ID, Handle: row.Handle, Title: row.Title, Vendor: row.Vendor,
				ProductType: row.ProductType, Images: row.Images})
		}
		if v, p := row.Variant, &ps[len(ps)-1]; !v.ID.IsZero() {
			p.Variants = append(p.Variants, orbit.Variant{ID: v.ID, Price: v.Price, CompareAt: v.CompareAt, TrackInventory: true,
				Stock: v.Stock})
		}
	}
	return ps
}
