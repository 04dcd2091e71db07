package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"orbit360.app/handlers/admin"
	"orbit360.app/handlers/api"
	"orbit360.app/handlers/dashboard"
	"orbit360.app/handlers/kit"
	"orbit360.app/handlers/pages"
	"orbit360.app/handlers/payments"
	"orbit360.app/handlers/site"
	"orbit360.app/handlers/storefront"
	"orbit360.app/handlers/wire"
	"orbit360.app/live"
	"orbit360.app/metrics"
	"orbit360.app/orbit"
	"orbit360.app/static"
	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
	"orbit360.app/traffic"
	"orbit360.app/webhooks"
)

// Server answers on all hosts of the platform.
type Server struct {
	kit  *kit.Kit
	app  *fiber.App
	http *fasthttp.Server
	long fasthttp.RequestHandler // the way through Fiber, for all that isn't a kept page
	apps apps
	kept *pages.Cache

	programs *api.API
	access   *slog.Logger
	traffic  *traffic.Counter
	drain    time.Duration

	leaving atomic.Bool // shutting down: every answer is its connection's last
	leaver  wire.Leaver
}

// apps holds the audiences' handlers.
type apps struct {
	site, admin, dashboard, storefront, api, payments fasthttp.RequestHandler
}

// Limits of one request (TRAPS of fasthttp: without ReadTimeout a slow sender stays for good).
const (
	maxBody     = 1 << 20
	maxHeader   = 16 << 10
	readTimeout = 10 * time.Second
	idleTimeout = 75 * time.Second
	patience    = 15 * time.Second // with what a request needs of the database and other services
)

// pageBytes bounds the pages that are kept where Config says nothing: with what Go's collector needs beside them the
// program stays below 300 MiB.
const pageBytes = 64 << 20

// Config holds what a server is made of. Kit, Live and Engines are needed.
type Config struct {
	Kit      *kit.Kit
	Live     *live.Feed // event streams live from it
	Engines  themes.Set
	Webhooks *webhooks.Service

	Jobs      http.Handler     // River's own pages about durable jobs, for admins; nil where there are none
	TokenKey  []byte           // signs the JSON API's tokens, 32 bytes derived from the secret key
	Traffic   *traffic.Counter // counts what shops send; nil counts nothing
	Access    *slog.Logger     // gets a line for each request; nil where none is wanted
	PageBytes uint64           // bounds the shops' pages that are kept; 0 takes a bound for a small machine
	// DrainDelay is how long a process that leaves goes on taking connections while /readyz says that it leaves.
	DrainDelay time.Duration
}

// New returns the server of all audiences.
func New(cfg Config) *Server {
	k := cfg.Kit
	programs := api.New(k, cfg.Live, cfg.Engines, cfg.Webhooks, cfg.TokenKey)
	kept := pages.New(pages.Config{Bytes: cmp.Or(cfg.PageBytes, pageBytes), Metrics: k.Metrics,
		Traffic: cfg.Traffic, Addresses: storefront.Kept(),
		Find: func(ctx context.Context, host string) (orbit.Shop, error) {
			return shop.ByHost(ctx, k.DB.Storefronts(), host)
		}})
	s := &Server{kit: k, programs: programs, kept: kept, access: cfg.Access, drain: cfg.DrainDelay,
		traffic: cfg.Traffic, apps: apps{
			site:       site.New(k, cfg.Engines).Handler(),
			admin:      admin.New(k, cfg.Live, cfg.Engines, cfg.Webhooks, cfg.Jobs).Handler(),
			dashboard:  dashboard.New(k, cfg.Live, cfg.Engines, cfg.Webhooks).Handler(),
			storefront: storefront.New(k, cfg.Engines, kept).Handler(),
			api:        programs.Handler(),
			payments:   payments.New(k).Handler(),
		}}
	s.app = fiber.New(fiber.Config{
		Immutable: true, DisableStartupMessage: true, BodyLimit: maxBody, ReadBufferSize: maxHeader,
		// A page in one write: fasthttp's 4 KiB split it over several (measured: a third more CPU).
		WriteBufferSize: 16 << 10,
		ReadTimeout:     readTimeout, IdleTimeout: idleTimeout,
		ErrorHandler: func(c *fiber.Ctx, err error) error { return s.plain(c, err) },
	})
	s.app.Use(s.route)
	s.http = s.app.Server()
	s.http.KeepHijackedConns = true // WebSockets close theirs
	s.http.HeaderReceived, s.http.ExpectHandler = s.receive, s.expect
	// A form's field is what its body says: fasthttp's own way would let a link's query speak over it.
	s.http.FormValueFunc = fasthttp.NetHttpFormValueFunc
	s.http.ErrorHandler = func(ctx *fasthttp.RequestCtx, err error) {
		wire.Bill(ctx, nil)
		wire.BadRequest(ctx, err)
		s.logRefused(ctx)
		s.pin(ctx)
		if api.Handles(string(ctx.Path())) {
			programs.Refuse(ctx)
		}
	}
	s.long = s.app.Handler()
	s.http.Handler = s.serve
	cfg.Live.OnChange(s.Heard)
	return s
}

