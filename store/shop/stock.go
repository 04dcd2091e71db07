package shop

import (
	"context"
	"encoding/json"
	"slices"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// takeStock takes what lines were bought from the stock, as much as there is of each. It notes with each line how many
// units there were too few, and returns the sum of these, and what ran low. Variants are locked in one order, so that
// two orders never wait for each other in a circle.
func (t *Tenant) takeStock(ctx context.Context, lines []orbit.OrderLine, units func(orbit.OrderLine) int) (
	short int, low []orbit.ShopEvent, err error,
) {
	moved, err := t.moveStock(ctx, unitsOf(lines, func(l orbit.OrderLine) int { return -units(l) }))
	if err != nil {
		return 0, nil, err
	}
	taken := map[orbit.VariantID]int{}
	for _, v := range moved {
		taken[v.ID] = v.Before - v.Stock
		if orbit.RunsLow(v.Before, v.Stock) {
			low = append(low, orbit.InventoryEvent(v.ProductID, v.ID, v.Stock))
		}
	}
	for i := range lines {
		l := &lines[i]
		if l.Short = 0; l.VariantID.IsZero() {
			continue
		}
		l.Short = max(0, units(*l)-taken[l.VariantID])
		taken[l.VariantID] = max(0, taken[l.VariantID]-units(*l))
		short += l.Short
	}
	return short, low, nil
}

// units is all of a line.
func units(l orbit.OrderLine) int { return l.Quantity }

// heldUnits is what of a line wasn't sent and was taken from the stock.
func heldUnits(l orbit.OrderLine) int { return l.Held(l.ToFulfill()) }

// giveStock puts units back. Of a variant that is gone there is nothing to put back.
func (t *Tenant) giveStock(ctx context.Context, lines []orbit.OrderLine, units func(orbit.OrderLine) int) error {
	_, err := t.moveStock(ctx, unitsOf(lines, units))
	return err
}

// stockMove is how much of a variant comes in, or goes out below zero.
type stockMove struct {
	ID    orbit.VariantID `json:"id"`
	Units int             `json:"units"`
}

func unitsOf(lines []orbit.OrderLine, units func(orbit.OrderLine) int) (moves []stockMove) {
	for _, l := range lines {
		if n := units(l); n != 0 && !l.VariantID.IsZero() {
			moves = append(moves, stockMove{l.VariantID, n})
		}
	}
	return moves
}

// movedStock is the stock of a variant, before and after.
type movedStock struct {
	ID            orbit.VariantID
	ProductID     orbit.ProductID
	Before, Stock int
}

func (t *Tenant) moveStock(ctx context.Context, moves []stockMove) ([]movedStock, error) {
	if len(moves) == 0 {
		return nil, nil
	}
	data, err := json.Marshal(moves)
	if err != nil {
		return nil, err
	}
	return pg.All[movedStock](ctx, t, `WITH move AS (SELECT m.id, sum(m.units)::integer AS units
			FROM jsonb_to_recordset($1) m(id uuid, units integer) GROUP BY m.id),
		held AS (SELECT v.id, v.stock, m.units FROM variants v JOIN move m ON m.id = v.id
			WHERE v.merchant_id = $2 ORDER BY v.id FOR UPDATE OF v)
		UPDATE variants v SET stock = greatest(h.stock + h.units, 0) FROM held h
		WHERE v.merchant_id = $2 AND v.id = h.id
		RETURNING v.id, v.product_id, h.stock AS before, v.stock`, string(data), t.merchant)
}

// forgetDeleted has lines name no variant that was deleted while its shopper was paying.
func (t *Tenant) forgetDeleted(ctx context.Context, lines []orbit.OrderLine) error {
	ids := make([]orbit.VariantID, len(lines))
	for i, l := range lines {
		ids[i] = l.VariantID
	}
	there, err := pg.All[orbit.VariantID](ctx, t, `SELECT id FROM variants WHERE id = ANY($1)
		ORDER BY id FOR KEY SHARE`, ids)
	for i := range lines {
		if !slices.Contains(there, lines[i].VariantID) {
			lines[i].VariantID = orbit.VariantID{}
		}
	}
	return err
}
