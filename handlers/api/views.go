package api

import (
	"time"

	"orbit360.app/orbit"
)

// Choice names a theme or a plan.
type Choice struct {
	ID   string `json:"id" format:"uuid"`
	Slug string `json:"slug"`
	Name string `json:"name"`
}

func choice(id, slug, name string) nullable[Choice] {
	if slug == "" {
		return nullable[Choice]{}
	}
	return some(Choice{ID: id, Slug: slug, Name: name})
}

// Owner is a shop's owner.
type Owner struct {
	Name  string `json:"name" doc:"The owner's name."`
	Email string `json:"email" format:"email" doc:"Where the welcome email goes."`
}

// Merchant is one shop of the platform.
type Merchant struct {
	ID                 string           `json:"id" format:"uuid"`
	Name               string           `json:"name" doc:"The shop's name."`
	Owner              Owner            `json:"owner"`
	Category           string           `json:"category" doc:"Line of business."`
	Status             string           `json:"status" enum:"pending,activating,active,failed,suspended"`
	Subdomain          *string          `json:"subdomain" doc:"Null until activation."`
	CustomDomain       *string          `json:"customDomain" doc:"The merchant's own domain, if there is one."`
	Theme              nullable[Choice] `json:"theme"`
	Plan               nullable[Choice] `json:"plan"`
	ProvisioningStatus string           `json:"provisioningStatus" enum:"PENDING,IN_PROGRESS,COMPLETED,FAILED,ROLLBACK"`
	Live               bool             `json:"live" doc:"Open to shoppers; otherwise Opening soon."`
	CreatedAt          time.Time        `json:"createdAt"`
}

func merchant(r orbit.MerchantSheet) Merchant {
	if r.RunStatus == "" {
		r.RunStatus = orbit.RunPending
	}
	return Merchant{ID: r.ID.String(), Name: r.Name, Owner: Owner{r.OwnerName, r.Email}, Category: string(r.Category),
		Status:    string(r.Status),
		Subdomain: text(r.Subdomain), CustomDomain: text(r.CustomDomain),
		Theme: choice(r.ThemeID.String(), r.ThemeSlug, r.ThemeName),
		Plan:  choice(r.PlanID.String(), r.PlanSlug, r.PlanName), ProvisioningStatus: string(r.RunStatus), Live: r.Live(),
		CreatedAt: r.CreatedAt.UTC()}
}

// MerchantRef names a merchant.
type MerchantRef struct {
	ID     string `json:"id" format:"uuid"`
	Name   string `json:"name"`
	Status string `json:"status" enum:"pending,activating,active,failed,suspended"`
}

// Step is one of the seven steps of a run.
type Step struct {
	Key         string     `json:"key"`
	Name        string     `json:"name"`
	Percent     int        `json:"percent" minimum:"0" maximum:"100" doc:"How much of the run is done when this step is."`
	Status      string     `json:"status" enum:"pending,running,done,failed,undone"`
	Attempts    int        `json:"attempts" minimum:"0" doc:"Finished attempts, successful or not."`
	StartedAt   *time.Time `json:"startedAt"`
	CompletedAt *time.Time `json:"completedAt"`
	Error       *string    `json:"error" doc:"Why the last attempt failed."`
}

// RunError is one failure in a run's log.
type RunError struct {
	Step    string    `json:"step"`
	Message string    `json:"message"`
	At      time.Time `json:"at"`
}

// Deployment is what a run has made.
type Deployment struct {
	MerchantID      string  `json:"merchantId" pattern:"^ORB-[0-9A-HJKMNP-TV-Z]{8}$" doc:"The public merchant ID."`
	TenantNamespace string  `json:"tenantNamespace"`
	DashboardURL    *string `json:"dashboardUrl" format:"uri"`
	WebsiteURL      *string `json:"websiteUrl" format:"uri"`
	CustomDomain    *string `json:"customDomain"`
	SSLStatus       string  `json:"sslStatus" enum:"none,pending,active,failed"`
	DNSStatus       string  `json:"dnsStatus" enum:"none,pending,active,failed"`
}

// Status is the state of a merchant's newest run.
type Status struct {
	Merchant          MerchantRef          `json:"merchant"`
	Status            string               `json:"status" enum:"PENDING,IN_PROGRESS,COMPLETED,FAILED,ROLLBACK"`
	CurrentStep       *string              `json:"currentStep" doc:"The current step, or the last one."`
	CompletionPercent int                  `json:"completionPercent" minimum:"0" maximum:"100"`
	Steps             []Step               `json:"steps" nullable:"false" minItems:"7" maxItems:"7"`
	RetryCount        int                  `json:"retryCount" minimum:"0" doc:"Retries, automatic and manual."`
	MaxRetries        int                  `json:"maxRetries" doc:"Attempts per step before the run fails."`
	ErrorLog          []RunError           `json:"errorLog" nullable:"false"`
	StartedAt         *time.Time           `json:"startedAt"`
	CompletedAt       *time.Time           `json:"completedAt"`
	Theme             nullable[Choice]     `json:"theme"`
	Plan              nullable[Choice]     `json:"plan"`
	Deployment        nullable[Deployment] `json:"deployment" doc:"What the run has created so far; null before."`
}

