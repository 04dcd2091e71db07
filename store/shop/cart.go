package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Carts are found by a token that only the shopper's browser knows; the database keeps its hash. A token
// of another shop's cart, or of one that has expired, finds nothing.

// Cart is the cart of a token, an empty one for a token that names none.
func (t *Tenant) Cart(ctx context.Context, token string) (c orbit.Cart, err error) {
	if token == "" {
		return c, nil
	}
	if c, err = t.cart(ctx, token, ""); err != nil || c.ID.IsZero() {
		return c, err
	}
	err = t.addLines(ctx, &c)
	return c, err
}

// HasCart reports whether a token names a cart. One that doesn't, however it looks, is worth no more than none.
func (t *Tenant) HasCart(ctx context.Context, token string) (bool, error) {
	if token == "" {
		return false, nil
	}
	c, err := t.cart(ctx, token, "")
	return !c.ID.IsZero(), err
}

// cart returns the cart of a token without its lines, a zero one for a token that names none.
func (t *Tenant) cart(ctx context.Context, token, lock string) (orbit.Cart, error) {
	type row struct {
		ID        orbit.CartID
		Codes     []string `bun:",array"`
		Automatic bool
	}
	rows, err := pg.All[row](ctx, t, `SELECT id, discount_codes AS codes,
			EXISTS (SELECT FROM discounts d WHERE d.code IS NULL AND d.enabled) AS automatic
		FROM carts WHERE token_hash = $1 AND expires_at > now() `+lock, pg.Hash(token))
	found := pg.First(rows)
	return orbit.Cart{ID: found.ID, Codes: found.Codes, Automatic: found.Automatic}, err
}

func (t *Tenant) cartID(ctx context.Context, token, lock string) (orbit.CartID, error) {
	c, err := t.cart(ctx, token, lock)
	return c.ID, err
}

// held is how much of a variant v is taken for what the shopper of the cart $1 is about to pay. Nobody else can have
// it, so to that cart it is there.
const held = `coalesce((SELECT sum((h ->> 'Quantity')::int) FROM checkouts k
	CROSS JOIN LATERAL jsonb_array_elements(k.document -> 'Lines') h
	WHERE k.merchant_id = v.merchant_id AND k.cart_id = $1 AND k.status = 'open'
		AND h ->> 'VariantID' = v.id::text), 0)`

// addLines reads a cart's lines with the prices and stock of now. What is no longer on sale has no stock.
func (t *Tenant) addLines(ctx context.Context, c *orbit.Cart) (err error) {
	c.Lines, err = pg.All[orbit.CartLine](ctx, t, `SELECT v.id AS variant_id, p.id AS product_id, p.handle, p.title,
		p.product_type,
			p.images, CASE
	WHEN jsonb_array_length(p.options) = 0 THEN '' ELSE v.title END AS variant,
			v.sku, v.price, v.compare_at, l.quantity, v.taxable, v.requires_shipping, v.weight_grams,
			CASE WHEN p.status = 'active' THEN `+sellable+` + `+held+` ELSE 0 END AS stock
		FROM cart_lines l JOIN variants v ON v.merchant_id = l.merchant_id AND v.id = l.variant_id
		JOIN products p ON p.merchant_id = v.merchant_id AND p.id = v.product_id
		WHERE l.cart_id = $1 ORDER BY l.added_at, l.variant_id`, c.ID)
	return err
}

// Errors of AddToCart.
var (
	ErrSoldOut   = orbit.Errorf(orbit.Conflict, "The product is sold out.")
	ErrCartFull  = orbit.Errorf(orbit.Conflict, "The cart is full.")
	ErrAllInCart = orbit.Errorf(orbit.Conflict, "All available stock is in the cart.")
)

