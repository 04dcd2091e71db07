package shop

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// DiscountFilter chooses discounts for the merchant's own list.
type DiscountFilter struct {
	Status orbit.DiscountStatus // "" is any
	Query  string               // in codes and titles
	Sort   orbit.DiscountSort
	Limit  int
	Offset int
}

// statusOf is what a discount d is now.
const statusOf = `CASE WHEN NOT d.enabled THEN 'inactive' WHEN d.ends_at <= now() THEN 'expired'
	WHEN d.starts_at > now() THEN 'scheduled' ELSE 'active' END`

// Discounts returns one page of the shop's discounts, and how many there are in all.
func (t *Tenant) Discounts(ctx context.Context, f DiscountFilter) (all []orbit.Discount, total int, err error) {
	where := ` FROM discounts d WHERE ($1 = '' OR ` + statusOf + ` = $1) AND ($2 = ''
		OR strpos(lower(coalesce(d.code, '')), lower($2)) > 0 OR strpos(lower(d.title), lower($2)) > 0)`
	order := map[orbit.DiscountSort]string{orbit.DiscountsByName: `lower(coalesce(d.code, d.title)), d.id`,
		orbit.DiscountsByUse: `d.used DESC, d.id DESC`, orbit.DiscountsByEnd: `d.ends_at NULLS LAST, d.id DESC`}[f.Sort]
	if order == "" {
		order = `d.created_at DESC, d.id DESC`
	}
	r := t.Reader()
	count := pg.Ask[struct{ Total int }](r.Reader, `SELECT count(*) AS total`+where, string(f.Status), f.Query)
	rows := pg.Ask[[]discountRow](r.Reader, `SELECT `+t.discountColumns()+where+` ORDER BY `+order+` LIMIT $3 OFFSET $4`,
		string(f.Status), f.Query, f.Limit, f.Offset)
	err = r.Read(ctx)
	for _, row := range rows.Value {
		all = append(all, row.whole())
	}
	return all, count.Value.Total, err
}

// DiscountsAfter returns the discounts that were created before a place, the newest first.
func (t *Tenant) DiscountsAfter(ctx context.Context, at time.Time, id string, limit int) (
	all []orbit.Discount, err error,
) {
	rows, err := pg.All[discountRow](ctx, t, `SELECT `+t.discountColumns()+` FROM discounts d
		WHERE $1::timestamptz IS NULL OR (d.created_at, d.id) < ($1::timestamptz, nullif($2, '')::uuid)
		ORDER BY d.created_at DESC, d.id DESC LIMIT $3`, orNull(at), id, limit)
	for _, row := range rows {
		all = append(all, row.whole())
	}
	return all, err
}

// Discount returns one of the shop's discounts.
func (t *Tenant) Discount(ctx context.Context, id orbit.DiscountID) (orbit.Discount, error) {
	row, err := pg.One[discountRow](ctx, t, `SELECT `+t.discountColumns()+` FROM discounts d WHERE d.id = $1`, id)
	return row.whole(), err
}

// discountRow is a discount with what it applies to.
type discountRow struct {
	orbit.Discount `bun:",extend"`
	OnProducts     []orbit.ProductID    `bun:"type:jsonb"`
	OnCollections  []orbit.CollectionID `bun:"type:jsonb"`
}

func (t *Tenant) discountColumns() string {
	return t.db.Columns("d", "", orbit.Discount{}) + `,
		to_jsonb(ARRAY(SELECT p.product_id FROM discount_products p WHERE p.merchant_id = d.merchant_id
			AND p.discount_id = d.id ORDER BY p.product_id)) AS on_products,
		to_jsonb(ARRAY(SELECT c.collection_id FROM discount_collections c WHERE c.merchant_id = d.merchant_id
			AND c.discount_id = d.id ORDER BY c.collection_id)) AS on_collections`
}

func (r discountRow) whole() orbit.Discount {
	d := r.Discount
	d.Products, d.Collections = r.OnProducts, r.OnCollections
	return d
}

