package shop_test

import (
	"context"
	"fmt"
	neturl "net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/migrations"
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
	"orbit360.app/store/storetest"
)

// finds gives the titles that a search of a shop finds, best first.
func (m *market) finds(id orbit.MerchantID, query string) string {
	m.Helper()
	r := shop.For(m.db, id).Reader()
	list := r.Browse(orbit.CollectionID{}, orbit.Browse{Query: query, Page: 1}, 50, nil)
	if err := r.Read(m.Context()); err != nil {
		m.Fatal(query, err)
	}
	l := list.Value
	if l.Total != len(l.Products) {
		m.Errorf("%q: %d products, total %d", query, len(l.Products), l.Total)
	}
	return titles(l.Products)
}

// serving is a connection as the role that the program serves as.
func (m *market) serving() *pgx.Conn { return connect(m.T, m.url) }

func TestSearchFolds(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	for _, title := range []string{"Pâté de Campagne", "São Tomé Chocolate", "Zoë’s Scarf", "O’Brien Cap", "Straßenlampe",
		"Smørrebrød Board", "Łódź Poster", "İstanbul Tile",
		"T-Shirt", "Ｆｕｌｌ Width", "紅茶セット", "ชาไทย", "Чёрный чай", "The The", "Mug No. 10"} {
		m.product(m.alpha, title, "", nil, 100, 1)
		m.product(m.beta, title+" of beta", "", nil, 100, 1)
	}
	m.sql(`UPDATE variants SET sku = 'MUG-001/b' WHERE merchant_id = $1 AND product_id = (SELECT id FROM products
		WHERE merchant_id = $1 AND title = 'Stoneware Mug')`, m.alpha.String())
	m.sql(`UPDATE products SET description = 'Kept warm in the oven' WHERE title = 'Wool Beanie'`)
	for query, want := range map[string]string{
		"pate": "Pâté de Campagne", "PÂTÉ": "Pâté de Campagne", "pa\u0302te\u0301": "Pâté de Campagne",
		"sao": "São Tomé Chocolate", "são tome": "São Tomé Chocolate",
		"zoe": "Zoë’s Scarf", "Zoe\u0308's": "Zoë’s Scarf", "o'brien": "O’Brien Cap", "O’BRIEN": "O’Brien Cap",
		"obrien": "O’Brien Cap", "strassenlampe": "Straßenlampe", "STRASSEN": "Straßenlampe",
		"smorrebrod": "Smørrebrød Board", "lodz": "Łódź Poster", "istanbul": "İstanbul Tile", "tshirt": "T-Shirt",
		"t-shirt": "T-Shirt", "shirt": "T-Shirt", "full width": "Full Width",
		"茶": "紅茶セット", "茶セ": "紅茶セット", "ไทย": "ชาไทย", "черный": "Чёрный чай", "the": "The The", "mug 10": "Mug No. 10",
		"  mug \u00a0  10 ": "Mug No. 10",
		"mug-001":           "Stoneware Mug", "MUG001": "Stoneware Mug", "mug-0": "Stoneware Mug",
		"mug-001/b": "Stoneware Mug",
		"001":       "Stoneware Mug", "mug-002": "",
		"oven": "Wool Beanie", "the oven": "Wool Beanie", "warmed": "Wool Beanie",
		"merino sweater northfold": "Merino Sweater",
		"swaeter":                  "Merino Sweater", "stonware mug": "Stoneware Mug",
		"choclate": "São Tomé Chocolate", "mag": "", "zzzz": "",
		"": "", " ": "", "-": "", `'&|!:*()<->\`: "", "\u200b": "",
	} {
		if strings.TrimSpace(query) == "" {
			continue // a list, not a search
		}
		if got := m.finds(m.alpha, query); got != want && !(want == "Full Width" && got == "Ｆｕｌｌ Width") {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	// At most six words count, each once.
	m.product(m.alpha, "one two three four five six", "", nil, 100, 1)
	if got := m.finds(m.alpha, "one two three four five six seven eight"); got != "one two three four five six" {
		t.Error("a seventh word:", got)
	}
	if got := m.finds(m.alpha, strings.Repeat("one ONE öne ", 30)+"six"); got != "one two three four five six" {
		t.Error("words again and again:", got)
	}
	// Drafts are found where the merchant looks for them, nowhere else.
	m.sql(`UPDATE products SET status = 'draft' WHERE title IN ('Straßenlampe', 'Straßenlampe of beta')`)
	if got := m.finds(m.alpha, "strassenlampe"); got != "" {
		t.Error("a draft:", got)
	}
	for query, want := range map[string]string{"strassenlampe": "Straßenlampe", "strasenlampe": "Straßenlampe",
		"mug-001": "Stoneware Mug", "nothing": ""} {
		m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) error {
			rows, total, err := tenant.ProductRows(ctx, shop.ProductFilter{Query: query, Limit: 10})
			if total != len(rows) || len(rows) == 0 != (want == "") || len(rows) > 0 && rows[0].Title != want {
				t.Errorf("dashboard, %q: %d of %d, %+v", query, len(rows), total, rows)
			}
			return err
		})
	}
}

// Names stand in the order in which people look for them.
func TestNamesAreOrderedAsPeopleDo(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	for _, title := range []string{"Zebra", "item 10", "Éclair", "Österreich", "item 2", "apple", "Apple pie", "eclipse"} {
		m.product(m.beta, title, "Sorted", nil, 100, 1)
	}
	const want = "apple, Apple pie, Éclair, eclipse, item 2, item 10, Österreich, Zebra"
	r := shop.For(m.db, m.beta).Reader()
	l := r.Browse(orbit.CollectionID{}, orbit.Browse{Query: "sorted", Sort: orbit.SortName, Page: 1}, 50, nil)
	if err := r.Read(t.Context()); err != nil || titles(l.Value.Products) != want {
		t.Errorf("a search: %q, want %q, %v", titles(l.Value.Products), want, err)
	}
	m.sql(`DELETE FROM products WHERE vendor <> 'Sorted'`)
	r = shop.For(m.db, m.beta).Reader()
	outline := r.Outline(orbit.CollectionID{})
	l = r.Browse(orbit.CollectionID{}, orbit.Browse{Sort: orbit.SortName, Page: 1}, 50, outline)
	if err := r.Read(t.Context()); err != nil || titles(l.Value.Products) != want {
		t.Errorf("a list: %q, want %q, %v", titles(l.Value.Products), want, err)
	}
}

// The question stands in the policy: whatever it asks, a shop sees its own products alone.
func TestSearchIsolation(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.product(m.beta, "Sweater Comb", "Other", nil, 100, 1)
	c := m.serving()
	key := func(id orbit.MerchantID) string { s := id.String(); return s[len(s)-6:] }
	inTx := func(merchant, question string, do func(pgx.Tx)) {
		t.Helper()
		tx, err := c.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(t.Context()) //nolint:errcheck // nothing is to be kept
		if _, err := tx.Exec(t.Context(), `SELECT set_config('orbit.merchant_id', $1, true), set_config('orbit.query', $2,
			true)`, merchant, question); err != nil {
			t.Fatal(err)
		}
		do(tx)
	}
	own := m.alpha.String()
	for name, tt := range map[string]struct {
		merchant, question string
		want               int
	}{
		"nobody":                    {"", "", 0},
		"nobody, with a question":   {"", "'" + key(m.alpha) + "sweater'", 0},
		"nobody, anything but":      {"", "!'zzz'", 0},
		"all of its own":            {own, "", 3},
		"one of its own":            {own, "'" + key(m.alpha) + "sweater'", 1},
		"another's key":             {own, "'" + key(m.beta) + "sweater'", 0},
		"another's all":             {own, "'" + key(m.beta) + "*'", 0},
		"anything but":              {own, "!'zzz'", 3},
		"its own or another's":      {own, "'" + key(m.alpha) + "mug' | '" + key(m.beta) + "mug'", 1},
		"its own or anything":       {own, "'" + key(m.alpha) + "mug' | !'zzz'", 3},
		"a prefix over all shops":   {own, "'" + strings.Join(strings.Split("0123456789abcdef", ""), "':* | '") + "':*", 3},
		"its own and not another's": {own, "'" + key(m.alpha) + "*' & !'" + key(m.beta) + "*'", 3},
	} {
		inTx(tt.merchant, tt.question, func(tx pgx.Tx) {
			var all, foreign int
			if err := tx.QueryRow(t.Context(), `SELECT count(*), count(*) FILTER (WHERE merchant_id <> $1) FROM product_index`,
				own).Scan(&all, &foreign); err != nil || all != tt.want || foreign != 0 {
				t.Errorf("%s: %d rows, %d of others, want %d, %v", name, all, foreign, tt.want, err)
			}
		})
	}
	// A function that costs nothing is tried first where the planner may choose, and sees what row-level security lets
	// through.
	m.sql(`CREATE TABLE leaked (title text); GRANT INSERT ON leaked TO PUBLIC;
		CREATE FUNCTION leak(m uuid) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE NOTICE '%',
		m; INSERT INTO leaked VALUES (m::text); RETURN true; END $$`)
	for _, question := range []string{"", "'" + key(m.alpha) + "mug'", "!'zzz'"} {
		inTx(own, question, func(tx pgx.Tx) {
			if _, err := tx.Exec(t.Context(), `SELECT FROM product_index WHERE leak(merchant_id)`); err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(t.Context(), `SELECT FROM shop_words WHERE leak(merchant_id)`); err != nil {
				t.Fatal(err)
			}
		})
	}
	inTx(own, "", func(tx pgx.Tx) {
		if _, err := tx.Exec(t.Context(), `SELECT FROM product_index WHERE leak(merchant_id)`); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	var seen, foreign int
	if err := m.super.QueryRow(t.Context(), `SELECT count(*), count(*) FILTER (WHERE title <> $1) FROM leaked`,
		own).Scan(&seen, &foreign); err != nil || seen != 3 || foreign != 0 {
		t.Errorf("leaked: %d rows, %d of others, %v", seen, foreign, err)
	}
	// Nobody writes for another.
	for _, write := range []string{
		`INSERT INTO product_index (merchant_id, product_id, active, position, facets, document)
			SELECT $1, id, true, 1, '{}', '' FROM products LIMIT 1`,
		`INSERT INTO shop_words VALUES ($1, 'comb')`,
		`UPDATE product_index SET merchant_id = $1`,
	} {
		inTx(own, "", func(tx pgx.Tx) {
			if _, err := tx.Exec(t.Context(), write, m.beta.String()); err == nil ||
				!strings.Contains(err.Error(), "row-level security") {
				t.Errorf("%s: %v", write, err)
			}
		})
	}
	inTx(own, "", func(tx pgx.Tx) {
		if tag, err := tx.Exec(t.Context(), `DELETE FROM product_index WHERE merchant_id = $1`,
			m.beta.String()); err != nil || tag.RowsAffected() != 0 {
			t.Error("deletes another's:", tag, err)
		}
	})
	// The index answers, not a scan of the shop.
	inTx(own, "'"+key(m.alpha)+"mug':*", func(tx pgx.Tx) {
		if _, err := tx.Exec(t.Context(), `SET LOCAL enable_seqscan = off`); err != nil {
			t.Fatal(err)
		}
		rows, err := tx.Query(t.Context(),
			`EXPLAIN SELECT product_id, ts_rank(document, (SELECT orbit_question())) FROM product_index WHERE active`)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		plan := strings.Join(lines, "\n")
		if err != nil || !strings.Contains(plan, "Bitmap Index Scan on product_index_document") ||
			!strings.Contains(plan, "Index Cond: (document @@") || strings.Contains(plan, "pkey") {
			t.Errorf("%v\n%s", err, plan)
		}
	})
}

// Every writer of products keeps the index, a question of the same transaction or not.
func TestSearchIndexFollowsItsWriters(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	member := shop.MemberOf(m.db, orbit.Actor{ID: m.owner(m.alpha)}, m.alpha, orbit.PermissionMember)
	edit := func(fn func(*shop.Edit) error) {
		t.Helper()
		if err := member.Change(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	words := func() (n int) {
		if err := m.super.QueryRow(t.Context(), `SELECT count(*) FROM shop_words WHERE merchant_id = $1`,
			m.alpha.String()).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := words()
	f := orbit.ProductForm{Title: "Copper Kettle", Vendor: "Tidewater", Status: orbit.ProductActive,
		Options: [3]orbit.OptionForm{{Name: "Finish", Add: "Hammered, Polished"}},
		Variant: orbit.VariantForm{Price: "80", Stock: "3", SKU: "KET-7", TrackInventory: true}}
	p, err := f.New(m.alpha, orbit.NewID[orbit.Product](), orbit.Units{Currency: "USD"}, time.Now().UTC())
	if err != nil {
		t.Fatal(err)
	}
	edit(func(e *shop.Edit) error { return e.CreateProduct(t.Context(), p, nil) })
	check := func(what string, queries map[string]string) {
		t.Helper()
		for query, want := range queries {
			if got := m.finds(m.alpha, query); got != want {
				t.Errorf("%s: %q finds %q, want %q", what, query, got, want)
			}
			if got := m.finds(m.beta, query); strings.Contains(got, "Kettle") {
				t.Errorf("%s: %q finds %q at another's", what, query, got)
			}
		}
	}
	check("created", map[string]string{"kettle": "Copper Kettle", "ketle": "Copper Kettle", "ket-7-1": "Copper Kettle",
		"hammered": "Copper Kettle"})

	form := orbit.FormOf(p, nil, orbit.Units{Currency: "USD"})
	form.Title = "Brass Teapot"
	form.Variants[0].SKU = "POT-9"
	edit(func(e *shop.Edit) error { _, err := e.UpdateProduct(t.Context(), p.ID, 1, form); return err })
	check("edited", map[string]string{"kettle": "", "ketle": "", "teapot": "Brass Teapot", "taepot": "Brass Teapot",
		"pot-9": "Brass Teapot", "ket-7-1": "", "ket-7-2": "Brass Teapot"})

	form.Status = orbit.ProductDraft
	form.Variants[0].Was, form.Variants[1].Was = 3, 3
	edit(func(e *shop.Edit) error { _, err := e.UpdateProduct(t.Context(), p.ID, 2, form); return err })
	check("a draft", map[string]string{"teapot": ""})
	edit(func(e *shop.Edit) error { return e.DeleteProduct(t.Context(), p.ID) })
	if after := words(); after != before {
		t.Errorf("%d words before, %d after all is deleted", before, after)
	}

	// A question hides rows from writes: with one set, the index follows all the same, and the question stays.
	c := m.serving()
	tx, err := c.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context()) //nolint:errcheck // committed below
	var asked string
	for _, sql := range []string{
		`SELECT set_config('orbit.merchant_id', '` + m.alpha.String() + `', true)`,
		`SELECT orbit_ask('beanie', false)`,
		`UPDATE products SET title = 'Felt Hat' WHERE title = 'Stoneware Mug'`,
		`UPDATE variants SET sku = 'HAT-1' WHERE product_id = (SELECT id FROM products WHERE title = 'Felt Hat')`,
		`DELETE FROM products WHERE title = 'Merino Sweater'`,
	} {
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(sql, err)
		}
	}
	if err := tx.QueryRow(t.Context(), `SELECT current_setting('orbit.query')`).Scan(&asked); err != nil ||
		!strings.Contains(asked, "beanie") {
		t.Error("the question is lost:", asked, err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("under a question", map[string]string{"mug": "", "felt": "Felt Hat", "hat-1": "Felt Hat", "sweater": "",
		"beanie": "Wool Beanie"})
	var stale int
	if err := m.super.QueryRow(t.Context(), `SELECT count(*) FROM product_index i FULL
		JOIN products p ON p.id = i.product_id AND p.merchant_id = i.merchant_id WHERE p.id IS NULL
		OR i.product_id IS NULL`).Scan(&stale); err != nil || stale != 0 {
		t.Error("rows of the index without a product, or the other way round:", stale, err)
	}
	// A merchant that goes takes its rows along, whatever is asked.
	m.sql(`DELETE FROM merchants WHERE id = $1`, m.beta.String())
	if err := m.super.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM product_index
		WHERE merchant_id = $1) + (SELECT count(*) FROM shop_words WHERE merchant_id = $1)`,
		m.beta.String()).Scan(&stale); err != nil || stale != 0 {
		t.Error("rows of a merchant that is gone:", stale, err)
	}
	// Readers leave no question behind in a transaction that goes on to write.
	m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) error {
		r := tenant.Reader()
		r.Browse(orbit.CollectionID{}, orbit.Browse{Query: "felt", Page: 1}, 5, nil)
		if err := r.Read(ctx); err != nil {
			return err
		}
		rows, _, err := tenant.ProductRows(ctx, shop.ProductFilter{Query: "beanie", Limit: 5})
		if err != nil {
			return err
		}
		r = tenant.Reader()
		l := r.Browse(orbit.CollectionID{}, orbit.Browse{Query: "felt", Page: 1}, 5, nil)
		err = r.Read(ctx)
		if titles(l.Value.Products) != "Felt Hat" || len(rows) != 1 {
			t.Error("one search after another:", titles(l.Value.Products), rows)
		}
		return err
	})
}

