package store_test

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
	"orbit360.app/store/storetest"
)

// notSecrets holds the columns of bytes that nothing is encrypted in: hashes, and what isn't secret to the database.
var notSecrets = regexp.MustCompile(`^(\w+\.\w*hash|sessions\.data|idempotency_keys\.(fingerprint|body)|` +
	`support_visits\.approved)$`)

// Every column of encrypted secrets is among those that a change of SECRET_KEY encrypts anew: the list has each column
// of bytes, and each with a name that says so, that isn't known to be something else. And the owner sees all its rows.
func TestSecretColumnsAreComplete(t *testing.T) {
	t.Parallel()
	conn := connect(t, storetest.SuperURL(storetest.NewURL(t)))
	rows, err := conn.Query(t.Context(), `SELECT c.relname || '.' || a.attname FROM pg_attribute a
		JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
		WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relname NOT LIKE 'river\_%'
		AND (a.atttypid = 'bytea'::regtype OR a.attname ~ 'secret|encrypted|credential')`)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, c := range pg.SecretColumns() {
		listed = append(listed, c.Table+"."+c.Column)
		// Under row-level security a change of the key needs a policy to read by, and one to write by.
		var forced bool
		var policies int
		if err := conn.QueryRow(t.Context(), `SELECT relrowsecurity, (SELECT count(*) FROM pg_policy
			WHERE polrelid = c.oid AND polcmd IN ('r', 'w')
			AND pg_get_expr(polqual, polrelid) LIKE '%orbit.reencrypting%')
			FROM pg_class c WHERE c.oid = $1::text::regclass`, c.Table).Scan(&forced, &policies); err != nil {
			t.Fatal(c.Table, err)
		}
		if forced && policies != 2 {
			t.Errorf("%s needs policies for orbit.reencrypting, FOR SELECT and FOR UPDATE, as webhooks has them", c.Table)
		}
	}
	for _, column := range found {
		if !slices.Contains(listed, column) && !notSecrets.MatchString(column) {
			t.Errorf("%s isn't in pg.SecretColumns: a change of SECRET_KEY would lose what is encrypted in it", column)
		}
	}
	for _, column := range listed {
		if !slices.Contains(found, column) || notSecrets.MatchString(column) {
			t.Errorf("%s is in pg.SecretColumns, and isn't a column of secrets", column)
		}
	}
}

const (
	keyBefore = "the key before, of more than 32 characters"
	keyAfter  = "the key after it, of more than 32 characters"
)

// vault is a database with encrypted secrets of two merchants, the platform and two people.
type vault struct {
	*testing.T
	owner *pg.Owner
	super *pgx.Conn
}

// secretRow is an encrypted secret in the database.
type secretRow struct {
	column    pg.SecretColumn
	place     orbit.SecretPlace
	encrypted []byte
}

