package kit

import (
	"context"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/views/account"
)

// hashing parameters: OWASP's argon2id with 19 MiB, two passes, one lane.
var argon = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// nobody's hash is compared against when an address is unknown, so that it takes as long as a known one.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$2oG9DqEyBbqoCXqVZcPDRYUSYtGEyeeOFmCTzJVVEkA"

// HashPassword makes the encoded argon2id hash of a password, normalized.
func HashPassword(password string) (string, error) {
	return argon2id.CreateHash(orbit.NormalPassword(password), argon)
}

// matches reports whether a password is the one of a hash. All forms of it are tried, whatever the outcome of the
// first: how long that takes depends on what was typed and not on the account.
func matches(password, hash string) (match bool, err error) {
	for _, form := range orbit.PasswordForms(password) {
		same, err := argon2id.ComparePasswordAndHash(form, hash)
		if err != nil {
			return false, err
		}
		match = match || same
	}
	return match, nil
}

func (k *Kit) accountRoutes(app *fiber.App, a Audience) {
	r := accountRoutes{k, a}
	app.Get("/sign-in", r.showSignIn)
	app.Post("/sign-in", r.createSession)
	app.Get("/sign-in/code", r.showCode)
	app.Post("/sign-in/code", r.checkCode)
	app.Post("/sign-out", r.endSession)
	app.Get("/password", r.showForgotten)
	app.Post("/password", r.createLink)
	app.Get("/password/:token", r.showPassword)
	app.Post("/password/:token", r.setPassword)
	r.profileRoutes(app)
	if a.Role == orbit.RoleMerchant {
		app.Get(account.InvitationsPath+"/:token", r.showInvitation)
		app.Post(account.InvitationsPath+"/:token", r.acceptInvitation)
	}
	if a.Role == orbit.RoleAdmin {
		app.Get("/welcome/:token", r.showFirstAdmin)
		app.Post("/welcome/:token", r.createFirstAdmin)
	}
}

type accountRoutes struct {
	*Kit
	audience Audience
}

func (r accountRoutes) frame(c *fiber.Ctx) account.Frame {
	return account.Frame{Audience: r.audience.Name, Toast: r.PopToast(c)}
}

func (r accountRoutes) showSignIn(c *fiber.Ctx) error {
	next := safeNext(c.Query("next"))
	if !User(c).ID.IsZero() {
		return See(c, next)
	}
	return r.Render(c, fiber.StatusOK, account.SignInPage(r.frame(c), account.SignIn{Next: next}))
}

// Bounds of trying to sign in, a minute: by account and network, so that nobody can lock another out, and by network
// alone against one that tries many accounts.
const (
	triesPerAccount = 10
	triesPerNetwork = 60
)

func (r accountRoutes) createSession(c *fiber.Ctx) error {
	form := account.SignIn{Email: orbit.FindEmail(c.FormValue("email")), Next: safeNext(c.FormValue("next"))}
	user, err := r.checkFrom(c.UserContext(), r.Network(c), r.device(c, form.Email), form.Email, c.FormValue("password"))
	if err == nil && !mayEnter(user, r.audience) {
		r.tallies.note(orbit.ActionSessionRefused, user.Email, r.Network(c))
		err = errWrongPassword
	}
	if err != nil {
		if status := Status(err); status >= 500 {
			return err
		}
		SetRetryAfter(c, err)
		form.Error = orbit.Sentence(err)
		status := Status(err)
		if status == fiber.StatusUnauthorized {
			status = fiber.StatusUnprocessableEntity // a form to look at again, not a challenge
		}
		return r.Render(c, status, account.SignInPage(r.frame(c), form))
	}
	if user.TwoStep() {
		return r.askCode(c, user, form.Next)
	}
	if err := r.admit(c, user); err != nil {
		return err
	}
	return See(c, form.Next)
}

// firstHour is how long a new account's sign-ins are its person's own: they have had the link that made it just now.
const firstHour = time.Hour

// admit signs in somebody who has proved who they are. They get a notice of it where the device isn't known.
func (r accountRoutes) admit(c *fiber.Ctx, user orbit.User) error {
	known := r.device(c, user.Email) != ""
	if err := r.signIn(c, r.audience, user); err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := r.DB.Audit(ctx, r.Actor(c), orbit.ActionSessionCreated, orbit.MerchantID{}, r.audience.Name,
		nil); err != nil || known || time.Since(user.CreatedAt) < firstHour {
		return err
	}
	// Programs sign in without remembering the device: one notice a day for each network.
	ok, _, err := r.DB.Allow(ctx, "sign-in notice "+user.ID.String()+" "+r.Network(c).Near, 1, 24*time.Hour)
	if err != nil || !ok {
		return err
	}
	m, err := r.Mail.NewSignIn(r.noticeOf(c, user))
	if err != nil {
		return err
	}
	return r.DB.Notify(ctx, &m)
}