// serve answers a request that has a good head.
func (s *Server) serve(ctx *fasthttp.RequestCtx) {
	if err := wire.CheckWhole(&ctx.Request); err != nil {
		s.refuse(ctx, err)
		return
	}
	kept := s.find(ctx)
	if s.access != nil {
		s.logAccess(ctx, kept, time.Since(ctx.Time()))
	}
	if s.leaving.Load() {
		ctx.SetConnectionClose()
	}
	wire.Settle(ctx)
	wire.Forget(&ctx.Request)
}

// find answers with a kept page where there is one, before Fiber is asked: that is most of what shoppers want,
// and finding a host and a path again costs more than sending what is there.
func (s *Server) find(ctx *fasthttp.RequestCtx) (kept bool) {
	if !s.kept.Serve(ctx) {
		wire.Bill(ctx, nil) // a shop's, once it is found
		s.kit.TakeRequestID(ctx)
		s.pin(ctx) // first: it is kept with a page
		s.long(ctx)
		return false
	}
	if s.kit.Log.Enabled(ctx, slog.LevelDebug) {
		s.kit.Log.Debug("request", "method", string(ctx.Method()), "host", string(ctx.Host()), "path",
			kit.LogPath(string(ctx.Path())),
			"status", ctx.Response.StatusCode(), "took", time.Since(ctx.Time()), "kept", true)
	}
	return true
}

// pinned is what a browser gets to know of a host of the platform's that it has come to over https: to come no other
// way for a year (RFC 6797). It names no subdomains: beside ours there may be others' under the same apex, and
// ours say it themselves.
const pinned = "max-age=31536000"

// pin adds that to an answer on a host of the platform's. A merchant's own domain is the merchant's to decide about.
func (s *Server) pin(ctx *fasthttp.RequestCtx) {
	if !s.kit.Addresses.Secure() {
		return
	}
	host, err := orbit.NormalizeHost(string(ctx.Host()))
	if base := s.kit.Addresses.Base; err == nil && (host == base || strings.HasSuffix(host, "."+base)) {
		ctx.Response.Header.Set(fiber.HeaderStrictTransportSecurity, pinned)
	}
}

// Heard takes in a change: New registers it, for pages are kept only while every change is heard.
func (s *Server) Heard(c pg.Change) { s.kept.Heard(c) }

// Kept returns what the pages' cache does and holds.
func (s *Server) Kept() metrics.Pages { return s.kept.Stats() }

// route finds who answers for this request's host.
func (s *Server) route(c *fiber.Ctx) error {
	start := time.Now()
	// A database that is cut off without a word would keep people waiting until the network gives the connection up.
	ctx, cancel := context.WithTimeout(c.UserContext(), patience)
	defer cancel()
	c.SetUserContext(ctx)
	err := s.answer(c)
	if err != nil {
		err = s.plain(c, err)
	}
	took := time.Since(start)
	// The platform's own visits to new shops aren't requests.
	if storefront.Visiting(c.Context().UserValue) == nil {
		audience, _ := c.Context().UserValue(audienceKey{}).(string)
		s.kit.Metrics.Request(cmp.Or(audience, "nobody"), kit.Route(c), c.Method(), c.Response().StatusCode(), took)
		if name, ok := c.Context().UserValue(shopKey{}).(string); ok {
			s.kit.Metrics.Shop(name).Request(took)
		}
	}
	if s.kit.Log.Enabled(ctx, slog.LevelDebug) {
		s.kit.Log.Debug("request", "request", kit.RequestID(c), "method", c.Method(), "host", string(c.Context().Host()),
			"path", kit.LogPath(c.Path()),
			"status", c.Response().StatusCode(), "took", took)
	}
	return err
}

