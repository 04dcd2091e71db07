package shop

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// ShopSheet returns the shop with all that is said of it in one place.
func (t *Tenant) ShopSheet(ctx context.Context) (s orbit.ShopSheet, err error) {
	q := t.Reader()
	row := pg.Ask[struct {
		Merchant orbit.Merchant `bun:"embed:m__"`
		Theme    orbit.Theme    `bun:"embed:t__"`
		Plan     orbit.Plan     `bun:"embed:p__"`
		Primary  string
	}](q.Reader, `SELECT `+t.db.Columns("m", "m__", orbit.Merchant{})+`, `+t.db.Columns("t", "t__", orbit.Theme{})+`, `+
		t.db.Columns("p", "p__", orbit.Plan{})+`,
			coalesce((SELECT host FROM domains d WHERE d.merchant_id = m.id AND d.verified_at IS NOT NULL
				ORDER BY d.kind = 'custom' DESC, d.id LIMIT 1), '') AS primary
		FROM merchants m LEFT JOIN themes t ON t.id = m.theme_id LEFT JOIN plans p ON p.id = m.plan_id WHERE m.id = $1`,
		t.merchant)
	settings, usage, onboarding := q.Settings(), q.Usage(time.Now()), q.Onboarding()
	err = q.Read(ctx)
	return orbit.ShopSheet{Merchant: row.Value.Merchant, Theme: row.Value.Theme, Plan: row.Value.Plan,
		Primary: row.Value.Primary, Settings: settings.Value, Usage: usage.Value, Onboarding: onboarding.Value}, err
}
