package migrations_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"strings"
	"testing"

	"orbit360.app/migrations"
)

// A migration that has landed never changes: databases that have it would be refused. SUMS holds what has landed, in
// the form of sha256sum: `cd migrations && sha256sum -c SUMS`.
func TestLandedMigrationsAreFrozen(t *testing.T) {
	t.Parallel()
	sums, err := os.ReadFile("SUMS")
	if err != nil {
		t.Fatal(err)
	}
	landed := map[string]string{}
	for line := range strings.Lines(string(sums)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok || landed[name] != "" {
			t.Fatalf("SUMS has a line that is none, or a file twice: %q", line)
		}
		landed[name] = sum
	}
	files, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		content, err := migrations.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		switch was, ok := landed[name]; {
		case !ok:
			t.Errorf("%s isn't in SUMS. When it is ready to land: cd migrations && sha256sum %s >> SUMS", name, name)
		case was != hex.EncodeToString(sum[:]):
			t.Errorf(
				"%s has landed and was changed: databases that have it are refused. Put it back (git checkout main -- "+
					"migrations/%s) and write a new migration.", name, name)
		}
		delete(landed, name)
		if up, isUp := strings.CutSuffix(name, ".up.sql"); isUp {
			if _, err := fs.Stat(migrations.Files, up+".down.sql"); err != nil {
				t.Errorf("%s has no down: %v", name, err)
			}
		}
	}
	for name := range landed {
		t.Errorf("%s has landed and is gone", name)
	}
}
