package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
)

// Activation is the request to set a merchant up.
type Activation struct {
	Theme        string       `json:"theme,omitempty" doc:"ID or slug of an active theme. Required without themeId."`
	ThemeID      string       `json:"themeId,omitempty" doc:"Accepted in place of theme."`
	Plan         string       `json:"plan,omitempty" doc:"ID or slug of an active plan. Required without planId."`
	PlanID       string       `json:"planId,omitempty" doc:"Accepted in place of plan."`
	Subdomain    string       `json:"subdomain" minLength:"3" maxLength:"63"`
	Confirm      bool         `json:"confirmSubdomain,omitempty"`
	CustomDomain *string      `json:"customDomain,omitempty" nullable:"true" maxLength:"253" doc:"The merchant's domain."`
	Category     string       `json:"category" doc:"Line of business; decides the sample products."`
	Integrations Integrations `json:"integrations,omitempty" doc:"Integrations to set up; all off if left out."`
	GoLive       bool         `json:"goLive,omitempty"`
}

// Integrations holds the outside services of a shop.
type Integrations struct {
	MetaAds   bool `json:"metaAds,omitempty"`
	Stripe    bool `json:"stripe,omitempty"`
	PayPal    bool `json:"paypal,omitempty"`
	Analytics bool `json:"analytics,omitempty"`
}

// order is the activation in the words of the rules.
func (a Activation) order() orbit.Activation {
	o := orbit.Activation{Theme: a.Theme, Plan: a.Plan, Subdomain: a.Subdomain, Category: orbit.Category(a.Category),
		Integrations: orbit.Integrations(a.Integrations), GoLive: a.GoLive, ConfirmSubdomain: a.Confirm}
	if o.Theme == "" {
		o.Theme = a.ThemeID
	}
	if o.Plan == "" {
		o.Plan = a.PlanID
	}
	if a.CustomDomain != nil {
		o.CustomDomain = *a.CustomDomain
	}
	return o
}

type (
	activationInput struct {
		MerchantParams
		DryRun bool `query:"dryRun" doc:"true previews the result and changes nothing."`
		Body   content[Activation]
	}
	statusOutput   struct{ Body Status }
	acceptedOutput struct {
		Location string `header:"Location" doc:"URL of the created resource or its status."`
		Body     Status
	}
	// activatedOutput is a Status, or a Preview for a dry run.
	activatedOutput struct {
		Status   int
		Location string `header:"Location" doc:"URL of the created resource or its status."`
		Body     any
	}
	eventsOutput struct{ Body func(huma.Context) }
)

const provisioning = "/api/provisioning"

func (a *API) provisioningRoutes() {
	at := provisioning + "/merchants/{id}"
	register(a, operation{method: http.MethodPost, path: at + "/activate", id: "activateMerchant", tag: tagProvisioning,
		status: 202, errors: []int{409},
		summary: "Activate a merchant",
		about: "Starts the seven steps that set a merchant up. The response comes before they begin; poll the URL in " +
			"`Location` for the status. " +
			"409: the merchant is active or being set up already, or the subdomain or the domain is taken. 422: every other " +
			"fault, all at once.\n\n" +
			"With `?dryRun=true` the response is 200 with a preview: the steps, the addresses, the DNS records to create and " +
			"current conflicts. Nothing is written.",
		body: exampleActivation(), answer: exampleStatus(a, orbit.RunPending)}, a.activate)
	register(a, operation{method: http.MethodGet, path: at + "/provisioning-status", id: "getProvisioningStatus",
		tag: tagProvisioning, status: 200,
		summary: "Read a run's status",
		about: "The newest run of a merchant. One that was never activated is PENDING at 0 %, with seven pending steps " +
			"and no deployment.",
		answer: exampleStatus(a, orbit.RunCompleted)}, a.getStatus)
	register(a, operation{method: http.MethodGet, path: at + "/provisioning-events", id: "streamProvisioning",
		tag: tagProvisioning, status: 200, answerType: "text/event-stream",
		summary: "Follow a run",
		about: "Server-sent events (`curl -N`): `event: status` with the Status as `data`, once at the beginning and " +
			"again on every change. " +
			"The stream ends after COMPLETED, FAILED or the end of a ROLLBACK. Lines that begin with a colon only keep the " +
			"connection open.",
		answer: "event: status\n" + `data: {"merchant":{…},"status":"IN_PROGRESS","currentStep":"website_deployment",` +
			`"completionPercent":40,…}` + "\n\n"}, a.streamStatus)
	register(a, operation{method: http.MethodPost, path: at + "/retry-provisioning", id: "retryProvisioning",
		tag: tagProvisioning, status: 202, errors: []int{409},
		summary: "Retry a failed run", about: "Resumes at the first step that isn't done. 409 unless the run is FAILED.",
		answer: exampleStatus(a, orbit.RunInProgress)}, a.retry)
	register(a, operation{method: http.MethodPost, path: at + "/rollback-provisioning", id: "rollbackProvisioning",
		tag: tagProvisioning, status: 202, errors: []int{409},
		summary: "Roll back a failed run",
		about: "Undoes the run's steps in reverse order and returns the merchant to pending. You can't retry " +
			"afterwards. 409 when there is nothing to undo.",
		answer: exampleStatus(a, orbit.RunRollback)}, a.rollback)
}