func status(v orbit.RunView) Status {
	m, run := v.Merchant, v.Run
	s := Status{Merchant: MerchantRef{m.ID.String(), m.Name, string(m.Status)}, Status: string(run.Status),
		CurrentStep:       text(string(run.CurrentStep)),
		CompletionPercent: run.CompletionPercent, Steps: []Step{}, RetryCount: run.RetryCount, MaxRetries: orbit.MaxAttempts,
		ErrorLog:  []RunError{},
		StartedAt: at(run.StartedAt), CompletedAt: at(run.CompletedAt),
		Theme: choice(v.Theme.ID.String(), v.Theme.Slug, v.Theme.Name),
		Plan:  choice(v.Plan.ID.String(), v.Plan.Slug, v.Plan.Name)}
	for _, step := range run.Steps {
		d := step.Definition()
		s.Steps = append(s.Steps, Step{Key: string(step.Key), Name: d.Name, Percent: d.Percent, Status: string(step.Status),
			Attempts:  step.Attempts,
			StartedAt: at(step.StartedAt), CompletedAt: at(step.CompletedAt), Error: text(step.Error)})
	}
	for _, e := range run.ErrorLog {
		s.ErrorLog = append(s.ErrorLog, RunError{string(e.Step), e.Message, e.At.UTC()})
	}
	if d := v.Deployment; d != nil {
		s.Deployment = some(Deployment{MerchantID: d.MerchantCode, TenantNamespace: d.TenantNamespace,
			DashboardURL: text(d.DashboardURL), WebsiteURL: text(d.WebsiteURL), CustomDomain: text(d.CustomDomain),
			SSLStatus: string(d.SSLStatus), DNSStatus: string(d.DNSStatus)})
	}
	return s
}

// Theme is a named preset over one of the storefront engines.
type Theme struct {
	ID          string         `json:"id" format:"uuid"`
	Name        string         `json:"name"`
	Slug        string         `json:"slug" doc:"Unique; an activation takes it in place of the ID."`
	Description string         `json:"description"`
	Thumbnail   string         `json:"thumbnail" doc:"Image: https URL, or path on the platform's host."`
	Version     string         `json:"version"`
	Engine      string         `json:"engine" enum:"modern,classic,minimal"`
	Config      map[string]any `json:"config" doc:"The engine's settings that differ from its defaults."`
	PreviewURL  *string        `json:"previewUrl" format:"uri" doc:"URL of the theme's preview."`
	Active      bool           `json:"active" doc:"Whether it is active."`
	CreatedAt   time.Time      `json:"createdAt"`
	UpdatedAt   time.Time      `json:"updatedAt"`
}

func (a *API) theme(t orbit.Theme) Theme {
	config := map[string]any(t.Config)
	if config == nil {
		config = map[string]any{}
	}
	preview := a.Addresses.Site("/themes#" + t.Slug)
	return Theme{ID: t.ID.String(), Name: t.Name, Slug: t.Slug, Description: t.Description, Thumbnail: t.Thumbnail,
		Version: t.Version, Engine: string(t.Engine),
		Config: config, PreviewURL: &preview, Active: t.Active, CreatedAt: t.CreatedAt.UTC(), UpdatedAt: t.UpdatedAt.UTC()}
}

// Limits holds what a shop may use; null is no limit.
type Limits struct {
	Products       *int64 `json:"products" minimum:"0" maximum:"1000000000" required:"false" doc:"In the shop."`
	OrdersPerMonth *int64 `json:"ordersPerMonth" minimum:"0" maximum:"1000000000" required:"false" doc:"A month."`
	StorageBytes   *int64 `json:"storageBytes" minimum:"0" maximum:"1125899906842624" required:"false" doc:"All files."`
	BandwidthBytes *int64 `json:"bandwidthBytes" minimum:"0" maximum:"1125899906842624" required:"false" doc:"A month."`
}

// Plan is what a merchant pays and what they get for it.
type Plan struct {
	ID           string    `json:"id" format:"uuid"`
	Name         string    `json:"name"`
	Slug         string    `json:"slug" doc:"Unique; an activation takes it in place of the ID."`
	Price        int64     `json:"price" doc:"In the smallest unit of the currency: 7999 is $79.99."`
	Currency     string    `json:"currency" doc:"ISO 4217 code."`
	BillingCycle string    `json:"billingCycle" enum:"monthly,yearly"`
	Features     []string  `json:"features" nullable:"false" doc:"Selling points, in order."`
	Limits       Limits    `json:"limits"`
	Popular      bool      `json:"popular" doc:"Whether it is marked as popular."`
	Active       bool      `json:"active" doc:"Whether it is active."`
	CreatedAt    time.Time `json:"createdAt"`
	UpdatedAt    time.Time `json:"updatedAt"`
}

func plan(p orbit.Plan) Plan {
	features := p.Features
	if features == nil {
		features = []string{}
	}
	return Plan{ID: p.ID.String(), Name: p.Name, Slug: p.Slug, Price: p.Price, Currency: p.Currency,
		BillingCycle: string(p.BillingCycle),
		Features:     features, Limits: Limits(p.Limits), Popular: p.Popular, Active: p.Active, CreatedAt: p.CreatedAt.UTC(),
		UpdatedAt: p.UpdatedAt.UTC()}
}
