package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// TaxRates reads the shop's tax rates: by country and region, those of all other countries first.
func (r *Reader) TaxRates() *pg.Result[[]orbit.TaxRate] {
	return pg.Ask[[]orbit.TaxRate](r.Reader, `SELECT `+r.DB.Columns("t", "", orbit.TaxRate{})+`
		FROM tax_rates t ORDER BY country, region, name, id`)
}

// TaxRates returns the shop's tax rates as Reader.TaxRates does.
func (t *Tenant) TaxRates(ctx context.Context) ([]orbit.TaxRate, error) {
	r := t.Reader()
	rates := r.TaxRates()
	err := r.Read(ctx)
	return rates.Value, err
}

// TaxRate is one of the shop's tax rates.
func (t *Tenant) TaxRate(ctx context.Context, id orbit.TaxRateID) (orbit.TaxRate, error) {
	return pg.One[orbit.TaxRate](ctx, t, `SELECT `+t.db.Columns("t", "", orbit.TaxRate{})+` FROM tax_rates t
		WHERE id = $1`, id)
}

// SaveTaxRates keeps tax rates, all or none: new ones where there is none of an id, and else those that there are, each
// as it was at its Version (0 is whatever it has become): ErrStale, with it as it is, where one has changed since.
// Faults are those of TaxRate.Check. Conflict for more rates than a shop may have.
func (e *Edit) SaveTaxRates(ctx context.Context, rates ...orbit.TaxRate) ([]orbit.TaxRate, error) {
	all, err := e.TaxRates(ctx)
	if err != nil {
		return nil, err
	}
	b := e.db.Batch()
	var saved []orbit.TaxRate
	for _, r := range rates {
		was, at := orbit.TaxRate{}, -1
		for i, other := range all {
			if other.ID == r.ID {
				was, at = other, i
			}
		}
		switch {
		case at < 0 && r.Version != 0:
			return nil, pg.NoRow()
		case at >= 0 && r.Version != 0 && r.Version != was.Version:
			return []orbit.TaxRate{was}, ErrStale
		}
		now := pg.Stamp()
		r.MerchantID, r.Version, r.CreatedAt, r.UpdatedAt = e.merchant, was.Version+1, was.CreatedAt, now
		if r, err = r.Check(all); err != nil {
			return nil, err
		}
		if at < 0 {
			r.CreatedAt = now
			all = append(all, r)
			b.Insert("tax_rates", r)
		} else {
			all[at] = r
			b.Exec(`UPDATE tax_rates SET country = $2, region = $3, name = $4, rate = $5, applies_to_shipping = $6,
				version = $7, updated_at = $8 WHERE id = $1`, r.ID, r.Country, r.Region, r.Name, r.Rate,
				r.AppliesToShipping, r.Version, r.UpdatedAt)
		}
		saved = append(saved, r)
	}
	if len(all) > orbit.MaxTaxRates {
		return nil, orbit.Errorf(orbit.Conflict, "A shop can have at most %d tax rates.", orbit.MaxTaxRates)
	}
	return saved, e.commit(ctx, b, orbit.ActionTaxSaved, saved[0].Place(), orbit.Details{"rates": len(saved)})
}

// DeleteTaxRate deletes a tax rate. Orders keep the taxes that they were placed with.
func (e *Edit) DeleteTaxRate(ctx context.Context, id orbit.TaxRateID) error {
	r, err := e.TaxRate(ctx, id)
	if err != nil {
		return err
	}
	b := e.db.Batch()
	b.Exec(`DELETE FROM tax_rates WHERE id = $1`, id)
	return e.commit(ctx, b, orbit.ActionTaxDeleted, r.Place(), orbit.Details{"name": r.Name})
}
