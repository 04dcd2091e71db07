package provision_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"orbit360.app/jobs/jobstest"
	"orbit360.app/live"
	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/provision"
	"orbit360.app/store"
	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
	"orbit360.app/store/storetest"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var addresses = orbit.Addresses{Scheme: "http", Base: "localhost", Port: "3000"}

// visitOK stands where the host router is in the program; the whole way through it is tested there.
func visitOK(string) (int, []byte, error) {
	return 200, []byte("</html>"), nil
}

// start works runs over a database, and returns the feed of their changes.
func start(t *testing.T, db *store.DB, visit provision.Visitor) *live.Feed {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	feed := live.New(live.Config{DB: db, Log: log})
	jobstest.Start(t, feed, provision.Queue(provision.Config{
		DB: db, Log: log, Addresses: addresses,
		Engines: themes.NewSet(modern.New(), classic.New(), minimal.New()),
		Mail:    mail.Composer{Addresses: addresses, Status: orbit.EmailLocal},
		Visit:   func(context.Context, string) provision.Visitor { return visit },
	}))
	return feed
}

func apply(t *testing.T, db *store.DB, name string) orbit.MerchantID {
	t.Helper()
	id := orbit.NewID[orbit.Merchant]()
	if _, err := db.CreateMerchant(t.Context(), id, orbit.Application{Name: name, OwnerName: "Ada",
		Email: name + "@example.com", Category: "books"}, nil, orbit.System); err != nil {
		t.Fatal(err)
	}
	return id
}

func activate(t *testing.T, db *store.DB, id orbit.MerchantID, subdomain string) {
	t.Helper()
	a := orbit.Activation{Theme: "upfront-classic", Plan: "professional", Subdomain: subdomain, Category: "books",
		Integrations: orbit.Integrations{Stripe: true}, GoLive: true}
	if _, err := db.Activate(t.Context(), id, a, "localhost", orbit.System); err != nil {
		t.Fatal(err)
	}
}

