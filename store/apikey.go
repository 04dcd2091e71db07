package store

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// keyPrefixLength is how much of a key stays readable: "orb_" and eight of its 43 characters.
const keyPrefixLength = len(orbit.APIKeyPrefix) + 8

// CreateAPIKey makes a key in the name of an admin. The secret is given back here and nowhere else: the
// database keeps its hash. The id comes from the form, so that sending it twice makes one key: secret is ""
// the second time. name must have passed CheckAPIKeyName.
func (db *DB) CreateAPIKey(ctx context.Context, id orbit.APIKeyID, name string, who orbit.Actor) (secret string,
	err error) {
	secret = orbit.APIKeyPrefix + pg.Token()
	prefix := secret[:keyPrefixLength]
	err = db.InTx(ctx, func(t pg.Tx) error {
		n, err := pg.Exec(ctx, t, `INSERT INTO api_keys (id, name, prefix, key_hash, created_by) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (id) DO NOTHING`, id, name, prefix, pg.Hash(secret), who.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			secret = ""
			return nil
		}
		b := db.Batch()
		b.Audit(who, orbit.ActionAPIKeyCreated, orbit.MerchantID{}, name, orbit.Details{"prefix": prefix})
		return b.Run(ctx, t)
	})
	if err != nil {
		secret = ""
	}
	return secret, err
}

// APIKeys returns all keys, those that work first, newest first.
func (db *DB) APIKeys(ctx context.Context) (keys []orbit.APIKeyRow, err error) {
	return pg.All[orbit.APIKeyRow](ctx, db, `SELECT `+keyColumns+`, u.email AS creator
		FROM api_keys k JOIN users u ON u.id = k.created_by
		ORDER BY k.revoked_at IS NOT NULL, k.created_at DESC, k.id`)
}

// keyColumns holds all columns but the hash.
const keyColumns = `k.id, k.name, k.prefix, k.created_by, k.created_at, k.last_used_at, k.revoked_at`

// APIKey is one key.
func (db *DB) APIKey(ctx context.Context, id orbit.APIKeyID) (key orbit.APIKey, err error) {
	return pg.One[orbit.APIKey](ctx, db, `SELECT `+keyColumns+` FROM api_keys k WHERE id = $1`, id)
}

// RevokeAPIKey ends a key for good, at once. Doing it again changes nothing.
func (db *DB) RevokeAPIKey(ctx context.Context, id orbit.APIKeyID, who orbit.Actor) error {
	return db.InTx(ctx, func(t pg.Tx) error {
		key, err := pg.One[orbit.APIKey](ctx, t, `UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL
			RETURNING name, prefix`, id)
		if orbit.CodeOf(err) == orbit.NotFound {
			_, err = db.APIKey(ctx, id)
			return err
		}
		if err != nil {
			return err
		}
		b := db.Batch()
		b.Audit(who, orbit.ActionAPIKeyRevoked, orbit.MerchantID{}, key.Name, orbit.Details{"prefix": key.Prefix})
		return b.Run(ctx, t)
	})
}

// UseAPIKey finds a key by its secret, with the admin it acts for. NotFound for one that is unknown or
// revoked, or of an admin who is disabled or no longer one. Its last use is noted once a minute
// at most, not with every request.
func (db *DB) UseAPIKey(ctx context.Context, secret string) (key orbit.APIKey, u orbit.User, err error) {
	row, err := pg.One[struct {
		Key   orbit.APIKey `bun:"embed:k__"`
		Owner orbit.User   `bun:"embed:u__"`
		Stale bool
	}](ctx, db, `SELECT k.id AS k__id, k.name AS k__name, k.prefix AS k__prefix, k.created_by AS k__created_by,
			u.id AS u__id, u.email AS u__email, u.name AS u__name, u.role AS u__role,
			k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute' AS stale
		FROM api_keys k JOIN users u ON u.id = k.created_by
		WHERE k.key_hash = $1 AND k.revoked_at IS NULL AND u.disabled_at IS NULL AND u.role = 'admin'`, pg.Hash(secret))
	if err == nil && row.Stale {
		_, err = pg.Exec(ctx, db, `UPDATE api_keys SET last_used_at = now() WHERE id = $1`, row.Key.ID)
	}
	return row.Key, row.Owner, err
}
