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
		PasswordHash: passwordHash, PasswordChangedAt: now, CreatedAt: now}
	n, err := pg.Insert(ctx, db, "users", u, `ON CONFLICT DO NOTHING`)
	return n == 1, err
}

// Memberships returns the merchants with a dashboard that a person may enter, by name, with what they may do there.
func (db *DB) Memberships(ctx context.Context, user orbit.UserID) ([]orbit.Membership, error) {
	return pg.All[orbit.Membership](ctx, db, `SELECT `+db.Columns("m", "", orbit.Merchant{})+`,
			s.role AS member_role, s.permissions
		FROM memberships s JOIN merchants m ON m.id = s.merchant_id WHERE s.user_id = $1 ORDER BY m.name, m.id`, user)
}
