package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// ErrSuspended is what shoppers read of a suspended shop: nothing of the shop, nor of the reason.
var ErrSuspended = orbit.Errorf(orbit.NotFound, "This shop is closed for now. Please come back later.")

// ByHost finds the shop that answers at a normalized host: a verified domain of a merchant that has a release and isn't
// suspended. ErrSuspended for one that is, NotFound for every other host.
func ByHost(ctx context.Context, db Database, host string) (orbit.Shop, error) {
	r := &Reader{pg.NewReader(db.Engine())}
	// All is read within the scope of the merchant who has the host; of nobody's, there is nothing to be seen.
	r.Exec(`SELECT set_config('orbit.merchant_id', coalesce((SELECT merchant_id::text FROM domains WHERE host = $1
		AND verified_at IS NOT NULL), ''), true)`, host)
	found := pg.Ask[orbit.Shop](r.Reader, `SELECT dom.host, coalesce((SELECT host FROM domains c
			WHERE c.merchant_id = m.id AND c.kind = 'custom' AND c.verified_at IS NOT NULL LIMIT 1), dom.host) AS primary, `+
		r.DB.Columns("m", "m__", orbit.Merchant{})+`, `+r.DB.Columns("r", "r__", orbit.Release{})+`
		FROM domains dom
		JOIN merchants m ON m.id = dom.merchant_id
		JOIN releases r ON r.merchant_id = m.id AND r.id = m.release_id
		WHERE dom.host = $1 AND dom.verified_at IS NOT NULL`, host)
	settings, menus, collections := r.Settings(), r.menus(), r.collections()
	err := r.Read(ctx)
	s := found.Value
	s.Settings, s.Menus, s.Collections = settings.Value, menus.Value, collections.Value
	if err == nil && s.Merchant.ID.IsZero() {
		err = pg.NoRow()
	}
	if err == nil && s.Merchant.Status == orbit.MerchantSuspended {
		return orbit.Shop{}, ErrSuspended
	}
	return s, err
}
