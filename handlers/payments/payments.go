package payments

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
)

const prefix = "/payments/"

// Handles reports whether a path is one that providers send their messages to.
func Handles(path string) bool { return strings.HasPrefix(path, prefix) }

type routes struct{ *kit.Kit }

// New returns the app that answers providers. A message is answered before anything is done about it.
func New(k *kit.Kit) *fiber.App {
	r := routes{k}
	app := fiber.New(fiber.Config{Immutable: true, DisableStartupMessage: true, StrictRouting: true, CaseSensitive: true,
		ErrorHandler: r.fail})
	app.Use(r.begin)
	app.Post(prefix+":provider/:merchant/:token", r.createEvent)
	return app
}

func (r routes) begin(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.Log.Error("panic", "request", kit.RequestID(c), "path", kit.LogPath(c.Path()), "panic", p, "stack",
				string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("X-Robots-Tag", "noindex")
	c.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	c.Set("X-Request-Id", kit.RequestID(c))
	err = c.Next()
	kit.NameRoute(c.Context().SetUserValue, prefix+":provider/:merchant/:token")
	return err
}

// createEvent takes a message over its raw bytes, in which the signature is.
func (r routes) createEvent(c *fiber.Ctx) error {
	merchant, err := kit.MerchantID(c)
	if err != nil {
		return err
	}
	if r.Payments == nil {
		return orbit.Missing()
	}
	header := http.Header{}
	for name, value := range c.Request().Header.All() {
		header.Add(string(name), string(value))
	}
	err = r.Payments.Receive(c.UserContext(), merchant, c.Params("provider"), c.Params("token"), header, c.Body())
	if err != nil {
		return err
	}
	return c.SendString("ok\n")
}

// fail answers programs in a line: what is no message of the provider's is a bad request to them.
func (r routes) fail(c *fiber.Ctx, err error) error {
	r.LogError(c, err)
	status, _, message := kit.Describe(err)
	if status == fiber.StatusUnprocessableEntity {
		status = fiber.StatusBadRequest
	}
	kit.SetRetryAfter(c, err)
	return c.Status(status).SendString(message + "\n")
}
