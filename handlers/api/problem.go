package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
)

// Problem is an error as programs get it (RFC 9457).
type Problem struct {
	Type     string         `json:"type" format:"uri" doc:"URL that describes this type of problem."`
	Title    string         `json:"title" doc:"The type of problem in a few words."`
	Status   int            `json:"status" minimum:"400" maximum:"599" doc:"HTTP status code of the response."`
	Detail   string         `json:"detail" doc:"What is wrong with this request, in a sentence a person can act on."`
	Instance string         `json:"instance" format:"uri" doc:"ID of this response. Include it when you contact support."`
	Errors   []ProblemError `json:"errors" nullable:"false" doc:"All faults of the content; may be empty."`
}

// ProblemError is one thing that is wrong with a request.
type ProblemError struct {
	Location string `json:"location" doc:"Where: body.subdomain, body.features[2], query.limit, header.Idempotency-Key."`
	Message  string `json:"message" doc:"What is wrong, in a sentence a person can act on."`
	Value    any    `json:"value" doc:"What was given, shortened; null where nothing was given or it is secret."`
}

// problemKind is one kind of problem: its name in the documentation and what its answers have in common.
type problemKind struct {
	Status int
	Name   string
	Title  string
	About  string
}

// problemKinds is the one place that says what each status means here. kit.Status says which errors
// come to which status.
var problemKinds = []problemKind{
	{400, "malformed", "The request can't be read",
		"The body isn't JSON, has something after its end, names a key twice, isn't UTF-8 or is nested too deeply. " +
			"Nothing was done."},
	{401, "unauthorized", "Sign in first",
		"The token is missing, expired or revoked, or its owner's password or role changed. Get a new one from `POST " +
			"/api/auth/token`."},
	{403, "forbidden", "Not allowed",
		"The credential is valid, but doesn't allow this: the API key lacks the scope, the person lacks the permission, " +
			"the shop is suspended, or the operation is for the other side. Provisioning takes an admin's credential; " +
			"`/api/merchant` takes a shop's."},
	{404, "not-found", "Not found", "There is nothing at this address, or it belongs to another merchant."},
	{405, "method-not-allowed", "Method not allowed",
		"The address doesn't support this method. `Allow` lists those it does."},
	{409, "conflict", "Conflict",
		"The request is valid, but conflicts with the current state: something is taken, in use, or already running."},
	{412, "precondition-failed", "Changed in the meantime",
		"The object no longer has the version that `If-Match` names. Read it again, and repeat the change if it still " +
			"makes sense."},
	{413, "too-large", "Too large", "The body is larger than 64 KiB."},
	{415, "unsupported-media-type", "Not JSON",
		"The body's `Content-Type` must be `application/json`, or another type that ends in `+json`, in UTF-8 and without " +
			"`Content-Encoding`."},
	{422, "invalid", "The content isn't valid",
		"The request is well-formed, but its content isn't valid. `errors` lists every fault."},
	{429, "too-many", "Too many requests", "Wait as many seconds as `Retry-After` says."},
	{500, "internal", "Something went wrong on our side",
		"We've logged the error. Retrying is safe with the same `Idempotency-Key`."},
	{503, "unavailable", "Temporarily unavailable", "Try again after as many seconds as `Retry-After` says."},
}

func kindOf(status int) problemKind {
	for _, k := range problemKinds {
		if k.Status == status {
			return k
		}
	}
	return problemKind{Status: status, Name: "other", Title: http.StatusText(status)}
}

// Error is the sentence for people.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is for huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is for huma.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statusError is an error of HTTP itself, for which package orbit has no word.
type statusError struct {
	status int
	detail string
}

func (e statusError) Error() string { return e.detail }