// audienceKey holds who a request was for, for counting: none where it was refused before that was known.
type audienceKey struct{}

// shopKey holds the subdomain of the shop that a request was for, for counting.
type shopKey struct{}

// to hands a request to an audience's app.
func to(ctx *fasthttp.RequestCtx, audience string, app fasthttp.RequestHandler) {
	ctx.SetUserValue(audienceKey{}, audience)
	app(ctx)
}

func (s *Server) answer(c *fiber.Ctx) error {
	ctx := c.Context()
	host, err := orbit.NormalizeHost(string(ctx.Request.Header.Host()))
	// Load balancers ask by HTTP/1.0 too, which knows no Host (HAProxy, where it isn't told otherwise).
	nameless := len(ctx.Request.Header.Host()) == 0 && !ctx.Request.Header.IsHTTP11()
	if (err == nil || nameless) && (c.Path() == "/healthz" || c.Path() == "/readyz") {
		// Health checks come to an address, whatever name they call it by.
		if c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead {
			ctx.SetUserValue(audienceKey{}, "health")
			kit.NameRoute(ctx.SetUserValue, strings.Clone(c.Path()))
			return s.health(c)
		}
	}
	if err != nil {
		return err
	}
	if orbit.IsIP(host) {
		return errNobody
	}
	base := s.kit.Addresses.Base
	if strings.HasPrefix(c.Path(), static.Prefix) {
		ctx.SetUserValue(audienceKey{}, "static")
		kit.NameRoute(ctx.SetUserValue, static.Prefix+"*")
		if !s.platform(host) {
			wire.Bill(ctx, s.kept.Meter(c.UserContext(), host))
		}
		return s.static(c)
	}
	sub, below := strings.CutSuffix(host, "."+base)
	switch {
	case (host == base || host == "admin."+base || host == "dashboard."+base) && api.Handles(c.Path()):
		to(ctx, "api", s.apps.api)
	case host == base && payments.Handles(c.Path()):
		to(ctx, "payments", s.apps.payments)
	case host == base, host == "www."+base:
		to(ctx, "site", s.apps.site)
	case host == "admin."+base:
		to(ctx, "admin", s.apps.admin)
	case host == "dashboard."+base:
		to(ctx, "dashboard", s.apps.dashboard)
	case below && strings.Contains(sub, "."):
		return errNobody
	default:
		return s.shop(c, host)
	}
	return nil
}

// platform reports whether a host is one of the platform's own.
func (s *Server) platform(host string) bool {
	sub, below := strings.CutSuffix(host, "."+s.kit.Addresses.Base)
	return host == s.kit.Addresses.Base || below && slices.Contains([]string{"www", "admin", "dashboard"}, sub)
}

// shop answers for a shop. Its own visitor sees it as it is.
func (s *Server) shop(c *fiber.Ctx, host string) error {
	ctx := c.Context()
	var here orbit.Shop
	var err error
	if visit := storefront.Visiting(ctx.UserValue); visit != nil {
		here, err = visit.Shop(func() (orbit.Shop, error) { return shop.ByHost(c.UserContext(), s.kit.DB, host) })
	} else {
		here, err = s.kept.Shop(c.UserContext(), host)
	}
	if orbit.CodeOf(err) == orbit.NotFound && !errors.Is(err, shop.ErrSuspended) {
		return errNobody
	}
	if err != nil {
		return err
	}
	ctx.SetUserValue(shopKey{}, here.Merchant.Subdomain)
	wire.Bill(ctx, s.traffic.Meter(here.Merchant.ID))
	storefront.Put(ctx.SetUserValue, here)
	to(ctx, "storefront", s.apps.storefront)
	return nil
}

var errNobody = orbit.Errorf(orbit.NotFound, "There is no website at this address.")

