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
func (db *DB) CreateAPIKey(ctx context.Context, id orbit.APIKeyID, name string, who orbit.Actor) (secret string, err error) {
	secret = orbit.APIKeyPrefix + pg.Token()
	prefix := secret[:keyPrefixLength]
	err = db.InTx(ctx, func(t pg.Tx) error {
		res, err := t.PGX.Exec(ctx, `INSERT INTO api_keys (id, name, prefix, key_hash, created_by) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (id) DO NOTHING`,
			id.String(), name, prefix, pg.Hash(secret), who.ID.String())
		if err != nil {
			return err
		}
		if res.RowsAffected() == 0 {
			secret = ""
			return nil
		}
		b := db.Batch()
		b.Audit(who, orbit.ActionAPIKeyCreated, orbit.MerchantID{}, name, orbit.Details{"prefix": prefix})
		return b.Run(ctx, t.PGX)
	})
	if err != nil {
		secret = ""
	}
	return secret, err
}

// APIKeys are all keys, those that work first, newest first.
func (db *DB) APIKeys(ctx context.Context) (keys []orbit.APIKeyRow, err error) {
	err = db.Bun().NewRaw(`SELECT k.id, k.name, k.prefix, k.created_by, k.created_at, k.last_used_at, k.revoked_at,
	u.email AS creator
		FROM api_keys k JOIN users u ON u.id = k.created_by
		ORDER BY k.revoked_at IS NOT NULL, k.created_at DESC, k.id`).Scan(ctx, &keys)
	return keys, pg.MapError(err)
}

// APIKey is one key.
func (db *DB) APIKey(ctx context.Context, id orbit.APIKeyID) (key orbit.APIKey, err error) {
	err = db.Bun().NewSelect().Model(&key).ModelTableExpr("api_keys AS api_key").
		Column("id", "name", "prefix", "created_by", "created_at", "last_used_at", "revoked_at").Where("id = ?", id).Scan(ctx)
	return key, pg.MapError(err)
}

// RevokeAPIKey ends a key for good, at once. Doing it again changes nothing.
func (db *DB) RevokeAPIKey(ctx context.Context, id orbit.APIKeyID, who orbit.Actor) error {
	return db.InTx(ctx, func(t pg.Tx) error {
		var key struct{ Name, Prefix string }
		res := t.PGX.QueryRow(ctx, `UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL
			RETURNING name, prefix`, id.String())
		if err := pg.MapError(res.Scan(&key.Name, &key.Prefix)); err != nil {
			if orbit.CodeOf(err) == orbit.NotFound {
				_, err = db.APIKey(ctx, id)
			}
			return err
		}
		b := db.Batch()
		b.Audit(who, orbit.ActionAPIKeyRevoked, orbit.MerchantID{}, key.Name, orbit.Details{"prefix": key.Prefix})
		return b.Run(ctx, t.PGX)
	})
}

// UseAPIKey finds a key by its secret, with the admin it acts for. NotFound for one that is unknown or
// revoked, or whose admin is disabled or no admin any more. Its last use is written down once a minute
// at most, not with every request.
func (db *DB) UseAPIKey(ctx context.Context, secret string) (key orbit.APIKey, u orbit.User, err error) {
	var stale bool
	err = db.Pool().QueryRow(ctx, `SELECT k.id::text, k.name, k.prefix, u.id::text, u.email, u.name, u.role,
			k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute'
		FROM api_keys k JOIN users u ON u.id = k.created_by
		WHERE k.key_hash = $1 AND k.revoked_at IS NULL AND u.disabled_at IS NULL AND u.role = 'admin'`, pg.Hash(secret)).
		Scan(&key.ID, &key.Name, &key.Prefix, &u.ID, &u.Email, &u.Name, &u.Role, &stale)
	if err == nil && stale {
		_, err = db.Pool().Exec(ctx, `UPDATE api_keys SET last_used_at = now() WHERE id = $1`, key.ID.String())
	}
	key.CreatedBy = u.ID
	return key, u, pg.MapError(err)
}
