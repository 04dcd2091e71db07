package pg

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
)

// Key is the secret key of a start as the database knows it: by its fingerprint.
type Key struct {
	Fingerprint string
	Old         string // of the key that it replaces on purpose, empty where none is to be
	Lost        bool   // the key that it replaces is gone
}

var errOtherKey = orbit.Errorf(orbit.Conflict,
	"SECRET_KEY isn't the key that this database was set up with; with another one the processes that serve now would be "+
		"locked out. "+
		"Set the same key as before (SECRET_KEY, or DATA_DIR/secret-key). To change it on purpose, stop all processes, then "+
		"start one with the new key in SECRET_KEY "+
		"and the one before in SECRET_KEY_OLD (or SECRET_KEY_OLD=lost).")

// CheckKey refuses a start with another key than the database's, before anything is changed. replaces reports that the
// start is to replace the key, as it says and may: once that is done, ReplaceKey notes it.
func (o *Owner) CheckKey(ctx context.Context, k Key) (replaces bool, err error) {
	var there bool
	if err := o.pool.QueryRow(ctx, `SELECT to_regclass('public.installation') IS NOT NULL`).Scan(&there); err != nil ||
		!there {
		return false, err
	}
	var kept string
	err = o.pool.QueryRow(ctx, `SELECT key_fingerprint FROM installation`).Scan(&kept)
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && kept == k.Fingerprint) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("secret key: %w", err)
	}
	if kept != k.Old && !k.Lost {
		return false, errOtherKey
	}
	var others int
	if err := o.pool.QueryRow(ctx, `SELECT count(*) FROM (`+Alive+`) a`).Scan(&others); err != nil {
		return false, fmt.Errorf("secret key: %w", err)
	}
	if others > 0 {
		return false, orbit.Errorf(orbit.Conflict,
			"SECRET_KEY can't be changed while other processes (%d) run with the one before: stop them first.", others)
	}
	return true, nil
}

// ClaimKey notes the key of the first start. Of several at once one is the first; those with another key are refused.
func (o *Owner) ClaimKey(ctx context.Context, k Key) error {
	if _, err := o.pool.Exec(ctx, `INSERT INTO installation (key_fingerprint) VALUES ($1) ON CONFLICT DO NOTHING`,
		k.Fingerprint); err != nil {
		return fmt.Errorf("secret key: %w", err)
	}
	_, err := o.CheckKey(ctx, k)
	return err
}

// Alive lists the workers that hold their lock, a session-level advisory lock that ends with its process, and have
// renewed their lease.
const Alive = `SELECT w.id FROM workers w JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
		AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND ((l.classid::bigint << 32) | l.objid::bigint) = w.lock_key
	WHERE w.seen_at > now() - interval '15 seconds'`