// A database of before gets its products indexed by the migration, each shop's its own.
func TestSearchIndexOfAnOlderDatabase(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	owner, err := pg.OpenOwner(t.Context(), storetest.OwnerURL(m.url), discard())
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	rows, err := m.super.Query(t.Context(), `SELECT name FROM schema_migrations WHERE name >= '0012_search'
		ORDER BY name DESC`)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	o := connect(t, storetest.OwnerURL(m.url))
	for _, name := range names {
		down, err := migrations.Files.ReadFile(name + ".down.sql")
		if err != nil {
			t.Fatal(err)
		}
		if err := o.PgConn().Exec(t.Context(), "BEGIN; "+string(
			down)+"; DELETE FROM schema_migrations WHERE name = '"+name+"'; COMMIT").Close(); err != nil {
			t.Fatal(name, err)
		}
	}
	m.product(m.beta, "Sweater Comb", "Other", nil, 100, 1)
	if err := owner.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := owner.GrantTo(t.Context(), m.url); err != nil {
		t.Fatal(err)
	}
	if got := m.finds(m.alpha, "swaeter"); got != "Merino Sweater" {
		t.Error(got)
	}
	if got := m.finds(m.beta, "sweater"); got != "Merino Sweater, Sweater Comb" && got != "Sweater Comb, Merino Sweater" {
		t.Error(got)
	}
}

