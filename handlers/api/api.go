package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"orbit360.app/handlers/kit"
	"orbit360.app/live"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/pg"
	"orbit360.app/themes"
	views "orbit360.app/views/api"
	"orbit360.app/webhooks"
)

// Limits of one request. A request must end before its Idempotency-Key may be taken over by another.
const (
	maxBody     = 64 << 10
	maxDepth    = 32
	requestTime = 10 * time.Second
)

// API is the JSON API. It is safe for concurrent use.
type API struct {
	*kit.Kit
	feed    *live.Feed
	engines themes.Set
	hooks   *webhooks.Service
	tokens  tokens
	limits  *limiter
	callers *pg.Together[struct{}] // whether credentials of event streams are still worth something
	app     *fiber.App
	huma    huma.API
	spec    spec
	order   []address // of the operations, as they were registered
	docs    views.Docs
}

// New makes the API. Its event streams live from feed; themes' configurations are checked against
// engines; service keeps the shops' webhooks. Tokens are signed with a key of 32 bytes; without one they end with the
// process.
func New(k *kit.Kit, feed *live.Feed, engines themes.Set, service *webhooks.Service,
	key []byte) *API {
	if len(key) < 32 {
		key = make([]byte, 32)
		_, _ = rand.Read(key) // never fails (crypto/rand, Go 1.24)
	}
	a := &API{Kit: k, feed: feed, engines: engines, hooks: service,
		tokens: newTokens(key, k.Addresses), limits: newLimiter(),
		callers: pg.NewTogether[struct{}](k.DB)}
	a.app = fiber.New(fiber.Config{
		Immutable: true, DisableStartupMessage: true, StrictRouting: true, CaseSensitive: true,
		ErrorHandler: func(c *fiber.Ctx, err error) error { return a.fail(c, err) },
	})
	a.app.Use(a.begin, kit.CleanTexts)
	a.huma = humafiber.New(a.app, a.config())
	a.huma.UseMiddleware(a.guard)
	a.routes()
	a.publish()
	return a
}

// address is a method of a path.
type address struct{ method, path string }

// Handles reports whether a path is the API's.
func Handles(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }

// Handler answers one request.
func (a *API) Handler() fasthttp.RequestHandler {
	next := a.app.Handler()
	return func(ctx *fasthttp.RequestCtx) {
		// HEAD is GET without the content (RFC 9110, section 9.3.2); huma registers GET alone.
		if ctx.IsHead() {
			ctx.Request.Header.SetMethod(fiber.MethodGet)
			ctx.Response.SkipBody = true
		}
		next(ctx)
	}
}

// routes adds all operations of the API.
func (a *API) routes() {
	a.signInRoutes()
	a.seedRoutes()
	a.themeRoutes()
	a.planRoutes()
	a.merchantRoutes()
	a.provisioningRoutes()
	a.shopRoutes()
	a.productRoutes()
	a.operationRoutes()
	a.orderRoutes()
	a.paymentRoutes()
	a.shippingRoutes()
	a.taxRoutes()
	a.exportRoutes()
	a.customerRoutes()
	a.discountRoutes()
	a.staffRoutes()
	a.webhookRoutes()
	a.eventRoutes()
}

// call is one request as the API knows it.
type call struct {
	fiber  *fiber.Ctx
	caller caller
	claim  *store.KeyClaim // nil without an Idempotency-Key
	body   *node           // nil where there is none
	secret string          // in the answer, which is kept without it

	readOnly []string // fields of the answer
}

type callKey struct{}

// callOf is the call that a huma handler answers.
func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

func (c *call) actor(k *kit.Kit) orbit.Actor {
	return orbit.Actor{ID: c.caller.User.ID, Name: c.caller.name(), Address: k.ClientIP(c.fiber)}
}

// begin is what happens to every request: who asks, whether they may ask now, and headers that every
// answer has.
func (a *API) begin(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			a.Log.Error("panic", "request", kit.RequestID(c), "path", kit.LogPath(c.Path()), "panic", p, "stack",
				string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	kit.LowerMediaType(&c.Request().Header)
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("X-Request-Id", kit.RequestID(c))
	c.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	c.Set("Referrer-Policy", "no-referrer")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set(fiber.HeaderCacheControl, "no-store")
	who, refused := a.identify(c)
	bucket, wide := who.id, ""
	if bucket == "" {
		from := a.Network(c)
		bucket, wide = "network:"+from.Near, from.Wide
	}
	if err := a.limits.take(func(name, value string) { c.Set(name, value) }, bucket, wide); err != nil {
		a.Metrics.Throttled("api")
		return err
	}
	if refused != nil && kit.Status(refused) >= 500 {
		return refused
	}
	cl := &call{fiber: c, caller: who}
	cl.caller.refused = refused
	ctx, cancel := context.WithTimeout(context.WithValue(c.UserContext(), callKey{}, cl), requestTime)
	defer cancel()
	c.SetUserContext(ctx)
	err = c.Next()
	kit.NoteRoute(c, err)
	return err
}

// guard is what happens before an operation: the caller's rights, the form of the request, its
// Idempotency-Key.
func (a *API) guard(ctx huma.Context, next func(huma.Context)) {
	c := humafiber.Unwrap(ctx)
	cl := callOf(ctx.Context())
	err := a.admit(cl, ctx.Operation())
	if orbit.CodeOf(err) == orbit.Forbidden {
		challengeScope(c, scopeOf(ctx.Operation()))
	}
	if err == nil && ctx.Operation().Method != fiber.MethodGet {
		cl.body, err = readBody(c, ctx.Operation())
	}
	if err == nil && idempotent(ctx.Operation()) {
		err = a.once(cl, func() { next(ctx) })
	} else if err == nil {
		next(ctx)
	}
	if err != nil {
		if err := a.fail(c, err); err != nil {
			panic(err) // begin turns it into a 500
		}
	}
}

// admit checks the caller's rights to an operation.
func (a *API) admit(cl *call, op *huma.Operation) error {
	if len(op.Security) == 0 {
		return nil
	}
	switch who := cl.caller; {
	case who.refused != nil:
		return who.refused
	case who.User.ID.IsZero():
		return errNoToken
	default:
		return admitted(who, scopeOf(op))
	}
}

// admitted is nil where a caller may use an operation of a scope; those without one are the platform's.
func admitted(who caller, scope orbit.APIScope) error {
	switch m := who.Shop.Merchant; {
	case scope == "" && m.ID.IsZero() && who.User.Role == orbit.RoleAdmin:
		return nil
	case scope == "":
		return orbit.Errorf(orbit.Forbidden, "Only admins of the platform may do this.")
	case m.ID.IsZero():
		return orbit.Errorf(orbit.Forbidden, "This needs a shop's credential: an API key that was created in its "+
			"dashboard, or a token that was requested with “merchant”.")
	default:
		if err := open(m); err != nil {
			return err
		}
		return who.Check(scope)
	}
}

// open is nil for a shop that can be worked with; otherwise it says why not.
func open(m orbit.Merchant) error {
	switch m.Status {
	case orbit.MerchantActive:
		return nil
	case orbit.MerchantSuspended:
		return orbit.Errorf(orbit.Forbidden, "This shop is suspended. Contact the platform's support.")
	}
	return orbit.Errorf(orbit.Forbidden, "This shop is still being set up. Try again in a moment.")
}
