package shop

import (
	"context"
	"slices"
	"strings"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// offer is a discount as the database knows it for one cart.
type offer struct {
	orbit.Discount `bun:",extend"`
	InCart         []orbit.ProductID `bun:"type:jsonb"`
	Taken          bool
	Own            int // how often it is taken for what the cart's shopper is about to pay: that isn't in their way
}

// offered chooses the active automatic discounts, and those with one of the codes $1.
const offered = ` FROM discounts d WHERE d.code = ANY($1::text[]) OR d.code IS NULL AND d.enabled
		AND (d.starts_at IS NULL OR d.starts_at <= now()) AND (d.ends_at IS NULL OR d.ends_at > now())`

// offers returns the discounts that a cart may have: automatic ones and those with its codes. Those that may be had
// once are held against an email address, "" for a shopper who hasn't said it. Locked ones stay as they are until the
// transaction ends; locks come first, for a transaction that waits for one has to see what the other has done.
func (t *Tenant) offers(ctx context.Context, c orbit.Cart, codes []string, email string, lock bool) (
	all []orbit.DiscountOffer, err error,
) {
	if len(codes) == 0 && !c.Automatic {
		return nil, nil
	}
	if lock {
		if _, err := pg.Exec(ctx, t, `SELECT`+offered+` ORDER BY d.id FOR UPDATE`, codes); err != nil {
			return nil, err
		}
	}
	products := make([]string, len(c.Lines))
	for i, l := range c.Lines {
		products[i] = l.ProductID.String()
	}
	rows, err := pg.All[offer](ctx, t, `SELECT `+t.db.Columns("d", "", orbit.Discount{})+`,
			to_jsonb(CASE d.applies_to WHEN 'products' THEN ARRAY(SELECT p.product_id FROM discount_products p
				WHERE p.merchant_id = d.merchant_id AND p.discount_id = d.id AND p.product_id = ANY($2::uuid[]))
			WHEN 'collections' THEN ARRAY(SELECT DISTINCT p.product_id FROM discount_collections i
				JOIN collection_products p ON p.merchant_id = i.merchant_id AND p.collection_id = i.collection_id
				WHERE i.merchant_id = d.merchant_id AND i.discount_id = d.id AND p.product_id = ANY($2::uuid[]))
			ELSE '{}' END) AS in_cart,
			EXISTS (SELECT FROM discount_uses u WHERE u.merchant_id = d.merchant_id AND u.discount_id = d.id
				AND u.customer_hash = $3 AND NOT EXISTS (SELECT FROM checkouts k WHERE k.merchant_id = u.merchant_id
					AND k.id = u.order_id AND k.cart_id = $4 AND k.status = 'open')) AS taken,
			(SELECT count(*) FROM checkouts k WHERE k.cart_id = $4 AND k.status = 'open'
				AND (k.document ->> 'DiscountCode' = d.code
					OR k.document -> 'Discounts' @> jsonb_build_array(jsonb_build_object('id', d.id)))) AS own`+offered,
		codes, products, t.customerKey(email), c.ID)
	for _, r := range rows {
		r.Used -= r.Own
		all = append(all, orbit.DiscountOffer{Discount: r.Discount, InCart: r.InCart, Taken: r.Taken})
	}
	return all, err
}

// customerKey is what the uses of discounts keep of a customer: nobody can read the address in it.
func (t *Tenant) customerKey(email string) []byte {
	if clean, err := orbit.ParseEmail(email); err == nil {
		email = clean
	}
	return pg.Hash(t.merchant.String() + strings.ToLower(email))
}

// useDiscounts counts the use of an order's discounts, or one less with -1: at once, for discounts are locked before
// stock.
func (t *Tenant) useDiscounts(ctx context.Context, o orbit.Order, n int) error {
	var ids []string
	for _, d := range o.Discounts {
		if !d.ID.IsZero() {
			ids = append(ids, d.ID.String())
		}
	}
	code := o.DiscountCode // of an order that is older than ids of discounts
	if len(ids) > 0 {
		code = ""
	}
	if len(ids) == 0 && code == "" {
		return nil
	}
	_, err := pg.Exec(ctx, t, `WITH locked AS (SELECT id FROM discounts WHERE id = ANY($1::uuid[]) OR code = $2
			ORDER BY id FOR UPDATE)
		UPDATE discounts d SET used = greatest(used + $3, 0) FROM locked WHERE d.id = locked.id`, ids, code, n)
	if err != nil || len(ids) == 0 {
		return err
	}
	if n < 0 {
		_, err = pg.Exec(ctx, t, `DELETE FROM discount_uses WHERE discount_id = ANY($1::uuid[]) AND order_id = $2`, ids,
			o.ID)
		return err
	}
	// An order that is made late, for money that came, may be a customer's second.
	_, err = pg.Exec(ctx, t, `INSERT INTO discount_uses (merchant_id, discount_id, order_id, customer_hash, once)
		SELECT merchant_id, id, $2, $3, once_per_customer FROM discounts WHERE id = ANY($1::uuid[])
		ON CONFLICT DO NOTHING`, ids, o.ID, t.customerKey(o.Email))
	return err
}

// ErrTooManyCodes is AddCode's answer to one more than orbit.MaxDiscountCodes.
var ErrTooManyCodes = orbit.Errorf(orbit.Conflict, "The cart has as many discount codes as it can.")

// AddCode puts a discount code into the cart of a token, as it was typed, for a shopper with an email address, "" where
// it isn't known yet. One that the shop doesn't know, or that can't hold for this shopper, is refused: the reason comes
// back, and the cart stays as it was. One that may hold with other things in the cart stays in it.
func (t *Tenant) AddCode(ctx context.Context, token, typed, email string) (no orbit.RefusedDiscount, err error) {
	c, err := t.cart(ctx, token, "FOR UPDATE")
	if err != nil || c.ID.IsZero() {
		return no, err
	}
	code, err := orbit.ParseDiscountCode(typed)
	if err != nil {
		return orbit.RefusedDiscount{Reason: orbit.DiscountUnknown}, nil
	}
	if code == "" || slices.Contains(c.Codes, code) {
		return no, nil
	}
	if len(c.Codes) >= orbit.MaxDiscountCodes {
		return no, ErrTooManyCodes
	}
	if err := t.addLines(ctx, &c); err != nil {
		return no, err
	}
	totals, err := t.Totals(ctx, c, orbit.Checkout{}, orbit.CheckoutForm{Discount: code, Email: email})
	if err != nil && orbit.CodeOf(err) != orbit.Invalid {
		return no, err
	}
	for _, r := range totals.Refused {
		if r.Code == code && r.Reason.Final() {
			return r, nil
		}
	}
	_, err = pg.Exec(ctx, t, `UPDATE carts SET discount_codes = $2::text[], updated_at = now() WHERE id = $1`, c.ID,
		append(c.Codes, code))
	return no, err
}

// RemoveCode takes a discount code out of the cart of a token.
func (t *Tenant) RemoveCode(ctx context.Context, token, code string) error {
	c, err := t.cart(ctx, token, "FOR UPDATE")
	if err == nil && !c.ID.IsZero() {
		_, err = pg.Exec(ctx, t, `UPDATE carts SET discount_codes = array_remove(discount_codes, $2), updated_at = now()
			WHERE id = $1`, c.ID, code)
	}
	return err
}
