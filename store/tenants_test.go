package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/store/storetest"
)

// seenByAll holds the tables with rows that transactions show where no merchant is chosen.
var seenByAll = []string{
	"api_keys",       // a key is looked up by its hash before anybody knows its shop
	"merchant_notes", // admins write them
}

// seenByNone holds the tables with rows that no shop sees: what admins note, and what search reads by its own means.
var seenByNone = []string{"merchant_notes", "order_index", "product_index"}

// TestTenantsSeeTheirOwn: whatever the code forgets, the database shows a shop its own rows alone and refuses to
// write another's. It asks each table of a tenant that the catalog has, without a condition, so that a new one is
// held to it too: what is checked is the policy, and so constraints, keys and triggers are taken away, and a row
// needs no more than its merchant.
func TestTenantsSeeTheirOwn(t *testing.T) {
	t.Parallel()
	url := storetest.NewURL(t)
	super, tenant := connect(t, storetest.SuperURL(url)), connect(t, url)
	moss, nord := orbit.NewID[orbit.Merchant]().String(), orbit.NewID[orbit.Merchant]().String()
	tables := tenantTables(t, super)
	if len(tables) < 40 {
		t.Fatalf("only %d tables: %v", len(tables), tables)
	}
	for _, table := range tables {
		bare(t, super, table)
		owners := []any{moss, nord}
		for _, owner := range owners {
			if _, err := super.Exec(t.Context(), `INSERT INTO `+table+` (merchant_id) VALUES ($1)`, owner); err != nil {
				t.Fatal(table, err)
			}
		}
		// A row of nobody's, which is the platform's where the table has such.
		if _, err := super.Exec(t.Context(), `INSERT INTO `+table+` (merchant_id) VALUES (NULL)`); err != nil {
			t.Fatal(table, err)
		}
	}
	for _, table := range tables {
		asTenant(t, tenant, table, moss, nord)
	}
	for _, table := range tables {
		var rows int
		if err := super.QueryRow(t.Context(), `SELECT count(*) FROM `+table+` WHERE merchant_id = $1`, nord).Scan(
			&rows); err != nil || rows != 1 {
			t.Errorf("%s: the other shop has %d rows, %v", table, rows, err)
		}
	}
}

// tenantTables returns the tables with a merchant that aren't the platform's.
func tenantTables(t *testing.T, super *pgx.Conn) []string {
	t.Helper()
	rows, err := super.Query(t.Context(), `SELECT c.relname::text FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'merchant_id' AND NOT a.attisdropped
		WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(tables, func(table string) bool { return slices.Contains(notTenant, table) })
}

// bare takes from a table all that a row has to keep to but its policies.
func bare(t *testing.T, super *pgx.Conn, table string) {
	t.Helper()
	if _, err := super.Exec(t.Context(), `DO $$
		DECLARE
			name text;
		BEGIN
			FOR name IN SELECT conname FROM pg_constraint WHERE conrelid = '`+table+`'::regclass
				AND contype IN ('c', 'f', 'p', 'u', 'x') ORDER BY contype IN ('p', 'u') LOOP
				EXECUTE format('ALTER TABLE `+table+` DROP CONSTRAINT IF EXISTS %I CASCADE', name);
			END LOOP;
			FOR name IN SELECT attname FROM pg_attribute WHERE attrelid = '`+table+`'::regclass AND attnum > 0
				AND NOT attisdropped AND attnotnull AND attidentity = '' LOOP
				EXECUTE format('ALTER TABLE `+table+` ALTER %I DROP NOT NULL', name);
			END LOOP;
			FOR name IN SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
				WHERE i.indrelid = '`+table+`'::regclass AND i.indisunique LOOP
				EXECUTE format('DROP INDEX %I', name);
			END LOOP;
			ALTER TABLE `+table+` DISABLE TRIGGER USER;
		END
		$$`); err != nil {
		t.Fatal(table, err)
	}
}

// asTenant goes through a table with a merchant chosen, and with none, as code does that forgets the rest.
func asTenant(t *testing.T, conn *pgx.Conn, table, own, other string) {
	t.Helper()
	in := func(merchant string, fn func(pgx.Tx)) {
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(t.Context()) //nolint:errcheck // nothing is to stay
		if _, err := tx.Exec(t.Context(), `SELECT set_config('orbit.merchant_id', $1, true)`, merchant); err != nil {
			t.Fatal(err)
		}
		fn(tx)
	}
	owners := func(tx pgx.Tx) []string {
		rows, err := tx.Query(t.Context(), `SELECT coalesce(merchant_id::text, 'nobody') FROM `+table)
		if err != nil {
			t.Fatal(table, err)
		}
		list, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(table, err)
		}
		return list
	}
	if slices.Contains(seenByNone, table) {
		in(own, func(tx pgx.Tx) {
			if seen := owners(tx); len(seen) > 0 {
				t.Errorf("%s: a shop sees the rows of %v", table, seen)
			}
		})
		return
	}
	in(own, func(tx pgx.Tx) {
		if seen := owners(tx); !slices.Equal(seen, []string{own}) {
			t.Errorf("%s: a shop sees the rows of %v", table, seen)
		}
	})
	in("", func(tx pgx.Tx) {
		if seen := owners(tx); !slices.Contains(seenByAll, table) && (slices.Contains(seen, own) ||
			slices.Contains(seen, other)) {
			t.Errorf("%s: without a shop there are the rows of %v", table, seen)
		}
	})
	for what, sql := range map[string]string{
		"add to":   `INSERT INTO ` + table + ` (merchant_id) VALUES ('` + other + `')`,
		"hand to":  `UPDATE ` + table + ` SET merchant_id = '` + other + `'`,
		"leave to": `UPDATE ` + table + ` SET merchant_id = NULL`,
	} {
		in(own, func(tx pgx.Tx) {
			_, err := tx.Exec(t.Context(), sql)
			if err == nil || !strings.Contains(err.Error(), "row-level security") &&
				!strings.Contains(err.Error(), "permission denied") {
				t.Errorf("%s: a shop can %s another: %v", table, what, err)
			}
		})
	}
	for _, sql := range []string{`UPDATE ` + table + ` SET merchant_id = merchant_id`, `DELETE FROM ` + table} {
		in(own, func(tx pgx.Tx) {
			tag, err := tx.Exec(t.Context(), sql)
			if denied := err != nil && strings.Contains(err.Error(), "permission denied"); !denied &&
				(err != nil || tag.RowsAffected() != 1) {
				t.Errorf("%s touches %d rows, %v", sql, tag.RowsAffected(), err)
			}
		})
	}
}