// problem describes an error to the caller and writes ours into the log. given finds what was sent at a
// place, for faults that don't carry it; nil where there is no body.
func (a *API) problem(c *fiber.Ctx, err error, given func(location string) any) *Problem {
	status := kit.Status(err)
	if s, ok := errors.AsType[statusError](err); ok {
		status = s.status
	}
	detail := orbit.Sentence(err)
	switch kind := kindOf(status); {
	case errors.Is(err, context.DeadlineExceeded):
		status, detail = 503, "This takes too long at the moment. Please try again in a few seconds."
		c.Set(fiber.HeaderRetryAfter, "2")
	case orbit.CodeOf(err) == orbit.Gone:
		status = 404
	case status < 500 && orbit.CodeOf(err) == orbit.Internal:
		detail = kind.About
		if s, ok := errors.AsType[statusError](err); ok {
			detail = s.detail
		}
	}
	if status >= 500 {
		a.LogError(c, err)
	}
	kit.SetRetryAfter(c, err)
	if status == fiber.StatusUnauthorized {
		challenge(c, err)
	}
	kind := kindOf(status)
	p := &Problem{Type: a.Addresses.Site("/api/docs#" + kind.Name), Title: kind.Title, Status: status, Detail: detail,
		Instance: instance(kit.RequestID(c)), Errors: []ProblemError{}}
	for _, f := range orbit.FaultsOf(err) {
		p.Errors = append(p.Errors, problemError(f, given))
	}
	return p
}

// instance names an answer by its request's id: ours are UUIDs, a proxy's may be any word.
func instance(id string) string {
	if _, err := uuid.Parse(id); err == nil && len(id) == len(uuid.Nil.String()) {
		return "urn:uuid:" + id
	}
	return "urn:request:" + url.PathEscape(id)
}

// problemError is a fault with its place. Fields of a body are named as the rules name them; others say
// where they are.
func problemError(f orbit.Fault, given func(string) any) ProblemError {
	e := ProblemError{Location: f.Field, Message: f.Message}
	if !located(f.Field) {
		e.Location = "body." + f.Field
	}
	if given != nil {
		e.Value = given(e.Location)
	}
	if e.Value == nil && f.Value != "" {
		e.Value = f.Value
	}
	return e
}

// fail answers with a problem.
func (a *API) fail(c *fiber.Ctx, err error) error {
	return send(c, a.problem(c, err, nil))
}

func send(c *fiber.Ctx, p *Problem) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(p); err != nil {
		return err
	}
	c.Status(p.Status).Set(fiber.HeaderContentType, p.ContentType(""))
	return c.Send(b.Bytes())
}

// Refuse makes the server's own refusal of a request that it couldn't read (the status is set already) a
// problem like the others.
func (a *API) Refuse(ctx *fasthttp.RequestCtx) {
	kind, from := kindOf(ctx.Response.StatusCode()), orbit.NetworkOf(a.Client(ctx))
	if err := a.limits.take(ctx.Response.Header.Set, "network:"+from.Near, from.Wide); err != nil {
		a.Metrics.Throttled("api")
		kind = kindOf(fiber.StatusTooManyRequests)
		ctx.Response.Header.Set(fiber.HeaderRetryAfter, "1")
	}
	detail := kind.About
	if detail == "" {
		detail = kind.Title + "."
	}
	p := Problem{Type: a.Addresses.Site("/api/docs#" + kind.Name), Title: kind.Title, Status: kind.Status, Detail: detail,
		Instance: "urn:uuid:" + uuid.NewString(), Errors: []ProblemError{}}
	body, err := json.Marshal(p)
	if err != nil {
		return // the server's own words stay
	}
	ctx.Response.Header.Set(fiber.HeaderCacheControl, "no-store")
	ctx.Response.Header.Set("X-Content-Type-Options", "nosniff")
	ctx.SetStatusCode(kind.Status)
	ctx.SetContentType(p.ContentType(""))
	ctx.SetBody(body)
}

// plainErrors makes huma's own errors, those of parameters, ours.
func (a *API) plainErrors(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	cl := callOf(ctx.Context())
	if m.Status >= 500 {
		return a.problem(cl.fiber, errors.New(m.Detail), nil), nil
	}
	p := a.problem(cl.fiber, errParameters(), nil)
	for _, d := range m.Errors {
		p.Errors = append(p.Errors, ProblemError{Location: d.Location, Message: sentence(d.Message), Value: short(d.Value)})
	}
	if m.Status != p.Status {
		p = a.problem(cl.fiber, statusError{m.Status, kindOf(m.Status).About}, nil)
	}
	return p, nil
}

// errParameters returns the error of a request with parameters that aren't good.
func errParameters(faults ...orbit.Fault) error {
	return orbit.Errorf(orbit.Invalid, "Some of the parameters can't be used.").With(faults...)
}
