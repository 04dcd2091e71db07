package operators

import (
	"errors"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"gocloud.dev/gcerrors"

	"orbit360.app/jobs/jobstest"
	"orbit360.app/live"
	"orbit360.app/media"
	"orbit360.app/orbit"
	"orbit360.app/provision"
	"orbit360.app/store"
	"orbit360.app/store/storetest"
)

// An aged row of each table that is swept, and beside it one that isn't old enough. $1 is a merchant that is active,
// $2 another; "old" and "new" tell the rows apart in the column of their case.
var aged = map[string]struct {
	column string // its text ends in old or new
	sql    string
}{
	"sessions": {"encode(token_hash, 'escape')", `INSERT INTO sessions (token_hash, data, expires_at)
		VALUES ('old', '', now() - interval '1 minute'), ('new', '', now() + interval '1 minute')`},
	"throttles": {"key", `INSERT INTO throttles (key, arrival)
		VALUES ('old', now() - interval '1 minute'), ('new', now() + interval '10 minutes')`},
	"idempotency_keys": {"key", `
		INSERT INTO idempotency_keys (caller, key, fingerprint, resource, locked_until, created_at)
		VALUES ('a', 'old', '', $1, now(), now() - interval '25 hours'),
			('a', 'new', '', $1, now(), now() - interval '23 hours')`},
	"one_time_links": {"encode(token_hash, 'escape')", `
		INSERT INTO one_time_links (token_hash, purpose, merchant_id, expires_at)
		VALUES ('old', 'set_password', $1, now() - interval '31 days'),
			('new', 'set_password', $1, now() - interval '29 days')`},
	"webhook_events": {"body", `INSERT INTO webhook_events (id, kind, body, created_at)
		VALUES ('00000000-0000-4000-8000-000000000001', 'ping', 'old', now() - interval '31 days'),
		('00000000-0000-4000-8000-000000000002', 'ping', 'new', now() - interval '29 days')`},
	"webhook_deliveries": {"log ->> 0", `WITH w AS (INSERT INTO webhooks (id, url, events, secret)
		VALUES ($1, 'https://example.com', '[]', '') RETURNING id)
		INSERT INTO webhook_deliveries (id, event_id, webhook_id, status, log)
		SELECT e.id, e.id, w.id, 'delivered', jsonb_build_array(e.body) FROM webhook_events e, w`},
	"shop_events": {"data ->> 'row'", `INSERT INTO shop_events (merchant_id, id, kind, data, created_at) VALUES
		($1, gen_random_uuid(), 'product.created', '{"row": "old"}', now() - interval '61 minutes'),
		($2, gen_random_uuid(), 'product.created', '{"row": "old"}', now() - interval '61 minutes'),
		($1, gen_random_uuid(), 'product.created', '{"row": "new"}', now() - interval '59 minutes')`},
	"live_update_times": {"CASE at_most_ms WHEN 1 THEN 'old' ELSE 'new' END", `
		INSERT INTO live_update_times (hour, at_most_ms, count)
		VALUES (now() - interval '32 days', 1, 1), (now() - interval '30 days', 2, 1)`},
	"traffic_flushes": {"CASE flush WHEN 1 THEN 'old' ELSE 'new' END", `
		INSERT INTO traffic_flushes (counter, flush, flushed_at)
		VALUES (gen_random_uuid(), 1, now() - interval '25 hours'), (gen_random_uuid(), 2, now() - interval '23 hours')`},
	"emails": {"subject", `INSERT INTO emails (id, message_id, recipient, subject, html, text, status, created_at) VALUES
		(gen_random_uuid(), 'a', 'a@example.com', 'old', 'h', 't', 'sent', now() - interval '401 days'),
		(gen_random_uuid(), 'b', 'a@example.com', 'new', 'h', 't', 'sent', now() - interval '399 days'),
		(gen_random_uuid(), 'c', 'a@example.com', 'not gone yet: new', 'h', 't', 'queued', now() - interval '401 days')`},
	"merchants": {"name", `INSERT INTO merchants (id, name, owner_name, email, category, status, created_at) VALUES
		(gen_random_uuid(), 'old', 'A', 'a@example.com', 'books', 'pending', now() - interval '181 days'),
		(gen_random_uuid(), 'new', 'A', 'a@example.com', 'books', 'pending', now() - interval '179 days'),
		(gen_random_uuid(), 'suspended new', 'A', 'a@example.com', 'books', 'suspended', now() - interval '181 days')`},
	"applications": {"(SELECT name FROM merchants m WHERE m.id = applications.id)", `
		INSERT INTO applications (id, page_hash) SELECT id, id::text::bytea FROM merchants WHERE status = 'pending'`},
	"audit_log": {"action", `INSERT INTO audit_log (actor, action, at)
		VALUES ('a', 'old', now() - interval '401 days'), ('a', 'new', now() - interval '399 days')`},
	"carts": {"encode(token_hash, 'escape')", `INSERT INTO carts (merchant_id, id, token_hash, expires_at)
		VALUES ($1, gen_random_uuid(), '1 old', now() - interval '1 minute'),
		($1, gen_random_uuid(), '1 new', now() + interval '1 minute'),
		($2, gen_random_uuid(), '2 old', now() - interval '1 minute'),
		($2, gen_random_uuid(), '2 new', now() + interval '1 minute')`},
	"cart_lines": {"(SELECT encode(token_hash, 'escape') FROM carts c WHERE c.id = cart_id)", `
		INSERT INTO cart_lines (merchant_id, cart_id, variant_id, quantity)
		SELECT c.merchant_id, c.id, v.id, 1 FROM carts c JOIN variants v ON v.merchant_id = c.merchant_id
		WHERE c.merchant_id IN ($1, $2)`},
	"checkouts": {"token", `INSERT INTO checkouts (merchant_id, id, token, cart_id, status, document, ended_at)
		SELECT m, gen_random_uuid(), t, gen_random_uuid(), s, '{}', now() - a::interval
		FROM unnest(ARRAY[$1, $2]::uuid[]) m, (VALUES ('old', 'placed', '91 days'), ('new', 'expired', '89 days'),
			('open, so new', 'open', NULL)) x(t, s, a)`},
	"payment_events": {"id", `INSERT INTO payment_events (merchant_id, provider, id, received_at)
		SELECT m, 'stripe', t, now() - a::interval FROM unnest(ARRAY[$1, $2]::uuid[]) m,
			(VALUES ('old', '91 days'), ('new', '89 days')) x(t, a)`},
	"drafts": {"engine", `INSERT INTO drafts (merchant_id, id, theme_id, engine, expires_at)
		SELECT m, gen_random_uuid(), t.id, e, now() + a::interval
		FROM (SELECT id FROM themes LIMIT 1) t, unnest(ARRAY[$1, $2]::uuid[]) m,
			(VALUES ('old', '-1 minute'), ('new', '1 minute')) x(e, a)`},
	"theme_drafts": {"settings->>'s'", `WITH u AS (INSERT INTO users (id, email, name, role)
			VALUES (gen_random_uuid(), 'drafts@example.com', 'D', 'merchant') RETURNING id)
		INSERT INTO theme_drafts (merchant_id, user_id, theme_id, upon, settings, saved_at)
		SELECT m, u.id, t.id, 1, jsonb_build_object('s', CASE WHEN m = $1 THEN 'old' ELSE 'new' END),
			now() - CASE WHEN m = $1 THEN interval '181 days' ELSE interval '179 days' END
		FROM (SELECT id FROM themes LIMIT 1) t, u, unnest(ARRAY[$1, $2]::uuid[]) m`},
	"operations": {"title", `INSERT INTO operations (merchant_id, id, kind, title, created_at, undo_until)
		SELECT m, gen_random_uuid(), 'import', e, now() - a::interval, now() - a::interval + interval '30 days'
		FROM unnest(ARRAY[$1, $2]::uuid[]) m, (VALUES ('old', '366 days'), ('new', '364 days')) x(e, a)`},
	"operation_products": {"title", `WITH o AS (
			INSERT INTO operations (merchant_id, id, kind, title, created_at, undo_until)
			SELECT m, gen_random_uuid(), 'import', a || ' days, new', now() - interval '30 days',
				now() - a * interval '1 day'
			FROM unnest(ARRAY[$1, $2]::uuid[]) m, unnest(ARRAY[0, 2]) a RETURNING merchant_id, id, title)
		INSERT INTO operation_products (merchant_id, operation_id, product_id, title, version)
		SELECT merchant_id, id, gen_random_uuid(), CASE title WHEN '0 days, new' THEN 'new' ELSE 'old' END, 1 FROM o`},
	"imports": {"file_name", `INSERT INTO imports (merchant_id, id, file_name, hash, bytes, overwrite, erase, run_at_once,
			created_at)
		SELECT m, gen_random_uuid(), e, '', 1, false, false, false, now() - a::interval
		FROM unnest(ARRAY[$1, $2]::uuid[]) m, (VALUES ('old', '31 days'), ('new', '29 days')) x(e, a)`},
	"import_images": {"url", `WITH i AS (INSERT INTO imports (merchant_id, id, file_name, hash, bytes, overwrite, erase,
			run_at_once, created_at)
			SELECT m, gen_random_uuid(), 'with images ' || e, '', 1, false, false, false, now() - a::interval
			FROM unnest(ARRAY[$1, $2]::uuid[]) m, (VALUES ('old', '31 days'), ('new', '29 days')) x(e, a)
			RETURNING merchant_id, id, file_name)
		INSERT INTO import_images (merchant_id, id, import_id, product_id, url, position)
		SELECT i.merchant_id, gen_random_uuid(), i.id, p.id, 'https://example.com/' || right(i.file_name, 3), 0
		FROM i JOIN LATERAL (SELECT id FROM products p WHERE p.merchant_id = i.merchant_id LIMIT 1) p ON true`},
	"support_visits": {"reason", `WITH u AS (INSERT INTO users (id, email, name, role)
			VALUES (gen_random_uuid(), 'visits@example.com', 'V', 'admin') RETURNING id)
		INSERT INTO support_visits (id, merchant_id, admin_id, session_id, reason, expires_at,
			created_at)
		SELECT gen_random_uuid(), $1, u.id, gen_random_uuid(), reason, now(), now() - age::interval
		FROM u, (VALUES ('old', '31 days'), ('new', '29 days')) x(reason, age)`},
	"blob_trash": {"rtrim(prefix, '-')", `INSERT INTO blob_trash (prefix, due_at, until)
		VALUES ('old-', now() - interval '1 minute', now() - interval '1 minute'),
		('new-', now() + interval '1 minute', now() + interval '1 minute')`},
	"workers": {"id", `INSERT INTO workers (id, lock_key) VALUES ('old', 1)`},
	"river_job": {"kind", `
		INSERT INTO river_job (args, kind, queue, max_attempts, state, attempt, created_at, finalized_at) VALUES
		('{}', 'completed old', 'mail', 5, 'completed', 1, now() - interval '26 hours', now() - interval '25 hours'),
		('{}', 'canceled old', 'mail', 5, 'cancelled', 1, now() - interval '26 hours', now() - interval '25 hours'),
		('{}', 'discarded old', 'mail', 5, 'discarded', 5, now() - interval '9 days', now() - interval '8 days'),
		('{}', 'new', 'mail', 5, 'completed', 1, now() - interval '25 hours', now() - interval '23 hours')`},
}

