// Command orbit360 runs the whole platform: every host, the durable jobs and, where no DATABASE_URL
// is given, PostgreSQL itself.
package main

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"orbit360.app/command"
	"orbit360.app/handlers"
	"orbit360.app/handlers/admin"
	"orbit360.app/handlers/kit"
	"orbit360.app/imports"
	"orbit360.app/jobs"
	"orbit360.app/live"
	"orbit360.app/mail"
	"orbit360.app/media"
	"orbit360.app/metrics"
	"orbit360.app/orbit"
	"orbit360.app/outbox"
	"orbit360.app/payments"
	"orbit360.app/payments/paypal"
	"orbit360.app/payments/stripe"
	"orbit360.app/postgres"
	"orbit360.app/provision"
	"orbit360.app/schedule"
	"orbit360.app/store"
	"orbit360.app/store/pg"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
	"orbit360.app/traffic"
	"orbit360.app/webhooks"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := command.Execute(os.Args[1:], os.Stdout, version(), []command.Command{
		{Name: "serve", Doc: "serve on ADDR and run the jobs", Run: func(out io.Writer) error {
			cfg, err := loadConfig()
			if err != nil {
				return err
			}
			return run(ctx, cfg, out)
		}},
	})
	if _, misspelled := errors.AsType[command.Misuse](err); misspelled {
		fmt.Fprintf(os.Stderr, "orbit360: %s; see orbit360 --help\n", line(err))
		os.Exit(2)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "orbit360:", line(err))
		os.Exit(1)
	}
}

// versionOverride names the version where a release's builder knows it better than Go does:
// go build -ldflags "-X main.versionOverride=1.4.0".
var versionOverride string

func version() command.Build { return command.Version(versionOverride) }

// line returns an error on one line: pgx writes each address that it tried on a line of its own.
func line(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\t' }), " ")
}

// blame names the variable that an error of the database is about, where the error doesn't speak for itself.
func blame(variable, value string, err error) error {
	if _, speaks := errors.AsType[*orbit.Error](err); err == nil || speaks || value == "" {
		return err
	}
	return fmt.Errorf("%s: %w", variable, err)
}

// How long each part of a shutdown may take. Together, and without a DRAIN_DELAY, they stay below the 30 s after which
// supervisors kill.
const (
	drainHTTP     = 8 * time.Second
	drainJobs     = 8 * time.Second
	drainTraffic  = 2 * time.Second
	stopDatabase  = 10 * time.Second
	startPatience = 60 * time.Second
)

// run starts the platform, serves until ctx ends, and drains: streams, requests, jobs, database.
func run(ctx context.Context, cfg config, out io.Writer) (err error) {
	log, flush := logger(cfg)
	defer flush()
	v := version()
	log.Info("starting", "version", v.Name, "go", v.GoVersion, "pid", os.Getpid())
	at, err := cfg.socket()
	if err != nil {
		return err
	}
	defer at.close()
	counts, stopCounts, err := openMetrics(cfg, log)
	if err != nil {
		return err
	}
	defer stopCounts()
	if err := os.MkdirAll(cfg.DataDir, 0o755); err != nil {
		return fmt.Errorf("DATA_DIR is %s, which can't be made: %w", cfg.DataDir, err)
	}
	starting, started := context.WithTimeout(ctx, startPatience)
	defer started()
	ownerURL := cfg.DatabaseURL
	if ownerURL == "" {
		pg, err := postgres.Start(starting, postgres.Config{Dir: filepath.Join(cfg.DataDir, "postgres"), Log: log})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, within(stopDatabase, pg.Stop)) }()
		ownerURL = pg.URL()
	}
	if err := cfg.loadSecret(randomKey); err != nil {
		return err
	}
	db, err := openDatabase(starting, cfg, ownerURL, log)
	if err != nil {
		return err
	}
	defer db.Close()
	first, err := prepare(starting, cfg, db)
	if err != nil {
		return err
	}
	p, err := newPlatform(cfg, db, counts, log)
	if err != nil {
		return err
	}
	stop, err := p.start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	listener, err := at.open()
	if err != nil {
		return err
	}
	greet(out, cfg, listener, first)
	budgetNote(starting, out, db, log)
	return p.serve(ctx, listener, cfg.drain)
}

func within(d time.Duration, stop func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return stop(ctx)
}

func randomKey() []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails (crypto/rand, Go 1.24)
	return b
}

