package kit

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/views/account"
)

// Bounds of trying codes: by account and network in ten minutes, on a known device in ten minutes, and by account from
// everywhere but known devices in a day. Who tries has the password already; a code is one of a million.
const (
	codesPerNetwork = 10
	codesPerDevice  = 10
	codesPerAccount = 60
)

var (
	errWrongCode    = orbit.Errorf(orbit.Invalid, "This code isn't right, or was used before. Enter the current one.")
	tooManyCodes    = "Too many codes tried. Wait a few minutes and try again."
	errCodeRequired = orbit.FaultOn(orbit.Unauthorized, "code", "",
		"Two-step sign-in is on for this account. Send a code of the authenticator app too, as code.")
)

// CheckCredentials is CheckPassword for programs: the code comes along, where the account's sign-in takes one.
func (k *Kit) CheckCredentials(ctx context.Context, address, email, password, code string) (orbit.User, error) {
	user, err := k.CheckPassword(ctx, address, email, password)
	if err != nil || !user.TwoStep() {
		return user, err
	}
	if code == "" {
		return orbit.User{}, errCodeRequired
	}
	_, err = k.checkSecondStep(ctx, orbit.NetworkOf(address), "", user, code)
	if orbit.CodeOf(err) == orbit.Invalid {
		err = orbit.FaultOn(orbit.Unauthorized, "code", "", errWrongCode.Message)
	}
	if err != nil {
		return orbit.User{}, err
	}
	return user, nil
}

// checkSecondStep takes a code of the person's app, or one of their recovery codes; recovered says which. Invalid for a
// wrong or used one, TooMany for too many tries. Device is that of a known one, "" for others.
func (k *Kit) checkSecondStep(ctx context.Context, from orbit.Network, device string, u orbit.User, code string) (
	recovered bool, err error) {
	by, bound := from, Bound{"code " + u.ID.String(), codesPerNetwork, 2 * codesPerNetwork}
	if device != "" {
		by, bound = orbit.Network{Address: from.Address, Near: device}, Bound{"code", codesPerDevice, codesPerDevice}
	} else if refused, wait, err := k.DB.AllowAll(ctx, 24*time.Hour,
		store.Bucket{Key: "codes " + u.ID.String(), Burst: codesPerAccount}); err != nil || refused != "" {
		if err == nil {
			k.tallies.note(orbit.ActionThrottleHit, "codes", from)
			err = orbit.Errorf(orbit.TooMany, "%s", tooManyCodes).After(wait)
		}
		return false, err
	}
	if err := k.Throttle(ctx, by, 10*time.Minute, tooManyCodes, bound); err != nil {
		return false, err
	}
	if recovery := orbit.NormalRecoveryCode(code); recovery != "" {
		ok, err := k.DB.UseRecoveryCode(ctx, u.ID, recovery)
		if err == nil && !ok {
			err = errWrongCode
		}
		return true, k.refusedCode(err, u, from)
	}
	encrypted, err := k.DB.TwoStepSecret(ctx, u.ID)
	if err != nil {
		return false, err
	}
	secret, err := k.Secrets.Decrypt(orbit.TwoStepSecret(u.ID), encrypted)
	if err != nil { // a lost SECRET_KEY encrypted it: recovery codes still work
		k.Log.Error("a two-step sign-in can't be checked", "user", u.ID, "error", err)
		return false, orbit.Errorf(orbit.Invalid, "Codes of the app can't be checked right now. Use a recovery code.")
	}
	step, ok, err := orbit.MatchTOTP(secret.Reveal(), code, time.Now())
	if err == nil && ok {
		ok, err = k.DB.UseStep(ctx, u.ID, step)
	}
	if err == nil && !ok {
		err = errWrongCode
	}
	return false, k.refusedCode(err, u, from)
}

// refusedCode counts a wrong code among the refused sign-ins.
func (k *Kit) refusedCode(err error, u orbit.User, from orbit.Network) error {
	if orbit.CodeOf(err) == orbit.Invalid {
		k.tallies.note(orbit.ActionSessionRefused, u.Email, from)
	}
	return err
}

// askCode leads on to the second page of signing in: the session knows from now on that it has had the password.
func (r accountRoutes) askCode(c *fiber.Ctx, user orbit.User, next string) error {
	ctx := c.UserContext()
	if err := r.sessions.RenewToken(ctx); err != nil {
		return err
	}
	r.sessions.Remove(ctx, keyUser)
	r.sessions.Put(ctx, keyPending, user.ID.String())
	r.sessions.Put(ctx, keyPendingAt, time.Now().UTC())
	r.sessions.Put(ctx, keyNext, next)
	c.Locals("user", orbit.User{})
	return See(c, "/sign-in/code")
}

// pending returns the person that the session has had the password of, as they are now; the zero User where there is
// none, or no longer.
func (r accountRoutes) pending(c *fiber.Ctx) (orbit.User, error) {
	ctx := c.UserContext()
	id, err := orbit.ParseID[orbit.User](r.sessions.GetString(ctx, keyPending))
	at := r.sessions.GetTime(ctx, keyPendingAt)
	if err != nil || time.Since(at) > orbit.SecondStepFor {
		return orbit.User{}, nil
	}
	user, err := r.DB.User(ctx, id)
	if err != nil {
		return orbit.User{}, err
	}
	if !mayEnter(user, r.audience) || at.Before(user.PasswordChangedAt.Add(-time.Second)) {
		return orbit.User{}, nil
	}
	return user, nil
}

func (r accountRoutes) showCode(c *fiber.Ctx) error {
	user, err := r.pending(c)
	if err != nil {
		return err
	}
	if user.ID.IsZero() {
		return See(c, "/sign-in")
	}
	return r.Render(c, fiber.StatusOK, account.CodePage(r.frame(c), account.Code{Email: user.Email}))
}

func (r accountRoutes) checkCode(c *fiber.Ctx) error {
	ctx := c.UserContext()
	user, err := r.pending(c)
	if err != nil {
		return err
	}
	if user.ID.IsZero() {
		r.Toast(c, "That took too long. Sign in again.")
		return See(c, "/sign-in")
	}
	recovered := false
	if user.TwoStep() { // it may have been reset since
		recovered, err = r.checkSecondStep(ctx, r.Network(c), r.device(c, user.Email), user, c.FormValue("code"))
	}
	if err != nil {
		if Status(err) >= 500 {
			return err
		}
		SetRetryAfter(c, err)
		return r.Render(c, Status(err), account.CodePage(r.frame(c),
			account.Code{Email: user.Email, Error: orbit.Sentence(err)}))
	}
	next := safeNext(r.sessions.GetString(ctx, keyNext))
	for _, key := range []string{keyPending, keyPendingAt, keyNext} {
		r.sessions.Remove(ctx, key)
	}
	if err := r.admit(c, user); err != nil {
		return err
	}
	if !recovered {
		return See(c, next)
	}
	if err := r.DB.Audit(ctx, r.Actor(c), orbit.ActionRecoveryUsed, orbit.MerchantID{}, "", nil); err != nil {
		return err
	}
	left, err := r.DB.RecoveryCodesLeft(ctx, user.ID)
	if err != nil {
		return err
	}
	r.Toast(c, account.CodesLeft(left))
	return See(c, next)
}
