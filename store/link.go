package store

import (
	"bytes"
	"context"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

var errLinkGone = orbit.Errorf(orbit.Gone, "This link has been used or has expired.")

// FindLink looks at a one-time link without using it. A used, expired or unknown token is Gone.
func (db *DB) FindLink(ctx context.Context, purpose orbit.LinkPurpose, token string) (orbit.Link, error) {
	l, err := pg.One[orbit.Link](ctx, db, `SELECT l.purpose, l.user_id, l.merchant_id, u.email, m.name AS shop_name
		FROM one_time_links l LEFT JOIN users u ON u.id = l.user_id LEFT JOIN merchants m ON m.id = l.merchant_id
		WHERE l.token_hash = $1 AND l.purpose = $2 AND l.used_at IS NULL
		AND l.expires_at > now()`, pg.Hash(token), purpose)
	if orbit.CodeOf(err) == orbit.NotFound {
		return l, errLinkGone
	}
	return l, err
}

// firstAdminLock has starts at the same time agree on one link.
const firstAdminLock = 0x6f72626975 // "orbiu"

// FirstAdminLink is the link that creates the first admin, and when it ends; an empty token where there is an admin.
// derive makes its token from the moment it was made, so that all processes with the same key print the same one and
// none ends another's. A link that ends soon is prolonged; one of another key ends, and is replaced.
func (db *DB) FirstAdminLink(ctx context.Context, derive func(time.Time) string) (token string, ends time.Time,
	err error) {
	err = db.InTx(ctx, func(t pg.Tx) error {
		if _, err := pg.Exec(ctx, t, `SELECT pg_advisory_xact_lock($1)`, firstAdminLock); err != nil {
			return err
		}
		if has, err := hasAdmin(ctx, t); err != nil || has {
			return err
		}
		now := time.Now().UTC().Truncate(time.Microsecond) // as PostgreSQL keeps it
		links, err := pg.All[struct {
			TokenHash            []byte
			CreatedAt, ExpiresAt time.Time
		}](ctx, t, `SELECT token_hash, created_at, expires_at FROM one_time_links
			WHERE purpose = $1 AND used_at IS NULL AND expires_at > now() ORDER BY created_at DESC
			LIMIT 1`, orbit.LinkFirstAdmin)
		if err != nil {
			return err
		}
		kept := pg.First(links)
		token, ends = derive(kept.CreatedAt.UTC()), kept.ExpiresAt
		if len(links) > 0 && bytes.Equal(pg.Hash(token), kept.TokenHash) {
			if ends.Sub(now) < orbit.FirstAdminFor/2 {
				ends = now.Add(orbit.FirstAdminFor)
				_, err = pg.Exec(ctx, t, `UPDATE one_time_links SET expires_at = $2 WHERE token_hash = $1`, kept.TokenHash, ends)
			}
			return err
		}
		token, ends = derive(now), now.Add(orbit.FirstAdminFor)
		b := db.Batch()
		b.Exec(`UPDATE one_time_links SET used_at = now() WHERE purpose = $1 AND used_at IS NULL`, orbit.LinkFirstAdmin)
		b.Exec(`INSERT INTO one_time_links (token_hash, purpose, created_at, expires_at) VALUES ($1, $2, $3, $4)`,
			pg.Hash(token), orbit.LinkFirstAdmin, now, ends)
		return b.Run(ctx, t)
	})
	if err != nil || ends.IsZero() {
		return "", time.Time{}, err
	}
	return token, ends, nil
}

// UseFirstAdminLink makes the first admin, once, and gives their id. Where there is an admin by then the link is
// gone.
func (db *DB) UseFirstAdminLink(ctx context.Context, token, email, name, passwordHash string) (orbit.UserID, error) {
	id := orbit.NewID[orbit.User]()
	err := db.InTx(ctx, func(t pg.Tx) error {
		if _, err := useLink(ctx, t, orbit.LinkFirstAdmin, token); err != nil {
			return err
		}
		if has, err := hasAdmin(ctx, t); err != nil {
			return err
		} else if has {
			return errLinkGone
		}
		_, err := pg.Exec(ctx, t, `INSERT INTO users (id, email, name, role, password_hash, password_changed_at)
			VALUES ($1, $2, $3, 'admin', $4, now())`, id, email, name, passwordHash)
		return err
	})
	return id, err
}

// UsePasswordLink sets the password of the link's person, once, ends all their sessions and their
// other links, and gives the person. Notice may be nil.
func (db *DB) UsePasswordLink(ctx context.Context, token, passwordHash string, notice *orbit.Email) (orbit.User,
	error) {
	var u orbit.User
	err := db.InTx(ctx, func(t pg.Tx) error {
		link, err := useLink(ctx, t, orbit.LinkSetPassword, token)
		if err != nil {
			return err
		}
		u, err = pg.One[orbit.User](ctx, t, `UPDATE users u SET password_hash = $1, password_changed_at = now() WHERE id = $2
			AND disabled_at IS NULL RETURNING `+db.Columns("u", "", u), passwordHash, link.UserID)
		if err != nil {
			return err
		}
		b := db.Batch()
		b.Exec(endSessions, u.ID, nil)
		b.Exec(`UPDATE one_time_links SET used_at = now() WHERE user_id = $1 AND used_at IS NULL`, u.ID)
		b.Email(notice)
		return b.Run(ctx, t)
	})
	return u, err
}

// useLink marks a link as used and returns it.
func useLink(ctx context.Context, t pg.Tx, purpose orbit.LinkPurpose, token string) (orbit.Link, error) {
	l, err := pg.One[orbit.Link](ctx, t, `UPDATE one_time_links SET used_at = now()
		WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > now()
		RETURNING user_id, merchant_id`, pg.Hash(token), purpose)
	if orbit.CodeOf(err) == orbit.NotFound {
		err = errLinkGone
	}
	return l, err
}

// PasswordArgs is the durable job that answers who asked for a new password. Known and unknown addresses leave the same
// job and the request ends there: what becomes of it shows neither in the answer nor in its time.
type PasswordArgs struct {
	Email    string     `json:"email"`
	Audience orbit.Role `json:"audience"` // of the sign-in page that it was asked on
	Address  string     `json:"address"`  // where the request came from
}

// Kind names the job in river's table.
func (PasswordArgs) Kind() string { return "password" }

// InsertOpts puts it in line with the email that it makes.
func (PasswordArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: pg.QueueEmail, MaxAttempts: pg.JobAttempts}
}

