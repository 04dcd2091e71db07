package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store"
)

const (
	headerKey      = "Idempotency-Key"
	headerReplayed = "Idempotent-Replayed"
	maxKey         = 255
)

// idempotent reports whether an operation takes an Idempotency-Key: those that change something, except signing in.
// Its answer is a secret and isn't kept.
func idempotent(op *huma.Operation) bool { return op.Method != fiber.MethodGet && len(op.Security) > 0 }

// once runs a request, or answers as the first request with its Idempotency-Key was answered.
func (a *API) once(cl *call, run func()) error {
	c := cl.fiber
	sent := c.Request().Header.PeekAll(headerKey)
	if len(sent) == 0 {
		run()
		return nil
	}
	key := string(sent[0])
	if len(sent) > 1 || key == "" || len(key) > maxKey || !utf8.ValidString(key) {
		return orbit.Errorf(orbit.Invalid, "The Idempotency-Key can't be used.").
			With(orbit.Fault{Field: "header." + headerKey, Message: "Send one key of 1 to 255 characters."})
	}
	cl.claim = &store.KeyClaim{Caller: cl.caller.id, Key: key, Fingerprint: fingerprint(c)}
	before, err := a.DB.ClaimKey(c.UserContext(), cl.claim)
	if orbit.CodeOf(err) == orbit.Invalid {
		return orbit.FaultOn(orbit.Invalid, "header."+headerKey, key, orbit.Sentence(err))
	}
	if err != nil {
		return err
	}
	if before != nil {
		c.Set(headerReplayed, "true")
		if before.Location != "" {
			c.Set(fiber.HeaderLocation, before.Location)
		}
		if before.ContentType != "" {
			c.Set(fiber.HeaderContentType, before.ContentType)
		}
		return c.Status(before.Status).Send(before.Body)
	}
	finished := false
	// The request's own time may be over; the key is settled all the same.
	ctx := context.WithoutCancel(c.UserContext())
	defer func() {
		if !finished { // a panic
			a.settle(ctx, cl, store.Answer{Status: 500})
		}
	}()
	run()
	finished = true
	a.settle(ctx, cl, store.Answer{Status: c.Response().StatusCode(),
		ContentType: string(c.Response().Header.ContentType()),
		Location:    string(c.Response().Header.Peek(fiber.HeaderLocation)), Body: cl.kept(c.Response().Body())})
	return nil
}

// kept returns an answer's body as it may be kept: null in place of a secret.
func (c *call) kept(body []byte) []byte {
	if c.secret == "" {
		return body
	}
	return bytes.ReplaceAll(body, []byte(`"`+c.secret+`"`), []byte("null"))
}

// settle keeps the answer, or frees the key where the fault was ours. If that fails the key frees itself
// after a few seconds.
func (a *API) settle(ctx context.Context, cl *call, answer store.Answer) {
	ctx, cancel := context.WithTimeout(ctx, requestTime/2)
	defer cancel()
	var err error
	if answer.Status >= 500 || answer.Status == fiber.StatusTooManyRequests {
		err = a.DB.ReleaseKey(ctx, cl.claim)
	} else {
		err = a.DB.KeepAnswer(ctx, cl.claim, answer)
	}
	if err != nil {
		a.Log.Warn("an answer could not be kept for its Idempotency-Key", "request", kit.RequestID(cl.fiber), "error", err)
	}
}

// fingerprint tells requests apart: method, address and body.
func fingerprint(c *fiber.Ctx) []byte {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(c.Method()), c.Request().RequestURI(), c.Request().Body()} {
		h.Write(part)
		h.Write([]byte{0})
	}
	return h.Sum(nil)
}
