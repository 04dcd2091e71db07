package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
)

// node is one value of a body as it was written: its kind ('{', '[', '"', '0', 't', 'f' or 'n'), and what
// is in it. Numbers stay text until their type is known.
type node struct {
	kind  jsontext.Kind
	text  string // of strings (unquoted) and numbers
	keys  []string
	items []*node
}

// readBody checks the form of a request that changes something, and reads its body. nil is no body.
func readBody(c *fiber.Ctx, op *huma.Operation) (*node, error) {
	if err := checkQuery(c, op); err != nil {
		return nil, err
	}
	body := c.Request().Body()
	switch {
	case len(body) > op.Metadata[metaBody].(int):
		return nil, orbit.Errorf(orbit.TooLarge, "A body can have at most %d KiB here.", op.Metadata[metaBody].(int)>>10)
	case len(body) == 0 && op.RequestBody == nil:
		return nil, nil
	case len(body) == 0:
		return nil, orbit.Errorf(orbit.Malformed, "This needs a JSON body.")
	}
	if err := checkMediaType(c); err != nil {
		return nil, err
	}
	root, err := parseJSON(body)
	switch {
	case err != nil:
		return nil, err
	case root.kind != '{':
		return nil, orbit.Errorf(orbit.Invalid, "The body has to be a JSON object: {…}.")
	case op.RequestBody == nil && len(root.keys) > 0:
		return nil, orbit.Errorf(orbit.Invalid, "This endpoint takes no body.").
			With(orbit.Fault{Field: "body." + shortText(root.keys[0]), Message: "There is no such field here."})
	}
	return root, nil
}

// checkMediaType takes JSON in UTF-8 alone. Fiber would unpack a compressed body, however large it gets.
func checkMediaType(c *fiber.Ctx) error {
	bad := statusError{fiber.StatusUnsupportedMediaType, "Send the body as JSON: Content-Type: application/json."}
	kind, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || (kind != "application/json" && (!strings.HasPrefix(kind, "application/") ||
		!strings.HasSuffix(kind, "+json"))) {
		return bad
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return statusError{fiber.StatusUnsupportedMediaType, "Send the body in UTF-8."}
	}
	if encoding := c.Get(fiber.HeaderContentEncoding); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return statusError{fiber.StatusUnsupportedMediaType, "Send the body without Content-Encoding."}
	}
	return nil
}

// checkQuery refuses parameters that mean nothing, are empty or come twice, where something is about to
// change: ?dryrun=true must not be taken for an order.
func checkQuery(c *fiber.Ctx, op *huma.Operation) error {
	var faults []orbit.Fault
	seen := map[string]bool{}
	for k, v := range c.Request().URI().QueryArgs().All() {
		name := string(k)
		known := slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.In == "query" && p.Name == name })
		fault := orbit.Fault{Field: "query." + shortText(name), Value: shortText(string(v))}
		switch {
		case !known:
			fault.Message = "There is no such parameter here."
		case seen[name]:
			fault.Message = "This parameter is given twice."
		case len(v) == 0:
			fault.Message = "This parameter is empty."
		default:
			seen[name] = true
			continue
		}
		faults = append(faults, fault)
	}
	if len(faults) > 0 {
		return errParameters(faults[:min(len(faults), maxFaults)]...)
	}
	return nil
}

// parseJSON reads one JSON text (RFC 8259) and nothing after it: UTF-8, no key twice, not too deep.
func parseJSON(body []byte) (*node, error) {
	d := jsontext.NewDecoder(bytes.NewReader(body))
	root, err := parseValue(d, 0, false)
	if err == nil {
		if _, err = d.ReadToken(); errors.Is(err, io.EOF) {
			return root, nil
		}
		if err == nil {
			return nil, orbit.Errorf(orbit.Malformed, "There is text after the end of the JSON body.")
		}
	}
	if _, ok := errors.AsType[*orbit.Error](err); ok {
		return nil, err
	}
	return nil, malformed(err, d.InputOffset())
}

func malformed(err error, at int64) error {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return orbit.Wrap(orbit.Malformed, err, "The JSON body gives a key twice.")
	}
	if s, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at = s.ByteOffset
	}
	return orbit.Wrap(orbit.Malformed, err, fmt.Sprintf("The body isn't valid JSON, at byte %d.", at))
}

// parseValue reads one value. What a password's key holds stays as it was typed, all other text is cleaned.
func parseValue(d *jsontext.Decoder, depth int, secret bool) (*node, error) {
	if depth > maxDepth {
		return nil, orbit.Errorf(orbit.Malformed, "The JSON body is nested too deeply: %d levels are the most.", maxDepth)
	}
	t, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	n := &node{kind: t.Kind()}
	switch n.kind {
	case '"':
		if n.text = t.String(); !secret {
			n.text = orbit.Clean(n.text) // the border: every text of a body passes here
		}
	case '0':
		n.text = t.String()
	case '{':
		for d.PeekKind() != '}' {
			key, err := d.ReadToken()
			if err != nil {
				return nil, err
			}
			n.keys = append(n.keys, key.String())
			v, err := parseValue(d, depth+1, secret || isPassword(key.String()))
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, v)
		}
		_, err = d.ReadToken()
	case '[':
		for d.PeekKind() != ']' {
			v, err := parseValue(d, depth+1, secret)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, v)
		}
		_, err = d.ReadToken()
	}
	return n, err
}

// field is an object's value by key, nil where there is none.
func (n *node) field(key string) *node {
	if n == nil || n.kind != '{' {
		return nil
	}
	if i := slices.Index(n.keys, key); i >= 0 {
		return n.items[i]
	}
	return nil
}

// given is what was sent at a place such as body.limits.products, for repeating it in an error: short, and
// never a password.
func (c *call) given(location string) any {
	path, ok := strings.CutPrefix(location, "body.")
	if !ok || c.body == nil || isSecret(path) {
		return nil
	}
	n := c.body
	for part := range strings.SplitSeq(path, ".") {
		name, rest, _ := strings.Cut(part, "[")
		if n = n.field(name); n == nil {
			return nil
		}
		if i, err := strconv.Atoi(strings.TrimSuffix(rest, "]")); rest != "" && err == nil && n.kind == '[' &&
			i < len(n.items) {
			n = n.items[i]
		}
	}
	switch n.kind {
	case '"':
		return shortText(n.text)
	case '0':
		if _, err := strconv.ParseFloat(n.text, 64); err != nil || shortText(n.text) != n.text {
			return shortText(n.text) // no reader could take the number
		}
		return json.Number(n.text) // digit by digit as it was sent: 2^63 survives no float
	case 't', 'f':
		return n.kind == 't'
	}
	return nil
}

func isPassword(path string) bool { return strings.Contains(strings.ToLower(path), "password") }

// isSecret reports whether what was sent at a place may not be repeated: passwords, the settings of payment providers,
// and what is named like one of those and was sent elsewhere.
func isSecret(path string) bool {
	path = strings.ToLower(path)
	return isPassword(path) || slices.ContainsFunc([]string{"settings", "secret", "clientid"},
		func(word string) bool { return strings.Contains(path, word) })
}

func shortText(s string) string { return fmt.Sprint(short(s)) }

// short cuts long strings; other values pass.
func short(v any) any {
	s, ok := v.(string)
	if !ok {
		return v
	}
	s = strings.ToValidUTF8(s, "�")
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}

// sentence makes a message of huma's a sentence.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}