// noticeOf is what an email to a person says about what this request did to their account.
func (r accountRoutes) noticeOf(c *fiber.Ctx, user orbit.User) mail.NoticeData {
	page := r.Addresses.Dashboard
	if r.audience.Role == orbit.RoleAdmin {
		page = r.Addresses.Admin
	}
	return mail.NoticeData{ID: orbit.NewID[orbit.Email](), User: user, At: time.Now(), Origin: r.origin(c),
		Account: page("/account"), Reset: page("/password")}
}

var errWrongPassword = orbit.Errorf(orbit.Unauthorized, "Incorrect email or password.")

// CheckPassword finds the person with this address and password. Unknown address, wrong password and
// an account without one differ neither in the answer nor in its time. Too many tries are
// TooMany; address is where the request came from.
func (k *Kit) CheckPassword(ctx context.Context, address, email, password string) (orbit.User, error) {
	return k.checkFrom(ctx, orbit.NetworkOf(address), "", email, password)
}

// checkFrom is CheckPassword for a device that has signed in to the account before, unless its name is "".
func (k *Kit) checkFrom(ctx context.Context, from orbit.Network, device, email, password string) (orbit.User, error) {
	user, err := k.checkPassword(ctx, from, device, email, password)
	outcome := "failed"
	switch orbit.CodeOf(err) {
	case "":
		outcome = "succeeded"
	case orbit.Unauthorized:
		outcome = "refused"
	case orbit.TooMany:
		outcome = "throttled"
	}
	k.Metrics.SignIn(outcome)
	return user, err
}

func (k *Kit) checkPassword(
	ctx context.Context, from orbit.Network, device, email, password string,
) (orbit.User, error) {
	if len(email) > 254 || len(password) > orbit.MaxPasswordBytes || !utf8.ValidString(email) ||
		!utf8.ValidString(password) || strings.ContainsRune(email+password, 0) {
		return orbit.User{}, errWrongPassword
	}
	by, bounds := from, []Bound{{"sign-in " + strings.ToLower(email), triesPerAccount, 2 * triesPerAccount},
		{"sign-in", triesPerNetwork, 4 * triesPerNetwork}}
	if device != "" { // tries of its own, which no other device spends
		by, bounds = orbit.Network{Address: from.Address, Near: device},
			[]Bound{{"sign-in", triesPerAccount, triesPerAccount}}
	}
	if err := k.Throttle(ctx, by, time.Minute, "Too many sign-in attempts. Wait a moment and try again.",
		bounds...); err != nil {
		return orbit.User{}, err
	}
	user, err := k.DB.UserByEmail(ctx, email)
	if err != nil && orbit.CodeOf(err) != orbit.NotFound {
		return orbit.User{}, err
	}
	known := user.PasswordHash
	if known == "" || !user.DisabledAt.IsZero() {
		known = nobody
	}
	var match bool
	err = k.hashed(ctx, from, device != "", func() (err error) { match, err = matches(password, known); return err })
	if err != nil {
		return orbit.User{}, err
	}
	if !match || known == nobody {
		// Unknown addresses aren't logged: people type passwords into that field.
		k.tallies.note(orbit.ActionSessionRefused, user.Email, from)
		return orbit.User{}, errWrongPassword
	}
	return user, nil
}

func (r accountRoutes) endSession(c *fiber.Ctx) error {
	if !User(c).Visit.IsZero() {
		return r.StopVisit(c)
	}
	if err := r.sessions.Destroy(c.UserContext()); err != nil {
		return err
	}
	return See(c, "/sign-in")
}

func (r accountRoutes) showForgotten(c *fiber.Ctx) error {
	return r.Render(c, fiber.StatusOK, account.ForgottenPage(r.frame(c), account.Forgotten{}))
}

// createLink has a one-time link sent, if the address is somebody's. All that happens here is the same for every
// address; a job does the rest (outbox/password.go).
func (r accountRoutes) createLink(c *fiber.Ctx) error {
	form := account.Forgotten{Email: orbit.FindEmail(c.FormValue("email"))}
	email, err := orbit.ParseEmail(form.Email)
	if err == nil {
		err = r.Throttle(c.UserContext(), r.Network(c), 10*time.Minute,
			"Too many links requested. Wait a moment and try again.", Bound{"password", 10, 40})
	}
	if err != nil {
		if Status(err) >= 500 {
			return err
		}
		SetRetryAfter(c, err)
		form.Error = orbit.Sentence(err)
		return r.Render(c, Status(err), account.ForgottenPage(r.frame(c), form))
	}
	args := store.PasswordArgs{Email: email, Audience: r.audience.Role, Address: r.ClientIP(c)}
	if err := r.DB.RequestPasswordLink(c.UserContext(), args); err != nil {
		return err
	}
	form.Sent = true
	return r.Render(c, fiber.StatusOK, account.ForgottenPage(r.frame(c), form))
}

