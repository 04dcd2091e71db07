package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/storetest"
)

// BenchmarkMerchants measures the admin's list at 100,000 merchants, beside the statements that it was before where
// those were slow: go test ./store -run - -bench Merchants -benchtime 50x
func BenchmarkMerchants(b *testing.B) {
	url := storetest.NewURL(b)
	db, err := store.Open(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(db.Close)
	super, err := pgx.Connect(b.Context(), storetest.SuperURL(url))
	if err != nil {
		b.Fatal(err)
	}
	defer super.Close(context.Background()) //nolint:errcheck // a test's connection
	for _, sql := range []string{`INSERT INTO merchants (id, name, owner_name, email, category, status, subdomain,
	created_at)
		SELECT gen_random_uuid(), initcap(substr(md5('a' || i), 1, 6)) || ' & ' || initcap(substr(md5('b' || i), 1, 8)),
		'Owner ' || substr(md5('c' || i), 1, 7), 'o' || i || '@' || substr(md5('d' || i), 1, 9) || '.com', 'books',
			CASE WHEN i % 100 = 0 THEN 'failed' WHEN i % 20 = 1 THEN 'pending' WHEN i % 50 = 2 THEN 'suspended'
			ELSE 'active' END::merchant_status, 'shop-' || i, now() - i * interval '1 minute'
		FROM generate_series(1, 100000) i`, `VACUUM ANALYZE merchants`, `VACUUM ANALYZE merchant_index`} {
		if _, err := super.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	measure := func(name string, do func() error) {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for range b.N {
				begun := time.Now()
				if err := do(); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(begun))
			}
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
			b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
		})
	}
	list := func(f orbit.MerchantFilter) func() error {
		f.Limit = 25
		return func() error { _, _, err := db.Merchants(context.Background(), f); return err }
	}
	rows, _, err := db.Merchants(b.Context(), orbit.MerchantFilter{Sort: "name", Limit: 1, Offset: 99_000})
	if err != nil {
		b.Fatal(err)
	}
	measure("counts", func() error { _, err := db.MerchantCounts(context.Background()); return err })
	measure("newest", list(orbit.MerchantFilter{}))
	measure("newest, active", list(orbit.MerchantFilter{Status: orbit.MerchantActive}))
	measure("name", list(orbit.MerchantFilter{Sort: "name"}))
	measure("name, failed", list(orbit.MerchantFilter{Sort: "name", Status: orbit.MerchantFailed}))
	measure("name, page 3,960 by place", list(orbit.MerchantFilter{Sort: "name", After: rows[0].ID}))
	measure("name, page 3,960 by number", list(orbit.MerchantFilter{Sort: "name", Offset: 99_000}))
	measure("name, page 2,000 by number", list(orbit.MerchantFilter{Sort: "name", Offset: 49_975}))
	measure("search, one", list(orbit.MerchantFilter{Query: "shop-77123"}))
	measure("search, some 100", list(orbit.MerchantFilter{Query: "abc"}))
	measure("search, all", list(orbit.MerchantFilter{Query: "owner"}))
	measure("search, all, by name", list(orbit.MerchantFilter{Query: "owner", Sort: "name"}))
	measure("search, all, failed", list(orbit.MerchantFilter{Query: "owner", Status: orbit.MerchantFailed}))
	measure("search, one letter", list(orbit.MerchantFilter{Query: "a"}))
	measure("search, none", list(orbit.MerchantFilter{Query: "zzzzzz"}))
	before := func(sql string) func() error {
		return func() error { _, err := db.Pool().Exec(context.Background(), sql); return err }
	}
	measure("before: name", before(`SELECT merchant.*, run.status FROM merchants merchant LEFT JOIN LATERAL (SELECT *
	FROM merchant_provisionings p WHERE p.merchant_id = merchant.id ORDER BY p.created_at DESC LIMIT 1) AS run ON true
		ORDER BY lower(merchant.name), merchant.id LIMIT 25`))
	measure("before: search, none", before(`SELECT count(*) FROM merchants merchant WHERE merchant.name ILIKE '%zzzzzz%'
		OR merchant.email ILIKE '%zzzzzz%' OR merchant.owner_name ILIKE '%zzzzzz%' OR merchant.subdomain ILIKE '%zzzzzz%'
		OR merchant.code ILIKE '%zzzzzz%'`))
}
