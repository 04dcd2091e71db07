package kit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
)

// statuses is the one place where codes become statuses.
var statuses = map[orbit.Code]int{
	orbit.Malformed: 400, orbit.Invalid: 422, orbit.Unauthorized: 401, orbit.Forbidden: 403, orbit.NotFound: 404,
	orbit.Conflict: 409, orbit.Gone: 410, orbit.TooLarge: 413, orbit.TooMany: 429, orbit.Unavailable: 503,
	orbit.Internal: 500,
}

// Status is the HTTP status of an error.
func Status(err error) int {
	if f, ok := errors.AsType[*fiber.Error](err); ok {
		return f.Code
	}
	return statuses[orbit.CodeOf(err)]
}

// Describe says in a title and a sentence what an error means to people.
func Describe(err error) (status int, title, message string) {
	status = Status(err)
	title = map[int]string{400: "Bad request", 401: "Please sign in", 403: "Not allowed",
		404: "Page not found", 405: "Not allowed here",
		409: "This can't be done now", 410: "This link has expired", 413: "Too large",
		415: "Unsupported format", 422: "Please fix the errors below",
		429: "Too many requests", 503: "Temporarily unavailable"}[status]
	if title == "" {
		title = "Something went wrong"
	}
	if _, ok := errors.AsType[*orbit.Error](err); ok {
		return status, title, orbit.Sentence(err)
	}
	switch {
	case status == 404:
		message = "There is nothing at this address. It may have been moved or deleted."
	case status < 500:
		message = "We couldn't process this request. Go back and try again."
	default:
		message = orbit.Sentence(err)
	}
	return status, title, message
}

// fail turns an error that a handler returned into a page, and logs it where it is ours.
func (k *Kit) fail(c *fiber.Ctx, a Audience, err error) error {
	k.LogError(c, err)
	status, title, message := Describe(err)
	SetRetryAfter(c, err)
	if status == fiber.StatusUnauthorized && IsHTMX(c) {
		c.Set("HX-Redirect", "/sign-in")
	}
	page := a.Error(c, ErrorPage{Status: status, Title: title, Message: message, RequestID: RequestID(c)})
	if renderErr := k.Render(c, status, page); renderErr != nil {
		k.Log.Error("the error page failed", "request", RequestID(c), "error", renderErr)
		return c.Status(status).SendString(title + ". " + message)
	}
	return nil
}

// LogError logs an error that is ours; those of the caller are in the access log.
func (k *Kit) LogError(c *fiber.Ctx, err error) {
	if e, ok := errors.AsType[*orbit.Error](err); ok && e.Code == orbit.Unavailable && e.Err == nil {
		return // refused for want of room: nothing failed, and the metrics count it
	}
	if Status(err) >= 500 && !errors.Is(err, context.Canceled) {
		k.Log.Error("request failed", "request", RequestID(c), "method", c.Method(), "host", string(c.Context().Host()),
			"path", LogPath(c.Path()), "error", err)
	}
}

// SetRetryAfter says when to come back (RFC 9110, section 10.2.3).
func SetRetryAfter(c *fiber.Ctx, err error) {
	if e, ok := errors.AsType[*orbit.Error](err); ok && e.RetryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
}

// recoverPanic makes a panic an error like any other; its stack goes to the log.
func (k *Kit) recoverPanic(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			k.Log.Error("panic", "request", RequestID(c), "path", LogPath(c.Path()), "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return c.Next()
}

// ContentSecurityPolicy is in force on every page of the platform's own. Images may come by https: a theme's
// thumbnail can be anywhere.
const ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; " +
	"img-src 'self' data: blob: https:; font-src 'self'; connect-src 'self'; frame-src 'self'; " +
	"manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// headerEmbedding says which sites may have an answer as a part of theirs, unread: in an image, a script, a frame of
// a process of their own, where a side channel might read it (Fetch, section 3.7).
const headerEmbedding = "Cross-Origin-Resource-Policy"

func (a Audience) headers(c *fiber.Ctx) error {
	if a.Role != "" {
		c.Set(headerEmbedding, "same-origin") // elsewhere only pages are private: Render
	}
	c.Set("Content-Security-Policy", ContentSecurityPolicy)
	c.Set("X-Content-Type-Options", "nosniff")
	// Not no-referrer, although addresses may hold one-time tokens: browsers would then send forms with Origin null.
	c.Set("Referrer-Policy", "same-origin")
	c.Set("X-Frame-Options", "DENY")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
	c.Set("X-Request-Id", RequestID(c))
	return c.Next()
}

// checkOrigin refuses unsafe requests that another site has sent (OWASP, Fetch Metadata). The library lets requests
// through that carry neither Origin nor Sec-Fetch-Site, for programs' sake; pages aren't for programs, so those are
// refused too. It also compares hosts alone where it compares at all, and a page that somebody on the way has put in
// front of http:// is another origin than the one at https:// (RFC 6454, section 4).
func (k *Kit) checkOrigin(c *fiber.Ctx) error {
	method := c.Method()
	if method == fiber.MethodGet || method == fiber.MethodHead || method == fiber.MethodOptions {
		return c.Next()
	}
	r := &http.Request{Method: method, Host: string(c.Context().Host()), Header: http.Header{}}
	for _, name := range []string{"Origin", "Sec-Fetch-Site"} {
		for _, v := range c.Context().Request.Header.PeekAll(name) {
			r.Header.Add(name, string(v))
		}
	}
	var protection http.CrossOriginProtection
	origins := r.Header["Origin"]
	other := len(origins) > 1 || (len(origins) == 1 && !strings.HasPrefix(strings.ToLower(origins[0]),
		k.Addresses.Scheme+"://"))
	if len(r.Header) == 0 || len(r.Header["Sec-Fetch-Site"]) > 1 || other || protection.Check(r) != nil {
		return orbit.Errorf(orbit.Forbidden,
			"This request didn't come from this site's own pages. Open the page again and retry.")
	}
	return c.Next()
}
