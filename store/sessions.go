package store

import (
	"context"
	"encoding/hex"
	"time"

	"orbit360.app/orbit"
)

// Sessions keeps cookie sessions for scs: hashed tokens, tombstones for ended ones. It implements
// scs.CtxStore.
type Sessions struct{ db *DB }

// Sessions is the session store of this database.
func (db *DB) Sessions() Sessions { return Sessions{db} }

type ownerKey struct{}

// WithOwner has FindCtx put the person whose session it finds into u, as they are now: one round trip for both. u stays
// empty where the session is nobody's.
func WithOwner(ctx context.Context, u *orbit.User) context.Context {
	return context.WithValue(ctx, ownerKey{}, u)
}

// FindCtx gives the data of a live session.
func (s Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	var row struct {
		Data  string
		Owner orbit.User `bun:"embed:u__"`
	}
	err = s.db.scan(ctx, s.db.pool, &row, `SELECT encode(s.data, 'hex') AS data, `+s.db.columns("u", "u__", row.Owner)+`
		FROM sessions s LEFT JOIN users u ON u.id = s.user_id WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.expires_at > now()`, hash(token))
	if orbit.CodeOf(err) == orbit.NotFound {
		return nil, false, nil
	}
	if owner, ok := ctx.Value(ownerKey{}).(*orbit.User); ok && err == nil {
		*owner = row.Owner
	}
	if err == nil {
		data, err = hex.DecodeString(row.Data)
	}
	return data, err == nil, err
}

// CommitCtx saves a session, unless it has ended meanwhile: a slow request that began before a
// sign-out must not bring the session back.
func (s Sessions) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	_, err := s.db.bun.NewRaw(`INSERT INTO sessions (token_hash, data, expires_at) VALUES (?, ?, ?)
		ON CONFLICT (token_hash) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at WHERE sessions.ended_at IS NULL`,
		hash(token), data, expires.UTC()).Exec(ctx)
	return mapError(err)
}

// DeleteCtx ends a session for good; its tombstone stays until it would have expired.
func (s Sessions) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.db.bun.NewRaw(`INSERT INTO sessions (token_hash, data, expires_at, ended_at) VALUES (?, '', now() + interval '30 days', now())
		ON CONFLICT (token_hash) DO UPDATE SET data = '', ended_at = coalesce(sessions.ended_at, now())`, hash(token)).Exec(ctx)
	return mapError(err)
}

// Bind says whose session a token is, so that a change of password can end it.
func (s Sessions) Bind(ctx context.Context, token string, user orbit.UserID) error {
	_, err := s.db.bun.NewRaw(`UPDATE sessions SET user_id = ? WHERE token_hash = ?`, user, hash(token)).Exec(ctx)
	return mapError(err)
}

// Find, Commit and Delete make Sessions an scs.Store too; scs calls the Ctx forms.
func (s Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s Sessions) Commit(token string, data []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expires)
}

// Delete is DeleteCtx without a context.
func (s Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// Allow takes one try from the bucket of key: burst tries at once, then one every period/burst. It
// says how long to wait where none is left. The rule is GCRA (ITU-T I.371), one timestamp a key.
func (db *DB) Allow(ctx context.Context, key string, burst int, period time.Duration) (ok bool, wait time.Duration, err error) {
	step := period / time.Duration(burst)
	var one int
	err = mapError(db.bun.NewRaw(`INSERT INTO throttles AS t (key, arrival) VALUES (?0, now() + make_interval(secs => ?1))
		ON CONFLICT (key) DO UPDATE SET arrival = greatest(t.arrival, now()) + make_interval(secs => ?1)
		WHERE greatest(t.arrival, now()) + make_interval(secs => ?1) <= now() + make_interval(secs => ?2) RETURNING 1`,
		key, step.Seconds(), period.Seconds()).Scan(ctx, &one))
	if orbit.CodeOf(err) != orbit.NotFound {
		return err == nil, 0, err
	}
	var seconds float64
	err = mapError(db.bun.NewRaw(`SELECT extract(epoch FROM arrival - now())::float8 FROM throttles WHERE key = ?`, key).Scan(ctx, &seconds))
	wait = time.Duration(seconds*float64(time.Second)) + step - period
	return false, max(wait, time.Second), err
}
