package kit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"net/netip"
	"runtime"

	"github.com/a-h/templ"
	"github.com/alexedwards/scs/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"orbit360.app/imports"
	"orbit360.app/mail"
	"orbit360.app/media"
	"orbit360.app/metrics"
	"orbit360.app/orbit"
	"orbit360.app/payments"
	"orbit360.app/store"
	"orbit360.app/views/ui"
)

// Kit holds what the handlers of more than one audience need; what one of them needs alone is a parameter of its New.
// All of them embed the same Kit, for they share what it keeps inside: sessions, the bound on open streams, the counts
// of refused requests. What a handler may see of a shop isn't narrowed here but by the store's scopes. Make a Kit with
// New; it is safe for concurrent use.
type Kit struct {
	DB         *store.DB
	Addresses  orbit.Addresses
	Log        *slog.Logger
	Mail       mail.Composer
	LocalEmail bool             // emails stay in the database
	Accepts    Accepts          // nil: every address can be written to
	Proxies    []netip.Prefix   // their X-Forwarded-For is believed
	Metrics    *metrics.Metrics // nil counts nothing
	Held       bool             // emails, webhooks and the blob store are held: nothing leaves the platform
	Media      *media.Service   // product images; nil where there are none
	Imports    *imports.Service
	Payments   *payments.Service // nil where no provider takes payments
	// PreviewKey signs links to shops that aren't open, or drafts of them; New makes one up where there is none.
	PreviewKey []byte
	// Secrets encrypts those of two-step sign-in; New makes one up where there is none.
	Secrets *orbit.Cipher

	sessions *scs.SessionManager
	hashing  *hashing
	streams  *streams
	sockets  *sockets
	tallies  *tallies
}

// New makes a Kit's inner parts for the fields that the caller has set.
func New(k Kit) *Kit {
	k.sessions = newSessions(k.DB, k.Addresses.Secure())
	k.hashing = newHashing(max(1, runtime.NumCPU()/2))
	if len(k.PreviewKey) == 0 {
		k.PreviewKey = make([]byte, 32)
		_, _ = rand.Read(k.PreviewKey) // never fails (crypto/rand, Go 1.24)
	}
	if k.Secrets == nil {
		// The key has the length that it needs: this can't fail.
		secrets, _ := orbit.NewSecretKeys(k.PreviewKey).Cipher(orbit.TwoStepSecrets)
		k.Secrets = &secrets
	}
	k.streams = newStreams(k.DB)
	k.sockets = newSockets()
	log := k.Log
	k.tallies = &tallies{db: k.DB, counted: map[tallyKey]*store.Tally{}, failed: func(err error) {
		log.Warn("refusals couldn't be written to the audit log", "error", err)
	}}
	return &k
}

// Audience is one of the platform's hosts with pages: who comes, and what its error page looks like.
type Audience struct {
	Name  string     // "admin", "dashboard", "site": also bound into sessions
	Role  orbit.Role // who may sign in here; "" where nobody signs in
	Error func(c *fiber.Ctx, p ErrorPage) templ.Component
	// Frame is what stands around the pages of a person's account; nil where nobody signs in.
	Frame func(c *fiber.Ctx, title string) (ui.Frame, error)
}

// ErrorPage is what an error page says.
type ErrorPage = ui.ErrorProps

// App is a Fiber app for one audience with the middleware that all share, in the order that matters.
func (k *Kit) App(a Audience) *fiber.App {
	app := fiber.New(fiber.Config{
		// Fiber's strings die with the request; ours may not.
		Immutable:             true,
		DisableStartupMessage: true,
		// Other forms of an address are redirected to the one that is a route's.
		StrictRouting: true, CaseSensitive: true,
		ErrorHandler: func(c *fiber.Ctx, err error) error { return k.fail(c, a, err) },
	})
	app.Use(k.recoverPanic, a.headers, k.checkOrigin, canonical(app), CleanTexts)
	if a.Role != "" {
		app.Use(func(c *fiber.Ctx) error { return k.withSession(c, a) }, named)
		k.accountRoutes(app, a)
	} else {
		app.Use(named)
	}
	return app
}

// Render answers with a templ component.
func (k *Kit) Render(c *fiber.Ctx, status int, page templ.Component) error {
	res := c.Response()
	res.ResetBody()
	if err := page.Render(c.UserContext(), res.BodyWriter()); err != nil {
		res.ResetBody() // a page that fails half-way is an error page, not half a page
		return err
	}
	c.Status(status).Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(headerEmbedding, "same-origin")
	return nil
}

// See answers a good form: 303 to a path of this host.
func See(c *fiber.Ctx, path string) error { return c.Redirect(path, fiber.StatusSeeOther) }

// Leave sends the browser to another host of ours. htmx can't follow such a redirect by fetch.
func Leave(c *fiber.Ctx, url string) error {
	if IsHTMX(c) {
		c.Set("HX-Redirect", url)
		return c.SendStatus(fiber.StatusOK)
	}
	return c.Redirect(url, fiber.StatusSeeOther)
}

// IsHTMX reports whether scripts asked.
func IsHTMX(c *fiber.Ctx) bool { return c.Get("HX-Request") == "true" }

// Target is the element that htmx wants to fill, as it names it: "div#dialog".
func Target(c *fiber.Ctx) string { return c.Get("HX-Target") }

// requestID is the name of a request's value that holds its id.
const requestID = "request-id"

// NamedRequest is the id that a request has been given already, "" for none.
func NamedRequest(ctx *fasthttp.RequestCtx) string {
	id, _ := ctx.UserValue(requestID).(string)
	return id
}

// RequestID is the id of this request in logs and on error pages: a trusted proxy's, or one that is made here.
func RequestID(c *fiber.Ctx) string {
	id, _ := c.Locals(requestID).(string)
	if id == "" {
		id = uuid.NewString()
		c.Locals(requestID, id)
	}
	return id
}

// Actor is who makes this request, for the audit log.
func (k *Kit) Actor(c *fiber.Ctx) orbit.Actor {
	u := User(c)
	if u.ID.IsZero() {
		return orbit.Actor{Name: "public", Address: k.ClientIP(c)}
	}
	return orbit.Actor{ID: u.ID, Name: u.Email, Address: k.ClientIP(c), Visit: u.Visit}
}

// ApplicantToken opens an applicant's page. It is made of the merchant's id, so that the same form sent
// twice leads to the same page, and of a key, so that the id alone leads nowhere.
func (k *Kit) ApplicantToken(id orbit.MerchantID) string {
	mac := hmac.New(sha256.New, k.PreviewKey)
	mac.Write([]byte("applicant's page " + id.String()))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// MerchantID reads the id in the path; NotFound where it is none.
func MerchantID(c *fiber.Ctx) (orbit.MerchantID, error) {
	return orbit.ParseID[orbit.Merchant](c.Params("merchant"))
}

// Faults returns an error's faults by field, for the fields of a form.
func Faults(err error) map[string]string {
	m := map[string]string{}
	for _, f := range orbit.FaultsOf(err) {
		if m[f.Field] == "" {
			m[f.Field] = f.Message
		}
	}
	return m
}
