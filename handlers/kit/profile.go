package kit

import (
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
	"orbit360.app/views/account"
	"orbit360.app/views/ui"
)

// profileRoutes returns the pages of somebody who is signed in about their own account.
func (r accountRoutes) profileRoutes(app *fiber.App) {
	own := func(handle fiber.Handler) fiber.Handler {
		return func(c *fiber.Ctx) error {
			if User(c).ID.IsZero() {
				return r.RequireUser(c)
			}
			if !User(c).Visit.IsZero() {
				return orbit.Errorf(orbit.Forbidden, "You are viewing a shop as support. Stop viewing to change your account.")
			}
			return handle(c)
		}
	}
	app.Get(account.Path, own(r.showProfile))
	app.Post(account.Path+"/name", own(r.updateName))
	app.Post(account.Path+"/password", own(r.updatePassword))
	app.Post(account.Path+"/sign-out", own(r.endSessions))
	app.Post(account.Path+"/sessions/:session/sign-out", own(r.endOneSession))
	app.Get(account.TwoStepPath, own(r.showTwoStep))
	app.Post(account.TwoStepPath+"/setup", own(r.createSetup))
	app.Get(account.TwoStepPath+"/setup", own(r.showSetup))
	app.Post(account.TwoStepPath, own(r.turnOnTwoStep))
	app.Post(account.TwoStepPath+"/codes", own(r.createCodes))
	app.Post(account.TwoStepPath+"/deletion", own(r.turnOffTwoStep))
}

// own answers with a page of the account in the audience's frame.
func (r accountRoutes) own(c *fiber.Ctx, status int, title string, page func(ui.Frame) templ.Component) error {
	f, err := r.audience.Frame(c, title)
	if err != nil {
		return err
	}
	return r.Render(c, status, page(f))
}

func (r accountRoutes) showProfile(c *fiber.Ctx) error {
	return r.profile(c, fiber.StatusOK, account.Profile{Name: User(c).Name})
}

// profile answers with the account's first page, and what was wrong with a form of it.
func (r accountRoutes) profile(c *fiber.Ctx, status int, p account.Profile) error {
	ctx := c.UserContext()
	p.User, p.Now = User(c), time.Now()
	var err error
	if p.Sessions, err = r.DB.Sessions().Of(ctx, p.User.ID, r.sessions.Token(ctx)); err != nil {
		return err
	}
	if p.User.TwoStep() {
		if p.CodesLeft, err = r.DB.RecoveryCodesLeft(ctx, p.User.ID); err != nil {
			return err
		}
	}
	return r.own(c, status, "Account", func(f ui.Frame) templ.Component { return account.ProfilePage(f, p) })
}

func (r accountRoutes) updateName(c *fiber.Ctx) error {
	p := account.Profile{Name: c.FormValue("name")}
	name, err := orbit.CheckName("Your name", p.Name)
	if err != nil {
		p.Faults = map[string]string{"name": orbit.Sentence(err)}
		return r.profile(c, Refused(c, err), p)
	}
	if err := r.DB.Rename(c.UserContext(), User(c).ID, name, r.Actor(c)); err != nil {
		return err
	}
	r.Toast(c, "Name saved.")
	return See(c, account.Path)
}

// ProvePassword checks the current password of a form that changes what takes it. The fault is on current_password.
func (k *Kit) ProvePassword(c *fiber.Ctx) error {
	u := User(c)
	_, err := k.checkPassword(c.UserContext(), k.Network(c), k.device(c, u.Email), u.Email,
		c.FormValue("current_password"))
	switch orbit.CodeOf(err) {
	case orbit.Unauthorized:
		return orbit.FaultOn(orbit.Invalid, "current_password", "", "That isn't your current password.")
	case orbit.TooMany:
		SetRetryAfter(c, err)
		return orbit.FaultOn(orbit.TooMany, "current_password", "", orbit.Sentence(err))
	}
	return err
}

// Reformed reports whether an error is said in the form that it is about.
func Reformed(err error) bool {
	code := orbit.CodeOf(err)
	return (code == orbit.Invalid || code == orbit.TooMany) && len(orbit.FaultsOf(err)) > 0
}

