package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/caarlos0/env/v11"
)

// The key before has a name, and the one that it had once; a key shows in no print of the configuration.
func TestOldKey(t *testing.T) {
	t.Parallel()
	const key, old = "the key of this start, of 32 characters", "the key before it, of 32 characters or more"
	for name, c := range map[string]struct{ old, previous, want, fault string }{
		"neither":               {"", "", "", ""},
		"its name":              {old, "", old, ""},
		"the older name":        {"", old, old, ""},
		"both":                  {old, old, old, ""},
		"both, differently":     {old, old + "x", "", "SECRET_KEY_OLD and its older name SECRET_KEY_PREVIOUS differ"},
		"lost and a key":        {"lost", old, "", "SECRET_KEY_OLD and its older name SECRET_KEY_PREVIOUS differ"},
		"lost":                  {"lost", "", "", ""},
		"lost, the older name":  {"", "lost", "", ""},
		"short":                 {"short", "", "", "SECRET_KEY_OLD is too short"},
		"short, the older name": {"", "short", "", "SECRET_KEY_OLD is too short"},
	} {
		var cfg config
		err := env.ParseWithOptions(&cfg, env.Options{Environment: map[string]string{"SECRET_KEY": key,
			"SECRET_KEY_OLD": c.old, "SECRET_KEY_PREVIOUS": c.previous}})
		if err != nil {
			t.Fatal(err)
		}
		if err = cfg.checkSecret(); c.fault == "" && err != nil || c.fault != "" && (err == nil ||
			!strings.HasPrefix(err.Error(), c.fault)) {
			t.Errorf("%s: %v", name, err)
		}
		shown := fmt.Sprintf("%v %+v %#v %v", cfg, cfg, cfg, err)
		if strings.Contains(shown, old) || strings.Contains(shown, key) {
			t.Errorf("%s: a key shows: %s", name, shown)
		}
		if err == nil && string(cfg.oldKey()) != c.want {
			t.Errorf("%s: the old key is %q", name, cfg.oldKey())
		}
		if k, err := cfg.key(); err != nil || k.Lost != strings.HasPrefix(name, "lost") && c.fault == "" {
			t.Errorf("%s: %+v %v", name, k, err)
		}
	}
}

// Keys and money go to the providers themselves, or to a stand-in on this machine.
func TestStandIns(t *testing.T) {
	t.Parallel()
	for address, taken := range map[string]bool{"": true, "http://127.0.0.1:12111": true, "http://[::1]:1": true,
		"http://localhost:9/": true, "https://api.stripe.com": false, "http://10.0.0.1": false,
		"http://127.0.0.1.example.com": false, "http://key@127.0.0.1": false, "127.0.0.1:1": false} {
		for name, cfg := range map[string]config{"STRIPE_API_URL": {StripeAPI: address},
			"PAYPAL_API_URL": {PayPalAPI: address}} {
			if err := cfg.checkProviders(); taken != (err == nil) ||
				err != nil && !strings.HasPrefix(err.Error(), name+": Enter an address of this machine") {
				t.Errorf("%s=%s: %v", name, address, err)
			}
		}
	}
}

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