// openDatabase migrates as the owner and opens as the role to serve as. A start with another key than the database's is
// refused before it changes anything.
func openDatabase(ctx context.Context, cfg config, ownerURL string, log *slog.Logger) (*store.DB, error) {
	key, err := cfg.key()
	if err != nil {
		return nil, err
	}
	owner, err := pg.OpenOwner(ctx, ownerURL, log)
	if err != nil {
		return nil, blame("DATABASE_URL", cfg.DatabaseURL, err)
	}
	defer owner.Close()
	replaces, err := owner.CheckKey(ctx, key)
	if err == nil {
		err = owner.Migrate(ctx)
	}
	if err == nil {
		err = owner.ClaimKey(ctx, key)
	}
	if err != nil {
		return nil, blame("DATABASE_URL", cfg.DatabaseURL, err)
	}
	db, err := openServing(ctx, cfg, owner, ownerURL)
	// As long as the old key is set it is asked for: a process that still had it may have encrypted something since.
	if err != nil || !replaces && cfg.oldKey() == nil {
		return db, err
	}
	if err := owner.ReplaceKey(ctx, key, cfg.secretKeys()); err != nil {
		db.Close()
		return nil, blame("DATABASE_URL", cfg.DatabaseURL, err)
	}
	if replaces {
		log.Warn("SECRET_KEY was replaced; earlier API tokens and preview links are void", "webhooks_lost", key.Lost)
	}
	return db, nil
}

// openServing opens as the role to serve as, which it makes where none is named.
func openServing(ctx context.Context, cfg config, owner *pg.Owner, ownerURL string) (*store.DB, error) {
	if cfg.DatabaseAppURL != "" {
		// Opened first, which refuses a strong role: granting takes away too, and from the owner that would stay.
		if err := pg.CheckHearing(ctx, cfg.DatabaseAppURL); err != nil {
			return nil, blame("DATABASE_APP_URL", cfg.DatabaseAppURL, err)
		}
		db, err := store.Open(ctx, cfg.DatabaseAppURL)
		if err != nil {
			return nil, blame("DATABASE_APP_URL", cfg.DatabaseAppURL, err)
		}
		if err := owner.GrantTo(ctx, cfg.DatabaseAppURL); err != nil {
			db.Close()
			return nil, blame("DATABASE_URL", cfg.DatabaseURL, err)
		}
		return db, nil
	}
	// Derived from the secret key, so that all replicas come to the same password.
	password, err := derive(cfg.secret, "orbit360 database serving role", 24)
	if err != nil {
		return nil, err
	}
	serving, err := owner.ServingRole(ctx, ownerURL, hex.EncodeToString(password))
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, serving)
}

// welcome is the link that makes the first admin.
type welcome struct {
	link string
	ends time.Time
}

// prepare makes what an empty database needs: the default themes and plans and the first admin. Where none is
// configured it returns the link that creates one: the same from all processes with the same key.
func prepare(ctx context.Context, cfg config, db *store.DB) (w welcome, err error) {
	if _, err := db.SeedDefaults(ctx); err != nil {
		return w, err
	}
	if err := resetTwoStep(ctx, cfg, db); err != nil {
		return w, err
	}
	if cfg.AdminEmail != "" {
		_, err := db.UserByEmail(ctx, cfg.AdminEmail)
		if orbit.CodeOf(err) != orbit.NotFound {
			return w, err
		}
		hash, err := kit.HashPassword(cfg.AdminPassword)
		if err != nil {
			return w, err
		}
		_, err = db.EnsureAdmin(ctx, cfg.AdminEmail, "Admin", hash)
		return w, err
	}
	key, err := derive(cfg.secret, "orbit360 first admin", 32)
	if err != nil {
		return w, err
	}
	token, ends, err := db.FirstAdminLink(ctx, func(made time.Time) string {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(made.UTC().Format(time.RFC3339Nano)))
		return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	})
	if err != nil || token == "" {
		return w, err
	}
	return welcome{cfg.addresses.Admin("/welcome/" + token), ends}, nil
}

// resetTwoStep turns off the two-step sign-in of the account that TWO_STEP_RESET names, and has the person told.
func resetTwoStep(ctx context.Context, cfg config, db *store.DB) error {
	if cfg.TwoStepReset == "" {
		return nil
	}
	user, err := db.UserByEmail(ctx, cfg.TwoStepReset)
	if orbit.CodeOf(err) == orbit.NotFound {
		return orbit.Errorf(orbit.Invalid, "TWO_STEP_RESET names %s, which no account has.", cfg.TwoStepReset)
	}
	if err != nil {
		return err
	}
	page := cfg.addresses.Dashboard
	if user.Role == orbit.RoleAdmin {
		page = cfg.addresses.Admin
	}
	m, err := composer(cfg).TwoStepReset(mail.NoticeData{ID: orbit.NewID[orbit.Email](), User: user, At: time.Now(),
		Account: page("/account"), Reset: page("/password")})
	if err != nil {
		return err
	}
	return db.TurnOffTwoStep(ctx, user, orbit.System, orbit.ActionTwoStepReset, &m)
}

