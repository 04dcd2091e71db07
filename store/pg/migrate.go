package pg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"orbit360.app/migrations"
	"orbit360.app/orbit"
)

// migrationLock keeps two starting replicas from migrating or granting at once. An advisory lock ends with its session,
// as that of pressly/goose does. goose isn't used: what is ours beside a loop over files (an edited file and a newer
// database refused by name, River's migrations and the grants under the same lock) would all stay.
const migrationLock = 0x6f72626974 // "orbit"

// Owner is the database as the role that owns the schema sees it: for migrations and roles, at
// start, never for serving.
type Owner struct {
	pool *pgxpool.Pool
	log  *slog.Logger
}

// OpenOwner connects as the owner of the schema.
func OpenOwner(ctx context.Context, url string, log *slog.Logger) (*Owner, error) {
	if err := checkHearing(ctx, url, owners); err != nil {
		return nil, err
	}
	pool, err := openPool(ctx, url, owners, ownerConns)
	if err != nil {
		return nil, err
	}
	o := &Owner{pool: pool, log: log}
	if err := o.checkServer(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return o, nil
}

// Close ends the owner's connections.
func (o *Owner) Close() { o.pool.Close() }

// oldest is the oldest PostgreSQL the schema works with: 15 has NULLS NOT DISTINCT and
// security_invoker views.
const oldest = 150000

func (o *Owner) checkServer(ctx context.Context) error {
	var version int
	var name, encoding string
	var icu bool
	if err := o.pool.QueryRow(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_version'),
		current_setting('server_encoding'), EXISTS (SELECT FROM pg_collation
		WHERE collprovider = 'i')`).Scan(&version, &name, &encoding, &icu); err != nil {
		return fmt.Errorf("can't reach the database: %w", err)
	}
	if version < oldest {
		return orbit.Errorf(orbit.Invalid, "The database is PostgreSQL %s; 15 or newer is needed.", name)
	}
	if encoding != "UTF8" {
		return orbit.Errorf(orbit.Invalid, "The database's encoding is %s; create it with ENCODING 'UTF8'.", encoding)
	}
	if !icu {
		return orbit.Errorf(orbit.Invalid, "The database has no ICU collations, by which names are sorted. "+
			"Use a PostgreSQL that is built with ICU, as the packages of all distributions are, or run "+
			"pg_import_system_collations('pg_catalog') in it.")
	}
	return nil
}

// Migrate brings the schema up to date: river's tables, then ours, each file in a transaction of
// its own with its mark. Safe to run from many processes at once and after a crash at any point.
func (o *Owner) Migrate(ctx context.Context) error {
	return o.alone(ctx, func(c *pgx.Conn) error {
		if err := o.migrateRiver(ctx); err != nil {
			return err
		}
		return o.migrateOurs(ctx, c)
	})
}

// alone does what changes the schema, roles or rights while no other process does: two that grant at once get "tuple
// concurrently updated". It must not be called within itself.
func (o *Owner) alone(ctx context.Context, do func(*pgx.Conn) error) error {
	return o.pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		if _, err := c.Exec(ctx, `SELECT pg_advisory_lock($1)`, migrationLock); err != nil {
			return fmt.Errorf("lock for migrations: %w", err)
		}
		// nolint:errcheck // the session's end unlocks too
		defer c.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, migrationLock)
		return do(c.Conn())
	})
}

func (o *Owner) migrateRiver(ctx context.Context) error {
	m, err := rivermigrate.New(riverpgxv5.New(o.pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("migrate river: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate river: %w", err)
	}
	return nil
}

func (o *Owner) migrateOurs(ctx context.Context, c *pgx.Conn) error {
	// sum detects a migration that was edited after it had been applied: what it makes now isn't what the database has.
	// The last edition before sums were kept left them empty; its domains tell it from those before: their migrations
	// were others.
	if _, err := c.Exec(ctx, `CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT now());
		ALTER TABLE schema_migrations ADD COLUMN IF NOT EXISTS sum text NOT NULL DEFAULT ''`); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	rows, err := c.Query(ctx, `SELECT name, sum FROM schema_migrations`)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	applied, sums := []string{}, map[string]string{}
	var name, sum string
	if _, err := pgx.ForEachRow(rows, []any{&name, &sum}, func() error {
		applied = append(applied, name)
		sums[name] = sum
		return nil
	}); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	names, err := migrationNames()
	if err != nil {
		return err
	}
	for _, name := range applied {
		if !slices.Contains(names, name) {
			return orbit.Errorf(orbit.Conflict,
				"The database was made by a newer version of this program (it knows migration %s). Start that version.", name)
		}
	}
	var unsummed bool
	if err := c.QueryRow(ctx, `SELECT to_regtype('run_status') IS NOT NULL`).Scan(&unsummed); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, name := range names {
		sum, err := sumOf(name)
		if err != nil {
			return err
		}
		if slices.Contains(applied, name) {
			if sums[name] == "" && unsummed {
				if _, err := c.Exec(ctx, `UPDATE schema_migrations SET sum = $1 WHERE name = $2`, sum, name); err != nil {
					return fmt.Errorf("migrate: %w", err)
				}
			} else if sums[name] != sum {
				return orbit.Errorf(orbit.Conflict,
					"The database was made by another edition of this program: its migration %s isn't the one here. Start that "+
						"edition, or begin with an empty database.", name)
			}
			continue
		}
		if err := o.migrate(ctx, c, name, "up",
			`INSERT INTO schema_migrations (name, sum) VALUES ($1, '`+sum+`')`); err != nil {
			return err
		}
		o.log.Info("migrated", "migration", name)
	}
	return nil
}

// Down undoes our migrations, newest first, for tests of their down files.
func (o *Owner) Down(ctx context.Context) error {
	names, err := migrationNames()
	if err != nil {
		return err
	}
	slices.Reverse(names)
	return o.pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		for _, name := range names {
			if err := o.migrate(ctx, c.Conn(), name, "down", `DELETE FROM schema_migrations WHERE name = $1`); err != nil {
				return err
			}
		}
		return nil
	})
}

func (o *Owner) migrate(ctx context.Context, c *pgx.Conn, name, direction, mark string) error {
	sql, err := migrations.Files.ReadFile(name + "." + direction + ".sql")
	if err != nil {
		return fmt.Errorf("migration %s: %w", name, err)
	}
	return pgx.BeginFunc(ctx, c, func(t pgx.Tx) error {
		if err := t.Conn().PgConn().Exec(ctx, string(sql)).Close(); err != nil {
			return fmt.Errorf("migration %s %s: %w", name, direction, err)
		}
		_, err := t.Exec(ctx, mark, name)
		return err
	})
}

// sumOf is the hash of what a migration does, as hexadecimal digits.
func sumOf(name string) (string, error) {
	sql, err := migrations.Files.ReadFile(name + ".up.sql")
	if err != nil {
		return "", fmt.Errorf("migration %s: %w", name, err)
	}
	sum := sha256.Sum256(sql)
	return hex.EncodeToString(sum[:]), nil
}

func migrationNames() ([]string, error) {
	files, err := fs.Glob(migrations.Files, "*.up.sql")
	if err != nil {
		return nil, err
	}
	for i := range files {
		files[i] = strings.TrimSuffix(files[i], ".up.sql")
	}
	slices.Sort(files)
	return files, nil
}
