package shop

import (
	"context"
	"maps"
	"slices"
	"strings"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Settings reads the shop's own settings.
func (r *Reader) Settings() *pg.Result[orbit.ShopSettings] {
	return pg.Ask[orbit.ShopSettings](r.Reader, `SELECT `+r.DB.Columns("s", "", orbit.ShopSettings{})+` FROM settings s`)
}

// Settings returns the shop's own settings.
func (t *Tenant) Settings(ctx context.Context) (orbit.ShopSettings, error) {
	q := t.Reader()
	settings := q.Settings()
	err := q.Read(ctx)
	return settings.Value, err
}

// ErrStale is the Conflict of an edit that was made upon an earlier version of what it changes.
var ErrStale = orbit.Errorf(orbit.Conflict, "Someone changed this since you opened it. Look at it again.")

// UpdateSettings changes the fields of the shop that patch has, and returns the settings as they are then; the name and
// the category are in e.Merchant. Faults are by field. version is that of the settings that the patch was made upon;
// where they have changed since it is ErrStale, with the settings as they are. 0 changes the fields whatever became of
// the others. Conflict for another currency once there are orders. A time zone that is the country's follows it.
func (e *Edit) UpdateSettings(ctx context.Context, patch orbit.ShopPatch, version int) (orbit.ShopSettings, error) {
	was, err := e.Settings(ctx)
	if err != nil {
		return was, err
	}
	if version != 0 && version != was.Version {
		return was, ErrStale
	}
	merchant, now, err := patch.Apply(e.Merchant, was)
	if err != nil {
		return was, err
	}
	if same(patch, e.Merchant, was, merchant, now) {
		return was, nil
	}
	if _, chosen := patch[orbit.FieldTimeZone]; !chosen && was.Timezone == orbit.TimeZoneOf(was.Address.Country) {
		now.Timezone = orbit.TimeZoneOf(now.Address.Country)
	}
	b := e.db.Batch()
	if now.Currency != was.Currency {
		if err := e.changeCurrency(ctx, b, was.Currency, now.Currency); err != nil {
			return was, err
		}
	}
	if merchant.Name != e.Merchant.Name || merchant.Category != e.Merchant.Category {
		b.Exec(`UPDATE merchants SET name = $1, category = $2, updated_at = now() WHERE id = $3`,
			merchant.Name, merchant.Category, e.merchant)
		b.Notify(pg.MerchantChannel, e.merchant.String())
	}
	now.Version, now.UpdatedAt = was.Version+1, pg.Stamp()
	b.Exec(`UPDATE settings SET legal_name = $1, email = $2, phone = $3, address = $4, currency = $5, locale = $6,
		timezone = $7, weight_unit = $8, order_prefix = $9, tagline = $10, title = $11, description = $12, social = $13,
		version = $14, updated_at = $15, tax_included = $16, vat_number = $17`,
		now.LegalName, now.Email, now.Phone, now.Address, now.Currency, now.Locale, now.Timezone, string(now.WeightUnit),
		now.OrderPrefix, now.Tagline, now.Title, now.Description, now.Social, now.Version, now.UpdatedAt,
		now.TaxIncluded, now.VATNumber)
	fields := strings.Join(slices.Sorted(maps.Keys(patch)), " ")
	if err := e.commit(ctx, b, orbit.ActionMerchantUpdated, merchant.Name, orbit.Details{"fields": fields}); err != nil {
		return was, err
	}
	e.Merchant = merchant
	return now, nil
}

// same reports whether a patch changes nothing of a shop.
func same(
	patch orbit.ShopPatch, m1 orbit.Merchant, s1 orbit.ShopSettings, m2 orbit.Merchant, s2 orbit.ShopSettings,
) bool {
	for field := range patch {
		if orbit.FieldOf(m1, s1, field) != orbit.FieldOf(m2, s2, field) {
			return false
		}
	}
	return true
}

// changeCurrency lets prices keep their numbers: 12.00 USD are 12.00 EUR, and 12 JPY. Orders keep the currency that
// they were placed in, so there must be none.
func (e *Edit) changeCurrency(ctx context.Context, b *pg.Batch, from, to string) error {
	sold, err := pg.One[bool](ctx, e, `SELECT EXISTS (SELECT FROM orders)`)
	if err != nil {
		return err
	}
	if sold {
		return orbit.FaultOn(orbit.Conflict, orbit.FieldCurrency, to,
			"The currency can't change: this shop has orders in "+from+".")
	}
	factor := orbit.Scale(from, to)
	if factor == 1 {
		return nil
	}
	b.Exec(`UPDATE variants SET price = least(round(price * $1::numeric), $2),
		compare_at = nullif(least(round(compare_at * $1::numeric), $2), 0)`, factor, int64(orbit.MaxPrice))
	b.Exec(`UPDATE shipping_rates SET price = round(price * $1::numeric),
		free_from = nullif(round(free_from * $1::numeric), 0),
		minimum = CASE kind WHEN 'price' THEN round(minimum * $1::numeric) ELSE minimum END,
		maximum = CASE kind WHEN 'price' THEN greatest(round(maximum * $1::numeric), 1) ELSE maximum END`, factor)
	b.Exec(`UPDATE discounts SET minimum_amount = CASE WHEN minimum_amount > 0
			THEN greatest(round(minimum_amount * $1::numeric), 1) END,
		amount = CASE discount_type WHEN 'fixed_amount' THEN greatest(round(amount * $1::numeric), 1) ELSE amount END,
		version = version + 1, updated_at = now()`, factor)
	return nil
}
