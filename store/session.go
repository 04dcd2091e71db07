package store

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Sessions keeps cookie sessions for scs: hashed tokens, tombstones for ended ones. It implements
// scs.CtxStore.
type Sessions struct{ db *DB }

// Sessions is the session store of this database.
func (db *DB) Sessions() Sessions { return Sessions{db} }

type ownerKey struct{}

// WithOwner has FindCtx put the person of the session that it finds into u, as they are now: one round trip for both.
// u stays empty where the session is nobody's.
func WithOwner(ctx context.Context, u *orbit.User) context.Context {
	return context.WithValue(ctx, ownerKey{}, u)
}

type watchingKey struct{}

// Watching has FindCtx leave a session's idle time alone: a page that is open and asks for news by itself is nobody's
// use of the session.
func Watching(ctx context.Context) context.Context {
	return context.WithValue(ctx, watchingKey{}, true)
}

// sessionSeenEvery is how often a session in use is written: the idle time is that much coarser.
const sessionSeenEvery = time.Hour

// sessionLives is the condition of a session that is good: $2 and $3 are its bounds in seconds, from its beginning
// and without use.
const sessionLives = `s.ended_at IS NULL AND s.expires_at > now()
	AND s.created_at > now() - make_interval(secs => $2) AND s.seen_at > now() - make_interval(secs => $3)
	AND (s.visit_id IS NULL OR EXISTS (SELECT FROM support_visits v WHERE v.id = s.visit_id AND orbit_visiting(v)))`

// FindCtx gives the data of a live session: not ended, not older than orbit.SessionFor, and in use within
// orbit.SessionIdleFor. Finding it for its owner (WithOwner) counts as use.
func (s Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	type session struct {
		Data  []byte
		Stale bool
		Owner orbit.User `bun:"embed:u__"`

		VisitID   orbit.VisitID
		VisitEnds time.Time `bun:",nullzero"`
		VisitShop string    `bun:",nullzero"`
	}
	row, err := pg.One[session](ctx, s.db, `SELECT s.data, s.seen_at < now() - make_interval(secs => $4) AS stale,
			s.visit_id, v.expires_at AS visit_ends, m.name AS visit_shop,
			`+s.db.Columns("u", "u__", orbit.User{})+`
		FROM sessions s LEFT JOIN users u ON u.id = s.user_id LEFT JOIN support_visits v ON v.id = s.visit_id
		LEFT JOIN merchants m ON m.id = v.merchant_id WHERE s.token_hash = $1 AND `+sessionLives,
		pg.Hash(token), orbit.SessionFor.Seconds(), orbit.SessionIdleFor.Seconds(), sessionSeenEvery.Seconds())
	if orbit.CodeOf(err) == orbit.NotFound {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if owner, ok := ctx.Value(ownerKey{}).(*orbit.User); ok {
		*owner = row.Owner
		owner.Visit, owner.VisitEnds, owner.VisitShop = row.VisitID, row.VisitEnds, row.VisitShop
		if row.Stale && ctx.Value(watchingKey{}) == nil {
			if _, err := pg.Exec(ctx, s.db, `UPDATE sessions SET seen_at = now() WHERE token_hash = $1 AND ended_at IS NULL`,
				pg.Hash(token)); err != nil {
				return nil, false, err
			}
		}
	}
	return row.Data, true, nil
}

// Owners gives the people, as they are now, of the sessions that some tokens name: id, role, and when they were
// disabled and last set a password. A token of a session that has ended, or of none, isn't among them.
func (s Sessions) Owners(ctx context.Context, tokens []string) (map[string]orbit.User, error) {
	hashes, of := make([][]byte, len(tokens)), make(map[string]string, len(tokens))
	for i, token := range tokens {
		hashes[i] = pg.Hash(token)
		of[string(hashes[i])] = token
	}
	rows, err := pg.All[struct {
		TokenHash  []byte
		orbit.User `bun:",extend"`
	}](ctx, s.db, `SELECT s.token_hash, u.id, u.role, u.disabled_at, u.password_changed_at
		FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = ANY($1)
		AND `+sessionLives, hashes, orbit.SessionFor.Seconds(), orbit.SessionIdleFor.Seconds())
	owners := make(map[string]orbit.User, len(rows))
	for _, r := range rows {
		owners[of[string(r.TokenHash)]] = r.User
	}
	return owners, err
}

// CommitCtx saves a session, unless it has ended since: a slow request that began before a
// sign-out must not bring the session back.
func (s Sessions) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	_, err := pg.Exec(ctx, s.db, `INSERT INTO sessions (token_hash, data, expires_at) VALUES ($1, $2, $3)
		ON CONFLICT (token_hash) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at
		WHERE sessions.ended_at IS NULL`,
		pg.Hash(token), data, expires.UTC())
	return err
}

