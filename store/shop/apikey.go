package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// APIKeys returns the shop's API keys, those that work first, newest first, with what their creators may do now.
func (t *Tenant) APIKeys(ctx context.Context) ([]orbit.APIKeyRow, error) {
	return pg.All[orbit.APIKeyRow](ctx, t, `SELECT `+t.db.Columns("k", "", orbit.APIKey{})+`, u.email AS creator,
			s.role AS member_role, s.permissions
		FROM api_keys k JOIN users u ON u.id = k.created_by
		LEFT JOIN memberships s ON s.user_id = k.created_by AND s.merchant_id = k.merchant_id
		ORDER BY k.revoked_at IS NOT NULL OR coalesce(k.expires_at <= now(), false), k.created_at DESC, k.id`)
}

// APIKey is one of the shop's keys.
func (t *Tenant) APIKey(ctx context.Context, id orbit.APIKeyID) (k orbit.APIKey, err error) {
	return pg.One[orbit.APIKey](ctx, t, `SELECT `+t.db.Columns("k", "", k)+` FROM api_keys k WHERE id = $1`, id)
}

// CreateAPIKey makes a key of the shop in the member's name. The secret is given back here and nowhere else: the
// database keeps its hash. Sent twice, with the same id, it makes one key: secret is "" the second time. Conflict where
// the shop has as many as it may; those that don't work any longer make room.
func (e *Edit) CreateAPIKey(ctx context.Context, k orbit.APIKey) (secret string, err error) {
	secret = orbit.APIKeyPrefix + pg.Token()
	k.Prefix, k.MerchantID, k.CreatedBy = secret[:orbit.APIKeyShown], e.merchant, e.Actor.ID
	var expires any // NULL: never
	if !k.ExpiresAt.IsZero() {
		expires = k.ExpiresAt
	}
	n, err := pg.Exec(ctx, e, `INSERT INTO api_keys (id, merchant_id, name, prefix, key_hash, scopes, created_by,
			expires_at)
		VALUES ($1, $2, $3, $4, $5, $6::text[], $7, $8) ON CONFLICT (id) DO NOTHING`, k.ID, e.merchant, k.Name, k.Prefix,
		pg.Hash(secret), k.Scopes, k.CreatedBy, expires)
	if err != nil || n == 0 {
		return "", err
	}
	working, err := pg.One[int](ctx, e, `SELECT count(*) FROM api_keys
		WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`)
	if err != nil {
		return "", err
	}
	if working > orbit.MaxShopKeys {
		return "", orbit.Errorf(orbit.Conflict, "A shop can have at most %d API keys. Revoke one first.", orbit.MaxShopKeys)
	}
	b := e.db.Batch()
	b.Exec(`DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys
		WHERE revoked_at IS NOT NULL OR expires_at <= now() ORDER BY created_at DESC, id OFFSET $1)`, orbit.KeptKeys)
	return secret, e.commit(ctx, b, orbit.ActionAPIKeyCreated, k.Name,
		orbit.Details{"prefix": k.Prefix, "scopes": k.Scopes})
}

// RevokeAPIKey ends a key of the shop for good, at once. Doing it again changes nothing.
func (e *Edit) RevokeAPIKey(ctx context.Context, id orbit.APIKeyID) error {
	k, err := e.APIKey(ctx, id)
	if err != nil || k.Revoked() {
		return err
	}
	b := e.db.Batch()
	b.Exec(`UPDATE api_keys SET revoked_at = now() WHERE id = $1`, id)
	return e.commit(ctx, b, orbit.ActionAPIKeyRevoked, k.Name, orbit.Details{"prefix": k.Prefix})
}
