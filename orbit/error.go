package orbit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Code says what kind of expected failure an Error is. Handlers map it to a status;
// nothing else does.
type Code string

// The codes, from the caller's fault to ours.
const (
	Malformed    Code = "malformed"    // can't be understood at all
	Invalid      Code = "invalid"      // understood, but the rules refuse it
	Unauthorized Code = "unauthorized" // who are you?
	Forbidden    Code = "forbidden"    // known, but not allowed
	NotFound     Code = "not_found"    // doesn't exist, or belongs to somebody else
	Conflict     Code = "conflict"     // conflicts with what is there
	Gone         Code = "gone"         // was here once: used or expired
	TooLarge     Code = "too_large"    // more than is taken
	TooMany      Code = "too_many"     // too often; RetryAfter says when to come back
	Unavailable  Code = "unavailable"  // something we need is away for the moment
	Internal     Code = "internal"     // our fault; details go to the log
)

// Fault is one thing wrong with one field of the input.
type Fault struct {
	Field   string // name of the input field, as forms and JSON bodies spell it
	Message string // a sentence a person can act on
	Value   string // what was given, shortened; empty where repeating it would be wrong
}

// Error is an expected failure: a code, a sentence a person can act on, and the faults
// by field where there are any. Err is the cause, for the log only.
type Error struct {
	Code       Code
	Message    string
	Faults     Faults
	RetryAfter time.Duration
	Err        error
}

// Errorf returns an Error without faults. A %w verb keeps the cause out of the message a person sees
// only if the caller leaves it out of the format: use Wrap for that.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns an Error around a cause that people don't get to see.
func Wrap(code Code, err error, message string) *Error {
	return &Error{Code: code, Message: message, Err: err}
}

// With returns e with the faults of fields.
func (e *Error) With(faults ...Fault) *Error {
	e.Faults = faults
	return e
}

// After returns e with how long to wait before trying again.
func (e *Error) After(wait time.Duration) *Error {
	e.RetryAfter = wait
	return e
}

// Error returns the text for logs: message, faults, cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	for _, f := range e.Faults {
		fmt.Fprintf(&b, " [%s: %s]", f.Field, f.Message)
	}
	if e.Err != nil {
		return strings.TrimSuffix(b.String(), ".") + ": " + e.Err.Error()
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// CodeOf is the code of the first Error in err's chain, Internal if there is none, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// FaultsOf returns the faults by field in err's chain, for showing a form again.
func FaultsOf(err error) Faults {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Faults
	}
	return nil
}

// Sentence is what a person may read about err: the message of an Error, or one plain
// sentence for everything unexpected. It never holds a cause.
func Sentence(err error) string {
	if e, ok := errors.AsType[*Error](err); ok && e.Message != "" {
		return e.Message
	}
	return "Something went wrong on our side. We've logged the error. Please try again."
}

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks a failure that trying again can't mend.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

// IsPermanent reports whether err was marked by Permanent.
func IsPermanent(err error) bool {
	_, ok := errors.AsType[permanent](err)
	return ok
}

// Faults collects what is wrong with an input, all of it, before anything is refused.
type Faults []Fault

// Add adds what is wrong with a field.
func (f *Faults) Add(field, value, format string, args ...any) {
	*f = append(*f, Fault{Field: field, Message: fmt.Sprintf(format, args...), Value: shorten(value, 80)})
}

// On reports whether a field has a fault.
func (f Faults) On(field string) bool {
	return slices.ContainsFunc(f, func(x Fault) bool { return x.Field == field })
}

// Err is the faults as one Invalid error, nil without any.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Code: Invalid, Message: "Please fix the errors below.", Faults: f}
}

// FaultOn returns an error about one field, with one sentence for both.
func FaultOn(code Code, field, value, message string) *Error {
	return &Error{Code: code, Message: message, Faults: []Fault{{field, message, shorten(value, 80)}}}
}

// Missing is the NotFound of what doesn't exist, or belongs to another tenant: nobody can tell which.
func Missing() *Error { return Errorf(NotFound, "There is nothing at this address.") }
