package operators

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"orbit360.app/journey/journeytest"
)

// The databases of releases, for TestReleases. How the next one is made stands in docs/recipes.md.
const (
	releases   = "../../store/testdata/releases"
	releaseKey = "the key of all releases' databases, which holds no secret"
)

var (
	makeRelease = flag.String("make-release", "",
		"make the database of the release of this name, such as 1.4.0, under "+releases)
	releaseProgram = flag.String("release-program", "",
		"with -make-release: the program of that release, instead of one built from here")
)

// TestMakeRelease has people use the program of a release, and keeps the database that this leaves.
func TestMakeRelease(t *testing.T) {
	if *makeRelease == "" {
		t.Skip("only with -make-release")
	}
	dump, err := exec.LookPath("pg_dump")
	if err != nil {
		found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump") // the pattern is fine
		if len(found) == 0 {
			t.Fatal("pg_dump isn't there")
		}
		dump = found[0]
	}
	url, pool := database(t)
	p := journeytest.Install(t, "DATABASE_URL="+url, "SECRET_KEY="+releaseKey)
	p.Path = *releaseProgram
	p.MustStart()
	admin := p.Client()
	admin.SignIn()
	p.Client().Submit(303, "", "/apply", `form[method=post]`, "name", "Lantern & Moss", "ownerName", "Zoë Ó Briain",
		"email", "zoe@example.com", "category", "books")
	admin.Submit(201, "admin", "/webhooks/new", `main form[method=post]`, "url", "https://hooks.example.com/orbit",
		"events", "merchant.activated")
	for _, theme := range []string{"modern", "classic"} {
		p.OpenShop(admin, theme)
		useShop(t, p, admin, theme)
	}
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	// What people were told once is of no use to the test.
	for _, sql := range []string{`DELETE FROM sessions`, `DELETE FROM throttles`, `DELETE FROM workers`,
		`DELETE FROM river_leader`} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(sql, err)
		}
	}
	cmd := exec.Command(dump, "--no-owner", "--no-privileges", "--rows-per-insert=200", pool.Config().ConnString())
	var plain, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &plain, &said
	if err := cmd.Run(); err != nil {
		t.Fatal(err, said.String())
	}
	file, err := os.Create(filepath.Join(releases, *makeRelease+".sql.gz"))
	if err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	if err == nil {
		_, err = plain.WriteTo(zip)
	}
	if err == nil {
		err = zip.Close()
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// useShop is the first days of a shop: its owner moves in and adds a product, people buy, one order is paid and sent.
func useShop(t *testing.T, p *journeytest.Program, admin *journeytest.Client, shop string) {
	t.Helper()
	owner := p.Client()
	link := p.Welcome(admin, shop+"@example.com")
	owner.Submit(303, "dashboard", link, `form[method=post]`,
		"password", journeytest.OwnerPassword, "repeat", journeytest.OwnerPassword)
	home := "/" + shop
	owner.Submit(303, "dashboard", home+"/products/new", `form[action$="/products"]`,
		"title", "Hill Lamp of "+shop, "description", "A lamp like the last light on a hill.", "price", "64.50", "stock",
		"30", "option1_name", "Size", "option1", "Small, Large", "status", "active")
	for i := range 3 {
		shopper := p.Client()
		shopper.Submit(303, shop, "/products/hill-lamp-of-"+shop, `form[action$="/cart/add"]`, "quantity", fmt.Sprint(i+1))
		if i == 2 {
			break // a cart that is left
		}
		shopper.Submit(303, shop, "/checkout", `form[action="/checkout"]`, "action", "order", "email",
			fmt.Sprintf("ada%d@example.com", i),
			"name", "Ada Lovelace", "country", "GB", "line1", "12 Quay Street", "city", "Bristol", "postcode", "BS1 4QA",
			"phone", "+44 117 496 0000")
	}
	body, _ := owner.Must(200, "dashboard", home+"/orders")
	order := regexp.MustCompile(regexp.QuoteMeta(home) + `/orders/[0-9a-zA-Z-]+`).FindString(body)
	owner.Must(303, "dashboard", order+"/payment", "x", "")
	owner.Must(303, "dashboard", order+"/fulfillment", "x", "")
}

// TestReleases: the newest program takes over the database of every release, and serves from it.
func TestReleases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(releases, "*.sql.gz"))
	if err != nil || len(files) == 0 {
		t.Fatal("no release's database under "+releases, err)
	}
	owner, pool := database(t)
	for i, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			name := fmt.Sprintf("release%d", i)
			if _, err := pool.Exec(t.Context(), "CREATE DATABASE "+name+" OWNER orbit"); err != nil {
				t.Fatal(err)
			}
			url := strings.Replace(owner, "/orbit360?", "/"+name+"?", 1)
			restore(t, url, file)
			before := rowsOf(t, url)
			for table, least := range map[string]int{"merchants": 3, "orders": 4, "products": 14, "webhooks": 1} {
				if before[table] < least {
					t.Fatalf("the release's database has %d %s; this test needs %d", before[table], table, least)
				}
			}
			p := journeytest.Install(t, "DATABASE_URL="+url, "SECRET_KEY="+releaseKey)
			p.MustStart()
			admin := p.Client()
			admin.SignIn()
			admin.Must(200, "admin", "/merchants?q=Lantern")
			for _, shop := range []string{"modern", "classic"} {
				visitor := p.Client()
				body, _ := visitor.Must(200, shop, "/products/hill-lamp-of-"+shop)
				if !strings.Contains(body, "Hill Lamp of "+shop) || !strings.Contains(body, "64.50") {
					t.Errorf("%s shows another product", shop)
				}
				visitor.Submit(303, shop, "/products/hill-lamp-of-"+shop, `form[action$="/cart/add"]`)
				keeper := p.Client()
				keeper.Submit(303, "dashboard", "/sign-in", `form[method=post]`, "email", shop+"@example.com",
					"password", journeytest.OwnerPassword)
				orders, _ := keeper.Must(200, "dashboard", "/"+shop+"/orders")
				for _, want := range []string{"#1001", "#1002", "Ada Lovelace"} {
					if !strings.Contains(orders, want) {
						t.Errorf("%s has lost the order of %s:\n%.3000s", shop, want, orders)
					}
				}
			}
			p.OpenShop(admin, "minimal") // and goes on from there
			journeytest.Eventually(t, "orders of before are counted", func() bool { return counted(t, url) })
			if err := p.Stop(); err != nil {
				t.Error(err)
			}
			after := rowsOf(t, url)
			after["mails"] = after["emails"] // its name before 0019
			for _, table := range []string{"users", "merchants", "memberships", "products", "variants", "orders", "order_lines",
				"releases", "domains", "mails", "audit_log", "webhooks", "schema_migrations"} {
				if after[table] < before[table] {
					t.Errorf("%s: %d rows of %d are left", table, after[table], before[table])
				}
			}
		})
	}
}