// A database that can't fold and sort text is refused with the reason.
func TestOpenOwnerRefusesADatabaseWithoutUnicode(t *testing.T) {
	t.Parallel()
	url := storetest.NewURL(t)
	super := connect(t, storetest.SuperURL(url))
	refused := func(database, word string) {
		t.Helper()
		u, err := neturl.Parse(storetest.SuperURL(url))
		if err != nil {
			t.Fatal(err)
		}
		u.Path = "/" + database
		if o, err := pg.OpenOwner(t.Context(), u.String(), discard()); orbit.CodeOf(err) != orbit.Invalid ||
			!strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v", word, err)
			if err == nil {
				o.Close()
			}
		}
	}
	var name string
	if err := super.QueryRow(t.Context(), `SELECT current_database() || '_latin'`).Scan(&name); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{`CREATE DATABASE ` + name +
		` TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`,
		`DELETE FROM pg_collation WHERE collprovider = 'i'`} { // of this test's database
		if _, err := super.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	defer super.Exec(context.WithoutCancel(t.Context()), `DROP DATABASE `+name) //nolint:errcheck // goes with the server
	refused(name, "UTF8")
	refused(strings.TrimSuffix(name, "_latin"), "ICU")
}

func (m *market) role() string {
	m.Helper()
	cfg, err := pgx.ParseConfig(m.url)
	if err != nil {
		m.Fatal(err)
	}
	return pgx.Identifier{cfg.User}.Sanitize()
}