// ProductTitles returns the titles of products, those that there are, by title.
func (t *Tenant) ProductTitles(ctx context.Context, ids []orbit.ProductID) ([]orbit.ProductTitle, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return pg.All[orbit.ProductTitle](ctx, t, `SELECT id, title FROM products WHERE id = ANY($1::uuid[])
		ORDER BY lower(title), id`, texts(ids))
}

// CreateDiscount adds a discount, which has been checked. The same id again changes nothing. Faults on code, where the
// shop has it, and on appliesTo; Conflict beyond orbit.MaxDiscounts.
func (e *Edit) CreateDiscount(ctx context.Context, d orbit.Discount) error {
	has, err := pg.One[struct {
		Known bool
		Total int
	}](ctx, e, `SELECT EXISTS (SELECT FROM discounts WHERE id = $1) AS known, count(*) AS total FROM discounts`, d.ID)
	switch {
	case err != nil || has.Known:
		return err
	case has.Total >= orbit.MaxDiscounts:
		return orbit.Errorf(orbit.Conflict, "A shop can have %d discounts. Delete one first.", orbit.MaxDiscounts)
	}
	if err := e.discountFits(ctx, d); err != nil {
		return err
	}
	now := pg.Stamp()
	b := e.db.Batch()
	b.Exec(`INSERT INTO discounts (merchant_id, id, code, title, discount_type, amount, applies_to, minimum_amount,
			minimum_quantity, usage_limit, once_per_customer, combines_with, starts_at, ends_at, enabled, created_at,
			updated_at)
		VALUES ($1, $2, nullif($3, ''), $4, $5, $6, $7, nullif($8::bigint, 0), nullif($9::integer, 0),
			nullif($10::integer, 0), $11, $12::text[], $13, $14, $15, $16, $16)`, e.merchant, d.ID, d.Code, d.Title,
		string(d.Kind), d.Value, string(d.AppliesTo), d.MinimumAmount, d.MinimumQuantity, d.UsageLimit, d.OncePerCustomer,
		classes(d.CombinesWith), orNull(d.StartsAt), orNull(d.EndsAt), d.Active, now)
	e.applyTo(b, d)
	return e.commit(ctx, b, orbit.ActionDiscountCreated, d.Name(), orbit.Details{"discount": d.ID.String()})
}

func classes(all []orbit.DiscountClass) []string {
	texts := make([]string, len(all))
	for i, c := range all {
		texts[i] = string(c)
	}
	return texts
}

func texts[T any](ids []orbit.ID[T]) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = id.String()
	}
	return all
}

// applyTo sets what a discount applies to.
func (e *Edit) applyTo(b *pg.Batch, d orbit.Discount) {
	b.Exec(`DELETE FROM discount_products WHERE discount_id = $1 AND product_id <> ALL($2::uuid[])`, d.ID,
		texts(d.Products))
	b.Exec(`DELETE FROM discount_collections WHERE discount_id = $1 AND collection_id <> ALL($2::uuid[])`, d.ID,
		texts(d.Collections))
	b.Exec(`INSERT INTO discount_products (merchant_id, discount_id, product_id)
		SELECT $1, $2, unnest($3::uuid[]) ON CONFLICT DO NOTHING`, e.merchant, d.ID, texts(d.Products))
	b.Exec(`INSERT INTO discount_collections (merchant_id, discount_id, collection_id)
		SELECT $1, $2, unnest($3::uuid[]) ON CONFLICT DO NOTHING`, e.merchant, d.ID, texts(d.Collections))
}