// updatePassword sets another password and ends the person's other sessions. This one goes on under another token.
func (r accountRoutes) updatePassword(c *fiber.Ctx) error {
	ctx, u := c.UserContext(), User(c)
	err := r.ProvePassword(c)
	var hash string
	if err == nil {
		hash, err = r.newPassword(c, &u.Email)
	}
	if err != nil {
		if !Reformed(err) {
			return err
		}
		return r.profile(c, Refused(c, err), account.Profile{Name: u.Name, Faults: Faults(err)})
	}
	m, err := r.Mail.PasswordChanged(r.noticeOf(c, u))
	if err != nil {
		return err
	}
	if err := r.DB.ChangePassword(ctx, u.ID, hash, r.sessions.Token(ctx), r.Actor(c), &m); err != nil {
		return err
	}
	if err := r.signIn(c, r.audience, u); err != nil {
		return err
	}
	r.Toast(c, "Password changed. You are signed out everywhere else.")
	return See(c, account.Path)
}

func (r accountRoutes) endOneSession(c *fiber.Ctx) error {
	id, err := orbit.ParseID[orbit.Session](c.Params("session"))
	if err != nil {
		return err
	}
	if err := r.DB.Sessions().End(c.UserContext(), User(c).ID, id, r.Actor(c)); err != nil {
		return err
	}
	r.Toast(c, "Signed out there.")
	return See(c, account.Path)
}

// endSessions signs the person out everywhere, here too.
func (r accountRoutes) endSessions(c *fiber.Ctx) error {
	if err := r.DB.Sessions().EndAll(c.UserContext(), User(c).ID, r.Actor(c)); err != nil {
		return err
	}
	return r.endSession(c)
}

func (r accountRoutes) showTwoStep(c *fiber.Ctx) error {
	return r.twoStep(c, fiber.StatusOK, account.TwoStep{Next: safeNext(c.Query("next"))})
}

// twoStep answers with the page of two-step sign-in, and what was wrong with a form of it.
func (r accountRoutes) twoStep(c *fiber.Ctx, status int, p account.TwoStep) error {
	var err error
	p.User = User(c)
	if p.CodesLeft, err = r.DB.RecoveryCodesLeft(c.UserContext(), p.User.ID); err != nil {
		return err
	}
	return r.own(c, status, "Two-step sign-in", func(f ui.Frame) templ.Component { return account.TwoStepPage(f, p) })
}

// createSetup makes the secret that a code is to confirm. Until then the session alone keeps it.
func (r accountRoutes) createSetup(c *fiber.Ctx) error {
	u, next := User(c), safeNext(c.FormValue("next"))
	if u.TwoStep() {
		return See(c, account.TwoStepPath)
	}
	if err := r.ProvePassword(c); err != nil {
		if !Reformed(err) {
			return err
		}
		return r.twoStep(c, Refused(c, err), account.TwoStep{Next: next, Faults: Faults(err)})
	}
	r.sessions.Put(c.UserContext(), keySetup, r.Secrets.Encrypt(orbit.TwoStepSecret(u.ID),
		orbit.NewSecret(orbit.NewTOTPSecret())))
	return See(c, account.TwoStepPath+"/setup?next="+url.QueryEscape(next))
}

// setup returns the secret that waits for its code; zero for none.
func (r accountRoutes) setup(c *fiber.Ctx) (orbit.Secret, error) {
	encrypted := r.sessions.GetBytes(c.UserContext(), keySetup)
	if len(encrypted) == 0 {
		return orbit.Secret{}, nil
	}
	return r.Secrets.Decrypt(orbit.TwoStepSecret(User(c).ID), encrypted)
}

func (r accountRoutes) showSetup(c *fiber.Ctx) error {
	secret, err := r.setup(c)
	if err != nil {
		return err
	}
	next := safeNext(c.Query("next"))
	if secret.IsZero() || User(c).TwoStep() {
		return See(c, account.TwoStepPath+"?next="+url.QueryEscape(next))
	}
	return r.setupPage(c, fiber.StatusOK, account.Setup{Secret: secret.Reveal(), Next: next})
}