// owner makes a merchant's owner.
func (m *market) owner(id orbit.MerchantID) orbit.UserID {
	m.Helper()
	user := orbit.NewID[orbit.User]()
	m.sql(`INSERT INTO users (id, email, name, role) VALUES ($1, $2, 'Owner', 'merchant')`,
		user.String(), fmt.Sprintf("%s@example.com", user))
	m.sql(`INSERT INTO memberships (merchant_id, user_id) VALUES ($1, $2)`, id.String(), user.String())
	return user
}

// Orders are found by names and addresses as people type them.
func TestOrdersAreFoundFolded(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	f := form((2400 + 500) * 12 / 10)
	f.Name, f.Email = "Zoë O’Brien", "zoe.obrien@example.com"
	for _, id := range []orbit.MerchantID{m.alpha, m.beta} {
		f.Key = orbit.NewID[orbit.Order]().String()
		if _, err := shop.For(m.db, id).PlaceOrder(t.Context(), m.cart(id, m.variant(id, "stoneware-mug", 0).ID, 1), f,
			letter); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]int{
		"zoe": 1, "Zoe\u0308": 1, "ZOË": 1, "o'brien": 1, "O’BRIEN": 1, "zoë  o'brien": 1, "  obrien ": 1, "zoe.": 1,
		"#1001": 1, " 1001 ": 1, "1002": 0, "zoo": 0, "'": 0, "%": 0,
	} {
		m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) error {
			rows, total, err := tenant.Orders(ctx, shop.OrderFilter{Query: query, Limit: 10})
			if total != want || len(rows) != want {
				t.Errorf("%q: %d orders, want %d", query, total, want)
			}
			return err
		})
	}
}
