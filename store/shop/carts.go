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
	if c.ID, err = t.cartID(ctx, token, ""); err != nil || c.ID.IsZero() {
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
	id, err := t.cartID(ctx, token, "")
	return !id.IsZero(), err
}

func (t *Tenant) cartID(ctx context.Context, token, lock string) (orbit.CartID, error) {
	var rows []orbit.CartID
	err := t.NewRaw(`SELECT id FROM carts WHERE token_hash = ? AND expires_at > now() `+lock, pg.Hash(token)).Scan(ctx,
		&rows)
	if err != nil || len(rows) == 0 {
		return orbit.CartID{}, pg.MapError(err)
	}
	return rows[0], nil
}

// addLines reads a cart's lines with the prices and stock of now. What is no longer on sale has no stock.
func (t *Tenant) addLines(ctx context.Context, c *orbit.Cart) error {
	err := t.NewRaw(`SELECT v.id AS variant_id, p.id AS product_id, p.handle, p.title, p.product_type, p.images, CASE
	WHEN jsonb_array_length(p.options) = 0 THEN '' ELSE v.title END AS variant,
			v.sku, v.price, v.compare_at, l.quantity, CASE WHEN p.status = 'active' THEN v.stock ELSE 0 END AS stock
		FROM cart_lines l JOIN variants v ON v.merchant_id = l.merchant_id AND v.id = l.variant_id
		JOIN products p ON p.merchant_id = v.merchant_id AND p.id = v.product_id
		WHERE l.cart_id = ? ORDER BY l.added_at, l.variant_id`, c.ID).Scan(ctx, &c.Lines)
	return pg.MapError(err)
}

// AddToCart puts n of a variant into the cart of a token, no more than there are; a new cart with a new
// token is made where the token names none. It gives the cart's token and how many more there now are.
// A variant that isn't there, or isn't on sale, is NotFound; one that is sold out, a full cart and more of one thing
// than a cart takes are Conflicts.
func (t *Tenant) AddToCart(ctx context.Context, token string, variant orbit.VariantID, n int) (kept string, added int,
	err error) {
	var stock int
	err = t.NewRaw(`SELECT v.stock FROM variants v JOIN products p ON p.merchant_id = v.merchant_id
		AND p.id = v.product_id WHERE v.id = ? AND p.status = 'active'`, variant).Scan(ctx, &stock)
	if err != nil {
		return token, 0, pg.MapError(err)
	}
	if stock == 0 {
		return token, 0, orbit.Errorf(orbit.Conflict, "This is sold out.")
	}
	cart, err := t.keepCart(ctx, &token)
	if err != nil {
		return token, 0, err
	}
	var lines, has int
	if err := t.NewRaw(`SELECT count(*), coalesce(sum(quantity) FILTER (WHERE variant_id = ?), 0) FROM cart_lines
		WHERE cart_id = ?`, variant, cart).Scan(ctx, &lines, &has); err != nil {
		return token, 0, pg.MapError(err)
	}
	if has == 0 && lines >= orbit.MaxCartLines {
		return token, 0, orbit.Errorf(orbit.Conflict, "The cart is full. Buy what is in it first, or take something out.")
	}
	want := min(has+max(n, 1), stock, orbit.MaxQuantity)
	if want <= has {
		return token, 0, orbit.Errorf(orbit.Conflict, "You already have all available stock in your cart.")
	}
	_, err = t.NewRaw(`INSERT INTO cart_lines (merchant_id, cart_id, variant_id, quantity) VALUES (?, ?, ?, ?)
		ON CONFLICT (merchant_id, cart_id, variant_id) DO UPDATE
		SET quantity = excluded.quantity`, t.merchant, cart, variant, want).Exec(ctx)
	return token, want - has, pg.MapError(err)
}

// keepCart finds the token's cart, locks it and has it live on, or makes one.
func (t *Tenant) keepCart(ctx context.Context, token *string) (orbit.CartID, error) {
	if *token != "" {
		var ids []orbit.CartID
		err := t.NewRaw(`UPDATE carts SET updated_at = now(), expires_at = now() + make_interval(secs => ?)
			WHERE token_hash = ? AND expires_at > now() RETURNING id`,
			orbit.CartLife.Seconds(), pg.Hash(*token)).Scan(ctx, &ids)
		if err != nil || len(ids) > 0 {
			return pg.First(ids), pg.MapError(err)
		}
	}
	*token = pg.Token()
	id := orbit.NewID[orbit.Cart]()
	// Whoever opens a cart clears some that nobody came back to; Tidy sees to the shops where nobody does.
	_, err := t.NewRaw(`WITH gone AS (DELETE FROM carts WHERE id IN (SELECT id FROM carts WHERE expires_at < now()
	LIMIT 10 FOR UPDATE SKIP LOCKED))
		INSERT INTO carts (merchant_id, id, token_hash, expires_at)
		VALUES (?, ?, ?, now() + make_interval(secs => ?))`, t.merchant, id, pg.Hash(*token), orbit.CartLife.Seconds()).Exec(ctx)
	return id, pg.MapError(err)
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
		sql := `UPDATE cart_lines l SET quantity = least(?2, greatest(v.stock, 1), ?3) FROM variants v
			WHERE l.cart_id = ?0 AND l.variant_id = ?1 AND v.merchant_id = l.merchant_id AND v.id = l.variant_id
			RETURNING l.quantity`
		if n <= 0 {
			sql = `DELETE FROM cart_lines WHERE cart_id = ?0 AND variant_id = ?1 RETURNING 0`
		}
		var now []int
		if err := t.NewRaw(sql, cart, variant, n, orbit.MaxQuantity).Scan(ctx, &now); err != nil {
			return nil, pg.MapError(err)
		}
		if len(now) > 0 && now[0] < n {
			short = append(short, variant)
		}
	}
	_, err = t.NewRaw(`UPDATE carts SET updated_at = now(), expires_at = now() + make_interval(secs => CASE
		WHEN EXISTS (SELECT FROM cart_lines WHERE cart_id = ?0) THEN ?1::float8 ELSE ?2 END) WHERE id = ?0`,
		cart, orbit.CartLife.Seconds(), orbit.EmptyCartLife.Seconds()).Exec(ctx)
	return short, pg.MapError(err)
}
