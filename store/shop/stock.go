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
	moved, err := t.moveStock(ctx, orbit.ReasonSold, lines, func(l orbit.OrderLine) int { return -units(l) })
	if err != nil {
		return 0, nil, err
	}
	taken := map[orbit.VariantID]int{}
	for _, v := range moved {
		taken[v.ID] = v.Taken
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
	_, err := t.moveStock(ctx, orbit.ReasonRestocked, lines, units)
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
	Taken         int // how many could be sold; of what isn't counted, and of what is sold on at nothing, all
}

// moveStock puts the units of an order's lines into the stock, or takes them where they are below zero. Nothing of a
// variant that isn't tracked is moved.
func (t *Tenant) moveStock(ctx context.Context, why orbit.InventoryReason, lines []orbit.OrderLine,
	units func(orbit.OrderLine) int) ([]movedStock, error) {
	moves := unitsOf(lines, units)
	if len(moves) == 0 {
		return nil, nil
	}
	data, err := json.Marshal(moves)
	if err != nil {
		return nil, err
	}
	return pg.All[movedStock](ctx, t, `WITH move AS (SELECT m.id, sum(m.units)::integer AS units
			FROM jsonb_to_recordset($1) m(id uuid, units integer) GROUP BY m.id),
		held AS (SELECT v.id, v.product_id, v.stock AS before, m.units, v.track_inventory, CASE
				WHEN NOT v.track_inventory THEN v.stock
				WHEN m.units < 0 AND NOT v.continue_selling THEN greatest(v.stock + m.units, least(v.stock, 0))
				ELSE greatest(least(v.stock + m.units, $4), -$4) END AS stock
			FROM variants v JOIN move m ON m.id = v.id WHERE v.merchant_id = $2 ORDER BY v.id FOR UPDATE OF v),
		moved AS (UPDATE variants v SET stock = h.stock FROM held h
			WHERE v.merchant_id = $2 AND v.id = h.id AND h.before <> h.stock
			AND set_config('orbit.inventory', $3, true) IS NOT NULL RETURNING v.id)
		SELECT id, product_id, before, stock, CASE WHEN track_inventory THEN before - stock ELSE -units END AS taken
		FROM held ORDER BY id`, string(data), t.merchant, inventory{Reason: why, Order: lines[0].OrderID}.setting(),
		orbit.MaxStock)
}

// inventory is what a change of quantities is for: migrations/0036 has the ledger say so.
type inventory struct {
	Reason orbit.InventoryReason `json:"reason"`
	Note   string                `json:"note,omitempty"`
	Who    string                `json:"who,omitempty"`
	Order  orbit.OrderID         `json:"order,omitzero"`
	Batch  string                `json:"batch,omitempty"` // of a form: what it changes, it changes once
}

func (i inventory) setting() string {
	data, _ := json.Marshal(i) // of strings: never fails
	return string(data)
}

// because has the changes of quantities that follow in a batch be for a reason.
func (e *Edit) because(b *pg.Batch, reason orbit.InventoryReason, note string) {
	b.Exec(`SELECT set_config('orbit.inventory', $1, true)`, inventory{Reason: reason, Note: note,
		Who: e.Actor.Name}.setting())
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