// discountFits is nil where a discount can stand among the shop's others, and what it applies to is there.
func (e *Edit) discountFits(ctx context.Context, d orbit.Discount) error {
	has, err := pg.One[struct{ Same, Automatic, Products, Collections int }](ctx, e, `SELECT
			(SELECT count(*) FROM discounts WHERE code = nullif($1, '') AND id <> $2) AS same,
			(SELECT count(*) FROM discounts WHERE code IS NULL AND enabled AND id <> $2
				AND (ends_at IS NULL OR ends_at > now())) AS automatic,
			(SELECT count(*) FROM products WHERE id = ANY($3::uuid[])) AS products,
			(SELECT count(*) FROM collections WHERE id = ANY($4::uuid[])) AS collections`,
		d.Code, d.ID, texts(d.Products), texts(d.Collections))
	if err != nil {
		return err
	}
	var f orbit.Faults
	if has.Same > 0 {
		f.Add("code", d.Code, "Another discount has this code. Choose another one.")
	}
	if has.Products < len(d.Products) {
		f.Add("appliesTo", "", "A product isn't there. It may have been deleted.")
	}
	if has.Collections < len(d.Collections) {
		f.Add("appliesTo", "", "A collection isn't there. It may have been deleted.")
	}
	if err := f.Err(); err != nil {
		return err
	}
	if d.Automatic() && d.Active && has.Automatic >= orbit.MaxAutomaticDiscounts {
		return orbit.Errorf(orbit.Conflict, "A shop can have %d active automatic discounts. Deactivate one first.",
			orbit.MaxAutomaticDiscounts)
	}
	return nil
}

// UpdateDiscount makes a discount what change returns of it, checked, if it is still at a version (0: whichever).
// Conflict comes with what is there now. Faults as for CreateDiscount.
func (e *Edit) UpdateDiscount(ctx context.Context, id orbit.DiscountID, version int,
	change func(orbit.Discount) (orbit.Discount, error)) (now orbit.Discount, err error) {
	// Locked, so that orders see all of it as it was or as it will be.
	if _, err := pg.Exec(ctx, e, `SELECT FROM discounts WHERE id = $1 FOR UPDATE`, id); err != nil {
		return now, err
	}
	if now, err = e.Discount(ctx, id); err != nil {
		return now, err
	}
	if version != 0 && version != now.Version {
		return now, orbit.Errorf(orbit.Conflict, "Someone changed this discount since you opened it. Nothing of yours is "+
			"lost: look at what is there now, and save again to make it as you have it here.")
	}
	d, err := change(now)
	if err == nil {
		err = e.discountFits(ctx, d)
	}
	if err != nil {
		return now, err
	}
	b := e.db.Batch()
	b.Exec(`UPDATE discounts SET code = nullif($2, ''), title = $3, discount_type = $4, amount = $5, applies_to = $6,
			minimum_amount = nullif($7::bigint, 0), minimum_quantity = nullif($8::integer, 0),
			usage_limit = nullif($9::integer, 0), once_per_customer = $10, combines_with = $11::text[], starts_at = $12,
			ends_at = $13, enabled = $14, version = version + 1, updated_at = now() WHERE id = $1`, id, d.Code, d.Title,
		string(d.Kind), d.Value, string(d.AppliesTo), d.MinimumAmount, d.MinimumQuantity, d.UsageLimit, d.OncePerCustomer,
		classes(d.CombinesWith), orNull(d.StartsAt), orNull(d.EndsAt), d.Active)
	e.applyTo(b, d)
	action := orbit.ActionDiscountUpdated
	if d.Active != now.Active {
		action = orbit.ActionDiscountDeactivated
		if d.Active {
			action = orbit.ActionDiscountActivated
		}
	}
	if err := e.commit(ctx, b, action, d.Name(), orbit.Details{"discount": id.String()}); err != nil {
		return now, err
	}
	return e.Discount(ctx, id)
}

// DeleteDiscount deletes a discount for good. Orders keep what it took off. Doing it again is NotFound.
func (e *Edit) DeleteDiscount(ctx context.Context, id orbit.DiscountID) error {
	name, err := pg.One[string](ctx, e, `DELETE FROM discounts WHERE id = $1 RETURNING coalesce(code, title)`, id)
	if err != nil {
		return err
	}
	return e.commit(ctx, e.db.Batch(), orbit.ActionDiscountDeleted, name, orbit.Details{"discount": id.String()})
}