func newVault(t *testing.T) *vault {
	t.Helper()
	url := storetest.NewURL(t)
	owner, err := pg.OpenOwner(t.Context(), storetest.OwnerURL(url), discard())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(owner.Close)
	v := &vault{t, owner, connect(t, storetest.SuperURL(url))}
	if err := owner.ClaimKey(t.Context(), keyOf(t, keyBefore)); err != nil {
		t.Fatal(err)
	}
	hooks, twoStep := v.cipher(orbit.WebhookSecrets, keyBefore), v.cipher(orbit.TwoStepSecrets, keyBefore)
	for _, merchant := range []string{"moss", "nord", ""} {
		m := orbit.NewID[orbit.Merchant]()
		if merchant == "" {
			m = orbit.MerchantID{}
		} else {
			v.exec(`INSERT INTO merchants (id, name, owner_name, email, category, status)
				VALUES ($1, $2, 'Ada', $2 || '@example.com', 'books', 'pending')`, m.String(), merchant)
		}
		for _, old := range []bool{false, true} {
			id := orbit.NewID[orbit.Webhook]()
			place := orbit.WebhookSecret(m, id)
			var before []byte
			if old {
				before = hooks.Encrypt(place, orbit.NewSecret("old "+id.String()))
			}
			v.exec(`INSERT INTO webhooks (id, merchant_id, url, description, events, secret, old_secret, old_until,
				created_at, updated_at) VALUES ($1, nullif($2, '')::uuid, 'https://example.com', '', '["order.created"]', $3, $4,
				CASE WHEN $4::bytea IS NOT NULL THEN now() END, now(), now())`, id.String(), text(m),
				hooks.Encrypt(place, orbit.NewSecret(id.String())), before)
		}
		if merchant != "" {
			id := orbit.NewID[orbit.Payment]() // of an account; any id is as good
			v.exec(`INSERT INTO payment_accounts (merchant_id, id, provider, test, account, secret, webhook_token)
				VALUES ($1, $2, 'stripe', true, 'acct_1', $3, 'x')`, m.String(), id.String(),
				v.cipher(orbit.PaymentSecrets, keyBefore).Encrypt(orbit.PaymentSecret(m, "stripe", id),
					orbit.NewSecret(id.String())))
		}
		id := orbit.NewID[orbit.User]()
		v.exec(`INSERT INTO users (id, email, name, password_hash, role, two_step_at, two_step_secret)
			VALUES ($1::text::uuid, $1 || '@example.com', 'Ada', 'x', 'admin', now(), $2)`, id.String(),
			twoStep.Encrypt(orbit.TwoStepSecret(id), orbit.NewSecret(id.String())))
	}
	return v
}

func text(m orbit.MerchantID) string {
	if m.IsZero() {
		return ""
	}
	return m.String()
}

func (v *vault) exec(sql string, args ...any) {
	v.Helper()
	if _, err := v.super.Exec(v.Context(), sql, args...); err != nil {
		v.Fatal(sql, err)
	}
}

func keyOf(t *testing.T, key string) pg.Key {
	t.Helper()
	b, err := hkdf.Key(sha256.New, []byte(key), nil, "orbit360 fingerprint", 16)
	if err != nil {
		t.Fatal(err)
	}
	return pg.Key{Fingerprint: hex.EncodeToString(b)}
}

func (v *vault) cipher(purpose orbit.SecretPurpose, key string) orbit.Cipher {
	v.Helper()
	c, err := orbit.NewSecretKeys([]byte(key)).Cipher(purpose)
	if err != nil {
		v.Fatal(err)
	}
	return c
}

// secrets returns all that is encrypted.
func (v *vault) secrets() (all []secretRow) {
	v.Helper()
	for _, c := range pg.SecretColumns() {
		merchant, kind := "NULL::uuid", "''"
		if c.Merchant != "" {
			merchant = c.Merchant
		}
		if c.Kind != "" {
			kind = c.Kind
		}
		rows, err := v.super.Query(v.Context(), fmt.Sprintf(`SELECT id, %s, %s, coalesce(%s,
			'00000000-0000-0000-0000-000000000000') FROM %s WHERE %s IS NOT NULL`, c.Column, kind, merchant, c.Table, c.Column))
		if err != nil {
			v.Fatal(err)
		}
		var id, of [16]byte
		var encrypted []byte
		var k string
		if _, err := pgx.ForEachRow(rows, []any{&id, &encrypted, &k, &of}, func() error {
			all = append(all, secretRow{c, c.Place(of, k, id), encrypted})
			return nil
		}); err != nil {
			v.Fatal(err)
		}
	}
	return all
}