// AddToCart puts n of a variant into the cart of a token, no more than there are; a new cart with a new
// token is made where the token names none. It gives the cart's token and how many more there now are.
// A variant that isn't there, or isn't on sale, is NotFound; what else speaks against it is
// one of the errors above.
func (t *Tenant) AddToCart(ctx context.Context, token string, variant orbit.VariantID, n int) (kept string, added int,
	err error) {
	var own orbit.CartID
	if token != "" {
		if own, err = t.cartID(ctx, token, ""); err != nil {
			return token, 0, err
		}
	}
	stock, err := pg.One[int](ctx, t, `SELECT `+sellable+` + `+held+` FROM variants v
		JOIN products p ON p.merchant_id = v.merchant_id AND p.id = v.product_id
		WHERE v.id = $2 AND p.status = 'active'`, own, variant)
	if err != nil {
		return token, 0, err
	}
	if stock == 0 {
		return token, 0, ErrSoldOut
	}
	cart, err := t.keepCart(ctx, &token)
	if err != nil {
		return token, 0, err
	}
	in, err := pg.One[struct{ Lines, Quantity int }](ctx, t, `SELECT count(*) AS lines,
		coalesce(sum(quantity) FILTER (WHERE variant_id = $1), 0) AS quantity FROM cart_lines WHERE cart_id = $2`,
		variant, cart)
	if err != nil {
		return token, 0, err
	}
	if in.Quantity == 0 && in.Lines >= orbit.MaxCartLines {
		return token, 0, ErrCartFull
	}
	want := min(in.Quantity+max(n, 1), stock, orbit.MaxQuantity)
	if want <= in.Quantity {
		return token, 0, ErrAllInCart
	}
	_, err = pg.Exec(ctx, t, `INSERT INTO cart_lines (merchant_id, cart_id, variant_id, quantity) VALUES ($1, $2, $3, $4)
		ON CONFLICT (merchant_id, cart_id, variant_id) DO UPDATE
		SET quantity = excluded.quantity`, t.merchant, cart, variant, want)
	return token, want - in.Quantity, err
}

// keepCart finds the token's cart, locks it and has it live on, or makes one.
func (t *Tenant) keepCart(ctx context.Context, token *string) (orbit.CartID, error) {
	if *token != "" {
		ids, err := pg.All[orbit.CartID](ctx, t, `UPDATE carts
			SET updated_at = now(), expires_at = now() + make_interval(secs => $1)
			WHERE token_hash = $2 AND expires_at > now() RETURNING id`, orbit.CartLife.Seconds(), pg.Hash(*token))
		if err != nil || len(ids) > 0 {
			return pg.First(ids), err
		}
	}
	*token = pg.Token()
	id := orbit.NewID[orbit.Cart]()
	// Opening a cart clears some abandoned ones; Tidy sees to the shops where none is opened.
	_, err := pg.Exec(ctx, t, `WITH gone AS (DELETE FROM carts WHERE id IN (SELECT id FROM carts WHERE expires_at < now()
	LIMIT 10 FOR UPDATE SKIP LOCKED))
		INSERT INTO carts (merchant_id, id, token_hash, expires_at)
		VALUES ($1, $2, $3, now() + make_interval(secs => $4))`,
		t.merchant, id, pg.Hash(*token), orbit.CartLife.Seconds())
	return id, err
}

// ChangeCart sets how many of each variant the token's cart holds, no more than there are; 0 takes it out. It gives the
// variants of which there are fewer than was asked for. Variants that aren't in the cart are passed over.
func (t *Tenant) ChangeCart(ctx context.Context, token string,
	quantities map[orbit.VariantID]int) (short []orbit.VariantID, err error) {
	if token == "" {
		return nil, nil
	}
	cart, err := t.cartID(ctx, token, "FOR UPDATE")
	if err != nil || cart.IsZero() {
		return nil, err
	}
	for variant, n := range quantities {
		// What is sold out stays as it is, for people to see and take out.
		sql, args := `UPDATE cart_lines l SET quantity = least($3, greatest(`+sellable+` + `+held+`, 1), $4) FROM variants v
			WHERE l.cart_id = $1 AND l.variant_id = $2 AND v.merchant_id = l.merchant_id AND v.id = l.variant_id
			RETURNING l.quantity`, []any{cart, variant, n, orbit.MaxQuantity}
		if n <= 0 {
			sql, args = `DELETE FROM cart_lines WHERE cart_id = $1 AND variant_id = $2 RETURNING 0`, args[:2]
		}
		now, err := pg.All[int](ctx, t, sql, args...)
		if err != nil {
			return nil, err
		}
		if len(now) > 0 && now[0] < n {
			short = append(short, variant)
		}
	}
	_, err = pg.Exec(ctx, t, `UPDATE carts SET updated_at = now(), expires_at = now() + make_interval(secs => CASE
		WHEN EXISTS (SELECT FROM cart_lines WHERE cart_id = $1) THEN $2::float8 ELSE $3 END) WHERE id = $1`,
		cart, orbit.CartLife.Seconds(), orbit.EmptyCartLife.Seconds())
	return short, err
}
