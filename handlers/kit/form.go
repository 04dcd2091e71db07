package kit

import (
	"bytes"
	"context"
	"maps"
	"mime/multipart"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"orbit360.app/orbit"
)

// CleanTexts cleans all text that a request brings in its address and in its form (orbit.Clean), before any handler
// reads it: c.Query, c.FormValue, Query and Form give clean values only. Passwords stay as they were typed.
func CleanTexts(c *fiber.Ctx) error {
	cleanArgs(c.Request().URI().QueryArgs())
	cleanArgs(c.Request().PostArgs())
	if isMultipart(c) && len(c.Request().Body()) <= formBytes {
		_, _ = Multipart(c) // what can't be read has no values; the handler that needs them says so
	}
	return c.Next()
}

// formBytes is the longest multipart form that is read here. Longer ones are uploads; the handler reads their files.
const formBytes = 1 << 20

// Accepts says whether email to an address can be sent at all, with a sentence where it can't (mail.Sender.Accepts).
type Accepts func(ctx context.Context, address string) error

// CheckEmail refuses an address that no email from here reaches, before anything is promised to it. The fault is on
// email.
func (k *Kit) CheckEmail(ctx context.Context, typed string) error {
	address, err := orbit.ParseEmail(typed)
	if err != nil || k.Accepts == nil {
		return nil // what is wrong with the rest of an address is said elsewhere
	}
	if err := k.Accepts(ctx, address); err != nil {
		message := orbit.Sentence(err)
		return orbit.FaultOn(orbit.Invalid, "email", typed, message)
	}
	return nil
}

// Query is all that the request's address asks for, every value of a parameter.
func Query(c *fiber.Ctx) url.Values { return valuesOf(c.Request().URI().QueryArgs()) }

// ParseQuery reads an address's query, clean, as Query does.
func ParseQuery(raw string) url.Values {
	var args fasthttp.Args
	args.Parse(raw)
	cleanArgs(&args)
	return valuesOf(&args)
}

// Form is all that a posted form holds, every value of a field.
func Form(c *fiber.Ctx) url.Values {
	if isMultipart(c) {
		if form, err := Multipart(c); err == nil {
			return form.Value
		}
		return url.Values{}
	}
	return valuesOf(c.Request().PostArgs())
}

// Multipart is a form with files, its values and the files' names clean.
func Multipart(c *fiber.Ctx) (*multipart.Form, error) {
	form, err := c.Request().MultipartFormWithLimit(UploadBytes)
	if err != nil || c.Locals(cleanedKey{}) != nil {
		return form, err
	}
	c.Locals(cleanedKey{}, true)
	values := make(map[string][]string, len(form.Value))
	for name, all := range form.Value {
		name = orbit.Clean(name)
		for _, v := range all {
			if !isSecret(name) {
				v = orbit.Clean(v)
			}
			values[name] = append(values[name], v)
		}
	}
	clear(form.Value)
	maps.Copy(form.Value, values)
	for _, files := range form.File {
		for _, f := range files {
			f.Filename = orbit.Clean(f.Filename)
		}
	}
	return form, nil
}

// cleanedKey marks a request with a clean multipart form.
type cleanedKey struct{}

func isMultipart(c *fiber.Ctx) bool {
	return bytes.HasPrefix(bytes.ToLower(c.Request().Header.ContentType()), []byte("multipart/"))
}

func valuesOf(args *fasthttp.Args) url.Values {
	values := make(url.Values, args.Len())
	for k, v := range args.All() {
		values.Add(string(k), string(v))
	}
	return values
}

// isSecret reports whether a field holds a password.
func isSecret(field string) bool {
	return strings.Contains(strings.ToLower(field), "password") || field == "repeat"
}

func cleanArgs(args *fasthttp.Args) {
	if clean, changed := cleanValues(args); changed {
		args.Reset()
		for _, pair := range clean {
			args.Add(pair[0], pair[1])
		}
	}
}

// cleanValues gives the arguments, names cleaned too, in their order.
func cleanValues(args *fasthttp.Args) (clean [][2]string, changed bool) {
	for k, v := range args.All() {
		was := [2]string{string(k), string(v)}
		now := [2]string{orbit.Clean(was[0]), was[1]}
		if !isSecret(now[0]) {
			now[1] = orbit.Clean(was[1])
		}
		clean, changed = append(clean, now), changed || now != was
	}
	return clean, changed
}