// TestEverythingThatGrowsIsSwept ages a row of each kind and sees it go, while younger ones stay. A new table must be
// swept or be on the list of those that are kept on purpose, and it must be in the documentation.
func TestEverythingThatGrowsIsSwept(t *testing.T) {
	t.Parallel()
	ctx, serving := t.Context(), storetest.NewURL(t)
	db, err := store.Open(ctx, serving)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	super, err := pgx.Connect(ctx, storetest.SuperURL(serving))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(ctx) //nolint:errcheck // a test's connection
	column := func(sql string, args ...any) []string {
		rows, err := super.Query(ctx, sql, args...)
		if err != nil {
			t.Fatal(sql, err)
		}
		all, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(sql, err)
		}
		return all
	}
	swept, kept := store.Swept(), store.Kept()
	for _, table := range column(`SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
		AND relkind IN ('r', 'p') ORDER BY 1`) {
		_, goes := swept[table]
		_, stays := kept[table]
		if goes == stays {
			t.Errorf("%s: a table must be among the swept or, on purpose, the kept of store/tidy.go", table)
		}
	}
	docs, err := os.ReadFile("../../docs/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(docs), "### Growth and sweeping")
	section, _, _ = strings.Cut(section, "\n### ")
	for _, table := range slices.Sorted(maps.Keys(swept)) {
		if _, ok := aged[table]; !ok {
			t.Errorf("%s: no row of it is aged here", table)
		}
		if !strings.Contains(section, "`"+table+"`") {
			t.Errorf("%s isn't in docs/reliability.md, Growth and sweeping", table)
		}
	}
	for table := range aged {
		if _, ok := swept[table]; !ok {
			t.Errorf("%s isn't swept", table)
		}
	}
	if t.Failed() {
		return
	}

	moss, nord := orbit.NewID[orbit.Merchant](), orbit.NewID[orbit.Merchant]()
	for _, m := range []orbit.MerchantID{moss, nord} {
		for _, sql := range []string{
			`INSERT INTO merchants (id, name, owner_name, email, category, status)
				VALUES ($1, 'Shop new', 'A', 'a@example.com', 'books', 'active')`,
			`INSERT INTO products (merchant_id, id, handle, title) VALUES ($1, $1, 'mug', 'Mug')`,
			`INSERT INTO variants (merchant_id, id, product_id, price) VALUES ($1, $1, $1, 100)`,
		} {
			if _, err := super.Exec(ctx, sql, m.String()); err != nil {
				t.Fatal(err)
			}
		}
	}
	bucket, err := media.Open(ctx, media.FolderURL(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	defer bucket.Close() //nolint:errcheck // a test's folder
	if err := errors.Join(
		bucket.WriteAll(ctx, "old-original", []byte("refused"), nil),
		bucket.WriteAll(ctx, "new-original", []byte("under way"), nil),
	); err != nil {
		t.Fatal(err)
	}
	first := []string{"webhook_events", "carts", "merchants"} // others refer to these
	rest := slices.DeleteFunc(slices.Sorted(maps.Keys(aged)), func(table string) bool {
		return slices.Contains(first, table)
	})
	for _, table := range append(first, rest...) {
		var args []any
		for i, id := range []orbit.MerchantID{moss, nord} {
			if strings.Contains(aged[table].sql, []string{"$1", "$2"}[i]) {
				args = append(args, id.String())
			}
		}
		if _, err := super.Exec(ctx, aged[table].sql, args...); err != nil {
			t.Fatal(table, err)
		}
	}

	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	if err := errors.Join(db.Tidy(ctx), media.New(media.Config{DB: db, Log: log, Bucket: bucket}).Sweep(ctx)); err != nil {
		t.Fatal(err)
	}
	if _, err := db.TidyShops(ctx); err != nil {
		t.Fatal(err)
	}
	if n := len(column(`SELECT subject FROM emails WHERE html = '' AND text = ''`)); n != 1 {
		t.Error("emails without their bodies:", n)
	}
	if n := len(column(`SELECT subject FROM emails WHERE html <> '' AND status = 'queued'`)); n != 1 {
		t.Error("an email that waits lost its body:", n)
	}
	jobstest.Start(t, live.New(live.Config{DB: db, Log: log}), provision.Queue(provision.Config{DB: db, Log: log}))
	for table, a := range aged {
		rows := func(ends string) []string {
			return column(`SELECT row::text FROM (SELECT `+a.column+` AS row FROM `+pgx.Identifier{table}.Sanitize()+`) x
				WHERE row LIKE '%'||$1`, ends)
		}
		for deadline := time.Now().Add(20 * time.Second); len(rows("old")) > 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Errorf("%s still has what is old: %q", table, rows("old"))
				break
			}
		}
		if table != "workers" && len(rows("new")) == 0 {
			t.Errorf("%s lost what is young", table)
		}
	}
	if _, err := bucket.Attributes(ctx, "old-original"); gcerrors.Code(err) != gcerrors.NotFound {
		t.Error("a refused upload's file stays:", err)
	}
	if _, err := bucket.Attributes(ctx, "new-original"); err != nil {
		t.Error("an upload that is under way lost its file:", err)
	}
}