func (r accountRoutes) setupPage(c *fiber.Ctx, status int, p account.Setup) error {
	p.Email = User(c).Email
	return r.own(c, status, "Set up two-step sign-in", func(f ui.Frame) templ.Component {
		return account.SetupPage(f, p)
	})
}

// turnOnTwoStep keeps the secret that a code confirms, and shows the recovery codes, once.
func (r accountRoutes) turnOnTwoStep(c *fiber.Ctx) error {
	ctx, u, next := c.UserContext(), User(c), safeNext(c.FormValue("next"))
	secret, err := r.setup(c)
	if err != nil {
		return err
	}
	if secret.IsZero() || u.TwoStep() {
		return See(c, account.TwoStepPath+"?next="+url.QueryEscape(next))
	}
	err = r.Throttle(ctx, r.Network(c), 10*time.Minute, tooManyCodes,
		Bound{"code " + u.ID.String(), codesPerNetwork, 2 * codesPerNetwork})
	if err != nil && orbit.CodeOf(err) != orbit.TooMany {
		return err
	}
	var step int64
	ok := false
	if err == nil {
		step, ok, err = orbit.MatchTOTP(secret.Reveal(), c.FormValue("code"), time.Now())
		if err == nil && !ok {
			err = orbit.Errorf(orbit.Invalid, "This code isn't right. Enter the one that the app shows now.")
		}
	}
	if err != nil {
		SetRetryAfter(c, err)
		return r.setupPage(c, Status(err), account.Setup{Secret: secret.Reveal(), Next: next, Error: orbit.Sentence(err)})
	}
	m, err := r.Mail.TwoStepChanged(r.noticeOf(c, u), true)
	if err != nil {
		return err
	}
	codes := orbit.NewRecoveryCodes()
	// Anew: while it waited in the session the secret key may have been replaced.
	encrypted := r.Secrets.Encrypt(orbit.TwoStepSecret(u.ID), secret)
	if err := r.DB.TurnOnTwoStep(ctx, u.ID, encrypted, step, codes, r.Actor(c), &m); err != nil {
		return err
	}
	r.sessions.Remove(ctx, keySetup)
	return r.codes(c, account.Codes{Codes: codes, Next: next, New: true})
}

// codes answers with recovery codes. They are nowhere to be read again.
func (r accountRoutes) codes(c *fiber.Ctx, p account.Codes) error {
	return r.own(c, fiber.StatusOK, "Recovery codes", func(f ui.Frame) templ.Component {
		return account.CodesPage(f, p)
	})
}

func (r accountRoutes) createCodes(c *fiber.Ctx) error {
	if err := r.ProvePassword(c); err != nil {
		if !Reformed(err) {
			return err
		}
		return r.twoStep(c, Refused(c, err), account.TwoStep{Faults: prefixed("codes", err)})
	}
	codes := orbit.NewRecoveryCodes()
	if err := r.DB.ReplaceRecoveryCodes(c.UserContext(), User(c).ID, codes, r.Actor(c)); err != nil {
		return err
	}
	return r.codes(c, account.Codes{Codes: codes, Next: account.TwoStepPath})
}

func (r accountRoutes) turnOffTwoStep(c *fiber.Ctx) error {
	u := User(c)
	if err := r.ProvePassword(c); err != nil {
		if !Reformed(err) {
			return err
		}
		return r.twoStep(c, Refused(c, err), account.TwoStep{Faults: prefixed("off", err)})
	}
	m, err := r.Mail.TwoStepChanged(r.noticeOf(c, u), false)
	if err != nil {
		return err
	}
	if err := r.DB.TurnOffTwoStep(c.UserContext(), u, r.Actor(c), orbit.ActionTwoStepOff, &m); err != nil {
		return err
	}
	r.Toast(c, "Two-step sign-in is off.")
	return See(c, account.Path)
}

// prefixed returns an error's faults under the name of the form that they are in: a page has several with one field.
func prefixed(form string, err error) map[string]string {
	faults := map[string]string{}
	for field, fault := range Faults(err) {
		faults[strings.Join([]string{form, field}, "_")] = fault
	}
	return faults
}
