package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	superRole   = "postgres"
	appRole     = "orbit"
	appDatabase = "orbit360"
)

var errNotYet = errors.New("not ready yet")

// setup connects as the role orbit, which is all there is to do on an intact cluster. Whatever
// is wrong with role or database is put right by the superuser first, so every start ends
// with the same promise, also one that follows a crash half-way through here.
func (s *Server) setup(ctx context.Context) error {
	err := s.inspect(ctx)
	if err == nil || errors.Is(err, errNotYet) {
		return err
	}
	if err := s.mend(ctx); err != nil {
		return err
	}
	return s.inspect(ctx)
}

// inspect returns nil when orbit can connect and is what it should be.
func (s *Server) inspect(ctx context.Context) error {
	conn, err := connect(ctx, s.URL())
	if err != nil {
		return err
	}
	defer closeConn(conn)
	var right bool
	err = conn.QueryRow(ctx, `
		SELECT rolcreaterole AND NOT rolsuper AND NOT rolbypassrls AND NOT rolcreatedb AND NOT rolreplication
			AND datdba = r.oid
		FROM pg_roles r, pg_database d
		WHERE rolname = current_user AND datname = current_database()`).Scan(&right)
	if err == nil && !right {
		err = fmt.Errorf("the role %s isn't what it should be", appRole)
	}
	return err
}

// mend makes role and database what they should be, from whatever state.
func (s *Server) mend(ctx context.Context) error {
	conn, err := connect(ctx, s.SuperURL())
	if err != nil {
		var pgErr *pgconn.PgError
		if errors.As(err, &pgErr) && pgErr.Code == "28P01" {
			return fmt.Errorf(
				"the passwords in %s/secrets aren't the database's: restore that file, or delete it to have new ones set",
				s.place.dir)
		}
		return err
	}
	defer closeConn(conn)
	var role, database bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1),
		EXISTS (SELECT FROM pg_database WHERE datname = $2)`, appRole, appDatabase).Scan(&role, &database)
	if err != nil {
		return fmt.Errorf("looking for role and database: %w", err)
	}
	// Names are constants and passwords base32: nothing here needs quoting.
	verb := "CREATE"
	if role {
		verb = "ALTER"
	}
	statements := []string{verb + " ROLE " + appRole +
		" LOGIN CREATEROLE NOSUPERUSER NOBYPASSRLS NOCREATEDB NOREPLICATION PASSWORD '" + s.secrets.App + "'"}
	if database {
		statements = append(statements, "ALTER DATABASE "+appDatabase+" OWNER TO "+appRole)
	} else {
		statements = append(statements, "CREATE DATABASE "+appDatabase+" OWNER "+appRole)
	}
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("setting up role and database: %w", err)
		}
	}
	return nil
}

// connect returns errNotYet, wrapped, as long as no server answers, or the server says that it is starting.
func connect(ctx context.Context, url string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, config)
	var pgErr *pgconn.PgError
	switch {
	case err == nil:
		return conn, nil
	case errors.As(err, &pgErr) && pgErr.Code != "57P03": // cannot_connect_now
		return nil, err
	default:
		return nil, fmt.Errorf("%w: %w", errNotYet, err)
	}
}

// closeConn says goodbye; its answer no longer matters.
func closeConn(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}