// platform is what the program is made of: the listener, the half that answers and the half that works.
type platform struct {
	live    *live.Feed
	traffic *traffic.Counter
	media   *media.Service
	server  *handlers.Server
	jobs    *jobs.Service
}

// composer returns what writes emails: they stay in the panel's mailbox where there is no mail server.
func composer(cfg config) mail.Composer {
	c := mail.Composer{Addresses: cfg.addresses, Status: orbit.EmailLocal}
	if cfg.smtp != nil {
		c.Status = orbit.EmailQueued
	}
	return c
}

// newPlatform wires from top to bottom: what is made may use what was made before it.
func newPlatform(cfg config, db *store.DB, counts *metrics.Metrics, log *slog.Logger) (p platform, err error) {
	var sender *mail.Sender
	var accepts kit.Accepts
	if cfg.smtp != nil {
		sender = mail.NewSender(*cfg.smtp, cfg.from)
		accepts = sender.Accepts
	}
	engines := themes.NewSet(modern.New(), classic.New(), minimal.New())
	tokenKey, err := derive(cfg.secret, "orbit360 api tokens", 32)
	if err != nil {
		return p, err
	}
	previewKey, err := derive(cfg.secret, "orbit360 previews", 32)
	if err != nil {
		return p, err
	}
	secrets, err := cfg.secretKeys().Cipher(orbit.TwoStepSecrets)
	if err != nil {
		return p, err
	}
	hooks, err := webhooks.New(webhooks.Config{DB: db, Log: log, Keys: cfg.secretKeys(), Metrics: counts,
		Mail: composer(cfg), Addresses: cfg.addresses})
	if err != nil {
		return p, err
	}
	pay, err := newPayments(cfg, db, log)
	if err != nil {
		return p, err
	}
	bucket, err := media.Open(context.Background(), cfg.BlobURL)
	if err != nil {
		return p, fmt.Errorf("BLOB_URL can't be used: %w", err)
	}
	p.media = media.New(media.Config{DB: db, Log: log, Bucket: bucket, Metrics: counts, Held: cfg.hold})
	files := imports.New(imports.Config{DB: db, Log: log, Files: p.media, Images: p.media})
	p.traffic = traffic.New(db, log)
	p.live = live.New(live.Config{DB: db, Log: log, Metrics: counts})
	jobPages, err := admin.NewJobs(db, log)
	if err != nil {
		return p, err
	}
	p.server = handlers.New(handlers.Config{Kit: kit.New(kit.Kit{
		Accepts: accepts, DB: db, Addresses: cfg.addresses, Log: log, Mail: composer(cfg), LocalEmail: sender == nil,
		Proxies: cfg.proxies, PreviewKey: previewKey, Secrets: &secrets, Metrics: counts, Media: p.media, Held: cfg.hold,
		Payments: pay, Imports: files}),
		Live: p.live, Engines: engines, Webhooks: hooks, Jobs: jobPages,
		Traffic: p.traffic, TokenKey: tokenKey, Access: accessLog(cfg), DrainDelay: cfg.drain})
	p.jobs, err = jobs.New(jobs.Config{DB: db, Log: log, Live: p.live, Hold: cfg.hold}, append(files.Queues(),
		provision.Queue(provision.Config{DB: db, Log: log, Addresses: cfg.addresses, Engines: engines, Mail: composer(cfg),
			Metrics: counts, Visit: p.server.Visit}),
		outbox.Queue(outbox.Config{DB: db, Log: log, Addresses: cfg.addresses, Mail: composer(cfg), Sender: sender,
			Metrics: counts}),
		hooks.Queue(), p.media.Queue(), schedule.Queue(schedule.Config{DB: db, Log: log}), pay.Queue())...)
	if err != nil {
		return p, err
	}
	counts.Watch(sources(cfg, db, p))
	return p, nil
}