// DeleteCtx ends a session for good; its tombstone stays until it would have expired.
func (s Sessions) DeleteCtx(ctx context.Context, token string) error {
	_, err := pg.Exec(ctx, s.db, `INSERT INTO sessions (token_hash, data, expires_at, ended_at)
		VALUES ($1, '', now() + interval '30 days', now())
		ON CONFLICT (token_hash) DO UPDATE SET data = '', ended_at = coalesce(sessions.ended_at, now())`,
		pg.Hash(token))
	return err
}

// Bind says to which person a session belongs, on what visit if it is one, and where the sign-in came from.
func (s Sessions) Bind(ctx context.Context, token string, user orbit.User, from orbit.SessionOrigin) error {
	_, err := pg.Exec(ctx, s.db, `UPDATE sessions SET user_id = $2, audience = $3, address = $4, agent = $5, visit_id = $6
		WHERE token_hash = $1 AND user_id IS NULL`, pg.Hash(token), user.ID, from.Audience, from.Address, from.Agent,
		user.Visit)
	return err
}

// Of returns a person's sessions that are good, the one of token first, then the latest used.
func (s Sessions) Of(ctx context.Context, user orbit.UserID, token string) ([]orbit.Session, error) {
	return pg.All[orbit.Session](ctx, s.db, `SELECT s.id, s.audience, s.address, s.agent, s.created_at, s.seen_at,
			s.token_hash = $4 AS current
		FROM sessions s WHERE s.user_id = $1 AND `+sessionLives+`
		ORDER BY s.token_hash = $4 DESC, s.seen_at DESC, s.id LIMIT $5`,
		user, orbit.SessionFor.Seconds(), orbit.SessionIdleFor.Seconds(), pg.Hash(token), listedSessions)
}

// listedSessions is how many sessions of a person a page lists.
const listedSessions = 100

// End ends one of a person's sessions; NotFound where they have no such session.
func (s Sessions) End(ctx context.Context, user orbit.UserID, id orbit.SessionID, who orbit.Actor) error {
	return s.db.InTx(ctx, func(t pg.Tx) error {
		agent, err := pg.One[string](ctx, t, `UPDATE sessions SET ended_at = now(), data = '' WHERE id = $1 AND user_id = $2
			AND ended_at IS NULL RETURNING agent`, id, user)
		if err != nil {
			return err
		}
		b := s.db.Batch()
		b.Audit(who, orbit.ActionSessionEnded, orbit.MerchantID{}, orbit.DeviceName(agent), nil)
		return b.Run(ctx, t)
	})
}

// EndAll ends all of a person's sessions, and their API tokens.
func (s Sessions) EndAll(ctx context.Context, user orbit.UserID, who orbit.Actor) error {
	b := s.db.Batch()
	b.Exec(endSessions, user, nil)
	b.Exec(`UPDATE users SET tokens_since = clock_timestamp() WHERE id = $1`, user)
	b.Audit(who, orbit.ActionSessionEnded, orbit.MerchantID{}, "everywhere", nil)
	return b.Run(ctx, s.db)
}

// endSessions ends the sessions of a person, $1, but for the one of a token's hash, $2, where there is one.
const endSessions = `UPDATE sessions SET ended_at = now(), data = '' WHERE user_id = $1 AND ended_at IS NULL
	AND ($2::bytea IS NULL OR token_hash <> $2)`

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
