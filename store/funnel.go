package store

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// funnelMerchants bounds how many merchants a funnel looks at: the newest ones.
const funnelMerchants = 10_000

// Funnel says how far the merchants have come that were activated since a moment and are active. It reads across shops
// what each of their edits has kept of the onboarding, in one round trip, and nothing else of them.
func (db *DB) Funnel(ctx context.Context, since time.Time) (orbit.Funnel, error) {
	const of = `WITH m AS (SELECT id, activated_at, live_at FROM merchants WHERE status = 'active'
			AND activated_at >= $1 ORDER BY activated_at DESC LIMIT $2),
		r AS (SELECT m.id, m.live_at, greatest(m.activated_at, max(o.reached_at)) AS since,
			coalesce(array_agg(o.part::text) FILTER (WHERE o.reached_at IS NOT NULL), '{}') AS reached,
			coalesce(array_agg(o.part::text) FILTER (WHERE o.skipped_at IS NOT NULL), '{}') AS skipped
			FROM m LEFT JOIN onboarding o ON o.merchant_id = m.id GROUP BY m.id, m.live_at, m.activated_at)`
	parts := orbit.OnboardingParts().Values()
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = string(p)
	}
	q := pg.NewReader(db)
	q.Exec(`SELECT set_config('orbit.funnel', 'on', true)`)
	all := pg.Ask[struct{ Merchants, Live, Complete int }](q, of+` SELECT count(*) AS merchants, count(live_at) AS live,
		count(*) FILTER (WHERE reached @> $3::text[]) AS complete FROM r`, since, funnelMerchants, names)
	steps := pg.Ask[[]struct {
		Part                      orbit.OnboardingPart
		Reached, Skipped, Waiting int
		Median, Longest           float64 // seconds
	}](q, of+`, p AS (SELECT part, place FROM unnest($3::text[]) WITH ORDINALITY u(part, place)),
		w AS (SELECT r.*, (SELECT p.part FROM p WHERE p.part <> ALL (r.reached) ORDER BY p.place LIMIT 1) AS at,
			extract(epoch FROM now() - r.since)::float8 AS age FROM r)
		SELECT p.part, count(w.id) FILTER (WHERE p.part = ANY (w.reached)) AS reached,
			count(w.id) FILTER (WHERE p.part = ANY (w.reached) AND p.part = ANY (w.skipped)) AS skipped,
			count(w.id) FILTER (WHERE w.at = p.part) AS waiting,
			coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY w.age) FILTER (WHERE w.at = p.part), 0) AS median,
			coalesce(max(w.age) FILTER (WHERE w.at = p.part), 0) AS longest
		FROM p LEFT JOIN w ON true GROUP BY p.part, p.place ORDER BY p.place`, since, funnelMerchants, names)
	err := q.Read(ctx)
	f := orbit.Funnel{Since: since, Merchants: all.Value.Merchants, Live: all.Value.Live, Complete: all.Value.Complete}
	for _, s := range steps.Value {
		f.Steps = append(f.Steps, orbit.FunnelStep{Part: s.Part, Reached: s.Reached, Skipped: s.Skipped,
			Waiting: s.Waiting, Median: seconds(s.Median), Longest: seconds(s.Longest)})
	}
	return f, err
}
