package kit

import (
	"context"
	"encoding/gob"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
	"orbit360.app/store"
)

// Session keys. A session with a pending person has had their password and waits for their code: it signs nobody in.
const (
	keyPending   = "pending"
	keyPendingAt = "pending-at"
	keyNext      = "next"  // where to go on to after the code
	keySetup     = "setup" // the encrypted secret of two-step sign-in until a code confirms it

	keyUser     = "user"
	keyAudience = "audience"
	keySince    = "since" // when the person signed in; a later change of password ends the session
	keyToast    = "toast"
)

func newSessions(db *store.DB, secure bool) *scs.SessionManager {
	s := scs.New()
	s.Store = db.Sessions()
	s.Lifetime = orbit.SessionFor
	s.IdleTimeout = 0 // scs's would write with every request: the store ends idle sessions and writes once an hour
	s.Cookie.Name = "orbit"
	if secure {
		// The prefix makes browsers insist on Secure, Path=/ and no Domain (RFC 6265bis).
		s.Cookie.Name = "__Host-orbit"
	}
	gob.Register(time.Time{})
	return s
}

// withSession is scs's LoadAndSave for Fiber: its own, through Fiber's adaptor, never sets the cookie.
func (k *Kit) withSession(c *fiber.Ctx, a Audience) error {
	var owner orbit.User
	asking := store.WithOwner(c.UserContext(), &owner)
	if strings.Contains(c.Get(fiber.HeaderAccept), "text/event-stream") {
		asking = store.Watching(asking)
	}
	ctx, err := k.sessions.Load(asking, Cookie(c, k.sessions.Cookie.Name))
	if err != nil {
		return err
	}
	c.SetUserContext(ctx)
	c.Locals("audience", a)
	if k.signsIn(ctx, a, owner) {
		c.Locals("user", owner)
	}
	// The error page is part of the answer: it must be made before the session is saved.
	if err := c.Next(); err != nil {
		if err := c.App().ErrorHandler(c, err); err != nil {
			return err
		}
	}
	return k.saveSession(c)
}

// Cookie is the value of a request's cookie, "" where there is none, or more than one of the name. Browsers send two
// only where somebody else has set one, from another host of the same domain or for another path, and nothing tells
// which (RFC 6265, section 8.6): nobody can say then which session is meant, and so it is none.
func Cookie(c *fiber.Ctx, name string) string {
	var found []byte
	n := 0
	for key, value := range c.Request().Header.Cookies() {
		if string(key) == name {
			found = value
			n++
		}
	}
	if n != 1 {
		return ""
	}
	return string(found)
}

func (k *Kit) saveSession(c *fiber.Ctx) error {
	ctx := c.UserContext()
	cookie := &fiber.Cookie{Name: k.sessions.Cookie.Name, Path: "/", HTTPOnly: true, Secure: k.Addresses.Secure(),
		SameSite: fiber.CookieSameSiteLaxMode}
	switch k.sessions.Status(ctx) {
	case scs.Modified:
		token, expires, err := k.sessions.Commit(ctx)
		if err != nil {
			return err
		}
		if id := User(c).ID; !id.IsZero() {
			if err := k.DB.Sessions().Bind(ctx, token, User(c), k.origin(c)); err != nil {
				return err
			}
		}
		cookie.Value, cookie.Expires = token, expires
	case scs.Destroyed:
		cookie.Expires = time.Unix(1, 0)
		cookie.MaxAge = -1
	default:
		return nil
	}
	c.Cookie(cookie)
	return nil
}

// signsIn reports whether the session signs its owner in, as the database knows them now: a session made
// for another host, from before a change of password, or of somebody who lost their account or role
// is nobody's.
func (k *Kit) signsIn(ctx context.Context, a Audience, owner orbit.User) bool {
	if owner.ID.IsZero() || k.sessions.GetString(ctx, keyUser) != owner.ID.String() ||
		k.sessions.GetString(ctx, keyAudience) != a.Name {
		return false
	}
	since := k.sessions.GetTime(ctx, keySince)
	return mayEnter(owner, a) && !since.Before(owner.PasswordChangedAt.Add(-time.Second)) &&
		time.Since(since) <= orbit.SessionFor
}

// mayEnter reports whether somebody may sign in for an audience. Merchants' own rights are checked by
// membership, page by page; an admin may own a shop too.
func mayEnter(u orbit.User, a Audience) bool {
	return u.DisabledAt.IsZero() && (a.Role != orbit.RoleAdmin || u.Role == orbit.RoleAdmin)
}

// User is who is signed in, the zero User for nobody.
func User(c *fiber.Ctx) orbit.User {
	u, _ := c.Locals("user").(orbit.User)
	return u
}

// RequireUser lets only people who are signed in pass; others are sent to sign in and back.
func (k *Kit) RequireUser(c *fiber.Ctx) error {
	if !User(c).ID.IsZero() {
		return c.Next()
	}
	if c.Method() != fiber.MethodGet || IsHTMX(c) || websocket.IsWebSocketUpgrade(c) ||
		strings.Contains(c.Get(fiber.HeaderAccept), "text/event-stream") {
		return orbit.Errorf(orbit.Unauthorized, "You have been signed out. Sign in again to continue.")
	}
	return See(c, "/sign-in?next="+escapeNext(c.OriginalURL()))
}

// signIn begins a session for a person under a new token: one set before is worth nothing.
func (k *Kit) signIn(c *fiber.Ctx, a Audience, u orbit.User) error {
	if err := k.beginSession(c, a, u); err != nil {
		return err
	}
	k.rememberDevice(c, u.Email)
	return nil
}

func (k *Kit) beginSession(c *fiber.Ctx, a Audience, u orbit.User) error {
	ctx := c.UserContext()
	if err := k.sessions.RenewToken(ctx); err != nil {
		return err
	}
	k.sessions.Put(ctx, keyUser, u.ID.String())
	k.sessions.Put(ctx, keyAudience, a.Name)
	k.sessions.Put(ctx, keySince, time.Now().UTC())
	c.Locals("user", u)
	return nil
}

// maxAgentKept is how much of a browser's name for itself is kept.
const maxAgentKept = 300

// origin is where a request that signs in comes from.
func (k *Kit) origin(c *fiber.Ctx) orbit.SessionOrigin {
	a, _ := c.Locals("audience").(Audience)
	agent := c.Get(fiber.HeaderUserAgent)
	agent = orbit.Clean(strings.ToValidUTF8(agent[:min(len(agent), maxAgentKept)], ""))
	return orbit.SessionOrigin{Audience: a.Name, Address: k.ClientIP(c), Agent: agent}
}

// Toast keeps a sentence for the next page this person sees.
func (k *Kit) Toast(c *fiber.Ctx, sentence string) {
	k.sessions.Put(c.UserContext(), keyToast, sentence)
}

// PopToast is the sentence that the last form left, "" for none.
func (k *Kit) PopToast(c *fiber.Ctx) string { return k.sessions.PopString(c.UserContext(), keyToast) }

// sessionKey names a request's session for counting, not for the log.
func (k *Kit) sessionKey(ctx context.Context) string { return k.sessions.Token(ctx) }
