package mail

import (
	"fmt"
	"strings"
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
	Origin  orbit.SessionOrigin // where it was done; zero for what an operator did
	Account string              // address of the person's account page
	Reset   string              // address of the page that sends a link to set a new password
}

// notice returns the email of a notice. Each is one of a kind.
func (c Composer) notice(kind string, d NoticeData, m message) (orbit.Email, error) {
	m.Greeting = "Hello " + d.User.Name + ","
	m.Facts = append(m.Facts, fact{Label: "When", Value: d.At.UTC().Format("January 2, 2006, 15:04 UTC")})
	if d.Origin.Address != "" {
		m.Facts = append(m.Facts, fact{Label: "Device", Value: orbit.DeviceName(d.Origin.Agent)},
			fact{Label: "IP address", Value: d.Origin.Address, Mono: true})
	}
	m.Button = link{"Review your account", d.Account}
	if m.Closing == "" {
		m.Closing = "If this wasn't you, set a new password right away at " + d.Reset + ". That signs you out everywhere."
	}
	m.Why = "You're receiving this email because it's about the security of your ORBIT360 account."
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

// TwoStepReset returns the notice that an operator of the platform turned two-step sign-in off.
func (c Composer) TwoStepReset(d NoticeData) (orbit.Email, error) {
	return c.notice("two-step-reset", d, message{Subject: "Two-step sign-in was reset",
		Preheader: "Signing in takes your password alone.",
		Title:     "Two-step sign-in was reset",
		Words: []string{"The people who run the platform turned off two-step sign-in for your account, as they do for " +
			"somebody who has lost their app. Signing in takes your password alone until you set it up again."},
		Closing: "If you didn't ask for this, write to them, and set a new password at " + d.Reset + "."})
}

// NewSignIn returns the notice of a sign-in on a device that wasn't known.
func (c Composer) NewSignIn(d NoticeData) (orbit.Email, error) {
	return c.notice("sign-in", d, message{Subject: "New sign-in to your account",
		Preheader: "It came from a device we don't know.",
		Title:     "New sign-in to your account",
		Words: []string{"Someone, hopefully you, signed in to your account on a device that hasn't been used for it " +
			"before."}})
}

// InvitationData is an invitation to work in a shop.
type InvitationData struct {
	Shop       orbit.Merchant // name
	Inviter    string
	Invitation orbit.Invitation
	URL        string // the one-time link
}

// Invitation returns the email with the one-time link that makes its recipient a member of a shop.
func (c Composer) Invitation(d InvitationData) (orbit.Email, error) {
	i := d.Invitation
	may := make([]string, len(i.Permissions))
	for n, p := range i.Permissions {
		may[n] = orbit.Permissions().Name(p)
	}
	return c.compose(fmt.Sprintf("invitation.%s.%d", i.ID, i.SentAt.UnixMicro()), i.MerchantID, i.Email, message{
		Subject:   "You're invited to " + d.Shop.Name,
		Preheader: d.Inviter + " invites you to work in their shop on ORBIT360.",
		Title:     "You're invited to " + d.Shop.Name,
		Greeting:  "Hello,",
		Words: []string{d.Inviter + " invites you to the staff of " + d.Shop.Name + ", a shop on ORBIT360. Accept to get " +
			"into its dashboard."},
		Button: link{"View invitation", d.URL},
		Note:   "The link works once, for " + span(orbit.InvitationFor) + ", and for this email address alone.",
		Facts: []fact{{Label: "Shop", Value: d.Shop.Name}, {Label: "Invited by", Value: d.Inviter},
			{Label: "Permissions", Value: strings.Join(may, ", ")}},
		Why: "You're receiving this email because " + d.Inviter + " entered this address. If you don't know them, " +
			"ignore it.",
	})
}

// OwnershipData says that a shop has another owner.
type OwnershipData struct {
	ID        orbit.EmailID
	Shop      orbit.Merchant
	From, To  orbit.StaffMember
	Recipient orbit.StaffMember // one of the two
	Dashboard string
	At        time.Time
}

// OwnershipTransferred returns the notice of it to one of the two.
func (c Composer) OwnershipTransferred(d OwnershipData) (orbit.Email, error) {
	words := d.From.Name + " transferred the ownership of " + d.Shop.Name + " to you. You can now do everything there, " +
		"plan and staff included."
	if d.Recipient.UserID == d.From.UserID {
		words = "You transferred the ownership of " + d.Shop.Name + " to " + d.To.Name + ". You're on its staff now, with " +
			"every permission."
	}
	return c.compose("ownership."+d.ID.String(), d.Shop.ID, d.Recipient.Email, message{
		Subject:   d.Shop.Name + " has another owner",
		Preheader: d.To.Name + " owns the shop now.",
		Title:     d.Shop.Name + " has another owner",
		Greeting:  "Hello " + d.Recipient.Name + ",",
		Words:     []string{words},
		Button:    link{"Open the dashboard", d.Dashboard},
		Facts: []fact{{Label: "When", Value: d.At.UTC().Format("January 2, 2006, 15:04 UTC")},
			{Label: "Owner until now", Value: d.From.Name}, {Label: "New owner", Value: d.To.Name}},
		Closing: "If this shouldn't have happened, contact support right away.",
		Why:     "You're receiving this email because you work in " + d.Shop.Name + ".",
	})
}

// WebhookFailedData says that a shop's webhook was deactivated, for nothing arrived there.
type WebhookFailedData struct {
	ID      orbit.EmailID
	Shop    orbit.Merchant // name
	Webhook orbit.Webhook
	Member  orbit.StaffMember // who may activate it again
	URL     string            // of the webhook's page
}

// WebhookFailed returns the notice of it to a member. It names the receiver by its host: the rest of an address may be
// secret.
func (c Composer) WebhookFailed(d WebhookFailedData) (orbit.Email, error) {
	return c.compose("webhook-failed."+d.ID.String(), d.Shop.ID, d.Member.Email, message{
		Subject:   "A webhook of " + d.Shop.Name + " was deactivated",
		Preheader: "Nothing has arrived at " + d.Webhook.Host() + " for three days.",
		Title:     "A webhook was deactivated",
		Greeting:  "Hello " + d.Member.Name + ",",
		Words: []string{"Nothing that " + d.Shop.Name + " sent to " + d.Webhook.Host() + " has arrived for three days, so " +
			"the webhook is off. Events that happen from now on aren't sent there.",
			"See what the receiver answered, have it mended, and activate the webhook again."},
		Button: link{"Open the webhook", d.URL},
		Why:    "You're receiving this email because you look after webhooks of " + d.Shop.Name + ".",
	})
}