func (r accountRoutes) showPassword(c *fiber.Ctx) error {
	link, err := r.DB.FindLink(c.UserContext(), orbit.LinkSetPassword, c.Params("token"))
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, account.PasswordPage(r.frame(c),
		account.Password{Email: link.Email, ShopName: link.ShopName, Action: c.Path()}))
}

// setPassword spends the link, ends the person's other sessions and signs them in.
func (r accountRoutes) setPassword(c *fiber.Ctx) error {
	ctx, token := c.UserContext(), c.Params("token")
	link, err := r.DB.FindLink(ctx, orbit.LinkSetPassword, token)
	if err != nil {
		return err
	}
	hash, err := r.newPassword(c, &link.Email)
	if err != nil {
		if orbit.CodeOf(err) != orbit.Invalid {
			return err
		}
		return r.Render(c, fiber.StatusUnprocessableEntity, account.PasswordPage(r.frame(c),
			account.Password{Email: link.Email, ShopName: link.ShopName, Action: c.Path(), Faults: Faults(err)}))
	}
	before, err := r.DB.User(ctx, link.UserID)
	if err != nil {
		return err
	}
	var notice *orbit.Email
	if before.PasswordHash != "" {
		m, err := r.Mail.PasswordChanged(r.noticeOf(c, before))
		if err != nil {
			return err
		}
		notice = &m
	}
	user, err := r.DB.UsePasswordLink(ctx, token, hash, notice)
	if err != nil {
		return err
	}
	if !mayEnter(user, r.audience) {
		return See(c, "/sign-in")
	}
	if user.TwoStep() {
		return r.askCode(c, user, "/")
	}
	if err := r.signIn(c, r.audience, user); err != nil {
		return err
	}
	if err := r.DB.Audit(ctx, r.Actor(c), orbit.ActionPasswordSet, link.MerchantID, "", nil); err != nil {
		return err
	}
	r.Toast(c, "Your password is set and you are signed in.")
	return See(c, "/")
}

func (r accountRoutes) showFirstAdmin(c *fiber.Ctx) error {
	if _, err := r.DB.FindLink(c.UserContext(), orbit.LinkFirstAdmin, c.Params("token")); err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, account.FirstAdminPage(r.frame(c), account.FirstAdmin{Action: c.Path()}))
}

func (r accountRoutes) createFirstAdmin(c *fiber.Ctx) error {
	ctx, token := c.UserContext(), c.Params("token")
	if _, err := r.DB.FindLink(ctx, orbit.LinkFirstAdmin, token); err != nil {
		return err
	}
	form := account.FirstAdmin{Action: c.Path(), Name: c.FormValue("name"), Email: c.FormValue("email"),
		Faults: map[string]string{}}
	name, err := orbit.CheckName("Your name", form.Name)
	if err != nil {
		form.Faults["name"] = orbit.Sentence(err)
	}
	email, err := orbit.ParseEmail(form.Email)
	if err == nil {
		err = r.CheckEmail(ctx, email)
	}
	if err != nil {
		form.Faults["email"] = orbit.Sentence(err)
	}
	hash, err := r.newPassword(c, &email)
	if err != nil && orbit.CodeOf(err) != orbit.Invalid {
		return err
	}
	for field, fault := range Faults(err) {
		form.Faults[field] = fault
	}
	if len(form.Faults) > 0 {
		return r.Render(c, fiber.StatusUnprocessableEntity, account.FirstAdminPage(r.frame(c), form))
	}
	id, err := r.DB.UseFirstAdminLink(ctx, token, email, name, hash)
	if err != nil {
		return err
	}
	user, err := r.DB.User(ctx, id)
	if err != nil {
		return err
	}
	if err := r.signIn(c, r.audience, user); err != nil {
		return err
	}
	if err := r.DB.Audit(ctx, r.Actor(c), orbit.ActionAdminCreated, orbit.MerchantID{}, email, nil); err != nil {
		return err
	}
	return See(c, "/")
}

// newPassword reads password and its repetition from the form and hashes it. Faults are on password
// and repeat.
func (r accountRoutes) newPassword(c *fiber.Ctx, email *string) (string, error) {
	password, repeat := c.FormValue("password"), c.FormValue("repeat")
	err := orbit.CheckPassword(password)
	switch {
	case err != nil:
		return "", orbit.FaultOn(orbit.Invalid, "password", "", orbit.Sentence(err))
	case strings.EqualFold(password, *email):
		return "", orbit.FaultOn(orbit.Invalid, "password", "", "The password can't be the email address.")
	case password != repeat:
		return "", orbit.FaultOn(orbit.Invalid, "repeat", "", "The two passwords differ.")
	}
	var hash string
	err = r.hashed(c.UserContext(), r.Network(c), true, func() (err error) {
		hash, err = HashPassword(password)
		return err
	})
	return hash, err
}

// safeNext is a path of this host to go on to after signing in; anything else is "/". Browsers take
// "//host" and "/\host" for another host.
func safeNext(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t\x00") {
		return "/"
	}
	return next
}

func escapeNext(path string) string { return url.QueryEscape(path) }