func (a *API) activate(ctx context.Context, c *call, in *activationInput) (*activatedOutput, error) {
	id, err := orbit.ParseID[orbit.Merchant](in.ID)
	if err != nil {
		return nil, err
	}
	m, err := a.DB.Merchant(ctx, id)
	if err != nil {
		return nil, err
	}
	body, r := read[Activation](c)
	order := body.order()
	r.aliases(c, body)
	if in.DryRun || !r.ok() {
		checked, taken, err := a.DB.CheckActivation(ctx, id, order, a.Addresses.Base)
		if err = r.with(r.renamed(err)); err != nil {
			return nil, err
		}
		return &activatedOutput{Status: 200, Body: a.preview(m, checked, taken)}, nil
	}
	_, err = a.DB.Activate(ctx, id, order, a.Addresses.Base, c.actor(a.Kit))
	if orbit.CodeOf(err) == orbit.Conflict && a.alreadyDone(ctx, c, id, order) {
		err = nil
	}
	if err != nil {
		return nil, r.renamed(err)
	}
	v, err := a.DB.RunView(ctx, id)
	if err != nil {
		return nil, err
	}
	return &activatedOutput{Status: 202, Location: merchantPath(id, "/provisioning-status"), Body: status(v)}, nil
}

// aliases refuses two different answers to one question, and has faults name the field that was sent.
func (r *reader) aliases(c *call, a Activation) {
	if a.Theme != "" && a.ThemeID != "" && a.Theme != a.ThemeID {
		r.fault("themeId", "Give either theme or themeId.")
	}
	if a.Plan != "" && a.PlanID != "" && a.Plan != a.PlanID {
		r.fault("planId", "Give either plan or planId.")
	}
	r.names = map[string]string{}
	for _, name := range []string{"theme", "plan"} {
		if c.body.field(name) == nil && c.body.field(name+"Id") != nil {
			r.names[name] = name + "Id"
		}
	}
}

// alreadyDone reports whether a request that was taken over after a crash finds its own work done.
func (a *API) alreadyDone(ctx context.Context, c *call, id orbit.MerchantID, order orbit.Activation) bool {
	if c.claim == nil || !c.claim.TakenOver {
		return false
	}
	v, err := a.DB.RunView(ctx, id)
	checked, checkErr := order.Check(a.Addresses.Base)
	return err == nil && checkErr == nil && v.Run.RequestedBy == c.caller.User.ID &&
		!v.Run.CreatedAt.Before(c.claim.Since) && v.Run.Subdomain == checked.Subdomain
}

func (a *API) getStatus(ctx context.Context, _ *call, in *MerchantParams) (*statusOutput, error) {
	id, err := orbit.ParseID[orbit.Merchant](in.ID)
	if err != nil {
		return nil, err
	}
	v, err := a.DB.RunView(ctx, id)
	if err != nil {
		return nil, err
	}
	return &statusOutput{status(v)}, nil
}

func (a *API) retry(ctx context.Context, c *call, in *MerchantParams) (*acceptedOutput, error) {
	return a.decide(ctx, in, func(id orbit.MerchantID) error { return a.DB.RetryRun(ctx, id, c.actor(a.Kit)) })
}

func (a *API) rollback(ctx context.Context, c *call, in *MerchantParams) (*acceptedOutput, error) {
	return a.decide(ctx, in, func(id orbit.MerchantID) error { return a.DB.RollBackRun(ctx, id, c.actor(a.Kit)) })
}

func (a *API) decide(
	ctx context.Context, in *MerchantParams, do func(orbit.MerchantID) error,
) (*acceptedOutput, error) {
	id, err := orbit.ParseID[orbit.Merchant](in.ID)
	if err != nil {
		return nil, err
	}
	if err := do(id); err != nil {
		return nil, err
	}
	v, err := a.DB.RunView(ctx, id)
	if err != nil {
		return nil, err
	}
	return &acceptedOutput{merchantPath(id, "/provisioning-status"), status(v)}, nil
}

// streamStatus sends the whole Status each time: one event holds all that came before it.
func (a *API) streamStatus(ctx context.Context, c *call, in *MerchantParams) (*eventsOutput, error) {
	id, err := orbit.ParseID[orbit.Merchant](in.ID)
	if err != nil {
		return nil, err
	}
	if _, err := a.DB.Merchant(ctx, id); err != nil {
		return nil, err
	}
	changes, cancel := a.feed.Subscribe(id)
	var sent []byte
	who := c.caller
	still := func(ctx context.Context) error {
		_, err := a.callers.Read(ctx, who.credential, func(ctx context.Context) (struct{}, error) {
			return struct{}{},
				who.still(ctx)
		})
		return err
	}
	err = a.Events(c.fiber, c.caller.id, still, changes, cancel, func(ctx context.Context, s *kit.Stream) (bool, error) {
		v, err := a.feed.RunView(ctx, id)
		if err != nil {
			return false, err
		}
		data, err := json.Marshal(status(v))
		if err != nil {
			return false, err
		}
		if bytes.Equal(data, sent) {
			return v.Run.Ended(), nil
		}
		sent = data
		return v.Run.Ended(), s.Event("status", string(data))
	})
	if err != nil {
		return nil, err
	}
	return &eventsOutput{func(huma.Context) {}}, nil
}
