package pg

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"orbit360.app/orbit"
)

// stateCanceled is a statement that took longer than its audience's limit (or that an administrator ended).
const stateCanceled = "57014"

// SQLSTATEs of our own functions (migrations/0001 and 0010).
const (
	stateOvertaken = "OR001" // the run belongs to another worker or has ended
	stateStepDone  = "OR002"
	stateSetBack   = "OR003" // steps that the worker had done are gone
	// an activation: of a merchant that isn't pending, or with a theme or plan that isn't available
	stateRefused = "OR004"
)

// Errors of the step functions, for package provision.
var (
	ErrOvertaken = errors.New("store: the run belongs to another worker or has ended")
	ErrStepDone  = errors.New("store: the step is done already")
	// ErrSetBack tells that the database died and took along steps that it hadn't written to the disk: take the run anew.
	ErrSetBack = errors.New("store: the run was set back to an earlier step")
)

var ErrRefused = errors.New("store: the activation is refused")

// constraints are the unique and foreign keys that people can run into.
var constraints = map[string]*orbit.Error{
	"domains_host_key":            orbit.Errorf(orbit.Conflict, "This address is taken by another shop."),
	"merchants_subdomain_key":     orbit.Errorf(orbit.Conflict, "This address is taken by another shop."),
	"merchants_custom_domain_key": orbit.Errorf(orbit.Conflict, "This domain is used by another shop."),
	"merchant_provisionings_open": orbit.Errorf(orbit.Conflict, "This merchant is being set up already."),
	"users_email_key":             orbit.Errorf(orbit.Conflict, "There is an account with this email address already."),
	"themes_slug_key":             orbit.Errorf(orbit.Conflict, "There is a theme with this slug already."),
	"plans_slug_key":              orbit.Errorf(orbit.Conflict, "There is a plan with this slug already."),
}

// mapError turns what pgx and database/sql report into orbit errors, once, at the edge of the
// store. Errors that are orbit's already pass through.
func MapError(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*orbit.Error](err); ok {
		return err
	}
	if errors.Is(err, sql.ErrNoRows) || errors.Is(err, pgx.ErrNoRows) {
		return orbit.Wrap(orbit.NotFound, err, orbit.Missing().Message)
	}
	if errors.Is(err, errBusy) {
		return busy(err)
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return mapState(pg)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	if lostConnection(err) {
		return unavailable(err)
	}
	return err
}

// lostConnection tells whether an error is the database's being away, in any of the forms that pgx and
// database/sql give it when a server is killed at one moment or another.
func lostConnection(err error) bool {
	_, isNet := errors.AsType[net.Error](err)
	_, isConnect := errors.AsType[*pgconn.ConnectError](err)
	_, isErrno := errors.AsType[syscall.Errno](err)
	if isNet || isConnect || isErrno || pgconn.SafeToRetry(err) {
		return true
	}
	for _, lost := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, context.DeadlineExceeded, driver.ErrBadConn,
		sql.ErrConnDone} {
		if errors.Is(err, lost) {
			return true
		}
	}
	return false
}

func mapState(pg *pgconn.PgError) error {
	switch {
	case pg.Code == stateOvertaken:
		return ErrOvertaken
	case pg.Code == stateStepDone:
		return ErrStepDone
	case pg.Code == stateSetBack:
		return ErrSetBack
	case pg.Code == stateRefused:
		return ErrRefused
	case pg.Code == "23505" || pg.Code == "23503":
		if known, ok := constraints[pg.ConstraintName]; ok {
			return &orbit.Error{Code: known.Code, Message: known.Message, Err: pg}
		}
		if pg.Code == "23503" {
			return orbit.Wrap(orbit.Conflict, pg, "Something this needs isn't there any more, or is still in use.")
		}
		return orbit.Wrap(orbit.Conflict, pg, "This exists already.")
	case pg.Code == "22003": // an integer beyond its column
		return orbit.Wrap(orbit.Invalid, pg, "A number is larger than can be kept. Enter a smaller one.")
	case pg.Code == "42501": // row-level security refuses a row, or a grant is missing
		return orbit.Wrap(orbit.NotFound, pg, orbit.Missing().Message)
	case pg.Code == "40001", pg.Code == "40P01", pg.Code == "55P03":
		return unavailable(pg)
	case pg.Code == stateCanceled && strings.Contains(pg.Message, "timeout"), pg.Code == "53300":
		return busy(pg)
	case pg.Code[:2] == "08", pg.Code[:2] == "53", pg.Code[:2] == "57", pg.Code == "25006":
		return unavailable(pg)
	}
	return pg
}

// busy is a database that is there and has too much to do.
func busy(err error) error {
	e := orbit.Wrap(orbit.Unavailable, err,
		"There is a lot going on right now, and this took too long. Please try again in a few seconds.")
	e.RetryAfter = retryAfter
	return e
}

func unavailable(err error) error {
	e := orbit.Wrap(orbit.Unavailable, err, "The platform is away for a moment. Please try again in a few seconds.")
	e.RetryAfter = retryAfter
	return e
}

// constraintOf names the constraint that refused a write, "" if none did.
func ConstraintOf(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.ConstraintName
	}
	return ""
}

// retryAfter is when to come back after an outage: restarts of the embedded database take less.
const retryAfter = 2 * time.Second