// newPayments wires the providers of payments.
func newPayments(cfg config, db *store.DB, log *slog.Logger) (*payments.Service, error) {
	through, err := paypal.New(cfg.PayPalAPI, nil)
	if err != nil {
		return nil, err
	}
	return payments.New(payments.Config{DB: db, Log: log, Mail: composer(cfg), Addresses: cfg.addresses,
		Keys: cfg.secretKeys(), Hold: cfg.hold, Providers: map[string]payments.Provider{
			orbit.ProviderStripe: stripe.New(cmp.Or(cfg.StripeAPI, stripe.Site)), orbit.ProviderPayPal: through,
			orbit.ProviderTest: payments.TestProvider{DB: db}}})
}

// start begins to hear and to work. Stop ends both, the jobs first: they use the rest.
func (p platform) start(ctx context.Context) (stop func() error, err error) {
	p.media.Start(ctx)
	p.live.Start(ctx)
	p.traffic.Start(ctx)
	rest := func() error {
		p.live.Stop()
		return errors.Join(within(drainTraffic, p.traffic.Stop), p.media.Stop())
	}
	if err := p.jobs.Start(ctx); err != nil {
		return nil, errors.Join(err, rest())
	}
	return func() error { return errors.Join(within(drainJobs, p.jobs.Stop), rest()) }, nil
}

// openMetrics serves the metrics. Without METRICS_ADDR there are none, and nothing is counted.
func openMetrics(cfg config, log *slog.Logger) (m *metrics.Metrics, stop func(), err error) {
	if cfg.MetricsAddr == "" {
		return nil, func() {}, nil
	}
	l, err := listen("METRICS_ADDR", cfg.MetricsAddr)
	if err != nil {
		return nil, nil, err
	}
	m = metrics.New()
	v := version()
	m.Build(v.Name, v.Revision, v.GoVersion)
	return m, m.Serve(l, log), nil
}

// sources returns what the metrics ask at a scrape.
func sources(cfg config, db *store.DB, p platform) metrics.Sources {
	return metrics.Sources{
		Held:    cfg.hold,
		Disk:    func() (free, size uint64, err error) { return metrics.Disk(cfg.DataDir) },
		Images:  p.media.Check,
		Streams: p.server.Streams,
		Sockets: p.server.Sockets,
		Pages:   p.server.Kept,
		Pools:   db.PoolStats,
		Ping:    db.Ping,
		Load:    db.Load,
		Queues:  p.jobs.Queues(),
	}
}

// serve answers until ctx ends, then drains.
func (p platform) serve(ctx context.Context, l net.Listener, drain time.Duration) error {
	failed := make(chan error, 1)
	go func() { failed <- p.server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		// Serve returns when shutting down begins; what counts is when it has ended.
		return within(drain+drainHTTP, p.server.Shutdown)
	}
}

// budgetNote writes how many connections this process may open, and warns where the server has fewer.
func budgetNote(ctx context.Context, out io.Writer, db *store.DB, log *slog.Logger) {
	b := db.Budget()
	fmt.Fprintf(out, "Database connections: at most %d (platform %d, storefronts %d, others %d)\n\n", b.Total(),
		b.Platform, b.Storefronts, b.Own)
	room, err := db.Room(ctx)
	log.Info("database connections", "most", b.Total(), "platform", b.Platform, "storefronts", b.Storefronts, "others",
		b.Own, "server", room)
	if err != nil {
		log.Warn("how many connections the server takes can't be read", "error", err)
	} else if room > 0 && b.Total() > room {
		log.Warn("the database server takes fewer connections than this process may open: raise max_connections, or "+
			"lower pool_max_conns in the address", "most", b.Total(), "server", room)
	}
}

// greet writes where to go to standard output: it may hold a secret link, and logs are kept.
func greet(out io.Writer, cfg config, l net.Listener, first welcome) {
	a := cfg.addresses
	fmt.Fprintf(out,
		"\nORBIT360 is running on %s, version %s\n\n  website    %s\n  apply      %s\n  admin      %s\n  dashboard  %s\n\n",
		l.Addr(), version().Name, a.Site(""), a.Site("/apply"), a.Admin(""), a.Dashboard(""))
	if first.link != "" {
		fmt.Fprintf(out, "There is no admin yet. Open this link, once, before %s, to create the first:\n\n  %s\n\n",
			first.ends.UTC().Format("2006-01-02 15:04 MST"), first.link)
	}
	if cfg.hold {
		fmt.Fprintf(out,
			"OUTBOUND=hold: emails and webhooks are queued, image uploads are off, and stored files aren't deleted.\n\n")
	}
	if cfg.smtp == nil {
		fmt.Fprintf(out, "No SMTP_URL is set: emails stay here, under %s\n\n", a.Admin("/emails"))
	}
}