// TestTheAuditLogOnlyLosesWhatIsOld: the serving role may have old lines removed and nothing else, by whatever means.
func TestTheAuditLogOnlyLosesWhatIsOld(t *testing.T) {
	t.Parallel()
	ctx, serving := t.Context(), storetest.NewURL(t)
	conn, err := pgx.Connect(ctx, serving)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx) //nolint:errcheck // a test's connection
	if _, err := conn.Exec(ctx, `INSERT INTO audit_log (actor, action, at)
		VALUES ('a', 'x', now() - interval '399 days'), ('a', 'x', now()), ('a', 'x', now() - $1::interval)`,
		(orbit.AuditKept + time.Hour).String()); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{`DELETE FROM audit_log`, `UPDATE audit_log SET at = '2000-01-01'`, `TRUNCATE audit_log`,
		`ALTER FUNCTION orbit_sweep_audit(integer) OWNER TO CURRENT_USER`,
		`CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT 'infinity'::timestamptz $$`} {
		if _, err := conn.Exec(ctx, sql); err == nil {
			t.Error("may do:", sql)
		}
	}
	// What a caller may put in the way: objects of its own in its temporary schema, and a search path that has them first.
	if _, err := conn.Exec(ctx, `CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql
			AS $$ SELECT 'infinity'::timestamptz $$;
		CREATE FUNCTION pg_temp.older(timestamptz, timestamptz) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;
		SET search_path = pg_temp, public, pg_catalog`); err != nil {
		t.Fatal(err)
	}
	var swept, left int
	for _, rows := range []int{-1, 0, 1 << 30} {
		n := 0
		if err := conn.QueryRow(ctx, `SELECT public.orbit_sweep_audit($1)`, rows).Scan(&n); err != nil && rows >= 0 {
			t.Fatal(err)
		}
		swept += n
	}
	err = conn.QueryRow(ctx, `SELECT count(*) FROM public.audit_log WHERE action = 'x'`).Scan(&left)
	if err != nil || swept != 1 || left != 2 {
		t.Error("swept:", swept, "left:", left, err)
	}
	other, err := pgx.Connect(ctx, storetest.SuperURL(serving))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(ctx) //nolint:errcheck // a test's connection
	if _, err := other.Exec(ctx, `CREATE ROLE stranger_`+conn.Config().Database+`;
		SET ROLE stranger_`+conn.Config().Database); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Exec(ctx, `SELECT public.orbit_sweep_audit(1)`); err == nil {
		t.Error("any role may have lines removed")
	}
}
