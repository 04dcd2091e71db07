package store_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/storetest"
)

// A log longer than what a search looks through one by one.
const logLines = 25_000

// TestAuditPages: pages follow each other without a gap or a line twice, forth and back, whatever is filtered; a
// search finds old lines too.
func TestAuditPages(t *testing.T) {
	t.Parallel()
	url := storetest.NewURL(t)
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	alpha, beta := apply(t, db, "Alpha"), apply(t, db, "Beta")
	super := connect(t, storetest.SuperURL(url))
	// Two lines at each moment, so that the time alone doesn't tell the place; one in 5,000 is rare, and old.
	if _, err := super.Exec(t.Context(), `INSERT INTO audit_log (actor, action, target, merchant_id, at)
		SELECT CASE WHEN n % 5000 = 1 THEN 'Zoë 50%_off@example.com' ELSE 'ada@example.com' END, CASE WHEN n % 3 = 0
		THEN 'session.created' ELSE 'merchant.resumed' END, 'line ' || n,
			CASE WHEN n % 2 = 0 THEN $1 ELSE $2 END::uuid, now() - interval '100 days' + n / 2 * interval '1 second'
			FROM generate_series(1, $3::int) n`, alpha.String(), beta.String(), logLines); err != nil {
		t.Fatal(err)
	}
	if _, err := super.Exec(t.Context(), `DELETE FROM audit_log WHERE target NOT LIKE 'line %'`); err != nil {
		t.Fatal(err)
	}
	// One of the many lines is by somebody with a name; a word of sixty names is in none of them.
	if _, err := super.Exec(t.Context(), `INSERT INTO users (id, email, name, role, password_hash)
		SELECT gen_random_uuid(), 'crowd' || n || '@example.com', 'Crowd Member', 'merchant', '' FROM generate_series(1, 60) n
		UNION ALL SELECT gen_random_uuid(), 'nora@example.com', 'Nora Lindqvist', 'admin', ''`); err != nil {
		t.Fatal(err)
	}
	if _, err := super.Exec(t.Context(), `UPDATE audit_log SET actor = u.email, actor_id = u.id FROM users u
		WHERE u.email = 'nora@example.com' AND target IN ('line 2', 'line 4', 'line 23999')`); err != nil {
		t.Fatal(err)
	}
	place := func(e orbit.AuditLine) store.Place { return store.Place{At: e.At, ID: strconv.FormatInt(e.ID, 10)} }
	for name, tc := range map[string]struct {
		filter store.AuditFilter
		want   int // lines of all pages; 0 doesn't go through them all
	}{
		"everything":           {store.AuditFilter{Limit: 50}, 0},
		"everything at once":   {store.AuditFilter{Limit: 9000}, logLines},
		"one merchant":         {store.AuditFilter{Merchant: alpha, Limit: 5000}, logLines / 2},
		"an area":              {store.AuditFilter{Areas: []string{"session", "password"}, Limit: 4000}, logLines / 3},
		"two areas":            {store.AuditFilter{Areas: []string{"session", "merchant"}, Limit: 9000}, logLines},
		"rare":                 {store.AuditFilter{Query: "ZOE", Limit: 2}, 5},
		"rare, of a merchant":  {store.AuditFilter{Query: "zoë", Merchant: beta, Limit: 2}, 5},
		"rare, of another":     {store.AuditFilter{Query: "zoë", Merchant: alpha, Limit: 2}, 0},
		"literally":            {store.AuditFilter{Query: "50%_off", Limit: 2}, 5},
		"no wildcard":          {store.AuditFilter{Query: "a%example", Limit: 2}, 0},
		"common, in an area":   {store.AuditFilter{Query: "ada@", Areas: []string{"session"}, Limit: 4000}, logLines/3 - 2},
		"nothing":              {store.AuditFilter{Query: "no such thing", Limit: 2}, 0},
		"an area that isn't":   {store.AuditFilter{Areas: []string{"none"}, Limit: 2}, 0},
		"a name":               {store.AuditFilter{Query: "nora lind", Limit: 2}, 3},
		"a name, of one":       {store.AuditFilter{Query: "LINDQVIST", Merchant: alpha, Limit: 5}, 2},
		"its address":          {store.AuditFilter{Query: "nora@example", Limit: 2}, 3},
		"too many of the name": {store.AuditFilter{Query: "crowd", Limit: 2}, 0},
		"too short to be rare": {store.AuditFilter{Query: "zo", Limit: 10}, 4},
	} {
		var all []orbit.AuditLine
		for f, pages := tc.filter, 0; pages < 10; pages++ {
			began := time.Now()
			l, err := db.AuditPage(t.Context(), f)
			if err != nil {
				t.Fatal(name, err)
			}
			if l.Partly != strings.HasPrefix(name, "too ") {
				t.Errorf("%s, page %d: partly searched: %v", name, pages, l.Partly)
			}
			if pages == 0 {
				t.Logf("%s: %v", name, time.Since(began))
			}
			if l.Newer != (pages > 0 && len(l.Rows) > 0) || (l.Older && len(l.Rows) != f.Limit) {
				t.Errorf("%s, page %d: %d lines, newer %v, older %v", name, pages, len(l.Rows), l.Newer, l.Older)
			}
			all = append(all, l.Rows...)
			if !l.Older {
				break
			}
			f.From = place(l.Rows[len(l.Rows)-1])
		}
		for i := 1; i < len(all); i++ {
			if a, b := all[i-1], all[i]; a.At.Before(b.At) || (a.At.Equal(b.At) && a.ID <= b.ID) {
				t.Fatalf("%s: %d and %d are out of order", name, a.ID, b.ID)
			}
		}
		if want := tc.want; len(all) != want && (want > 0 || len(all) != 10*tc.filter.Limit) &&
			!(want == 0 && len(all) == 0) {
			t.Errorf("%s: %d lines, want %d", name, len(all), want)
		}
		// Back from the last line: the page before it ends there, and the one before the second is the beginning.
		if f := tc.filter; len(all) > 2*f.Limit {
			f.From = place(all[2*f.Limit])
			f.From.Newer = true
			l, err := db.AuditPage(t.Context(), f)
			if err != nil || len(l.Rows) != f.Limit || l.Rows[0].ID != all[f.Limit].ID || !l.Newer || !l.Older {
				t.Errorf("%s, back: %d lines, %v", name, len(l.Rows), err)
			}
			f.From = place(all[1])
			f.From.Newer = true
			if l, err := db.AuditPage(t.Context(), f); err != nil || len(l.Rows) != f.Limit || l.Rows[0].ID != all[0].ID ||
				l.Newer {
				t.Errorf("%s, back to the beginning: %d lines, %v", name, len(l.Rows), err)
			}
		}
	}
	// A place survives its address; what isn't one is the beginning.
	l, err := db.AuditPage(t.Context(), store.AuditFilter{Limit: 1})
	if err != nil || store.ParsePlace(place(l.Rows[0]).String(), false).String() != place(l.Rows[0]).String() {
		t.Error(place(l.Rows[0]), err)
	}
	for _, bad := range []string{"", "-", "1-", "x-1", "1-x'", "-1-1", "1-99999999999999999999",
		"1-" + orbit.NewID[orbit.Email]().String(), fmt.Sprint(1<<60) + "-1"} {
		if l, err := db.AuditPage(t.Context(), store.AuditFilter{Limit: 1, From: store.ParsePlace(bad, true)}); err != nil ||
			l.Newer {
			t.Error(bad, err)
		}
		if _, err := db.EmailPage(t.Context(), store.EmailFilter{Limit: 1, From: store.ParsePlace(bad, false)}); err != nil {
			t.Error(bad, err)
		}
	}
}
