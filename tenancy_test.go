package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// tenantSwitches holds the files that may open row-level security to a merchant: the scopes of store/shop, what they
// are made of, and what the platform itself does in a shop: setting it up, publishing at a set time, ending a password
// link, sweeping.
var tenantSwitches = []string{"store/pg/pg.go", "store/pg/reader.go", "store/shop/tenant.go", "store/shop/member.go",
	"store/shop/shop.go", "store/shop/schedule.go", "store/step.go", "store/invitation.go", "store/blob.go"}

var (
	tenantSwitch = regexp.MustCompile(`AsMerchant\(|orbit\.merchant_id'`)
	statement    = regexp.MustCompile(`\bpg\.(Exec|One|All|Select|Ask|Insert|NewReader|NewBatch)\b|\.(Batch|Bun)\(\)`)
)

// TestStoreAloneAsks: no statement is made outside of store, and none but these files choose the merchant that
// row-level security shows.
func TestStoreAloneAsks(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		path = filepath.ToSlash(path)
		room, _, _ := strings.Cut(path, "/")
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			slices.Contains(outside, room) || slices.Contains(onlyTests, filepath.ToSlash(filepath.Dir(path))) {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if tenantSwitch.Match(text) {
			found[path] = true
			if !slices.Contains(tenantSwitches, path) {
				t.Errorf("%s opens row-level security to a merchant: go through shop.For or shop.MemberOf", path)
			}
		}
		if m := statement.Find(text); m != nil && room != "store" {
			t.Errorf("%s makes a statement (%s): it belongs in store", path, m)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range tenantSwitches {
		if !found[path] {
			t.Errorf("%s opens nothing: take it out of the list", path)
		}
	}
}