// await waits for a merchant's run to come to a state, by the feed and not by the clock.
func await(t *testing.T, f *live.Feed, id orbit.MerchantID, want func(orbit.RunView) bool) orbit.RunView {
	t.Helper()
	changes, cancel := f.Subscribe(id)
	defer cancel()
	deadline := time.After(30 * time.Second)
	for {
		v, err := f.DB.RunView(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if want(v) {
			return v
		}
		select {
		case <-changes:
		case <-deadline:
			t.Fatalf("still %s at %s: %+v", v.Run.Status, v.Run.CurrentStep, v.Run.ErrorLog)
		}
	}
}

func ended(v orbit.RunView) bool { return v.Run.Ended() }

func TestRunCompletes(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := start(t, db, visitOK)
	id, other := apply(t, db, "alpha"), apply(t, db, "beta")
	activate(t, db, id, "alpha")
	v := await(t, f, id, ended)
	if v.Run.Status != orbit.RunCompleted || v.Run.CompletionPercent != 100 || v.Run.CompletedAt.IsZero() ||
		v.Merchant.Status != orbit.MerchantActive || !v.Merchant.Live() {
		t.Fatalf("%+v", v)
	}
	for _, step := range v.Run.Steps {
		if step.Status != orbit.StepDone || step.Attempts != 1 || step.CompletedAt.IsZero() || step.StartedAt.IsZero() {
			t.Errorf("%+v", step)
		}
	}
	d := v.Deployment
	if d == nil || len(d.MerchantCode) != 12 || d.WebsiteURL != "http://alpha.localhost:3000" ||
		d.DashboardURL != addresses.Dashboard("/"+v.Merchant.Subdomain) || d.MerchantCode != v.Merchant.Code {
		t.Fatalf("%+v", d)
	}
	emails, total, err := db.Emails(t.Context(), "", 10, 0)
	if err != nil || total != 1 || emails[0].Recipient != "alpha@example.com" || emails[0].Status != orbit.EmailLocal {
		t.Fatal(emails, err)
	}
	full, err := db.Email(t.Context(), emails[0].ID)
	if err != nil || !strings.Contains(full.Text, "http://dashboard.localhost:3000/password/") ||
		!strings.Contains(full.HTML, "http://alpha.localhost:3000") {
		t.Fatal(full.Text, err)
	}
	found, err := shop.ByHost(t.Context(), db, "alpha.localhost")
	if err != nil || found.Release.Number != 1 || found.Release.Engine != orbit.EngineClassic {
		t.Fatal(found, err)
	}
	counts := func(id orbit.MerchantID) (n int) {
		err := shop.For(db, id).Do(t.Context(), func(tn *shop.Tenant) error {
			r := tn.Reader()
			ps := r.Products(100)
			err := r.Read(t.Context())
			n = len(ps.Value)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if counts(id) != 6 || counts(other) != 0 {
		t.Errorf("products: %d, of the other merchant: %d", counts(id), counts(other))
	}
}

// TestOwnersWhoCanSignIn: an owner who has an account is sent no link.
func TestOwnersWhoCanSignIn(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := start(t, db, visitOK)
	fresh, known := apply(t, db, "alpha"), apply(t, db, "gamma")
	if made, err := db.EnsureAdmin(t.Context(), "Gamma@example.com", "Gamma", "$argon2id$"); err != nil || !made {
		t.Fatal(made, err)
	}
	for id, name := range map[orbit.MerchantID]string{fresh: "alpha", known: "gamma"} {
		activate(t, db, id, name)
		await(t, f, id, ended)
		emails, _, err := db.Emails(t.Context(), name, 10, 0)
		if err != nil || len(emails) != 1 {
			t.Fatal(emails, err)
		}
		full, err := db.Email(t.Context(), emails[0].ID)
		if err != nil || strings.Contains(full.Text, "/password/") != (id == fresh) ||
			!strings.Contains(full.Text, "http://dashboard.localhost:3000/") {
			t.Error(name, full.Text, err)
		}
	}
}

func TestFailureAndRetry(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	var broken atomic.Bool
	broken.Store(true)
	var visits atomic.Int64
	f := start(t, db, func(path string) (int, []byte, error) {
		visits.Add(1)
		if broken.Load() {
			return 0, nil, errors.New("dial tcp: password=hunter2")
		}
		return visitOK(path)
	})
	id := apply(t, db, "alpha")
	activate(t, db, id, "alpha")
	failed := await(t, f, id, ended)
	step, definitions := failed.Run.Steps[len(failed.Run.Steps)-1], orbit.StepDefinitions()
	if failed.Run.Status != orbit.RunFailed || failed.Merchant.Status != orbit.MerchantFailed ||
		step.Attempts != orbit.MaxAttempts || step.Status != orbit.StepFailed || len(failed.Run.ErrorLog) != 3 ||
		failed.Run.RetryCount != 2 || failed.Run.CompletionPercent != definitions[len(definitions)-2].Percent {
		t.Fatalf("%+v", failed.Run)
	}
	if strings.Contains(fmt.Sprint(failed.Run.ErrorLog), "hunter2") {
		t.Error("a secret reached the error log")
	}
	if visits.Load() != 3 {
		t.Errorf("%d attempts", visits.Load())
	}

	broken.Store(false)
	if err := db.RetryRun(t.Context(), id, orbit.System); err != nil {
		t.Fatal(err)
	}
	if err := db.RetryRun(t.Context(), id, orbit.System); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("retried a run that runs:", err)
	}
	v := await(t, f, id, ended)
	if v.Run.Status != orbit.RunCompleted || v.Run.ID != failed.Run.ID ||
		v.Run.Steps[0].CompletedAt != failed.Run.Steps[0].CompletedAt {
		t.Fatalf("retry began anew instead of resuming: %+v", v.Run)
	}
	if _, total, err := db.Emails(t.Context(), "", 10, 0); total != 1 || err != nil {
		t.Errorf("%d emails %v", total, err)
	}
	if err := db.RollBackRun(t.Context(), id, orbit.System); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("rolled back a finished run:", err)
	}
}

// TestRollback: all of a failed run is undone, and the merchant can be activated again under the same address.
func TestRollback(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	var mended atomic.Bool
	f := start(t, db, func(path string) (int, []byte, error) {
		if !mended.Load() {
			return 0, nil, orbit.Permanent(errors.New("down"))
		}
		return visitOK(path)
	})
	id := apply(t, db, "beta")
	activate(t, db, id, "beta")
	await(t, f, id, ended)
	if err := db.RollBackRun(t.Context(), id, orbit.System); err != nil {
		t.Fatal(err)
	}
	v := await(t, f, id, ended)
	m := v.Merchant
	if v.Run.Status != orbit.RunRollback || m.Status != orbit.MerchantPending || m.Subdomain != "" || m.Code != "" ||
		!m.ThemeID.IsZero() || !m.ReleaseID.IsZero() || !m.OwnerID.IsZero() || v.Deployment != nil ||
		v.Run.CompletionPercent != 0 {
		t.Fatalf("%+v", v)
	}
	for _, step := range v.Run.Steps {
		if step.Status != orbit.StepUndone {
			t.Errorf("%+v", step)
		}
	}
	if _, err := shop.ByHost(t.Context(), db, "beta.localhost"); orbit.CodeOf(err) != orbit.NotFound {
		t.Error("the website is still there:", err)
	}
	if _, err := db.UserByEmail(t.Context(), "beta@example.com"); orbit.CodeOf(err) != orbit.NotFound {
		t.Error("the account is still there:", err)
	}
	if err := db.RetryRun(t.Context(), id, orbit.System); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("retried after a rollback:", err)
	}
	mended.Store(true)
	activate(t, db, id, "beta")
	again := func(v orbit.RunView) bool { return v.Run.Ended() && v.Run.Status != orbit.RunRollback }
	if v := await(t, f, id, again); v.Run.Status != orbit.RunCompleted {
		t.Fatalf("%+v", v.Run)
	}
}

func TestOvertakenWorkerCannotWrite(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	id := apply(t, db, "alpha")
	activate(t, db, id, "alpha")
	v, err := db.RunView(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	frozen, err := db.TakeRun(t.Context(), v.Run.ID)
	if err != nil {
		t.Fatal(err)
	}
	other, err := db.TakeRun(t.Context(), v.Run.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.ConfigureStore(t.Context(), frozen.Run); !errors.Is(err, pg.ErrOvertaken) {
		t.Error("an overtaken worker wrote:", err)
	}
	if _, err := db.FailStep(t.Context(), frozen.Run, orbit.StepConfiguration, "x", true); !errors.Is(err,
		pg.ErrOvertaken) {
		t.Error("an overtaken worker failed the run:", err)
	}
	if err := db.ConfigureStore(t.Context(), other.Run); err != nil {
		t.Fatal(err)
	}
	if err := db.ConfigureStore(t.Context(), other.Run); !errors.Is(err, pg.ErrStepDone) {
		t.Error("a step was done twice:", err)
	}
	// As when the database has died and taken along the steps in between.
	if err := db.DeployWebsite(t.Context(), other.Run, orbit.Release{}, orbit.Deployment{}); !errors.Is(err,
		pg.ErrSetBack) {
		t.Error("a step was done before its turn:", err)
	}
	if _, err := db.FailStep(t.Context(), other.Run, orbit.StepWebsite, "x", true); !errors.Is(err, pg.ErrSetBack) {
		t.Error("a step failed before its turn:", err)
	}
}

func TestPanicIsAFailure(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := start(t, db, func(string) (int, []byte, error) { panic("poison") })
	id := apply(t, db, "alpha")
	activate(t, db, id, "alpha")
	v := await(t, f, id, ended)
	if v.Run.Status != orbit.RunFailed || v.Run.Steps[len(v.Run.Steps)-1].Attempts != 3 {
		t.Fatalf("%+v", v.Run)
	}
}
