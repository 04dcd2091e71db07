package dashboard_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"orbit360.app/handlers/dashboard"
	"orbit360.app/orbit"
	"orbit360.app/store/storetest"
)

// TestNoPageShowsThePlatformsOwn walks all pages of a shop in which admins of the platform made everything that says
// who made it, and wrote a note: none shows an admin's address or the note.
func TestNoPageShowsThePlatformsOwn(t *testing.T) {
	t.Parallel()
	w := begin(t)
	const address, note = "root@platform.example", "Owes us a favor"
	super, err := pgx.Connect(t.Context(), storetest.SuperURL(w.db.Pool().Config().ConnString()))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(t.Context()) //nolint:errcheck // a test's connection
	admin, moss := orbit.NewID[orbit.User]().String(), w.moss.String()
	for _, sql := range []string{
		`INSERT INTO users (id, email, name, role) VALUES ($2, '` + address + `', 'Root', 'admin')`,
		`INSERT INTO merchant_notes (merchant_id, id, author_id, text) VALUES ($1, gen_random_uuid(), $2, '` + note + `')`,
		`UPDATE releases SET created_by = $2 WHERE merchant_id = $1`,
		`INSERT INTO drafts (merchant_id, id, theme_id, engine, settings, created_by, expires_at, shared)
			SELECT merchant_id, gen_random_uuid(), theme_id, engine, settings, $2, now() + interval '1 hour', true
			FROM releases WHERE merchant_id = $1`,
		`INSERT INTO scheduled_releases (merchant_id, id, theme_id, engine, engine_version, settings, upon, publish_at,
			created_by) SELECT merchant_id, gen_random_uuid(), theme_id, engine, '2', '{}', 1, now() + interval '1 day', $2
			FROM releases WHERE merchant_id = $1`,
		`INSERT INTO audit_log (actor_id, actor, action, merchant_id, target, detail)
			SELECT $2, '` + address + `', a, $1, '', '{"by": "` + address + `"}'
			FROM unnest(ARRAY['merchant.suspended', 'merchant.theme', 'merchant.plan', 'release.published', 'support.opened',
				'note.added', 'note.deleted']) a`,
	} {
		args := []any{moss, admin}
		if !strings.Contains(sql, "$1") {
			sql, args = strings.ReplaceAll(sql, "$2", "$1"), []any{admin}
		}
		if _, err := super.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(sql, err)
		}
	}
	said := 0
	for _, one := range dashboard.Routes() {
		if one.Method != "GET" {
			continue
		}
		path := strings.ReplaceAll(one.Path, ":number", "1")
		_, page := w.get(w.ada, w.home(w.moss)+w.sampled(path))
		html, err := page.Html()
		if err != nil {
			t.Fatal(err)
		}
		for _, own := range []string{address, note, "dded a note", "eleted a note"} {
			if strings.Contains(html, own) {
				t.Errorf("%s shows %q", one.Path, own)
			}
		}
		if strings.Contains(html, orbit.Support) {
			said++
		}
	}
	// The editor with what is scheduled, shared previews, the version history with its questions, activity.
	if said < 5 {
		t.Errorf("%d pages say who it was", said)
	}
}
