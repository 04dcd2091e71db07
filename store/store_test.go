package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/pg"
	"orbit360.app/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// notTenant holds the tables with a merchant_id that the platform itself reads across merchants.
var notTenant = []string{"memberships", "domains", "merchant_provisionings", "deployment_metadata",
	"one_time_links", "emails", "audit_log", "merchant_sales", "support_visits"}

// TestCatalog is the third lock of tenancy: a table with merchant_id has row-level security enabled,
// forced and with a policy, or stands in notTenant.
func TestCatalog(t *testing.T) {
	t.Parallel()
	conn := connect(t, storetest.SuperURL(storetest.NewURL(t)))
	rows, err := conn.Query(t.Context(), `SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
			SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*' AND p.polqual IS NOT NULL
			AND p.polwithcheck IS NOT NULL)
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'merchant_id' AND NOT a.attisdropped
		WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for rows.Next() {
		var table string
		var locked bool
		if err := rows.Scan(&table, &locked); err != nil {
			t.Fatal(err)
		}
		seen++
		if listed := slices.Contains(notTenant, table); listed == locked {
			t.Errorf("%s: row-level security %v, in the list of platform tables %v", table, locked, listed)
		}
	}
	if rows.Err() != nil || seen < len(notTenant)+10 {
		t.Fatalf("saw %d tables, %v", seen, rows.Err())
	}
}

// TestWords: a column that holds one of a few words refuses all others.
func TestWords(t *testing.T) {
	t.Parallel()
	conn := connect(t, storetest.SuperURL(storetest.NewURL(t)))
	for what, query := range map[string]string{
		"a column that takes anything": `SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name NOT LIKE 'river%'
			AND column_name ~ '^(.*_)?(status|role|currency|billing_cycle|purpose)$' AND data_type = 'text'
			AND domain_name IS NULL`,
		"a domain that takes anything": `SELECT typname FROM pg_type t WHERE typtype = 'd'
			AND typnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint WHERE contypid = t.oid)`,
	} {
		rows, err := conn.Query(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(found) > 0 {
			t.Errorf("%s: %v, %v", what, found, err)
		}
	}
	id := orbit.NewID[orbit.Merchant]().String()
	for _, status := range []string{"pending", "oops"} {
		_, err := conn.Exec(t.Context(), `INSERT INTO merchants (id, name, owner_name, email, category, status)
			VALUES ($1, 'A', 'B', 'a@example.com', 'books', $2)`, id, status)
		pg, _ := errors.AsType[*pgconn.PgError](err)
		if refused := pg != nil && pg.Code == "23514"; refused != (status == "oops") {
			t.Errorf("%s: %v", status, err)
		}
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func TestStrongRolesAreRefused(t *testing.T) {
	t.Parallel()
	serving := storetest.NewURL(t)
	for _, strong := range []string{storetest.OwnerURL(serving), storetest.SuperURL(serving)} {
		if db, err := store.Open(t.Context(), strong); orbit.CodeOf(err) != orbit.Forbidden {
			t.Errorf("opened as a strong role: %v %v", db, err)
		}
	}
	// Another database of the same server, where the role may go and nothing is.
	elsewhere, err := url.Parse(serving)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere.Path = "/postgres"
	if db, err := store.Open(t.Context(), elsewhere.String()); orbit.CodeOf(err) != orbit.Invalid {
		t.Errorf("opened without tables: %v %v", db, err)
	}
}

// Apply makes a pending merchant.
func apply(t *testing.T, db *store.DB, name string) orbit.MerchantID {
	t.Helper()
	id := orbit.NewID[orbit.Merchant]()
	email := orbit.Email{MessageID: "<applied." + id.String() + "@test>", Recipient: "owner@example.com", Subject: "Hello",
		Status: orbit.EmailLocal}
	made, err := db.CreateMerchant(t.Context(), id, orbit.Application{Name: name, OwnerName: "Ada",
		Email: strings.ToLower(name) + "@example.com", Category: "books"}, &email, orbit.System)
	if err != nil || !made {
		t.Fatal(made, err)
	}
	return id
}

func activation(subdomain string) orbit.Activation {
	return orbit.Activation{Theme: "upfront-modern", Plan: "starter", Subdomain: subdomain, Category: "books"}
}

func TestApplyingTwiceMakesOneMerchant(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	id := apply(t, db, "Alpha")
	made, err := db.CreateMerchant(t.Context(), id, orbit.Application{Name: "Other", OwnerName: "Eve",
		Email: "eve@example.com", Category: "books"}, nil, orbit.System)
	if made || err != nil {
		t.Fatal(made, err)
	}
	m, err := db.Merchant(t.Context(), id)
	if err != nil || m.Name != "Alpha" || m.Status != orbit.MerchantPending {
		t.Fatal(m, err)
	}
	rows, total, err := db.Merchants(t.Context(), orbit.MerchantFilter{Status: orbit.MerchantPending, Query: "alph",
		Limit: 10})
	if err != nil || total != 1 || rows[0].ID != id {
		t.Fatal(rows, total, err)
	}
}

func TestActivationIsAllOrNothing(t *testing.T) {
	t.Parallel()
	url := storetest.NewURL(t)
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := t.Context()
	a, b, was := apply(t, db, "Alpha"), apply(t, db, "Beta"), apply(t, db, "Delta")
	conn := connect(t, storetest.SuperURL(url))
	if _, err := conn.Exec(ctx,
		`LISTEN "public.river_insert"; UPDATE plans SET active = false WHERE slug = 'enterprise'; UPDATE merchants
			SET status = 'active' WHERE name = 'Delta'`); err != nil {
		t.Fatal(err)
	}
	off, err := db.Plan(ctx, "enterprise")
	if err != nil || off.Active {
		t.Fatal(off, err)
	}
	run, err := db.Activate(ctx, a, activation("alpha"), "localhost", orbit.System)
	if err != nil {
		t.Fatal(err)
	}
	soon, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if n, err := conn.WaitForNotification(soon); err != nil || n.Payload != `{"queue":"provision"}` {
		t.Error("no worker is woken for the job", n, err)
	}
	var ours bool
	if err := conn.QueryRow(ctx, `SELECT count(*) = 1 AND bool_and(j.args ->> 'runId' = r.id::text
		AND j.state = 'available') FROM merchant_provisionings r JOIN river_job j
		ON j.id = r.job_id`).Scan(&ours); err != nil || !ours {
		t.Error("the run's job isn't its own", err)
	}
	view, err := db.RunView(ctx, a)
	if err != nil || view.Run.ID != run || len(view.Run.Steps) != len(orbit.StepDefinitions()) ||
		view.Run.Status != orbit.RunPending ||
		view.Merchant.Status != orbit.MerchantActivating || view.Theme.Slug != "upfront-modern" || view.Deployment != nil ||
		view.Run.JobID == 0 {
		t.Fatalf("%+v %v", view, err)
	}
	for name, tt := range map[string]struct {
		merchant orbit.MerchantID
		a        orbit.Activation
		code     orbit.Code
		field    string
	}{
		"running":   {a, activation("alpha2"), orbit.Conflict, ""},
		"active":    {was, activation("delta"), orbit.Conflict, ""},
		"subdomain": {b, activation("alpha"), orbit.Conflict, "subdomain"},
		"no theme": {b, orbit.Activation{Theme: "nope", Plan: "starter", Subdomain: "beta", Category: "books"},
			orbit.Invalid, "theme"},
		"plan is off": {b, orbit.Activation{Theme: "upfront-modern", Plan: "enterprise", Subdomain: "beta",
			Category: "books"}, orbit.Invalid, "plan"},
		"no plan": {b, orbit.Activation{Theme: "upfront-modern", Plan: "nope", Subdomain: "beta", Category: "books"},
			orbit.Invalid, "plan"},
		"no merchant": {orbit.NewID[orbit.Merchant](), activation("gamma"), orbit.NotFound, ""},
	} {
		_, err := db.Activate(ctx, tt.merchant, tt.a, "localhost", orbit.System)
		if orbit.CodeOf(err) != tt.code {
			t.Errorf("%s: %v", name, err)
		}
		if faults := orbit.FaultsOf(err); tt.field != "" && (len(faults) != 1 || faults[0].Field != tt.field) {
			t.Errorf("%s: %+v", name, faults)
		}
	}
	view, err = db.RunView(ctx, b)
	if err != nil || !view.Run.ID.IsZero() || view.Merchant.Status != orbit.MerchantPending ||
		len(view.Run.Steps) != len(orbit.StepDefinitions()) {
		t.Fatalf("%+v %v", view, err)
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	for range 3 {
		if ok, _, err := db.Allow(t.Context(), "k", 3, time.Hour); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	ok, wait, err := db.Allow(t.Context(), "k", 3, time.Hour)
	if ok || err != nil || wait < 19*time.Minute || wait > 20*time.Minute {
		t.Fatal(ok, wait, err)
	}
	if ok, _, err := db.Allow(t.Context(), "other", 3, time.Hour); !ok || err != nil {
		t.Fatal(ok, err)
	}
}

// A try that one bucket refuses costs nothing in the others, and leaves no row.
func TestThrottleTakesFromAllOrNone(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	ctx := t.Context()
	for range 2 {
		if refused, _, err := db.AllowAll(ctx, time.Hour, store.Bucket{Key: "line", Burst: 2},
			store.Bucket{Key: "site", Burst: 3}); refused != "" || err != nil {
			t.Fatal(refused, err)
		}
	}
	for i := range 5 {
		refused, wait, err := db.AllowAll(ctx, time.Hour, store.Bucket{Key: "line", Burst: 2},
			store.Bucket{Key: "site", Burst: 3}, store.Bucket{Key: fmt.Sprint("new", i), Burst: 9})
		if refused != "line" || wait < 29*time.Minute || wait > 30*time.Minute || err != nil {
			t.Fatal(refused, wait, err)
		}
	}
	if refused, _, err := db.AllowAll(ctx, time.Hour, store.Bucket{Key: "another line", Burst: 2},
		store.Bucket{Key: "site", Burst: 3}); refused != "" || err != nil {
		t.Error("the neighbor's refused tries counted against the site:", refused, err)
	}
	if refused, _, err := db.AllowAll(ctx, time.Hour, store.Bucket{Key: "third line", Burst: 2},
		store.Bucket{Key: "site", Burst: 3}); refused != "site" || err != nil {
		t.Error(refused, err)
	}
	var rows int
	if err := db.Pool().QueryRow(ctx, `SELECT count(*) FROM throttles`).Scan(&rows); err != nil || rows != 3 {
		t.Error("refusals left rows:", rows, err)
	}
	// At once, too, no more pass than there is room for.
	var passed atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if ok, _, err := db.Allow(ctx, "race", 7, time.Hour); err != nil {
				t.Error(err)
			} else if ok {
				passed.Add(1)
			}
		})
	}
	all.Wait()
	if passed.Load() != 7 {
		t.Error("passed at once:", passed.Load())
	}
}

func TestSessionsStayDead(t *testing.T) {
	t.Parallel()
	s := storetest.New(t).Sessions()
	ctx, expires := t.Context(), time.Now().Add(time.Hour)
	if err := s.CommitCtx(ctx, "a", []byte("1"), expires); err != nil {
		t.Fatal(err)
	}
	if data, ok, err := s.FindCtx(ctx, "a"); !ok || err != nil || string(data) != "1" {
		t.Fatal(data, ok, err)
	}
	if err := s.DeleteCtx(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	// A slow request that began before the sign-out ends after it.
	if err := s.CommitCtx(ctx, "a", []byte("2"), expires); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := s.FindCtx(ctx, "a"); ok || err != nil {
		t.Fatal("the session came back to life", err)
	}
}

func TestDownMigrations(t *testing.T) {
	t.Parallel()
	url := storetest.NewURL(t)
	owner, err := pg.OpenOwner(t.Context(), storetest.OwnerURL(url), discard())
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	if err := owner.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to do
		if err := owner.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// A database from before sums were kept, of the edition that these migrations are of; then one of an edition before
	// that.
	super := connect(t, storetest.SuperURL(url))
	count := func(where string) (n int) {
		if err := super.QueryRow(t.Context(), `SELECT count(*) FROM schema_migrations WHERE `+where).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	exec := func(sql string) {
		if _, err := super.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	exec(`CREATE TABLE sums AS SELECT name, sum FROM schema_migrations; UPDATE schema_migrations SET sum = ''
		WHERE name < '0010'`)
	if err := owner.Migrate(t.Context()); err != nil || count(`(name, sum) NOT IN (SELECT name, sum FROM sums)`) != 0 {
		t.Error("without sums:", err)
	}
	exec(`UPDATE schema_migrations SET sum = ''; ALTER DOMAIN run_status RENAME TO none_such`)
	if err := owner.Migrate(t.Context()); orbit.CodeOf(err) != orbit.Conflict || count(`sum <> ''`) != 0 {
		t.Error("of an older edition:", err)
	}
	exec(`ALTER DOMAIN none_such RENAME TO run_status; UPDATE schema_migrations m SET sum = s.sum FROM sums s
		WHERE s.name = m.name`)
	// A file that was edited after it had been applied.
	if _, err := connect(t, storetest.SuperURL(url)).Exec(t.Context(),
		`UPDATE schema_migrations SET sum = 'other' WHERE name = '0002_tenants'`); err != nil {
		t.Fatal(err)
	}
	if err := owner.Migrate(t.Context()); orbit.CodeOf(err) != orbit.Conflict ||
		!strings.Contains(err.Error(), "0002_tenants") {
		t.Error(err)
	}
}
