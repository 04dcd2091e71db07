package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// redirect has one address of the shop lead to another for good. Those that led to the first lead on to the second, and
// the second leads nowhere: there is something now.
func (e *Edit) redirect(ctx context.Context, b *pg.Batch, from, to string) error {
	has, err := pg.One[int](ctx, e, `SELECT count(*) FROM redirects WHERE from_path <> $1`, from)
	if err != nil {
		return err
	}
	if has >= orbit.MaxRedirects {
		return orbit.Errorf(orbit.Conflict, "Your shop has %d redirects, as many as it can have. Delete some that nobody "+
			"follows any longer.", orbit.MaxRedirects)
	}
	b.Exec(`DELETE FROM redirects WHERE from_path = $1`, to)
	b.Exec(`UPDATE redirects SET to_path = $2, version = version + 1, updated_at = now() WHERE to_path = $1`, from, to)
	b.Exec(`INSERT INTO redirects (merchant_id, id, from_path, to_path) VALUES ($1, $2, $3, $4)
		ON CONFLICT (merchant_id, from_path) DO UPDATE SET to_path = excluded.to_path, version = redirects.version + 1,
		updated_at = now()`, e.merchant, orbit.NewID[orbit.Redirect](), from, to)
	return nil
}

// Redirect reads where an address of the shop leads, "" where it leads nowhere else.
func (r *Reader) Redirect(path string) *pg.Result[string] {
	type row struct{ ToPath string }
	rows := pg.Ask[[]row](r.Reader, `SELECT to_path FROM redirects WHERE from_path = $1`, path)
	return pg.As(r.Reader, rows, func(rows []row) string { return pg.First(rows).ToPath })
}