// health answers a load balancer: /healthz while the process lives, /readyz while it can serve.
func (s *Server) health(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	if c.Path() == "/readyz" {
		if s.leaving.Load() {
			c.Set(fiber.HeaderRetryAfter, "2")
			return c.Status(fiber.StatusServiceUnavailable).SendString("this process is leaving\n")
		}
		ctx, cancel := context.WithTimeout(c.UserContext(), 2*time.Second)
		defer cancel()
		if err := s.kit.DB.Ping(ctx); err != nil {
			c.Set(fiber.HeaderRetryAfter, "2")
			return c.Status(fiber.StatusServiceUnavailable).SendString("the database is away\n")
		}
		// Busy is no reason to leave: the others would have all the more to do.
		if busy := s.kit.DB.Busy(); len(busy) > 0 {
			return c.SendString("ok, but busy: no connection to the database is free for " + strings.Join(busy, ", ") + "\n")
		}
	}
	return c.SendString("ok\n")
}

// static serves embedded files by their hashed names, the same on every host.
func (s *Server) static(c *fiber.Ctx) error {
	cache := static.CacheControl
	f, ok := static.Open(c.Path())
	if !ok {
		cache = "no-cache"
		f, ok = static.Named(c.Path())
	}
	if !ok || (c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead) {
		return orbit.Errorf(orbit.NotFound, "There is no such file.")
	}
	c.Set(fiber.HeaderContentType, f.ContentType)
	c.Set(fiber.HeaderCacheControl, cache)
	c.Set(fiber.HeaderETag, f.ETag)
	c.Set("X-Content-Type-Options", "nosniff")
	// Fonts are fetched in CORS mode; the files are the same for everybody.
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if kit.NoneMatch(c.Get(fiber.HeaderIfNoneMatch), f.ETag) {
		c.Status(fiber.StatusNotModified)
		return nil
	}
	body := f.Content
	if f.Gzip != nil && pages.AcceptsGzip(c.Get(fiber.HeaderAcceptEncoding)) {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		body = f.Gzip
	}
	c.Context().Response.SetBodyRaw(body) // shared and never changed
	return nil
}

// plainPage is made of a title, a stylesheet, the title again and a sentence.
const plainPage = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">` +
	`<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">` +
	`<meta name="robots" content="noindex"><title>%s</title><link rel="stylesheet" href="%s"></head>` +
	`<body><main><h1>%s</h1><p>%s</p></main></body></html>` + "\n"

// plain is the answer of nobody's host: text, nothing of the request in it, no redirect.
func (s *Server) plain(c *fiber.Ctx, err error) error {
	s.kit.LogError(c, err)
	status, title, message := kit.Describe(err)
	switch {
	case errors.Is(err, shop.ErrSuspended):
		title = "This shop is unavailable"
	case errors.Is(err, errNobody):
		title = "There is no shop here"
	}
	kit.SetRetryAfter(c, err)
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
	c.Set("X-Content-Type-Options", "nosniff")
	return c.Status(status).SendString(fmt.Sprintf(plainPage, title, static.Path("plain.css"), title, message))
}

// Visit goes to a shop as a browser would, without the network and before the public may see it, and asks for its
// pages. The shop is found once: all pages are of one moment.
func (s *Server) Visit(ctx context.Context, host string) func(path string) (status int, body []byte, err error) {
	var visit storefront.Visit
	var rc fasthttp.RequestCtx
	return func(path string) (int, []byte, error) {
		var req fasthttp.Request
		req.Header.SetMethod(fiber.MethodGet)
		req.Header.SetHost(host)
		req.SetRequestURI(path)
		rc.Response.Reset() // keeps its buffer
		rc.ResetUserValues()
		rc.Init(&req, nil, nil)
		visit.Mark(rc.SetUserValue)
		s.long(&rc)
		if ctx.Err() != nil {
			return 0, nil, ctx.Err()
		}
		return rc.Response.StatusCode(), rc.Response.Body(), nil
	}
}

// Streams is how many event streams are open.
func (s *Server) Streams() int { return s.kit.Streams() }

// Sockets is how many WebSockets are open.
func (s *Server) Sockets() int { return s.kit.Sockets() }

// Serve answers on a listener until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	return s.app.Listener(wire.Steady{Listener: s.leaver.Take(l)})
}

// Shutdown says at /readyz that this process leaves, takes connections for DrainDelay more, ends the event streams,
// has clients hear that their connections end, and waits for requests under way, within ctx.
func (s *Server) Shutdown(ctx context.Context) error {
	s.leaving.Store(true)
	s.leaver.TurnAway(ctx, s.drain)
	s.kit.CloseStreams(ctx)
	s.leaver.Linger(ctx, max(wire.Lingering, s.drain), s.http.GetOpenConnectionsCount)
	return s.app.ShutdownWithContext(ctx)
}
