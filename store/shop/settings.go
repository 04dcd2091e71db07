package shop

import (
	"context"

	"orbit360.app/orbit"
)

// Settings reads the shop's own settings.
func (r *Reader) Settings(s *orbit.ShopSettings) {
	r.Ask(s, `SELECT `+r.DB.Columns("s", "", *s)+` FROM settings s`)
}

// Settings returns the shop's own settings.
func (t *Tenant) Settings(ctx context.Context) (s orbit.ShopSettings, err error) {
	return s, t.Read(ctx, func(r *Reader) { r.Settings(&s) })
}
