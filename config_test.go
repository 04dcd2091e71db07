package main

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Two starts at once in one folder make one key.
func TestGeneratedKeyIsOne(t *testing.T) {
	t.Parallel()
	for range 50 {
		dir := t.TempDir()
		keys := make([]string, 8)
		var wait sync.WaitGroup
		for i := range keys {
			wait.Go(func() {
				cfg := config{DataDir: dir}
				if err := cfg.loadSecret(randomKey); err != nil {
					t.Error(err)
				}
				keys[i] = string(cfg.secret)
			})
		}
		wait.Wait()
		for _, key := range keys {
			if key != keys[0] {
				t.Fatalf("several keys: %q", keys)
			}
		}
		if files, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		if info, err := os.Stat(filepath.Join(dir, "secret-key")); err != nil || info.Mode().Perm() != 0o600 {
			t.Fatal(info, err)
		}
	}
}
