package chaos

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"orbit360.app/orbit"
	"orbit360.app/programtest"
)

// The addresses of every world; a node's port is only where its requests are sent to.
const (
	base      = "localhost"
	publicURL = "http://localhost:3000"
	secretKey = "a secret key that all processes share, made for chaos"
)

// world is a database, the processes over it, and what was promised to people.
type world struct {
	t     *testing.T
	rng   *rand.Rand
	dir   string
	pg    *programtest.Database
	url   string        // as nodes have it
	db    *pgxpool.Pool // reads past the program's own code, as the superuser
	env   []string
	nodes []*node

	mu       sync.Mutex
	accepted map[orbit.MerchantID]string // activations that were acknowledged, with their subdomains
	session  string                      // an admin's cookie
	watchers []*watcher
	made     int
}

// newWorld starts a PostgreSQL with all its durability on; nodes are added with node. env goes to every node.
func newWorld(t *testing.T, settings map[string]string, env ...string) *world {
	t.Helper()
	dir, err := programtest.Folder("chaos")
	if err != nil {
		t.Fatal(err)
	}
	return newWorldAt(t, dir, filepath.Join(dir, "pg"), settings, env...)
}

func newWorldAt(t *testing.T, dir, pgDir string, settings map[string]string, env ...string) *world {
	t.Helper()
	w := &world{t: t, rng: dice(t), dir: dir, env: env, accepted: map[orbit.MerchantID]string{}}
	pg, err := programtest.StartDatabase(t.Context(), pgDir, settings)
	if err != nil {
		t.Fatal(err)
	}
	w.pg, w.url = pg, pg.URL()
	t.Cleanup(func() {
		for _, n := range w.nodes {
			n.Kill()
		}
		for _, n := range w.nodes {
			n.complain()
		}
		if err := pg.Stop(); err != nil {
			t.Error(err)
		}
		_ = os.RemoveAll(dir) // a leftover in the temporary folder is no failure
	})
	cfg, err := pgxpool.ParseConfig(pg.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	cfg.ConnConfig.RuntimeParams["application_name"] = "chaos"
	cfg.MaxConns = 6
	if w.db, err = pgxpool.NewWithConfig(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.db.Close)
	return w
}

// one is a world with one process that runs.
func one(t *testing.T, env ...string) (*world, *node) {
	t.Helper()
	w := newWorld(t, nil, env...)
	n := w.node()
	n.start()
	return w, n
}

// exec writes past the program's own code; the database may just be coming back.
func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	w.awake()
	if _, err := w.db.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

// awake waits until the database answers the test.
func (w *world) awake() {
	w.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := w.db.Ping(w.t.Context())
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatal("the database doesn't come back: ", err)
		}
	}
}

// count asks until the database answers: it may be what was broken.
func (w *world) count(sql string, args ...any) (n int) {
	w.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		err := w.db.QueryRow(w.t.Context(), sql, args...).Scan(&n)
		if err == nil {
			return n
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s: %v", sql, err)
		}
	}
}

// text is a single value.
func (w *world) text(sql string, args ...any) (s string) {
	w.t.Helper()
	if err := w.db.QueryRow(w.t.Context(), sql, args...).Scan(&s); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return s
}

// patience bounds every wait: only a broken program meets it.
const patience = 90 * time.Second

func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatal("gave up waiting: ", what)
		}
	}
}

// applicants puts pending merchants into the database: applying is rate limited.
func (w *world) applicants(n int) []orbit.MerchantID {
	w.t.Helper()
	w.mu.Lock()
	from := w.made
	w.made += n
	w.mu.Unlock()
	w.awake()
	ids := make([]orbit.MerchantID, n)
	rows := make([][]any, n)
	for i := range ids {
		ids[i] = orbit.NewID[orbit.Merchant]()
		rows[i] = []any{ids[i].String(), fmt.Sprintf("Shop %d", from+i), "Ada", fmt.Sprintf("owner%d@example.com", from+i),
			"books", "pending"}
	}
	if _, err := w.db.CopyFrom(w.t.Context(), pgx.Identifier{"merchants"},
		[]string{"id", "name", "owner_name", "email", "category", "status"}, pgx.CopyFromRows(rows)); err != nil {
		w.t.Fatal(err)
	}
	return ids
}

// activate activates a merchant at a node that answers, and retries through all faults.
func (w *world) activate(id orbit.MerchantID) error {
	subdomain := "shop-" + id.String()[24:] // random: once in a while it looks like a brand, and is confirmed
	var last error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		for _, n := range w.nodes {
			status, body, err := n.post(w.cookie(), "/merchants/"+id.String()+"/activation", "theme", "upfront-minimal", "plan",
				"starter", "subdomain", subdomain, "confirmSubdomain", subdomain, "category", "books")
			switch {
			case err == nil && (status == 303 || status == 409): // 409: an earlier try was accepted and its answer lost
				w.mu.Lock()
				w.accepted[id] = subdomain
				w.mu.Unlock()
				return nil
			case err == nil && status < 500:
				return fmt.Errorf("activation of %s: %d\n%.1500s", subdomain, status, body)
			case err == nil:
				err = fmt.Errorf("status %d", status)
			}
			last = err
		}
	}
	return fmt.Errorf("activation of %s: %w", subdomain, last)
}

// order activates merchants from a few hands at once, one every so often, until all are accepted.
func (w *world) order(ids []orbit.MerchantID, every time.Duration) (done <-chan struct{}) {
	next := make(chan orbit.MerchantID)
	var hands sync.WaitGroup
	for range 4 {
		hands.Go(func() {
			for id := range next {
				if err := w.activate(id); err != nil && w.t.Context().Err() == nil {
					w.t.Error(err)
				}
			}
		})
	}
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		for _, id := range ids {
			next <- id
			time.Sleep(every)
		}
		close(next)
		hands.Wait()
	}()
	return finished
}

// cookie is an admin's session. It is made once, whatever becomes of the process that made it.
func (w *world) cookie() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.session
}

// sessions returns copies of the admin's session: one may only watch so many pages.
func (w *world) sessions(n int) []string {
	w.t.Helper()
	cookies := make([]string, n)
	hashes := make([][]byte, n)
	name, token, _ := strings.Cut(w.cookie(), "=")
	for i := range cookies {
		var raw [32]byte
		for j := range raw {
			raw[j] = byte(w.rng.Uint32())
		}
		copied := base64.RawURLEncoding.EncodeToString(raw[:])
		h := sha256.Sum256([]byte(copied))
		cookies[i], hashes[i] = name+"="+copied, h[:]
	}
	h := sha256.Sum256([]byte(token))
	w.exec(`INSERT INTO sessions (token_hash, user_id, data, expires_at) SELECT n, user_id, data, expires_at
		FROM sessions, unnest($2::bytea[]) n WHERE token_hash = $1`, h[:], hashes)
	return cookies
}

// upTo is a random duration.
func (w *world) upTo(most time.Duration) time.Duration {
	return time.Duration(w.rng.Int64N(int64(most)))
}