// counted reports whether all orders of a database are among the sales of their days.
func counted(t *testing.T, url string) (all bool) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // a test's connection
	rows, err := conn.Query(t.Context(), `SELECT id::text FROM merchants`)
	if err != nil {
		t.Fatal(err)
	}
	shops, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range shops { // row-level security shows one shop at a time
		if _, err := conn.Exec(t.Context(), `SELECT set_config('orbit.merchant_id', $1, false)`, id); err != nil {
			t.Fatal(err)
		}
		if err := conn.QueryRow(t.Context(), `SELECT coalesce((SELECT sum(orders) FROM sales_days), 0) =
			(SELECT count(*) FROM orders WHERE status <> 'cancelled')`).Scan(&all); err != nil {
			t.Fatal(err)
		}
		if !all {
			return false
		}
	}
	return true
}

// restore loads a release's database as the role that is to own it, as docs/setup.md has it.
func restore(t *testing.T, url, file string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	zip, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	dump, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // a test's connection
	// A newer pg_dump has psql turn its meta-commands off, which nobody reads here.
	sql := regexp.MustCompile(`(?m)^\\(un)?restrict .*$`).ReplaceAllString(string(dump), "")
	if err := conn.PgConn().Exec(t.Context(), sql).Close(); err != nil {
		t.Fatal(file, err)
	}
}

// rowsOf counts the rows of all tables of the platform, past row-level security.
func rowsOf(t *testing.T, url string) map[string]int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // a test's connection
	texts := func(sql string) []string {
		rows, err := conn.Query(t.Context(), sql)
		if err != nil {
			t.Fatal(sql, err)
		}
		texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(sql, err)
		}
		return texts
	}
	counts := map[string]int{}
	count := func(table string) {
		var n int
		if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM `+pgx.Identifier{table}.Sanitize()).Scan(&n); err != nil {
			t.Fatal(table, err)
		}
		counts[table] += n
	}
	for _, table := range texts(`SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND NOT rowsecurity`) {
		count(table)
	}
	secured := texts(`SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND rowsecurity`)
	for _, id := range append(texts(`SELECT id::text FROM merchants`), "") {
		// The owner is held to row-level security too: one shop after the other, then the platform.
		if _, err := conn.Exec(t.Context(), `SELECT set_config('orbit.merchant_id', $1, false)`, id); err != nil {
			t.Fatal(err)
		}
		for _, table := range secured {
			count(table)
		}
	}
	return counts
}
