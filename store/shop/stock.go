package shop

import (
	"context"
	"encoding/json"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// takeStock takes what lines were bought from the stock, as much as there is of each, and returns how many units there
// were too few, and what ran low. Variants are locked in one order, so that two orders never wait for each other in a
// circle.
func (t *Tenant) takeStock(ctx context.Context, lines []orbit.OrderLine, units func(orbit.OrderLine) int) (
	short int, low []orbit.ShopEvent, err error,
) {
	return t.moveStock(ctx, unitsOf(lines, func(l orbit.OrderLine) int { return -units(l) }))
}

// units is all of a line.
func units(l orbit.OrderLine) int { return l.Quantity }

// giveStock puts units back. Of a variant that is gone there is nothing to put back.
func (t *Tenant) giveStock(ctx context.Context, lines []orbit.OrderLine, units func(orbit.OrderLine) int) error {
	_, _, err := t.moveStock(ctx, unitsOf(lines, units))
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

func (t *Tenant) moveStock(ctx context.Context, moves []stockMove) (short int, low []orbit.ShopEvent, err error) {
	if len(moves) == 0 {
		return 0, nil, nil
	}
	data, err := json.Marshal(moves)
	if err != nil {
		return 0, nil, err
	}
	moved, err := pg.All[struct {
		ID        orbit.VariantID
		ProductID orbit.ProductID
		Before    int
		Stock     int
		Units     int
	}](ctx, t, `WITH move AS (SELECT m.id, sum(m.units)::integer AS units
			FROM jsonb_to_recordset($1) m(id uuid, units integer) GROUP BY m.id),
		held AS (SELECT v.id, v.stock, m.units FROM variants v JOIN move m ON m.id = v.id
			WHERE v.merchant_id = $2 ORDER BY v.id FOR UPDATE OF v)
		UPDATE variants v SET stock = greatest(h.stock + h.units, 0) FROM held h
		WHERE v.merchant_id = $2 AND v.id = h.id
		RETURNING v.id, v.product_id, h.stock AS before, v.stock, h.units`, string(data), t.merchant)
	if err != nil {
		return 0, nil, err
	}
	for _, m := range moves {
		if m.Units < 0 {
			short -= m.Units
		}
	}
	for _, v := range moved {
		if v.Units < 0 {
			short -= v.Before - v.Stock
		}
		if orbit.RunsLow(v.Before, v.Stock) {
			low = append(low, orbit.InventoryEvent(v.ProductID, v.ID, v.Stock))
		}
	}
	return short, low, nil
}
