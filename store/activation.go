package store

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
)

// Queues of the durable jobs.
const (
	QueueProvision = "provision"
	QueueMail      = "mail"
)

// jobAttempts is high because a crash consumes an attempt of river's, and real failures are counted
// in our own rows.
const jobAttempts = 10000

// ProvisionArgs is the durable job that works one run, forward or back.
type ProvisionArgs struct {
	RunID orbit.RunID `json:"runId"`
}

// Kind names the job in river's table.
func (ProvisionArgs) Kind() string { return "provision" }

// InsertOpts keeps provisioning apart from everything else.
func (ProvisionArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueProvision, MaxAttempts: jobAttempts}
}

// Activate accepts an activation: it claims the addresses, writes the run with its seven steps, turns
// the merchant to activating and enqueues the job, all or nothing. a must have passed Check. Faults:
// NotFound for an unknown merchant, Conflict where it isn't pending or an address is taken, Invalid
// for a theme or plan that doesn't exist or isn't on offer.
func (db *DB) Activate(ctx context.Context, id orbit.MerchantID, a orbit.Activation, baseDomain string, who Actor) (orbit.RunID, error) {
	run := orbit.Run{ID: orbit.NewID[orbit.Run](), MerchantID: id, Status: orbit.RunPending, CurrentStep: orbit.StepConfiguration,
		Subdomain: a.Subdomain, CustomDomain: a.CustomDomain, Category: a.Category, Integrations: a.Integrations, GoLive: a.GoLive,
		ErrorLog: []orbit.RunError{}, RequestedBy: who.ID}
	err := db.inTx(ctx, func(t tx) error {
		if err := t.checkActivation(ctx, id, a, &run); err != nil {
			return err
		}
		job, err := db.jobs.InsertTx(ctx, t.pgx, ProvisionArgs{RunID: run.ID}, nil)
		if err != nil {
			return err
		}
		run.JobID = job.Job.ID
		run.CreatedAt = time.Now().UTC()
		run.UpdatedAt = run.CreatedAt
		return db.writeRun(&run, a, baseDomain, who).run(ctx, t.pgx)
	})
	return run.ID, namedTaken(err, a)
}

// checkActivation locks the merchant and resolves theme and plan within the transaction, so that one
// switched off a moment ago is refused.
func (t tx) checkActivation(ctx context.Context, id orbit.MerchantID, a orbit.Activation, run *orbit.Run) error {
	var status orbit.MerchantStatus
	var theme, plan *string
	var themeActive, planActive bool
	err := t.pgx.QueryRow(ctx, `SELECT m.status, th.id::text, coalesce(th.active, false), pl.id::text, coalesce(pl.active, false)
		FROM merchants m
		LEFT JOIN themes th ON th.slug = $2 OR th.id::text = $2
		LEFT JOIN plans pl ON pl.slug = $3 OR pl.id::text = $3
		WHERE m.id = $1 FOR UPDATE OF m`, id.String(), a.Theme, a.Plan).Scan(&status, &theme, &themeActive, &plan, &planActive)
	if err != nil {
		return err
	}
	if err := (orbit.Merchant{Status: status}).Activatable(); err != nil {
		return err
	}
	var faults error
	if fault := notOnOffer(theme, themeActive); fault != "" {
		faults = orbit.WithFault(faults, "theme", a.Theme, fault)
	} else if run.ThemeID, err = orbit.ParseID[orbit.Theme](*theme); err != nil {
		return err
	}
	if fault := notOnOffer(plan, planActive); fault != "" {
		faults = orbit.WithFault(faults, "plan", a.Plan, fault)
	} else if run.PlanID, err = orbit.ParseID[orbit.Plan](*plan); err != nil {
		return err
	}
	return faults
}

// notOnOffer says why a theme or plan can't be chosen, "" where it can.
func notOnOffer(id *string, active bool) string {
	switch {
	case id == nil:
		return "There is no such choice."
	case !active:
		return "This isn't on offer any more."
	}
	return ""
}

func (db *DB) writeRun(run *orbit.Run, a orbit.Activation, baseDomain string, who Actor) *batch {
	b := db.batch()
	domains := []orbit.Domain{{ID: orbit.NewID[orbit.Domain](), Host: a.Subdomain + "." + baseDomain, MerchantID: run.MerchantID,
		Kind: orbit.DomainPlatform, VerifiedAt: run.CreatedAt, CreatedAt: run.CreatedAt}}
	if a.CustomDomain != "" {
		domains = append(domains, orbit.Domain{ID: orbit.NewID[orbit.Domain](), Host: a.CustomDomain, MerchantID: run.MerchantID,
			Kind: orbit.DomainCustom, CreatedAt: run.CreatedAt})
	}
	b.insert("domains", domains)
	b.insert("merchant_provisionings", run)
	var steps []orbit.Step
	for i, d := range orbit.StepDefinitions() {
		steps = append(steps, orbit.Step{RunID: run.ID, Key: d.Key, Position: i, Status: orbit.StepPending})
	}
	b.insert("provisioning_steps", steps)
	b.exec(`UPDATE merchants SET status = 'activating', updated_at = now() WHERE id = $1`, run.MerchantID)
	b.audit(who, "merchant.activation", run.MerchantID, a.Subdomain, Details{"run": run.ID.String(), "theme": a.Theme, "plan": a.Plan})
	b.notifyRun(run.ID, run.MerchantID)
	return b
}

// namedTaken puts a unique index's refusal on the field it is about.
func namedTaken(err error, a orbit.Activation) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*orbit.Error](err)
	if !ok || e.Code != orbit.Conflict || constraintOf(err) != "domains_host_key" {
		return err
	}
	// The detail of 23505 names the value; which of the two hosts it was decides the field.
	field, value := "subdomain", a.Subdomain
	if a.CustomDomain != "" && hostInDetail(err) == a.CustomDomain {
		field, value = "customDomain", a.CustomDomain
	}
	return &orbit.Error{Code: orbit.Conflict, Message: e.Message, Err: e.Err, Faults: []orbit.Fault{{Field: field, Value: value, Message: e.Message}}}
}
