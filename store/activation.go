package store

import (
	"context"
	"errors"
	"slices"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// QueueProvision is the queue of runs.
const QueueProvision = "provision"

// ProvisionArgs is the durable job that works one run, forward or back.
type ProvisionArgs struct {
	RunID orbit.RunID `json:"runId"`
}

// Kind names the job in river's table.
func (ProvisionArgs) Kind() string { return "provision" }

// InsertOpts keeps provisioning apart from everything else.
func (ProvisionArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueProvision, MaxAttempts: pg.JobAttempts}
}

// Activate accepts an activation: it claims the addresses, writes the run with its seven steps, turns the merchant to
// activating and enqueues the job, all or nothing, in one round trip. Faults: NotFound for an unknown merchant,
// Conflict where it isn't pending or an address is taken, Invalid for what is malformed and for a theme or plan that
// isn't available; each with all that CheckActivation finds.
func (db *DB) Activate(ctx context.Context, id orbit.MerchantID, a orbit.Activation, baseDomain string,
	who orbit.Actor) (orbit.RunID, error) {
	checked, err := a.Check(baseDomain)
	if err != nil {
		_, _, err = db.CheckActivation(ctx, id, a, baseDomain)
		return orbit.RunID{}, err
	}
	run := orbit.NewID[orbit.Run]()
	for range 3 {
		err := db.newRun(run, id, checked, baseDomain, who).Run(ctx, db)
		if err == nil {
			return run, nil
		}
		if !errors.Is(err, pg.ErrRefused) && pg.ConstraintOf(err) != "domains_host_key" {
			return orbit.RunID{}, err
		}
		if err := db.refusal(ctx, id, checked, baseDomain); err != nil {
			return orbit.RunID{}, err
		}
		// What stood in the way a moment ago is gone.
	}
	return orbit.RunID{}, orbit.Errorf(orbit.Conflict,
		"This merchant, theme or plan is being changed right now. Try again.")
}

// newRun is all that an activation writes. The merchant's row comes first: two admins, one answer.
func (db *DB) newRun(run orbit.RunID, id orbit.MerchantID, a orbit.Activation, baseDomain string,
	who orbit.Actor) *pg.Batch {
	b := db.Batch()
	b.Job(ProvisionArgs{RunID: run})
	b.Exec(`INSERT INTO merchant_provisionings (id, merchant_id, status, current_step, theme_id, plan_id, subdomain,
	custom_domain, category, integrations, go_live, requested_by, job_id)
		SELECT $1::uuid, $2::uuid, 'PENDING', $3, theme, plan, $6, nullif($7, ''), $8, $9::jsonb, $10, $11::uuid,
		`+pg.LastJob+`
		FROM orbit_accept($2::uuid, $4, $5)`,
		run, id, string(orbit.StepConfiguration), a.Theme, a.Plan, a.Subdomain, a.CustomDomain, string(a.Category),
		a.Integrations, a.GoLive, who.ID)
	b.Exec(`INSERT INTO domains (id, host, merchant_id, kind, verified_at) VALUES ($1, $2, $3, 'platform', now())`,
		orbit.NewID[orbit.Domain](), a.Subdomain+"."+baseDomain, id)
	if a.CustomDomain != "" {
		b.Exec(`INSERT INTO domains (id, host, merchant_id, kind) VALUES ($1, $2, $3, 'custom')`,
			orbit.NewID[orbit.Domain](), a.CustomDomain, id)
	}
	var keys []string
	for _, d := range orbit.StepDefinitions() {
		keys = append(keys, string(d.Key))
	}
	b.Exec(`INSERT INTO provisioning_steps (run_id, key, position) SELECT $1, key, place - 1
		FROM unnest($2::text[]) WITH ORDINALITY AS step(key, place)`, run, keys)
	details := orbit.Details{"run": run.String(), "theme": a.Theme, "plan": a.Plan}
	if like := orbit.LooksLike(a.Subdomain); like != "" {
		details["confirmed although it looks like"] = like
	}
	b.Audit(who, orbit.ActionMerchantActivation, id, a.Subdomain, details)
	b.NotifyRun(run, id)
	return b
}

// refusal finds the words for what the database refused, nil where nothing stands in the way any longer.
func (db *DB) refusal(ctx context.Context, id orbit.MerchantID, a orbit.Activation, baseDomain string) error {
	m, err := db.Merchant(ctx, id)
	if err != nil {
		return err
	}
	if err := m.Activatable(); err != nil {
		return err
	}
	_, taken, err := db.CheckActivation(ctx, id, a, baseDomain)
	switch {
	case err != nil:
		return err
	case len(taken) > 0:
		return orbit.Errorf(orbit.Conflict, "%s", taken[0].Message).With(taken...)
	}
	return nil
}

// CheckActivation checks an activation as it is given and finds all that stands against it at this moment, the
// merchant's status aside: what is malformed, a theme or plan that isn't available, and, returned apart where nothing
// else is wrong, addresses that another shop has.
func (db *DB) CheckActivation(ctx context.Context, id orbit.MerchantID, a orbit.Activation,
	baseDomain string) (checked orbit.Activation, taken orbit.Faults, err error) {
	checked, err = a.Check(baseDomain)
	wrong := orbit.FaultsOf(err)
	if err != nil && len(wrong) == 0 {
		return checked, nil, err
	}
	choices, taken, err := db.obstacles(ctx, id, checked, baseDomain)
	if err != nil {
		return checked, nil, err
	}
	// What is malformed isn't looked for.
	malformed := func(f orbit.Fault) bool { return wrong.On(f.Field) }
	choices, taken = slices.DeleteFunc(choices, malformed), slices.DeleteFunc(taken, malformed)
	if len(wrong) > 0 || len(choices) > 0 {
		return checked, nil, slices.Concat(wrong, choices, taken).Err()
	}
	return checked, taken, nil
}

// obstacles returns the choices of a checked activation that aren't available, and its addresses that are taken.
func (db *DB) obstacles(ctx context.Context, id orbit.MerchantID, a orbit.Activation,
	baseDomain string) (choices, taken orbit.Faults, err error) {
	is, err := pg.One[struct{ Theme, Plan, Subdomain, Domain bool }](ctx, db, `SELECT
			EXISTS (SELECT FROM themes WHERE (slug = $2 OR id::text = $2) AND active) AS theme,
			EXISTS (SELECT FROM plans WHERE (slug = $3 OR id::text = $3) AND active) AS plan,
			EXISTS (SELECT FROM domains WHERE host = $4 AND merchant_id <> $1) AS subdomain,
			EXISTS (SELECT FROM domains WHERE host = $5 AND merchant_id <> $1) AS domain`,
		id, a.Theme, a.Plan, a.Subdomain+"."+baseDomain, a.CustomDomain)
	if err != nil {
		return nil, nil, err
	}
	if !is.Theme {
		choices.Add("theme", a.Theme, "%s", orbit.NotAvailable("theme"))
	}
	if !is.Plan {
		choices.Add("plan", a.Plan, "%s", orbit.NotAvailable("plan"))
	}
	if is.Subdomain {
		taken.Add("subdomain", a.Subdomain, orbit.AddressTaken)
	}
	if is.Domain {
		taken.Add("customDomain", a.CustomDomain, orbit.AddressTaken)
	}
	return choices, taken, nil
}
