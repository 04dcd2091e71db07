package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Onboarding reads how far the shop is.
func (r *Reader) Onboarding() *pg.Result[orbit.Onboarding] {
	facts := pg.Ask[orbit.OnboardingFacts](r.Reader, onboardingFacts(r.DB))
	return pg.As(r.Reader, facts, orbit.OnboardingFacts.Progress)
}

func onboardingFacts(db *pg.DB) string {
	return `SELECT ` + db.Columns("s", "s__", orbit.ShopSettings{}) + `,
		(SELECT count(*) FROM (SELECT FROM products WHERE status = 'active' AND NOT sample LIMIT 1) p) AS products,
		EXISTS (SELECT FROM payment_methods WHERE enabled) AS payment,
		EXISTS (SELECT FROM payment_methods WHERE enabled AND NOT sample) AS own_payment,
		EXISTS (SELECT FROM releases WHERE source = 'branding') AS branded,
		EXISTS (SELECT FROM releases WHERE source = 'theme') AS customized,
		coalesce((SELECT jsonb_agg(jsonb_build_object('part', part, 'reason', reason)) FROM onboarding
			WHERE skipped_at IS NOT NULL), '[]') AS skips
		FROM settings s`
}

// Onboarding says how far the shop is.
func (t *Tenant) Onboarding(ctx context.Context) (orbit.Onboarding, error) {
	q := t.Reader()
	progress := q.Onboarding()
	err := q.Read(ctx)
	return progress.Value, err
}

// Skip skips a part of the onboarding for a reason, or keeps another reason for it. Invalid without one, Conflict for a
// part that can't be skipped.
func (e *Edit) Skip(ctx context.Context, part orbit.OnboardingPart, reason string) error {
	reason, err := orbit.CheckReason(reason)
	if err != nil {
		return err
	}
	progress, err := e.Onboarding(ctx)
	if err != nil {
		return err
	}
	step := progress.Step(part)
	switch {
	case step.Part == "":
		return orbit.Missing()
	case step.Done:
		return nil
	case !step.MaySkip:
		return orbit.Errorf(orbit.Conflict, "%s can't be skipped: a shop can't open without it.", part.Name())
	}
	b := e.db.Batch()
	b.Exec(`INSERT INTO onboarding (merchant_id, part, reason, skipped_at) VALUES ($1, $2, $3, now())
		ON CONFLICT (merchant_id, part) DO UPDATE SET reason = excluded.reason, skipped_at = excluded.skipped_at`,
		e.merchant, string(part), reason)
	b.Notify(pg.MerchantChannel, e.merchant.String())
	return e.commit(ctx, b, orbit.ActionPartSkipped, part.Name(), orbit.Details{"reason": reason})
}

// Resume ends the skip of a part.
func (e *Edit) Resume(ctx context.Context, part orbit.OnboardingPart) error {
	n, err := pg.Exec(ctx, e, `UPDATE onboarding SET reason = '', skipped_at = NULL
		WHERE part = $1 AND skipped_at IS NOT NULL`, string(part))
	if err != nil || n == 0 {
		return err
	}
	b := e.db.Batch()
	b.Notify(pg.MerchantChannel, e.merchant.String())
	return e.commit(ctx, b, orbit.ActionPartResumed, part.Name(), nil)
}

// reach keeps when each part of the onboarding was first done or skipped, for those who look at all shops: in the
// transaction of the edit that did it.
func (e *Edit) reach(ctx context.Context) error {
	q := e.Reader()
	progress := q.Onboarding()
	reached := pg.Ask[[]struct{ Part orbit.OnboardingPart }](q.Reader,
		`SELECT part FROM onboarding WHERE reached_at IS NOT NULL`)
	if err := q.Read(ctx); err != nil {
		return err
	}
	was := map[orbit.OnboardingPart]bool{}
	for _, r := range reached.Value {
		was[r.Part] = true
	}
	b := e.db.Batch()
	changed := false
	for _, step := range progress.Value.Steps {
		is := step.Done || step.Skipped
		switch {
		case is && !was[step.Part]:
			b.Exec(`INSERT INTO onboarding (merchant_id, part, reached_at) VALUES ($1, $2, now())
				ON CONFLICT (merchant_id, part) DO UPDATE SET reached_at = excluded.reached_at`, e.merchant, string(step.Part))
		case !is && was[step.Part]:
			b.Exec(`UPDATE onboarding SET reached_at = NULL WHERE part = $1`, string(step.Part))
		default:
			continue
		}
		changed = true
	}
	if !changed {
		return nil
	}
	return b.Run(ctx, e)
}

// ProductTally is how many products a shop has of its own, and how many it began with that nobody has edited.
type ProductTally struct{ Own, Samples int }

// ProductTally reads how many products the shop has.
func (r *Reader) ProductTally() *pg.Result[ProductTally] {
	return pg.Ask[ProductTally](r.Reader, `SELECT count(*) FILTER (WHERE NOT sample) AS own,
		count(*) FILTER (WHERE sample) AS samples FROM products`)
}

// OwnProducts reads the n newest products that aren't samples, without their variants.
func (r *Reader) OwnProducts(n int) *pg.Result[[]orbit.Product] {
	return pg.Ask[[]orbit.Product](r.Reader, `SELECT `+r.DB.Columns("p", "", orbit.Product{})+` FROM products p
		WHERE NOT sample ORDER BY created_at DESC, id LIMIT $1`, n)
}

// DeleteSamples deletes the products that the shop began with and nobody has edited. Orders keep what was bought.
func (e *Edit) DeleteSamples(ctx context.Context) (n int, err error) {
	if n, err = pg.Exec(ctx, e, `DELETE FROM products WHERE sample`); err != nil || n == 0 {
		return n, err
	}
	return n, e.commit(ctx, e.db.Batch(), orbit.ActionSamplesDeleted, e.Merchant.Name, orbit.Details{"products": n})
}

// SetBrand keeps the shop's brand as it is being made: nothing of it is public. A zero logo is none.
func (e *Edit) SetBrand(ctx context.Context, logo orbit.MediaID, brand orbit.Brand) error {
	brand, err := brand.Check()
	if err != nil {
		return err
	}
	n, err := pg.Exec(ctx, e, `UPDATE settings SET logo_id = $1, brand = $2, version = version + 1, updated_at = now()
		WHERE (logo_id, brand) IS DISTINCT FROM ($1::uuid, $2::jsonb)`, logo, brand)
	if err != nil || n == 0 {
		return err
	}
	return e.commit(ctx, e.db.Batch(), orbit.ActionBrandChanged, e.Merchant.Name, nil)
}
