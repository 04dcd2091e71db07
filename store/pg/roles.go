package pg

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"orbit360.app/orbit"
)

// ServingRole sees to it that the unprivileged role the program serves as exists with this password
// and may do what it needs, and gives the URL to connect with. The role is named after the database,
// since roles belong to the whole server. Where the owner may not create roles the error says what
// an administrator has to run.
func (o *Owner) ServingRole(ctx context.Context, ownerURL, password string) (string, error) {
	var role string
	if err := o.pool.QueryRow(ctx, `SELECT left(current_database(), 59) || '_app'`).Scan(&role); err != nil {
		return "", fmt.Errorf("serving role: %w", err)
	}
	u, err := url.Parse(ownerURL)
	if err != nil {
		return "", orbit.Errorf(orbit.Invalid,
			"DATABASE_URL can't be read: it takes postgres://user:password@host:5432/database")
	}
	u.User = url.UserPassword(role, password)
	serving := u.String()
	return serving, o.alone(ctx, func(c *pgx.Conn) error {
		// Logging in is the test: after the first start nothing about the role has to change, which
		// matters where the owner may not alter roles. Poolers remember a role that they couldn't log in for a while.
		var there bool
		if err := c.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`, role).Scan(&there); err != nil {
			return fmt.Errorf("serving role: %w", err)
		}
		if !there || !canLogIn(ctx, serving) {
			if err := o.createRole(ctx, role, password); err != nil {
				return err
			}
		}
		return grant(ctx, c, role)
	})
}

func canLogIn(ctx context.Context, url string) bool {
	c, err := newConnector(url, platform)
	if err != nil {
		return false
	}
	conn, err := pgx.ConnectConfig(ctx, c.cfg)
	if err != nil {
		return false
	}
	_ = conn.Close(ctx) // nothing was written
	return true
}

func (o *Owner) createRole(ctx context.Context, role, password string) error {
	quoted := pgx.Identifier{role}.Sanitize()
	attributes := " LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD " + literal(password)
	_, err := o.pool.Exec(ctx, "CREATE ROLE "+quoted+attributes)
	pg, _ := errors.AsType[*pgconn.PgError](err)
	if pg != nil && (pg.Code == "42710" || pg.Code == "23505") { // exists, or another replica is making it now
		// Its other attributes are as they were made: naming NOSUPERUSER here takes a superuser.
		_, err = o.pool.Exec(ctx, "ALTER ROLE "+quoted+" LOGIN PASSWORD "+literal(password))
		pg, _ = errors.AsType[*pgconn.PgError](err)
	}
	if pg != nil && pg.Code == "42501" {
		return orbit.Wrap(orbit.Forbidden, err,
			fmt.Sprintf("The role of DATABASE_URL may not create the role %s that the program serves as. "+
				"Have an administrator run: CREATE ROLE %s LOGIN PASSWORD 'choose-one'; and set DATABASE_APP_URL to the same URL "+
				"with that role and password.", role, quoted))
	}
	if err != nil {
		return fmt.Errorf("create role %s: %w", role, err)
	}
	return nil
}

// literal quotes a password that we made ourselves (hexadecimal digits): role statements take no parameters.
func literal(s string) string {
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			panic("store: the serving role's password must be hexadecimal")
		}
	}
	return "'" + s + "'"
}

// GrantTo gives the role of a serving URL what it needs.
func (o *Owner) GrantTo(ctx context.Context, servingURL string) error {
	cfg, err := pgxpool.ParseConfig(servingURL)
	if err != nil {
		return orbit.Errorf(orbit.Invalid,
			"DATABASE_APP_URL can't be read: it takes postgres://user:password@host:5432/database")
	}
	return o.alone(ctx, func(c *pgx.Conn) error { return grant(ctx, c, cfg.ConnConfig.User) })
}

// grant gives a role what serving needs and no more: rows, not tables; the audit log and the books can
// only grow.
func grant(ctx context.Context, c *pgx.Conn, role string) error {
	quoted := pgx.Identifier{role}.Sanitize()
	return pgx.BeginFunc(ctx, c, func(t pgx.Tx) error {
		for _, sql := range []string{
			`GRANT USAGE ON SCHEMA public TO ` + quoted,
			`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ` + quoted,
			`GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ` + quoted,
			`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO ` + quoted,
			`REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM ` + quoted,
			`REVOKE ALL ON installation FROM ` + quoted,
			`REVOKE UPDATE, DELETE ON audit_log FROM ` + quoted,
			`REVOKE UPDATE ON releases FROM ` + quoted,
			`REVOKE UPDATE, DELETE ON statements FROM ` + quoted,
			`REVOKE UPDATE ON merchant_plans FROM ` + quoted,
			`REVOKE DELETE ON order_transactions FROM ` + quoted,
			`REVOKE UPDATE, DELETE ON order_revisions FROM ` + quoted,
			`REVOKE INSERT, UPDATE, DELETE ON inventory_adjustments FROM ` + quoted,
		} {
			if _, err := t.Exec(ctx, sql); err != nil {
				return fmt.Errorf("grant to %s: %w", role, err)
			}
		}
		return nil
	})
}

// refuseStrongRole is the second lock of tenancy: row-level security doesn't hold superusers, roles
// with BYPASSRLS, or (but for FORCE, which an owner can turn off) owners.
func refuseStrongRole(ctx context.Context, pool *pgxpool.Pool) error {
	var role string
	var strong, ours bool
	err := pool.QueryRow(ctx, `SELECT current_user, to_regclass('public.merchants') IS NOT NULL, r.rolsuper
	OR r.rolbypassrls OR EXISTS (
			SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
			AND pg_has_role(current_user, c.relowner, 'USAGE'))
		FROM pg_roles r WHERE r.rolname = current_user`).Scan(&role, &ours, &strong)
	if err != nil {
		return fmt.Errorf("can't reach the database as the serving role: %w", err)
	}
	if strong {
		return orbit.Errorf(orbit.Forbidden,
			"The program refuses to serve as the database role %s: it is a superuser, bypasses row-level security or owns the "+
				"tables. "+
				"Name an unprivileged role in DATABASE_APP_URL.", role)
	}
	if !ours {
		return orbit.Errorf(orbit.Invalid,
			"This database doesn't have the platform's tables. DATABASE_APP_URL must name the same database as DATABASE_URL.")
	}
	return nil
}
