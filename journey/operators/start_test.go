package operators

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"orbit360.app/journey/journeytest"
	"orbit360.app/orbit"
	"orbit360.app/programtest"
	"orbit360.app/store"
	"orbit360.app/store/shop"
	"orbit360.app/webhooks"
)

const (
	firstKey  = "the first key, of more than 32 characters"
	secondKey = "the second key, of more than 32 characters"
)

// A start with another SECRET_KEY changes nothing: the processes with the right one go on, new connections too.
func TestAnotherSecretKeyIsRefused(t *testing.T) {
	t.Parallel()
	owner, pool := database(t)
	first := journeytest.Install(t, "DATABASE_URL="+owner, "SECRET_KEY="+firstKey)
	first.MustStart()
	opensWith := encrypted(t, pool, asServing(t, owner, servingPassword(t, firstKey)))
	if !opensWith(firstKey) || opensWith(secondKey) {
		t.Fatal("the webhook's secret isn't encrypted with the first key alone")
	}
	password := func() (hash string) {
		if err := pool.QueryRow(t.Context(), `SELECT rolpassword FROM pg_authid WHERE rolname = 'orbit360_app'`).Scan(
			&hash); err != nil {
			t.Fatal(err)
		}
		return hash
	}
	before := password()

	other := journeytest.Install(t, "DATABASE_URL="+owner)
	for name, c := range map[string]struct {
		env  []string
		want string
	}{
		"another key": {[]string{"SECRET_KEY=" + secondKey},
			"orbit360: SECRET_KEY isn't the key that this database was set up with"},
		"one of its own": {nil,
			"start one with the new key in SECRET_KEY and the one before in SECRET_KEY_OLD"},
		"a wrong one before": {[]string{"SECRET_KEY=" + secondKey, "SECRET_KEY_OLD=" + secondKey},
			"SECRET_KEY isn't the key"},
		"on purpose, under a process": {[]string{"SECRET_KEY=" + secondKey, "SECRET_KEY_OLD=" + firstKey},
			"SECRET_KEY can't be changed while other processes (1) run with the one before"},
		"by its older name": {[]string{"SECRET_KEY=" + secondKey, "SECRET_KEY_PREVIOUS=" + firstKey},
			"SECRET_KEY can't be changed while other processes (1) run with the one before"},
		"lost, under a process": {[]string{"SECRET_KEY=" + secondKey, "SECRET_KEY_OLD=lost"}, "stop them first"},
		"a key that is too short": {[]string{"SECRET_KEY=" + secondKey, "SECRET_KEY_OLD=short"},
			"SECRET_KEY_OLD is too short"},
		"two old keys": {[]string{"SECRET_KEY=" + secondKey, "SECRET_KEY_OLD=" + firstKey, "SECRET_KEY_PREVIOUS=lost"},
			"SECRET_KEY_OLD and its older name SECRET_KEY_PREVIOUS differ"},
	} {
		if err := other.Start(c.env...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
			other.Kill()
		}
		if password() != before {
			t.Fatalf("%s: it changed the serving role's password", name)
		}
		other.Out = nil
	}
	// All of the pool's connections are made anew with the password that they know.
	if _, err := pool.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE usename = 'orbit360_app'`); err != nil {
		t.Fatal(err)
	}
	journeytest.Eventually(t, "the first process serves", func() bool {
		status, _, _, err := first.Client().Do("", "/pricing")
		return err == nil && status == 200
	})

	// On purpose: the webhook's secret is encrypted anew, and then only the new key starts.
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	first.MustStart("SECRET_KEY="+secondKey, "SECRET_KEY_OLD="+firstKey)
	if password() == before {
		t.Error("the serving role has the password of the key before")
	}
	if opensWith(firstKey) || !opensWith(secondKey) {
		t.Error("the webhook's secret isn't encrypted with the second key alone")
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	// Left in place, or under its older name, it does no harm.
	first.MustStart("SECRET_KEY="+secondKey, "SECRET_KEY_OLD="+firstKey, "SECRET_KEY_PREVIOUS="+firstKey)
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	first.Out = nil
	if err := first.Start(); err == nil || !strings.Contains(err.Error(), "SECRET_KEY isn't the key") {
		t.Error("the key before starts:", err)
	}
	first.MustStart("SECRET_KEY="+firstKey, "SECRET_KEY_OLD=lost")
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{firstKey, secondKey} {
		if strings.Contains(first.Out.String(), key) {
			t.Error("a key is in the output")
		}
	}
}

// servingPassword is the password of the serving role, which the program derives from its key.
func servingPassword(t *testing.T, key string) string {
	t.Helper()
	password, err := hkdf.Key(sha256.New, []byte(key), nil, "orbit360 database serving role", 24)
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(password)
}

// encrypted creates a webhook with a secret encrypted by the first key, and returns a check of whether a key opens it.
func encrypted(t *testing.T, pool *pgxpool.Pool, serving string) (opensWith func(key string) bool) {
	t.Helper()
	db, err := store.Open(t.Context(), serving)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	hooks, err := webhooks.New(webhooks.Config{DB: db, Log: slog.New(slog.DiscardHandler),
		Keys: orbit.NewSecretKeys([]byte(firstKey))})
	if err != nil {
		t.Fatal(err)
	}
	id := orbit.NewID[orbit.Webhook]()
	if _, err := hooks.Create(t.Context(), shop.HooksOf(db, orbit.MerchantID{}, orbit.System), id,
		orbit.WebhookInput{URL: "https://example.com/hook",
			Events: []orbit.EventKind{orbit.MerchantWasActivated}}); err != nil {
		t.Fatal(err)
	}
	return func(key string) bool {
		var secret []byte
		if err := pool.QueryRow(t.Context(), `SELECT secret FROM webhooks WHERE id = $1`,
			id.String()).Scan(&secret); err != nil {
			t.Fatal(err)
		}
		cipher, err := orbit.NewSecretKeys([]byte(key)).Cipher(orbit.WebhookSecrets)
		if err != nil {
			t.Fatal(err)
		}
		_, err = cipher.Decrypt(orbit.WebhookSecret(orbit.MerchantID{}, id), secret)
		return err == nil
	}
}

// Three starts at once on an empty database, with one key: all serve, and print one link, which works.
func TestFirstStartsAtOnce(t *testing.T) {
	t.Parallel()
	owner, pool := database(t)
	for round := range 2 {
		name := fmt.Sprintf("round%d", round)
		if _, err := pool.Exec(t.Context(), "CREATE DATABASE "+name+" OWNER orbit"); err != nil {
			t.Fatal(err)
		}
		url := strings.Replace(owner, "/orbit360?", "/"+name+"?", 1)
		nodes := make([]*journeytest.Program, 3)
		for i := range nodes {
			nodes[i] = journeytest.Install(t, "DATABASE_URL="+url, "SECRET_KEY="+firstKey, "ADMIN_EMAIL=", "ADMIN_PASSWORD=")
		}
		var wait sync.WaitGroup
		for _, p := range nodes {
			wait.Go(func() {
				if err := p.Start(); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		wait.Wait()
		if t.Failed() {
			return
		}
		links := map[string]bool{}
		for _, p := range nodes {
			link := regexp.MustCompile(`/welcome/[\w-]+`)
			journeytest.Eventually(t, "the link is printed", func() bool { return link.MatchString(p.Out.String()) })
			links[link.FindString(p.Out.String())] = true
		}
		if len(links) != 1 {
			t.Fatalf("round %d: links %v instead of one", round, links)
		}
		for link := range links {
			nodes[round].Client().Must(200, "admin", link)
			nodes[0].Client().Must(303, "admin", link, "name", "Eve", "email", "eve@example.com",
				"password", programtest.AdminPassword, "repeat", programtest.AdminPassword)
			nodes[1].Client().Must(410, "admin", link)
		}
		for _, p := range nodes {
			p.Kill()
		}
	}
}