// RequestPasswordLink notes that somebody asked for a new password.
func (db *DB) RequestPasswordLink(ctx context.Context, args PasswordArgs) error {
	b := db.Batch()
	b.Job(args)
	return b.Run(ctx, db)
}

// How many links to set a password one account is sent. Each holds an hour, so the third request leaves one that works.
const (
	linksPerAccount = 3
	linksPeriod     = time.Hour
)

// CreatePasswordLink makes a link to set a new password and the email that carries it, if the address is somebody's
// and compose gives one; otherwise nothing, without an error. More links than an account may have are refused, and
// the audit log says so. Of an email that was made before (its Message-ID is there) there is no second.
func (db *DB) CreatePasswordLink(ctx context.Context, email string, who orbit.Actor,
	compose func(u orbit.User, token string) (*orbit.Email, error)) error {
	u, err := db.UserByEmail(ctx, email)
	if orbit.CodeOf(err) == orbit.NotFound || (err == nil && !u.DisabledAt.IsZero()) {
		return nil
	}
	if err != nil {
		return err
	}
	token := pg.Token()
	m, err := compose(u, token)
	if err != nil || m == nil {
		return err
	}
	return db.InTx(ctx, func(t pg.Tx) error {
		made, err := pg.One[bool](ctx, t, `SELECT EXISTS (SELECT FROM emails WHERE message_id = $1)`, m.MessageID)
		if err != nil || made {
			return err
		}
		refused, _, err := allow(ctx, t, linksPeriod, Bucket{"password " + u.ID.String(), linksPerAccount})
		if err != nil {
			return err
		}
		b := db.Batch()
		if refused != "" {
			count(b, Tally{Action: orbit.ActionPasswordRefused, Target: u.Email, Network: orbit.NetworkOf(who.Address).Near,
				Address: who.Address, At: time.Now(), Count: 1})
			return b.Run(ctx, t)
		}
		b.Exec(`INSERT INTO one_time_links (token_hash, purpose, user_id, expires_at)
			VALUES ($1, $2, $3, now() + make_interval(secs => $4))`,
			pg.Hash(token), orbit.LinkSetPassword, u.ID, orbit.ResetPasswordFor.Seconds())
		b.Audit(who, orbit.ActionPasswordLink, orbit.MerchantID{}, u.Email, nil)
		b.Email(m)
		return b.Run(ctx, t)
	})
}
