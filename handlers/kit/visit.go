package kit

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
)

// How an admin gets from the admin panel, where they are signed in, into a shop's dashboard, where they aren't. Each
// step is a redirect of the one before:
//
//	admin panel   POST a reason                 the visit is asked for, by this session
//	dashboard     GET /support/{id}             this browser gets a secret, in its session there
//	admin panel   GET /support/{id}/{hash}      the session that asked approves the browser with that secret
//	dashboard     GET /support/{id}/enter       the browser with the secret is let in, once
//
// What stands in the addresses is worth nothing to another admin, in another browser, or a second time.

const keyVisitSecret = "visit-secret"

// visitPath is where a visit begins, on the dashboard.
func visitPath(id orbit.VisitID, rest string) string { return "/support/" + id.String() + rest }

// RequestVisit asks for a visit of the admin who is signed in, and leads to its beginning.
func (k *Kit) RequestVisit(c *fiber.Ctx, m orbit.MerchantID, reason string) error {
	ctx := c.UserContext()
	id, err := k.DB.RequestVisit(ctx, m, reason, k.sessions.Token(ctx), k.Actor(c))
	if err != nil {
		return err
	}
	return Leave(c, k.Addresses.Dashboard(visitPath(id, "")))
}

// PrepareVisit gives this browser a secret for a visit, and has it approved in the admin panel.
func (k *Kit) PrepareVisit(c *fiber.Ctx, id orbit.VisitID) error {
	secret := rand.Text()
	k.sessions.Put(c.UserContext(), keyVisitSecret, id.String()+" "+secret)
	hash := sha256.Sum256([]byte(secret))
	return Leave(c, k.Addresses.Admin(visitPath(id, "/"+hex.EncodeToString(hash[:]))))
}

// ApproveVisit approves the browser with the secret of a hash, in hexadecimal, and leads it in.
func (k *Kit) ApproveVisit(c *fiber.Ctx, id orbit.VisitID, hash string) error {
	sum, err := hex.DecodeString(hash)
	if err != nil || len(sum) != sha256.Size {
		return orbit.Missing()
	}
	ctx := c.UserContext()
	if err := k.DB.ApproveVisit(ctx, id, sum, k.sessions.Token(ctx), k.Actor(c)); err != nil {
		return err
	}
	return Leave(c, k.Addresses.Dashboard(visitPath(id, "/enter")))
}

// EnterVisit signs the admin in for the visit, in this browser and for as long as it lasts. The session that was there
// before ends.
func (k *Kit) EnterVisit(c *fiber.Ctx, a Audience, id orbit.VisitID) (orbit.Visit, error) {
	ctx := c.UserContext()
	var hash [sha256.Size]byte
	if of, secret, _ := strings.Cut(k.sessions.GetString(ctx, keyVisitSecret), " "); of == id.String() {
		hash = sha256.Sum256([]byte(secret))
	}
	visit, user, err := k.DB.OpenVisit(ctx, id, hash[:], k.ClientIP(c))
	if err != nil {
		return visit, err
	}
	if err := k.sessions.Clear(ctx); err != nil {
		return visit, err
	}
	if err := k.beginSession(c, a, user); err != nil {
		return visit, err
	}
	k.sessions.SetDeadline(ctx, visit.ExpiresAt.UTC())
	return visit, nil
}

// StopVisit ends the visit of the session that asks, and the session.
func (k *Kit) StopVisit(c *fiber.Ctx) error {
	if err := k.DB.StopVisit(c.UserContext(), User(c).Visit, k.Actor(c)); err != nil {
		return err
	}
	if err := k.sessions.Destroy(c.UserContext()); err != nil {
		return err
	}
	return See(c, "/support/stopped")
}
