package shop

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

func (r *Reader) shippingZones() *pg.Result[[]orbit.ShippingZone] {
	return pg.Ask[[]orbit.ShippingZone](r.Reader, `SELECT `+r.DB.Columns("z", "", orbit.ShippingZone{})+`
		FROM shipping_zones z ORDER BY position, created_at, id`)
}

func (r *Reader) shippingRates() *pg.Result[[]orbit.ShippingRate] {
	return pg.Ask[[]orbit.ShippingRate](r.Reader, `SELECT `+r.DB.Columns("r", "", orbit.ShippingRate{})+`
		FROM shipping_rates r ORDER BY position, name`)
}

// withRates returns zones with their rates.
func withRates(zones []orbit.ShippingZone, rates []orbit.ShippingRate) []orbit.ShippingZone {
	for i := range zones {
		for _, r := range rates {
			if r.ZoneID == zones[i].ID {
				zones[i].Rates = append(zones[i].Rates, r)
			}
		}
	}
	return zones
}

// ShippingZones returns the shop's zones with their rates, both in their order.
func (t *Tenant) ShippingZones(ctx context.Context) ([]orbit.ShippingZone, error) {
	r := t.Reader()
	zones, rates := r.shippingZones(), r.shippingRates()
	err := r.Read(ctx)
	return withRates(zones.Value, rates.Value), err
}

// ShippingZone is one of the shop's zones.
func (t *Tenant) ShippingZone(ctx context.Context, id orbit.ShippingZoneID) (orbit.ShippingZone, error) {
	zones, err := t.ShippingZones(ctx)
	for _, z := range zones {
		if z.ID == id {
			return z, nil
		}
	}
	if err == nil {
		err = pg.NoRow()
	}
	return orbit.ShippingZone{}, err
}

// SaveShippingZone keeps a zone with all its rates: a new one where there is none of its id, and else the one that
// there is, as it was at z.Version (0 is whatever it has become): ErrStale, with the zone as it is, where it has
// changed since. Faults are those of ShippingZone.Check. Conflict for more zones than a shop may have.
func (e *Edit) SaveShippingZone(ctx context.Context, z orbit.ShippingZone) (orbit.ShippingZone, error) {
	zones, err := e.ShippingZones(ctx)
	if err != nil {
		return z, err
	}
	was := orbit.ShippingZone{}
	for _, other := range zones {
		if other.ID == z.ID {
			was = other
		} else {
			z.Position = max(z.Position, other.Position+1)
		}
	}
	now, fresh := pg.Stamp(), was.ID.IsZero()
	switch {
	case fresh && z.Version != 0:
		return z, pg.NoRow()
	case fresh && len(zones) >= orbit.MaxShippingZones:
		return z, orbit.Errorf(orbit.Conflict, "A shop can have at most %d shipping zones.", orbit.MaxShippingZones)
	case !fresh && z.Version != 0 && z.Version != was.Version:
		return was, ErrStale
	case !fresh:
		z.Position = was.Position
	}
	z.MerchantID, z.Version, z.CreatedAt, z.UpdatedAt = e.merchant, was.Version+1, was.CreatedAt, now
	if fresh {
		z.CreatedAt = now
	}
	if z, err = z.Check(zones); err != nil {
		return z, err
	}
	b := e.db.Batch()
	if fresh {
		b.Insert("shipping_zones", z)
	} else {
		b.Exec(`UPDATE shipping_zones SET name = $2, countries = $3::text[], regions = $4::text[], version = $5,
			updated_at = $6 WHERE id = $1`, z.ID, z.Name, z.Countries, z.Regions, z.Version, z.UpdatedAt)
	}
	z.Rates = keepRates(b, z, was, now)
	return z, e.commit(ctx, b, orbit.ActionShippingSaved, z.Name, nil)
}

// keepRates writes a zone's rates in the place of those that were there. A rate keeps its id where it was one of them.
func keepRates(b *pg.Batch, z, was orbit.ShippingZone, now time.Time) []orbit.ShippingRate {
	created := map[orbit.ShippingRateID]orbit.ShippingRate{}
	for _, r := range was.Rates {
		created[r.ID] = r
	}
	rates := []orbit.ShippingRate{}
	for _, r := range z.Rates {
		old, kept := created[r.ID]
		delete(created, r.ID) // of two with one id, the second is another
		r.CreatedAt, r.UpdatedAt = old.CreatedAt, old.UpdatedAt
		if !kept {
			r.ID, r.CreatedAt = orbit.NewID[orbit.ShippingRate](), now
		}
		if r != old {
			r.UpdatedAt = now
		}
		rates = append(rates, r)
	}
	b.Exec(`DELETE FROM shipping_rates WHERE zone_id = $1`, z.ID)
	b.Insert("shipping_rates", rates)
	return rates
}

// DeleteShippingZone deletes a zone with its rates: what falls into it isn't shipped to any longer, unless the rest of
// the world is. Orders keep what they were sent with.
func (e *Edit) DeleteShippingZone(ctx context.Context, id orbit.ShippingZoneID) error {
	z, err := e.ShippingZone(ctx, id)
	if err != nil {
		return err
	}
	b := e.db.Batch()
	b.Exec(`DELETE FROM shipping_zones WHERE id = $1`, id)
	return e.commit(ctx, b, orbit.ActionShippingDeleted, z.Name, nil)
}
