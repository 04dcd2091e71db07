package store_test

import (
	"io/fs"
	"regexp"
	"testing"

	"orbit360.app/migrations"
	"orbit360.app/store/storetest"
)

// TestSettingsRenamed runs what migration 0019 does to settings, there and back: names change, an order keeps its
// order, and what people wrote stays.
func TestSettingsRenamed(t *testing.T) {
	t.Parallel()
	conn := connect(t, storetest.SuperURL(storetest.NewURL(t)))
	before := `{"hero_colour": "#ff0000", "picture_margin": 8, "show_picture": true, "hero_align": "centre",
		"sections": "featured,picture,hero,index", "hero_heading": "centre", "hero_text": "picture", "radius": 4}`
	after := `{"hero_color": "#ff0000", "image_margin": 8, "show_image": true, "hero_align": "center",
		"sections": "featured,image,hero,index", "hero_heading": "centre", "hero_text": "picture", "radius": 4}`
	for _, c := range []struct{ file, from, to string }{
		{"0019_words.up.sql", before, after}, {"0019_words.down.sql", after, before},
		{"0019_words.up.sql", `{"sections": "picture"}`, `{"sections": "image"}`},
		{"0019_words.up.sql", `{"sections": "hero,picture"}`, `{"sections": "hero,image"}`},
		{"0019_words.up.sql", `{}`, `{}`},
	} {
		text, err := fs.ReadFile(migrations.Files, c.file)
		if err != nil {
			t.Fatal(err)
		}
		function := regexp.MustCompile(`(?s)CREATE FUNCTION pg_temp\.renamed.*?\$\$;`).FindString(string(text))
		if _, err := conn.Exec(t.Context(), `DROP FUNCTION IF EXISTS pg_temp.renamed(jsonb)`); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), function); err != nil {
			t.Fatal(c.file, err)
		}
		var got string
		var right bool
		err = conn.QueryRow(t.Context(), `SELECT r::text, r = $2::jsonb FROM pg_temp.renamed($1::jsonb) r`, c.from, c.to).
			Scan(&got, &right)
		if err != nil || !right {
			t.Errorf("%s makes %s of %s: %v", c.file, got, c.from, err)
		}
	}
}
