package store

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// CreateAPIKey makes a key in the name of an admin. The secret is given back here and nowhere else: the
// database keeps its hash. The id comes from the form, so that sending it twice makes one key: secret is ""
// the second time. name must have passed CheckAPIKeyName.
func (db *DB) CreateAPIKey(ctx context.Context, id orbit.APIKeyID, name string, who orbit.Actor) (secret string,
	err error) {
	secret = orbit.APIKeyPrefix + pg.Token()
	prefix := secret[:orbit.APIKeyShown]
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

// APIKeys returns the platform's own keys, those that work first, newest first.
func (db *DB) APIKeys(ctx context.Context) (keys []orbit.APIKeyRow, err error) {
	return pg.All[orbit.APIKeyRow](ctx, db, `SELECT `+db.Columns("k", "", orbit.APIKey{})+`, u.email AS creator
		FROM api_keys k JOIN users u ON u.id = k.created_by WHERE k.merchant_id IS NULL
		ORDER BY k.revoked_at IS NOT NULL, k.created_at DESC, k.id`)
}

// APIKey is one key of the platform's own.
func (db *DB) APIKey(ctx context.Context, id orbit.APIKeyID) (key orbit.APIKey, err error) {
	return pg.One[orbit.APIKey](ctx, db, `SELECT `+db.Columns("k", "", key)+` FROM api_keys k
		WHERE id = $1 AND merchant_id IS NULL`, id)
}

// RevokeAPIKey ends a key for good, at once. Doing it again changes nothing.
func (db *DB) RevokeAPIKey(ctx context.Context, id orbit.APIKeyID, who orbit.Actor) error {
	return db.InTx(ctx, func(t pg.Tx) error {
		key, err := pg.One[orbit.APIKey](ctx, t, `UPDATE api_keys SET revoked_at = now() WHERE id = $1
			AND merchant_id IS NULL AND revoked_at IS NULL RETURNING name, prefix`, id)
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

// Caller returns a person with what they may do in a shop, which is nothing where they aren't one of its members.
// NotFound where there is no such person.
func (db *DB) Caller(ctx context.Context, user orbit.UserID, merchant orbit.MerchantID) (orbit.Caller, error) {
	row, err := pg.One[callerRow](ctx, db, `SELECT `+db.callerColumns()+`
		FROM users u LEFT JOIN memberships s ON s.user_id = u.id AND s.merchant_id = $2
		LEFT JOIN merchants m ON m.id = s.merchant_id WHERE u.id = $1`, user, merchant)
	return row.caller(), err
}

type callerRow struct {
	User     orbit.User     `bun:"embed:u__"`
	Key      orbit.APIKey   `bun:"embed:k__"`
	Merchant orbit.Merchant `bun:"embed:m__"`
	Rights   orbit.Rights   `bun:"embed:s__"`
	Stale    bool

	TokensSince time.Time `bun:",nullzero"`
}

func (r callerRow) caller() orbit.Caller {
	return orbit.Caller{User: r.User, Key: r.Key,
		Shop: orbit.Membership{Merchant: r.Merchant, Rights: r.Rights, TokensSince: r.TokensSince}}
}

func (db *DB) callerColumns() string {
	return db.Columns("u", "u__", orbit.User{}) + `, ` + db.Columns("m", "m__", orbit.Merchant{}) +
		`, s.role AS s__member_role, s.permissions AS s__permissions, s.tokens_since`
}

// UseAPIKey finds a key by its secret, with the person it acts for. NotFound for one that is unknown, expired or
// revoked, of a person who is disabled, or no longer an admin or a member of the key's shop. Its last use is noted once
// a minute at most, not with every request.
func (db *DB) UseAPIKey(ctx context.Context, secret string) (orbit.Caller, error) {
	row, err := pg.One[callerRow](ctx, db, `SELECT `+db.callerColumns()+`, `+db.Columns("k", "k__", orbit.APIKey{})+`,
			k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute' AS stale
		FROM api_keys k JOIN users u ON u.id = k.created_by
		LEFT JOIN memberships s ON s.user_id = u.id AND s.merchant_id = k.merchant_id
		LEFT JOIN merchants m ON m.id = s.merchant_id
		WHERE k.key_hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
			AND u.disabled_at IS NULL
			AND CASE WHEN k.merchant_id IS NULL THEN u.role = 'admin' ELSE s.user_id IS NOT NULL END`, pg.Hash(secret))
	if err == nil && row.Stale {
		_, err = pg.Exec(ctx, db, `UPDATE api_keys SET last_used_at = now() WHERE id = $1`, row.Key.ID)
	}
	return row.caller(), err
}
