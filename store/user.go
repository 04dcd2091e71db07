package store

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// UserByEmail finds a person by address, whatever its letter case.
func (db *DB) UserByEmail(ctx context.Context, email string) (orbit.User, error) {
	return pg.One[orbit.User](ctx, db, `SELECT `+db.Columns("u", "", orbit.User{})+` FROM users u
		WHERE lower(email) = lower($1)`, email)
}

// User finds a person by id.
func (db *DB) User(ctx context.Context, id orbit.UserID) (orbit.User, error) {
	return pg.One[orbit.User](ctx, db, `SELECT `+db.Columns("u", "", orbit.User{})+` FROM users u WHERE id = $1`, id)
}

// HasAdmin reports whether anybody can run the platform yet.
func (db *DB) HasAdmin(ctx context.Context) (bool, error) {
	return hasAdmin(ctx, db)
}

func hasAdmin(ctx context.Context, on pg.Source) (bool, error) {
	return pg.One[bool](ctx, on, `SELECT EXISTS (SELECT FROM users WHERE role = 'admin')`)
}

// EnsureAdmin makes the admin with this address and password hash unless somebody with that
// address exists; made tells which. An existing password is left alone.
func (db *DB) EnsureAdmin(ctx context.Context, email, name, passwordHash string) (made bool, err error) {
	now := time.Now().UTC()
	u := orbit.User{ID: orbit.NewID[orbit.User](), Email: email, Name: name, Role: orbit.RoleAdmin,
		PasswordHash: passwordHash, PasswordChangedAt: now, TokensSince: now, CreatedAt: now}
	n, err := pg.Insert(ctx, db, "users", u, `ON CONFLICT DO NOTHING`)
	return n == 1, err
}

// RightsIn returns what some people may do in a merchant that is active: members, and admins on a visit. Others aren't
// among them, nor members without the two-step sign-in that the merchant requires.
func (db *DB) RightsIn(ctx context.Context, m orbit.MerchantID,
	users []orbit.UserID) (map[orbit.UserID]orbit.Rights, error) {
	ids := make([]string, len(users))
	for i, id := range users {
		ids[i] = id.String()
	}
	rows, err := pg.All[struct {
		UserID       orbit.UserID
		orbit.Rights `bun:",extend"`
	}](ctx, db, `SELECT s.user_id, s.role::text AS member_role, s.permissions::text[] FROM memberships s
		JOIN merchants m ON m.id = s.merchant_id JOIN users u ON u.id = s.user_id
		WHERE s.merchant_id = $1 AND s.user_id = ANY($2) AND m.status = 'active' AND u.disabled_at IS NULL
			AND (u.two_step_at IS NOT NULL OR NOT m.two_step_required)
		UNION ALL SELECT v.admin_id, 'support', '{}' FROM support_visits v JOIN merchants m ON m.id = v.merchant_id
		WHERE v.merchant_id = $1 AND v.admin_id = ANY($2) AND m.status = 'active' AND orbit_visiting(v)`, m, ids)
	rights := make(map[orbit.UserID]orbit.Rights, len(rows))
	for _, row := range rows {
		rights[row.UserID] = row.Rights
	}
	return rights, err
}

// Memberships returns the merchants with a dashboard that a person may enter, by name, with what they may do there.
// On a visit it is the one that is visited.
func (db *DB) Memberships(ctx context.Context, user orbit.User) ([]orbit.Membership, error) {
	if !user.Visit.IsZero() {
		return pg.All[orbit.Membership](ctx, db, `SELECT `+db.Columns("m", "", orbit.Merchant{})+`,
				'support' AS member_role, '{}'::text[] AS permissions
			FROM support_visits s JOIN merchants m ON m.id = s.merchant_id
			WHERE s.id = $1 AND s.admin_id = $2 AND orbit_visiting(s)`, user.Visit, user.ID)
	}
	return pg.All[orbit.Membership](ctx, db, `SELECT `+db.Columns("m", "", orbit.Merchant{})+`,
			s.role AS member_role, s.permissions, s.seen_at, s.tokens_since
		FROM memberships s JOIN merchants m ON m.id = s.merchant_id WHERE s.user_id = $1 ORDER BY m.name, m.id`, user.ID)
}

// Rename changes a person's name.
func (db *DB) Rename(ctx context.Context, user orbit.UserID, name string, who orbit.Actor) error {
	b := db.Batch()
	b.Exec(`UPDATE users SET name = $2 WHERE id = $1`, user, name)
	b.Audit(who, orbit.ActionAccountRenamed, orbit.MerchantID{}, "", nil)
	return b.Run(ctx, db)
}

// ChangePassword sets a person's password and ends their other sessions and one-time links; token is the session that
// stays.
func (db *DB) ChangePassword(ctx context.Context, user orbit.UserID, passwordHash, token string, who orbit.Actor,
	notice *orbit.Email) error {
	b := db.Batch()
	b.Exec(`UPDATE users SET password_hash = $2, password_changed_at = now() WHERE id = $1`, user, passwordHash)
	b.Exec(endSessions, user, pg.Hash(token))
	b.Exec(`UPDATE one_time_links SET used_at = now() WHERE user_id = $1 AND used_at IS NULL`, user)
	b.Audit(who, orbit.ActionPasswordSet, orbit.MerchantID{}, "", nil)
	b.Email(notice)
	return b.Run(ctx, db)
}

// Notify sends an email that goes with no other change.
func (db *DB) Notify(ctx context.Context, m *orbit.Email) error {
	b := db.Batch()
	b.Email(m)
	return b.Run(ctx, db)
}

// SeenEvery is how often a member's use of a shop's dashboard is written.
const SeenEvery = time.Hour

// NoteMember notes that a member has used a shop's dashboard.
func (db *DB) NoteMember(ctx context.Context, of orbit.Membership, user orbit.UserID) error {
	_, err := pg.Exec(ctx, db, `UPDATE memberships SET seen_at = now() WHERE merchant_id = $1 AND user_id = $2
		AND (seen_at IS NULL OR seen_at < now() - make_interval(secs => $3))`, of.ID, user, SeenEvery.Seconds())
	return err
}
