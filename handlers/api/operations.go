package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/orbit"
)

// operation is what is said of an operation beyond its types.
type operation struct {
	method, path string
	id           string
	tag          string
	summary      string
	about        string
	status       int            // of a good answer
	errors       []int          // beyond those of every operation
	open         bool           // needs no token
	scope        orbit.APIScope // of a merchant's operation; "" for the platform's own
	body         any            // an example of the body
	answer       any            // an example of a good answer
	answerType   string
	maxBody      int // bytes; 0 for maxBody
}

// metaScope is where an operation has its scope.
const metaScope = "scope"

// metaBody is where it has how long its body can be.
const metaBody = "body"

func scopeOf(op *huma.Operation) orbit.APIScope {
	scope, _ := op.Metadata[metaScope].(orbit.APIScope)
	return scope
}

// register adds an operation with everything its description needs.
func register[I, O any](a *API, o operation, handle func(context.Context, *call, *I) (*O, error)) {
	op := huma.Operation{Method: o.method, Path: o.path, OperationID: o.id, Tags: []string{o.tag}, Summary: o.summary,
		Description:   o.about,
		DefaultStatus: o.status, MaxBodyBytes: -1, BodyReadTimeout: -1, SkipValidateBody: true,
		Responses: map[string]*huma.Response{}}
	op.Metadata = map[string]any{metaScope: o.scope, metaBody: cmp.Or(o.maxBody, maxBody)}
	switch {
	case o.open:
		op.Security = []map[string][]string{}
	case o.scope != "":
		op.Security = []map[string][]string{{"merchantToken": {}}, {"shopKey": {string(o.scope)}}}
	default:
		op.Security = []map[string][]string{{"token": {}}, {"apiKey": {}}}
	}
	answer := &huma.Response{Description: goodAnswer(o), Headers: a.commonHeaders(o)}
	if o.answerType == "" {
		o.answerType = "application/json"
	}
	if o.status != http.StatusNoContent {
		answer.Content = map[string]*huma.MediaType{o.answerType: {Example: o.answer}}
	}
	op.Responses[strconv.Itoa(o.status)] = answer
	for _, code := range errorsOf(o) {
		op.Responses[strconv.Itoa(code)] = &huma.Response{Ref: "#/components/responses/" + kindOf(code).Name}
	}
	if idempotent(&op) && op.Method != http.MethodGet {
		op.Parameters = append(op.Parameters, &huma.Param{Ref: "#/components/parameters/" + headerKey})
	}
	if _, has := reflect.TypeFor[I]().FieldByName("Body"); has {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/json": {Example: o.body}}}
	}
	a.order = append(a.order, address{o.method, o.path})
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		c := callOf(ctx)
		c.readOnly = answerFields(reflect.TypeFor[O]())
		out, err := handle(ctx, c, in)
		if p, ok := errors.AsType[*Problem](err); ok {
			return nil, p
		}
		if err != nil {
			return nil, a.problem(c.fiber, err, c.given)
		}
		return out, nil
	})
}

// answerFields returns the names of an answer's fields: where a body can't have one of them, it is read-only.
func answerFields(output reflect.Type) (names []string) {
	body, ok := output.FieldByName("Body")
	if !ok || body.Type.Kind() != reflect.Struct {
		return nil
	}
	for _, f := range reflect.VisibleFields(body.Type) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// errorsOf returns the statuses that an operation may refuse with.
func errorsOf(o operation) []int {
	codes := append([]int{429, 500, 503}, o.errors...)
	if !o.open {
		codes = append(codes, 401, 403)
	}
	if o.method != http.MethodGet {
		codes = append(codes, 400, 413, 415, 422)
		if !o.open {
			codes = append(codes, 409) // the first request with the same Idempotency-Key may still run
		}
	}
	if strings.Contains(o.path, "{") {
		codes = append(codes, 404)
	}
	if o.method == http.MethodPatch && o.maxBody == 0 { // of one object
		codes = append(codes, 412)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func goodAnswer(o operation) string {
	switch o.status {
	case http.StatusCreated:
		return "Created."
	case http.StatusAccepted:
		return "Accepted. Processing continues in the background."
	case http.StatusNoContent:
		return "No content."
	}
	return "OK."
}

func header(name string) *huma.Header {
	return &huma.Header{Ref: "#/components/headers/" + name}
}

// commonHeaders returns the headers of a good answer.
func (a *API) commonHeaders(o operation) map[string]*huma.Header {
	h := map[string]*huma.Header{"RateLimit": header("RateLimit"), "RateLimit-Policy": header("RateLimit-Policy")}
	if o.method != http.MethodGet && !o.open {
		h[headerReplayed] = header(headerReplayed)
	}
	return h
}

// problemResponses returns the ways to fail that operations share, by the names of their kinds.
func (a *API) problemResponses(schemas huma.Registry) map[string]*huma.Response {
	all := map[string]*huma.Response{}
	for _, kind := range problemKinds {
		if kind.Status == http.StatusMethodNotAllowed {
			continue // no operation answers with it
		}
		all[kind.Name] = a.problemResponse(schemas, kind, []ProblemError{})
	}
	return all
}

// problemResponse describes one way to fail, with an example of it.
func (a *API) problemResponse(schemas huma.Registry, kind problemKind, faults []ProblemError) *huma.Response {
	h := map[string]*huma.Header{"RateLimit": header("RateLimit"), "RateLimit-Policy": header("RateLimit-Policy")}
	switch kind.Status {
	case 401:
		h["WWW-Authenticate"] = header("WWW-Authenticate")
	case 429, 503:
		h["Retry-After"] = header("Retry-After")
	}
	example := Problem{Type: a.Addresses.Site("/api/docs#" + kind.Name), Title: kind.Title, Status: kind.Status,
		Detail:   exampleDetails[kind.Status],
		Instance: "urn:uuid:0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d9e", Errors: faults}
	return &huma.Response{Description: kind.Title + ". " + kind.About, Headers: h, Content: map[string]*huma.MediaType{
		"application/problem+json": {Schema: schemas.Schema(reflect.TypeFor[Problem](), true, ""), Example: example}}}
}

var exampleDetails = map[int]string{
	400: "The body isn't valid JSON, at byte 17.",
	401: "This token or API key isn't valid, or has expired. Sign in again for a new one.",
	403: "Only admins of the platform may do this.", 404: "There is nothing at this address.",
	409: orbit.BeingSetUp,
	412: changedMeanwhile,
	413: "A body can have at most 64 KiB.", 415: "Send the body as JSON: Content-Type: application/json.",
	422: "Please fix the errors below.",
	429: "That is more than 100 requests a second. Slow down.", 500: orbit.Sentence(nil),
	503: "The platform is temporarily unavailable. Please try again in a few seconds.",
}

// located reports whether a fault's field says already in which part of the request it is.
func located(field string) bool {
	for _, part := range []string{"body.", "query.", "path.", "header.", "shop."} {
		if strings.HasPrefix(field, part) {
			return true
		}
	}
	return field == "body"
}
