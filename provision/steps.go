package provision

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/pg"
)

// step says what a step of a run does, and what undoes it. What each writes is the store's.
type step struct {
	key  orbit.StepKey
	do   func(*attempt, context.Context) error
	undo func(*store.DB, context.Context, orbit.Run) error
}

// steps lists the steps in the order of orbit.StepDefinitions, which says what they are called and how much of a run
// each is.
var steps = []step{
	{orbit.StepConfiguration, (*attempt).configureStore, (*store.DB).UndoConfiguration},
	{orbit.StepWorkspace, (*attempt).createWorkspace, (*store.DB).UndoWorkspace},
	{orbit.StepDashboard, (*attempt).createDashboard, (*store.DB).UndoDashboard},
	{orbit.StepWebsite, (*attempt).deployWebsite, (*store.DB).UndoWebsite},
	{orbit.StepData, (*attempt).initializeData, (*store.DB).UndoData},
	{orbit.StepCredentials, (*attempt).deliverCredentials, (*store.DB).UndoCredentials},
	{orbit.StepCompletion, (*attempt).complete, (*store.DB).UndoCompletion},
}

// stepOf returns a step, for which there may be none where another version accepted the run.
func stepOf(key orbit.StepKey) (step, error) {
	for _, s := range steps {
		if s.key == key {
			return s, nil
		}
	}
	return step{}, orbit.Permanent(fmt.Errorf("no such step: %s", key))
}

// attempt is one worker's walk through a run. Steps read the run as it was taken: an earlier attempt
// may have done the steps before, so each computes what it needs from the run, or reads it.
type attempt struct {
	Config
	view store.Taken
}

// crockford is Crockford's base32 alphabet: no I, L, O or U, which are misread.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newCode returns a merchant ID as people read it aloud: ORB- and 40 random bits.
func newCode() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand, Go 1.24)
	for i := range b {
		b[i] = crockford[b[i]&31]
	}
	return "ORB-" + string(b[:])
}

func (a *attempt) configureStore(ctx context.Context) error {
	return a.DB.ConfigureStore(ctx, a.view.Run)
}

func (a *attempt) createWorkspace(ctx context.Context) error {
	m := a.view.Merchant
	settings := orbit.ShopSettings{Email: m.Email, Currency: a.view.Plan.Currency, Locale: "en", Timezone: "UTC",
		Tagline: taglines[a.view.Run.Category]}
	for try := 0; ; try++ {
		code := newCode()
		err := a.DB.CreateWorkspace(ctx, a.view.Run, orbit.Deployment{
			MerchantCode:    code,
			TenantNamespace: "shop-" + strings.ToLower(strings.TrimPrefix(code, "ORB-")),
			StoragePrefix:   "merchants/" + m.ID.String() + "/",
		}, settings)
		// One in a trillion; trying again is no failure of the step.
		if err == nil {
			a.view.Merchant.Code = code
		}
		if orbit.CodeOf(err) != orbit.Conflict || try == 3 {
			return err
		}
	}
}

func (a *attempt) dashboardURL() string {
	m := a.view.Merchant
	m.Subdomain = a.view.Run.Subdomain
	return a.Addresses.Dashboard(m.DashboardPath())
}

func (a *attempt) createDashboard(ctx context.Context) error {
	m := a.view.Merchant
	return a.DB.CreateDashboard(ctx, a.view.Run, m, a.dashboardURL())
}

func (a *attempt) deployWebsite(ctx context.Context) error {
	run, theme := a.view.Run, a.view.Theme
	engine := a.Engines[theme.Engine]
	if engine == nil {
		return orbit.Permanent(orbit.Errorf(orbit.Invalid,
			"The theme %s needs the engine %q, which this version of the platform doesn't have.", theme.Name, theme.Engine))
	}
	status := orbit.WiringNone // plain http has no certificate
	if a.Addresses.Secure() {
		status = orbit.WiringActive // the platform's wildcard certificate
	}
	dns := orbit.WiringActive // the platform's wildcard record
	if run.CustomDomain != "" {
		dns = orbit.WiringPending // until the merchant's record points here
		if a.Addresses.Secure() {
			status = orbit.WiringPending
		}
	}
	return a.DB.DeployWebsite(ctx, run, orbit.Release{
		ID: orbit.NewID[orbit.Release](), MerchantID: run.MerchantID, Number: 1, ThemeID: theme.ID,
		Source: orbit.FromSetup,
		Engine: theme.Engine, EngineVersion: engine.Version(),
		Settings:  orbit.Settings(engine.Schema().Resolve(theme.Config)),
		CreatedBy: run.RequestedBy, CreatedAt: time.Now().UTC(),
	}, orbit.Deployment{WebsiteURL: a.Addresses.Shop(run.Subdomain), SSLStatus: status, DNSStatus: dns})
}

func (a *attempt) initializeData(ctx context.Context) error {
	return a.DB.InitializeData(ctx, a.view.Run, sampleShop(a.view.Merchant, a.view.Run.Category, a.view.Plan.Currency))
}

func (a *attempt) deliverCredentials(ctx context.Context) error {
	run := a.view.Run
	welcome := mail.WelcomeData{Merchant: a.view.Merchant, RunID: run.ID, DashboardURL: a.dashboardURL(),
		WebsiteURL: a.Addresses.Shop(run.Subdomain), Live: run.GoLive, Confirmed: a.view.OwnerConfirmed}
	token := ""
	if !a.view.OwnerCanSignIn {
		token = pg.Token()
		welcome.SetPasswordURL = a.Addresses.Dashboard("/password/" + token)
	}
	message, err := a.Mail.Welcome(welcome)
	if err != nil {
		return err
	}
	return a.DB.DeliverCredentials(ctx, run, token, message)
}

// complete visits the new website through the platform's own host router before it is announced.
func (a *attempt) complete(ctx context.Context) error {
	run := a.view.Run
	host := run.Subdomain + "." + a.Addresses.Base
	visit := a.Visit(ctx, host)
	for _, path := range []string{"/", "/collections/" + featuredHandle, "/products/" + firstHandle(run.Category), "/cart",
		"/checkout"} {
		status, body, err := visit(path)
		if err != nil {
			return err
		}
		if status == 503 { // the database went away between this query and the last
			return orbit.Errorf(orbit.Unavailable, "The platform is temporarily unavailable.")
		}
		if status != 200 || !bytes.Contains(body, []byte("</html>")) {
			return orbit.Errorf(orbit.Internal, "The new website answered %d for its page %s.", status, path)
		}
	}
	return a.DB.Complete(ctx, run)
}
