package store

import (
	"context"
	"errors"

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

// Activate accepts an activation: it claims the addresses, writes the run with its seven steps, turns
// the merchant to activating and enqueues the job, all or nothing, in one round trip. a must have passed Check. Faults:
// NotFound for an unknown merchant, Conflict where it isn't pending or an address is taken, Invalid
// for a theme or plan that doesn't exist or isn't on offer.
func (db *DB) Activate(ctx context.Context, id orbit.MerchantID, a orbit.Activation, baseDomain string,
	who orbit.Actor) (orbit.RunID, error) {
	run := orbit.NewID[orbit.Run]()
	for range 3 {
		err := db.Commit(ctx, db.newRun(run, id, a, baseDomain, who))
		if err == nil {
			return run, nil
		}
		if !errors.Is(err, pg.ErrRefused) {
			return orbit.RunID{}, namedTaken(err, a)
		}
		if err := db.whyRefused(ctx, id, a); err != nil {
			return orbit.RunID{}, err
		}
		// What stood in the way a moment ago is gone.
	}
	return orbit.RunID{}, orbit.Errorf(orbit.Conflict,
		"This merchant, theme or plan is being changed just now. Try again.")
}

// newRun is all that an activation writes. The merchant's row comes first: two admins, one answer.
func (db *DB) newRun(run orbit.RunID, id orbit.MerchantID, a orbit.Activation, baseDomain string, who orbit.Actor) *pg.Batch {
	b := db.Batch()
	b.Job(ProvisionArgs{RunID: run})
	b.Exec(`INSERT INTO merchant_provisionings (id, merchant_id, status, current_step, theme_id, plan_id, subdomain,
	custom_domain, category, integrations, go_live, requested_by, job_id)
		SELECT $1::uuid, $2::uuid, 'PENDING', $3, theme, plan, $6, nullif($7, ''), $8, $9::jsonb, $10, $11::uuid, `+pg.LastJob+`
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

// whyRefused finds the words for what orbit_accept refused, nil where nothing stands in the way any more.
func (db *DB) whyRefused(ctx context.Context, id orbit.MerchantID, a orbit.Activation) error {
	var status orbit.MerchantStatus
	var theme, plan *bool
	err := db.Pool().QueryRow(ctx, `SELECT status, (SELECT active FROM themes WHERE slug = $2
	OR id::text = $2), (SELECT active FROM plans WHERE slug = $3 OR id::text = $3)
		FROM merchants WHERE id = $1`, id.String(), a.Theme, a.Plan).Scan(&status, &theme, &plan)
	if err != nil {
		return pg.MapError(err)
	}
	if err := (orbit.Merchant{Status: status}).Activatable(); err != nil {
		return err
	}
	var faults error
	if fault := notOnOffer(theme); fault != "" {
		faults = orbit.WithFault(faults, "theme", a.Theme, fault)
	}
	if fault := notOnOffer(plan); fault != "" {
		faults = orbit.WithFault(faults, "plan", a.Plan, fault)
	}
	return faults
}

// notOnOffer says why a theme or plan can't be chosen, "" where it can. active is nil where there is none.
func notOnOffer(active *bool) string {
	switch {
	case active == nil:
		return "There is no such choice."
	case !*active:
		return "This isn't on offer any more."
	}
	return ""
}

// namedTaken puts a unique index's refusal on the field it is about.
func namedTaken(err error, a orbit.Activation) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*orbit.Error](err)
	if !ok || e.Code != orbit.Conflict || pg.ConstraintOf(err) != "domains_host_key" {
		return err
	}
	// The detail of 23505 names the value; which of the two hosts it was decides the field.
	field, value := "subdomain", a.Subdomain
	if a.CustomDomain != "" && pg.HostInDetail(err) == a.CustomDomain {
		field, value = "customDomain", a.CustomDomain
	}
	return &orbit.Error{Code: orbit.Conflict, Message: e.Message, Err: e.Err,
		Faults: []orbit.Fault{{Field: field, Value: value, Message: e.Message}}}
}