// want fails where not all that is encrypted opens with one key alone, and with no other.
func (v *vault) want(key, not string) {
	v.Helper()
	columns := map[string]bool{}
	for _, s := range v.secrets() {
		name := s.column.Table + "." + s.column.Column
		columns[name] = true
		got, err := v.cipher(s.column.Purpose, key).Decrypt(s.place, s.encrypted)
		if err != nil || !strings.HasSuffix(got.Reveal(), fmt.Sprint(orbit.UserID(s.place.Row))) {
			v.Errorf("%s doesn't open: %v", name, err)
		}
		if _, err := v.cipher(s.column.Purpose, not).Decrypt(s.place, s.encrypted); err == nil {
			v.Errorf("%s opens with the other key", name)
		}
	}
	if len(columns) != len(pg.SecretColumns()) {
		v.Errorf("only %v have a secret: the fixture needs one of each column", columns)
	}
	var fingerprint string
	if err := v.super.QueryRow(v.Context(), `SELECT key_fingerprint FROM installation`).Scan(&fingerprint); err != nil ||
		fingerprint != keyOf(v.T, key).Fingerprint {
		v.Error("the fingerprint isn't the key's:", err)
	}
}

func (v *vault) replace(ctx context.Context) error {
	return v.owner.ReplaceKey(ctx, keyOf(v.T, keyAfter), orbit.NewSecretKeys([]byte(keyAfter), []byte(keyBefore)))
}

// A change of the key moves every column's secrets, of all shops, and can be done again and by several at once.
func TestReplaceKey(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	v.want(keyBefore, keyAfter)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if err := v.replace(v.Context()); err != nil {
				v.Error(err)
			}
		})
	}
	wait.Wait()
	v.want(keyAfter, keyBefore)
	moved := v.secrets()
	if err := v.replace(t.Context()); err != nil {
		t.Error(err)
	}
	for i, s := range v.secrets() {
		if string(s.encrypted) != string(moved[i].encrypted) {
			t.Error("what was moved is encrypted anew the next time")
		}
	}
	// A process that still had the key before may have left something: the next start moves it.
	place := moved[0].place
	v.exec(`UPDATE webhooks SET secret = $2 WHERE id = $1`, orbit.WebhookID(place.Row).String(),
		v.cipher(orbit.WebhookSecrets, keyBefore).Encrypt(place, orbit.NewSecret(orbit.UserID(place.Row).String())))
	if err := v.replace(t.Context()); err != nil {
		t.Error(err)
	}
	v.want(keyAfter, keyBefore)
}

// What neither key opens stays as it is, and doesn't stop the rest.
func TestReplaceKeyLeavesTheVoid(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	v.exec(`UPDATE users SET two_step_secret = 'nothing' WHERE id = (SELECT min(id::text)::uuid FROM users
		WHERE two_step_secret IS NOT NULL)`)
	if err := v.replace(t.Context()); err != nil {
		t.Fatal(err)
	}
	void := 0
	for _, s := range v.secrets() {
		if _, err := v.cipher(s.column.Purpose, keyAfter).Decrypt(s.place, s.encrypted); err != nil {
			void++
		}
	}
	if void != 1 {
		t.Errorf("%d secrets don't open instead of the one", void)
	}
}

// A start that dies in the middle of a change leaves all as it was.
func TestReplaceKeyIsAllOrNothing(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	v.exec(`CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			PERFORM pg_terminate_backend(pg_backend_pid());
			RETURN NEW;
		END $$`)
	for _, trigger := range []string{
		`CREATE TRIGGER die BEFORE UPDATE OF two_step_secret ON users FOR EACH ROW EXECUTE FUNCTION die()`,
		`CREATE TRIGGER die BEFORE UPDATE ON installation FOR EACH ROW EXECUTE FUNCTION die()`,
	} {
		v.exec(`DROP TRIGGER IF EXISTS die ON users`)
		v.exec(trigger)
		if err := v.replace(t.Context()); err == nil {
			t.Error("it doesn't die")
		}
		v.want(keyBefore, keyAfter)
	}
	v.exec(`DROP FUNCTION die CASCADE`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := v.replace(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := v.replace(t.Context()); err != nil {
		t.Error(err)
	}
	v.want(keyAfter, keyBefore)
}
