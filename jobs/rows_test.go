package jobs_test

import (
	"encoding/json"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"orbit360.app/jobs"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
	"orbit360.app/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// row is a job's row without what differs from one job to the next.
const row = `SELECT jsonb_set(to_jsonb(j) - 'id' - 'created_at', '{scheduled_at}',
	to_jsonb(extract(epoch FROM j.scheduled_at - j.created_at)::int))::text FROM river_job j `

// TestRowsAreRivers: the store adds jobs with statements of its own, in the batch of what they are for. Each kind is
// inserted by River too, with the same arguments and options, and the rows are equal, column by column. An update of
// River that adds a column, or writes one otherwise, fails here.
func TestRowsAreRivers(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	client, err := jobs.Viewer(db, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	addAll(t, db)
	kinds := map[string]func(args string) river.JobArgs{
		"provision": decoded[store.ProvisionArgs], "mail": decoded[pg.EmailArgs],
		"password": decoded[store.PasswordArgs], "webhook": decoded[shop.WebhookArgs], "media": decoded[shop.MediaArgs],
		"notice":  decoded[shop.NoticeArgs],
		"publish": decoded[shop.PublishArgs], "products_due": decoded[shop.ProductsDueArgs],
		"import": decoded[shop.ImportArgs], "fetch": decoded[shop.FetchArgs], "undo": decoded[shop.UndoArgs],
		"settle": decoded[shop.SettleArgs], "refund": decoded[shop.RefundArgs],
	}
	compared := map[string]int{}
	for _, our := range added(t, db) {
		args := kinds[our.Kind]
		if args == nil {
			t.Errorf("a job of kind %s isn't compared", our.Kind)
			continue
		}
		compared[our.Kind]++
		err := pgx.BeginFunc(t.Context(), db.Pool(), func(tx pgx.Tx) error {
			inserted, err := client.InsertTx(t.Context(), tx, args(our.Args),
				&river.InsertOpts{Priority: our.Priority, ScheduledAt: our.ScheduledAt})
			if err != nil {
				return err
			}
			var mine, rivers string
			if err := tx.QueryRow(t.Context(), row+`WHERE id = $1`, our.ID).Scan(&mine); err != nil {
				return err
			}
			if err := tx.QueryRow(t.Context(), row+`WHERE id = $1`, inserted.Job.ID).Scan(&rivers); err != nil {
				return err
			}
			if mine != rivers {
				t.Errorf("%s:\nours   %s\nRiver's %s", our.Kind, mine, rivers)
			}
			return nil
		})
		if err != nil {
			t.Fatal(our.Kind, err)
		}
	}
	for _, kind := range kindsInSource(t) {
		if compared[kind] == 0 {
			t.Errorf("no job of kind %q was compared", kind)
		}
	}
	if compared["mail"] != 2 || compared["webhook"] != 2 {
		t.Error("not all statements were compared:", compared)
	}
}

type job struct {
	ID       int64
	Kind     string
	Priority int
	Args     string
	// ScheduledAt is zero for a job that can be worked at once.
	ScheduledAt time.Time
}

// added returns all jobs there are.
func added(t *testing.T, db *store.DB) []job {
	t.Helper()
	rows, err := db.Pool().Query(t.Context(), `SELECT id, kind, priority, args::text,
		CASE WHEN state = 'scheduled' THEN scheduled_at ELSE '0001-01-01' END FROM river_job ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[job])
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// kindsInSource returns the kinds of all jobs that the store can add.
func kindsInSource(t *testing.T) (kinds []string) {
	t.Helper()
	named := regexp.MustCompile(`\) Kind\(\) string \{ return "(\w+)" \}`)
	err := fs.WalkDir(os.DirFS("../store"), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		text, err := os.ReadFile(filepath.Join("../store", path))
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			kinds = append(kinds, m[1])
		}
		return err
	})
	if err != nil || len(kinds) < 5 {
		t.Fatalf("found only the kinds %q: %v", kinds, err)
	}
	return kinds
}

func decoded[T river.JobArgs](text string) river.JobArgs {
	var args T
	if err := json.Unmarshal([]byte(text), &args); err != nil {
		panic(err)
	}
	return args
}

// addAll adds a job of each kind, by each statement that adds jobs.
func addAll(t *testing.T, db *store.DB) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	// A run that fails, which a webhook gets as an event; a test event for the webhook.
	hook := orbit.NewID[orbit.Webhook]()
	hooks := shop.HooksOf(db, orbit.MerchantID{}, orbit.System)
	must(hooks.Change(ctx, func(w shop.Webhooks) error {
		_, err := w.Create(ctx, orbit.Webhook{ID: hook, URL: "https://example.com/", Secret: []byte("x"),
			Events: []orbit.EventKind{orbit.MerchantRunFailed}})
		return err
	}))
	_, err := hooks.Ping(ctx, hook)
	must(err)
	id := orbit.NewID[orbit.Merchant]()
	_, err = db.CreateMerchant(ctx, id, orbit.Application{Name: "Moss", OwnerName: "Ada", Email: "ada@example.com",
		Category: "books"}, nil, orbit.System)
	must(err)
	run, err := db.Activate(ctx, id, orbit.Activation{Theme: "upfront-modern", Plan: "starter", Subdomain: "moss",
		Category: "books"}, "localhost", orbit.System)
	must(err)
	taken, err := db.TakeRun(ctx, run)
	must(err)
	_, err = db.FailStep(ctx, taken.Run, orbit.StepConfiguration, "It can't.", true)
	must(err)
	// Emails of the platform and of a merchant.
	must(db.RequestPasswordLink(ctx, store.PasswordArgs{Email: "ada@example.com", Audience: orbit.RoleAdmin,
		Address: "198.51.100.1"}))
	_, err = db.EnsureAdmin(ctx, "ada@example.com", "Ada", "hash")
	must(err)
	for i, of := range []orbit.MerchantID{{}, id} {
		must(db.CreatePasswordLink(ctx, "ada@example.com", orbit.System, func(orbit.User, string) (*orbit.Email, error) {
			return &orbit.Email{MerchantID: of, Recipient: "ada@example.com", MessageID: strconv.Itoa(i), Subject: "x",
				HTML: "x", Text: "x", Status: orbit.EmailQueued}, nil
		}))
	}
	// What providers of payments are asked for.
	must(db.InTx(ctx, func(t pg.Tx) error {
		b := db.Batch()
		b.FairJob(shop.SettleArgs{MerchantID: id, PaymentID: orbit.NewID[orbit.Payment]()}, id)
		b.FairJob(shop.RefundArgs{MerchantID: id, TransactionID: orbit.NewID[orbit.Transaction]()}, id)
		return b.Run(ctx, t)
	}))
	// A file of products, its images, and undoing it.
	must(db.InTx(ctx, func(t pg.Tx) error {
		b := db.Batch()
		b.FairJob(shop.ImportArgs{MerchantID: id, ImportID: orbit.NewID[orbit.Import]()}, id)
		b.FairJob(shop.FetchArgs{MerchantID: id, ImportID: orbit.NewID[orbit.Import]()}, id)
		b.Job(shop.UndoArgs{MerchantID: id, OperationID: orbit.NewID[orbit.Operation](), UserID: orbit.NewID[orbit.User]()})
		return b.Run(ctx, t)
	}))
	// A heavy image.
	user := orbit.NewID[orbit.User]()
	_, err = db.Pool().Exec(ctx, `INSERT INTO users (id, email, name, role)
		VALUES ($1, 'bo@example.com', 'Bo', 'merchant')`, user.String())
	must(err)
	_, err = db.Pool().Exec(ctx, `INSERT INTO memberships (merchant_id, user_id) VALUES ($1, $2)`, id.String(),
		user.String())
	must(err)
	_, err = db.Pool().Exec(ctx, `UPDATE merchants SET status = 'active', plan_id = (SELECT id FROM plans
		WHERE slug = 'starter') WHERE id = $1`, id.String())
	must(err)
	// A release of a theme for a time to come.
	must(shop.MemberOf(db, orbit.Actor{ID: user}, id, orbit.PermissionOnlineStore).Change(ctx,
		func(e *shop.Edit) error {
			theme, err := db.Theme(ctx, "upfront-modern")
			if err != nil {
				return err
			}
			return e.ScheduleRelease(ctx, 1, orbit.Release{ThemeID: theme.ID, Engine: theme.Engine,
				Settings: orbit.Settings{}}, time.Now().Add(time.Hour))
		}))
	image := orbit.Media{MerchantID: id, ID: orbit.MediaID(uuid.New()), Hash: strings.Repeat("0", 32), Name: "x.png",
		Width: 1, Height: 1, Bytes: 1}
	must(shop.MemberOf(db, orbit.Actor{ID: user}, id, orbit.PermissionMember).Change(ctx, func(e *shop.Edit) error {
		if _, err := e.ReserveImage(ctx, image); err != nil {
			return err
		}
		_, err := e.AddImage(ctx, image, true)
		return err
	}))
	// A notice: the plan's only product.
	_, err = db.Pool().Exec(ctx, `UPDATE plans SET limits = '{"products": 1}' WHERE slug = 'starter'`)
	must(err)
	must(shop.MemberOf(db, orbit.Actor{ID: user}, id, orbit.PermissionMember).Change(ctx, func(e *shop.Edit) error {
		p, err := orbit.ProductForm{Title: "Mug", Status: orbit.ProductActive,
			Variant: orbit.VariantForm{Price: "1", Stock: "0"}}.New(id, orbit.NewID[orbit.Product](),
			orbit.Units{Currency: "USD"}, time.Now())
		must(err)
		p.Status, p.PublishAt = orbit.ProductDraft, time.Now().Add(time.Hour) // to become active
		return e.CreateProduct(ctx, p, nil)
	}))
}
