package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/storetest"
)

func merchantNames(rows []orbit.MerchantRow) string {
	var names []string
	for _, r := range rows {
		names = append(names, r.Name)
	}
	return strings.Join(names, ", ")
}

// The admin's list is searched and sorted as people do, and its pages are the same whichever way one comes to them.
func TestMerchantList(t *testing.T) {
	t.Parallel()
	url := storetest.NewURL(t)
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	super := connect(t, storetest.SuperURL(url))
	for _, name := range []string{"Zebra", "Éclair", "item 10", "Österreich", "item 2", "apple", "O’Brien & Daughters",
		"Zoë's", "Smørrebrød", "100% Wool", "東京茶"} {
		apply(t, db, name)
	}
	if _, err := super.Exec(t.Context(), `UPDATE merchants
		SET status = 'active', subdomain = 'konditorei', code = 'ORB-7K3M9QXZ', email = 'anna_k@example.com'
		WHERE name = 'Éclair'`); err != nil {
		t.Fatal(err)
	}
	list := func(f orbit.MerchantFilter) ([]orbit.MerchantRow, int) {
		t.Helper()
		if f.Limit == 0 {
			f.Limit = 50
		}
		rows, total, err := db.Merchants(t.Context(), f)
		if err != nil {
			t.Fatal(f, err)
		}
		return rows, total
	}
	if rows, total := list(orbit.MerchantFilter{Sort: "name"}); total != 11 ||
		merchantNames(
			rows) != "100% Wool, apple, Éclair, item 2, item 10, O’Brien & Daughters, Österreich, Smørrebrød, Zebra, Zoë's, "+
			"東京茶" {
		t.Errorf("by name: %d, %q", total, merchantNames(rows))
	}
	for query, want := range map[string]string{
		"eclair": "Éclair", "ÉCLAIR": "Éclair", "o'brien": "O’Brien & Daughters", "obrien &  d": "O’Brien & Daughters",
		"Zoe\u0308": "Zoë's", "zoe": "Zoë's", "smorre": "Smørrebrød",
		"ö": "Österreich, O’Brien & Daughters, Éclair", "os": "Österreich", "orb-7k": "Éclair", "nditor": "Éclair",
		"anna_k": "Éclair", "anna%k": "", "00%": "100% Wool", "'": "", "東京": "東京茶", "zzzz": "",
	} {
		rows, total := list(orbit.MerchantFilter{Query: query})
		names := strings.Split(merchantNames(rows), ", ")
		slices.Sort(names)
		wanted := strings.Split(want, ", ")
		slices.Sort(wanted)
		if total != len(rows) || !slices.Equal(names, wanted) {
			t.Errorf("%q: %d, %q, want %q", query, total, names, wanted)
		}
	}
	// One or two letters find the beginnings of words.
	for query, want := range map[string]int{"京茶": 0, "東": 1, "0%": 0, "%": 0, "it": 2, "em": 0} {
		if rows, total := list(orbit.MerchantFilter{Query: query}); total != want || len(rows) != want {
			t.Errorf("%q: %d, want %d: %q", query, total, want, merchantNames(rows))
		}
	}
	if rows, total := list(orbit.MerchantFilter{Query: "e", Status: orbit.MerchantActive}); total != 1 ||
		merchantNames(rows) != "Éclair" {
		t.Errorf("in a tab: %d, %q", total, merchantNames(rows))
	}
	// What changes is found as it is now.
	if _, err := super.Exec(t.Context(), `UPDATE merchants SET name = 'Profiterole', subdomain = NULL
		WHERE name = 'Éclair'`); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{"eclair": 0, "konditorei": 0, "profiterole": 1} {
		if _, total := list(orbit.MerchantFilter{Query: query}); total != want {
			t.Errorf("renamed, %q: %d", query, total)
		}
	}
	if _, err := super.Exec(t.Context(), `DELETE FROM merchants WHERE name = 'Zebra'`); err != nil {
		t.Fatal(err)
	}

	// More than are sorted at once, so that both ways of searching are walked.
	if _, err := super.Exec(t.Context(), `INSERT INTO merchants (id, name, owner_name, email, category, status, created_at)
		SELECT gen_random_uuid(), 'Many ' || i % 7, 'Owner', 'm' || i || '@example.com', 'books', (ARRAY['pending', 'active',
		'activating', 'failed'])[1 + i % 4]::merchant_status, now() - i % 5 * interval '1 minute'
		FROM generate_series(1, 1100) i`); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"", "many", "many 3"} {
		for _, status := range []orbit.MerchantStatus{"", orbit.MerchantActive, orbit.MerchantFailed} {
			for _, sort := range []string{"newest", "oldest", "name"} {
				f := orbit.MerchantFilter{Query: query, Status: status, Sort: sort, Limit: 2000}
				all, total := list(f)
				if len(all) != total || total == 0 {
					t.Fatalf("%+v: %d of %d", f, len(all), total)
				}
				f.Limit = 40
				for at := 0; at+40 < min(len(all), 200); at += 40 {
					f.Offset, f.After, f.Before = at+40, orbit.MerchantID{}, orbit.MerchantID{}
					counted, _ := list(f)
					f.Offset, f.After = 0, all[at+39].ID
					after, _ := list(f)
					f.After, f.Before = orbit.MerchantID{}, all[at+40].ID
					before, _ := list(f)
					if want := fmt.Sprint(ids(all[at+40 : min(at+80, len(all))])); fmt.Sprint(ids(counted)) != want ||
						fmt.Sprint(ids(after)) != want || fmt.Sprint(ids(before)) != fmt.Sprint(ids(all[at:at+40])) {
						t.Fatalf("%+v at %d: pages differ", f, at)
					}
				}
			}
		}
	}
}

func ids(rows []orbit.MerchantRow) (out []orbit.MerchantID) {
	for _, r := range rows {
		out = append(out, r.ID)
	}
	return out
}
