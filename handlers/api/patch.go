package api

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/orbit"
)

const headerIfMatch = "If-Match"

// changedMeanwhile is the sentence of a 412.
const changedMeanwhile = "This has changed since you read it. Read it again, and repeat the change if it still " +
	"makes sense."

// Change is a field of a merge patch (RFC 7396): left out, or a value; null is the value of a field in which nothing
// is entered. Structs of a PATCH's body have these, each with omitempty.
type Change[T any] struct {
	Sent, Null bool
	Value      T
}

// Schema is T's.
func (Change[T]) Schema(r huma.Registry) *huma.Schema {
	s := *r.Schema(reflect.TypeFor[T](), true, "")
	return &s
}

// read takes what was sent.
func (c *Change[T]) read(r *reader, n *node, at string) {
	if c.Sent, c.Null = true, n.kind == 'n'; !c.Null {
		r.value(reflect.ValueOf(&c.Value).Elem(), n, at)
	}
}

// or returns what was sent, or what was there where nothing was.
func (c Change[T]) or(was T) T {
	if c.Sent {
		return c.Value
	}
	return was
}

// MatchParams is for operations that take If-Match.
type MatchParams struct {
	IfMatch string `header:"If-Match" doc:"The version in quotes. 412 where the object has another by now."`
}

// etag is a version as If-Match takes it.
func etag(version int) string { return strconv.Quote(strconv.Itoa(version)) }

// match is nil where the request names no version, or the one that the object has (RFC 9110, section 13.1.1). Call it
// within the change, where nobody else can change the object.
func (c *call) match(version int) error {
	sent := c.fiber.Request().Header.PeekAll(headerIfMatch)
	if len(sent) == 0 {
		return nil
	}
	for _, list := range sent {
		for tag := range strings.SplitSeq(string(list), ",") {
			tag = strings.TrimSpace(tag)
			if tag == "*" || tag == etag(version) {
				return nil
			}
			// A weak one never matches; all others are in quotes.
			if !strings.HasPrefix(tag, "W/") && (len(tag) < 2 || tag[0] != '"' || tag[len(tag)-1] != '"') {
				return orbit.Errorf(orbit.Invalid, "This If-Match can't be used.").With(orbit.Fault{
					Field: "header." + headerIfMatch, Message: "Send the version in quotes: If-Match: \"3\".", Value: shortText(tag)})
			}
		}
	}
	return statusError{412, changedMeanwhile}
}
