package pg

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"regexp"
	"runtime"
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
	// ErrSetBack reports that the database died and lost steps that it hadn't written to the disk: take the run anew.
	ErrSetBack = errors.New("store: the run was set back to an earlier step")
)

var ErrRefused = errors.New("store: the activation is refused")

// constraints holds the unique and foreign keys that people can run into.
var constraints = map[string]*orbit.Error{
	"domains_host_key":            orbit.Errorf(orbit.Conflict, orbit.AddressTaken),
	"merchants_subdomain_key":     orbit.Errorf(orbit.Conflict, orbit.AddressTaken),
	"merchants_custom_domain_key": orbit.Errorf(orbit.Conflict, "This domain is used by another shop."),
	"merchant_provisionings_open": orbit.Errorf(orbit.Conflict, orbit.BeingSetUp),
	"users_email_key":             orbit.Errorf(orbit.Conflict, "There is an account with this email address already."),
	"themes_slug_key":             orbit.Errorf(orbit.Conflict, "There is a theme with this slug already."),
	"plans_slug_key":              orbit.Errorf(orbit.Conflict, "There is a plan with this slug already."),
}

// Mapped is the error of a connection that somebody holds (Connect), as One, All, Exec, Read and Run return theirs.
func Mapped(err error) error { return mapError(err) }

// mapError turns what pgx and database/sql report into orbit's errors, where a read, a batch or a transaction ends, and
// names the method that asked: an internal error in the log says which it was. What is mapped already passes through.
func mapError(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*orbit.Error](err); ok {
		return err
	}
	if _, ok := errors.AsType[located](err); ok || errors.Is(err, context.Canceled) {
		return err
	}
	pg, refused := errors.AsType[*pgconn.PgError](err)
	if own, ok := ownStates[stateOf(pg)]; ok {
		return own
	}
	for _, own := range ownStates {
		if errors.Is(err, own) {
			return err
		}
	}
	err = located{caller(), err}
	if errors.Is(err, sql.ErrNoRows) || errors.Is(err, pgx.ErrNoRows) {
		return orbit.Wrap(orbit.NotFound, err, orbit.Missing().Message)
	}
	if errors.Is(err, errBusy) {
		return busy(err)
	}
	if refused {
		return mapState(pg, err)
	}
	if lostConnection(err) {
		return unavailable(err)
	}
	return err
}

// lostConnection reports whether an error is the database's being away, in any of the forms that pgx and
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

// located is an error with the method of the store that met it.
type located struct {
	method string
	error
}

// Error puts the method in front.
func (l located) Error() string { return l.method + ": " + l.error.Error() }

// Unwrap returns the error itself.
func (l located) Unwrap() error { return l.error }

// caller names the store's exported method that is under way, as "shop.Edit.CreateProduct"; the engine isn't meant.
func caller() string {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	name := "pg"
	for {
		frame, more := frames.Next()
		path, ok := strings.CutPrefix(frame.Function, "orbit360.app/")
		if ok && (strings.HasPrefix(path, "store.") || strings.HasPrefix(path, "store/shop.")) {
			name = strings.TrimPrefix(closures.ReplaceAllString(path, ""), "store/")
			if last := name[strings.LastIndex(name, ".")+1:]; last[0] >= 'A' && last[0] <= 'Z' {
				return name
			}
		}
		if !more {
			return name
		}
	}
}

// closures matches what the compiler adds to a method's name.
var closures = regexp.MustCompile(`[(*)]|(\.func\d+|\.\d+|-range\d+|\[\.\.\.\])`)

// ownStates holds the errors of our own SQLSTATEs, which pass as they are.
var ownStates = map[string]error{stateOvertaken: ErrOvertaken, stateStepDone: ErrStepDone, stateSetBack: ErrSetBack,
	stateRefused: ErrRefused}

func stateOf(pg *pgconn.PgError) string {
	if pg == nil {
		return ""
	}
	return pg.Code
}

// mapState maps what PostgreSQL says, in the words of an error that it caused.
func mapState(pg *pgconn.PgError, cause error) error {
	switch {
	case pg.Code == "23505" || pg.Code == "23503":
		if known, ok := constraints[pg.ConstraintName]; ok {
			return orbit.Wrap(known.Code, cause, known.Message)
		}
		if pg.Code == "23503" {
			return orbit.Wrap(orbit.Conflict, cause, "Something this needs no longer exists, or is still in use.")
		}
		return orbit.Wrap(orbit.Conflict, cause, "This already exists.")
	case pg.Code == "22021": // NUL, or bytes that aren't UTF-8: no text column holds them
		return orbit.Wrap(orbit.Malformed, cause,
			"This request has characters that can't be used. Go back and try again.")
	case pg.Code == "22003": // an integer beyond its column
		return orbit.Wrap(orbit.Invalid, cause, "A number is larger than can be kept. Enter a smaller one.")
	case pg.Code == "42501": // row-level security refuses a row, or a grant is missing
		return orbit.Wrap(orbit.NotFound, cause, orbit.Missing().Message)
	case pg.Code == "40001", pg.Code == "40P01", pg.Code == "55P03":
		return unavailable(cause)
	case pg.Code == stateCanceled && strings.Contains(pg.Message, "timeout"), pg.Code == "53300":
		return busy(cause)
	case pg.Code[:2] == "08", pg.Code[:2] == "53", pg.Code[:2] == "57", pg.Code == "25006":
		return unavailable(cause)
	}
	return cause
}

// busy is a database that is there and has too much to do.
func busy(err error) error {
	e := orbit.Wrap(orbit.Unavailable, err,
		"The platform is busy, and this took too long. Please try again in a few seconds.")
	e.RetryAfter = retryAfter
	return e
}

func unavailable(err error) error {
	e := orbit.Wrap(orbit.Unavailable, err, "The platform is temporarily unavailable. Please try again in a few seconds.")
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
