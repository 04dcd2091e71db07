package mail

import (
	"time"

	"orbit360.app/orbit"
)

// The notices of an account go to its person when something about how they sign in has changed. Who did it may be
// somebody else: each says what to do then.

// NoticeData is what all notices say.
type NoticeData struct {
	ID      orbit.EmailID
	User    orbit.User // name and email
	At      time.Time
	Origin  orbit.SessionOrigin // where it was done
	Account string              // address of the person's account page
	Reset   string              // address of the page that sends a link to set a new password
}

// notice returns the email of a notice. Each is one of a kind.
func (c Composer) notice(kind string, d NoticeData, m message) (orbit.Email, error) {
	m.Greeting = "Hello " + d.User.Name + ","
	m.Facts = append(m.Facts,
		fact{Label: "When", Value: d.At.UTC().Format("2 January 2006, 15:04 UTC")},
		fact{Label: "Device", Value: orbit.DeviceName(d.Origin.Agent)},
		fact{Label: "IP address", Value: d.Origin.Address, Mono: true})
	m.Button = link{"Review your account", d.Account}
	m.Closing = "If this wasn’t you, set a new password right away at " + d.Reset + ". That signs you out everywhere."
	m.Why = "You’re receiving this email because it’s about the security of your ORBIT360 account."
	return c.compose(kind+"."+d.ID.String(), orbit.MerchantID{}, d.User.Email, m)
}

// PasswordChanged returns the notice of a new password.
func (c Composer) PasswordChanged(d NoticeData) (orbit.Email, error) {
	return c.notice("password-changed", d, message{Subject: "Your password was changed",
		Preheader: "You were signed out everywhere else.",
		Title:     "Your password was changed",
		Words:     []string{"The password of your account was changed. You were signed out everywhere else."}})
}

// TwoStepChanged returns the notice that two-step sign-in was turned on or off.
func (c Composer) TwoStepChanged(d NoticeData, on bool) (orbit.Email, error) {
	if on {
		return c.notice("two-step-on", d, message{Subject: "Two-step sign-in is on", Title: "Two-step sign-in is on",
			Preheader: "Signing in asks for a code from now on.",
			Words: []string{"Signing in to your account now takes a code from your authenticator app as well as your " +
				"password. Keep your recovery codes in a safe place."}})
	}
	return c.notice("two-step-off", d, message{Subject: "Two-step sign-in is off",
		Preheader: "Signing in takes your password alone.",
		Title:     "Two-step sign-in is off",
		Words:     []string{"Signing in to your account now takes your password alone."}})
}

// NewSignIn returns the notice of a sign-in on a device that wasn't known.
func (c Composer) NewSignIn(d NoticeData) (orbit.Email, error) {
	return c.notice("sign-in", d, message{Subject: "New sign-in to your account",
		Preheader: "It came from a device we don’t know.",
		Title:     "New sign-in to your account",
		Words: []string{"Someone, hopefully you, signed in to your account on a device that hasn’t been used for it " +
			"before."}})
}
