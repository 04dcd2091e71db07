package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode"

	"orbit360.app/orbit"
)

// Composer writes the platform's emails. Links and Message-IDs come from Addresses alone, never from a request.
type Composer struct {
	Addresses orbit.Addresses
	Status    orbit.EmailStatus // of new emails: EmailQueued where they go out, EmailLocal where no SMTP is configured
}

// AppliedData is an application. Its email address may be another person's.
type AppliedData struct {
	Merchant   orbit.Merchant // id, name, owner, email and category
	ConfirmURL string         // with it the address's owner confirms the application
}

// Applied asks the owner of an address to confirm an application. A stranger can have it sent to
// any address, so its subject and greeting have nothing that was typed, and its facts have no link (orbit.HasLink).
func (c Composer) Applied(d AppliedData) (orbit.Email, error) {
	m := d.Merchant
	return c.compose("applied."+m.ID.String(), m.ID, m.Email, message{
		Subject:   "We have your application: confirm your email address",
		Preheader: "Confirm your address with one click.",
		Title:     "We have your application",
		Greeting:  "Hello,",
		Words: []string{
			"Someone, hopefully you, applied for a shop on ORBIT360 with this email address. Confirm it, and you're done for " +
				"now.",
		},
		Button: link{"Confirm your email address", d.ConfirmURL},
		Note:   "Anyone with this link can read your application. Keep it to yourself.",
		Facts: []fact{
			{Label: "Store name", Value: m.Name},
			{Label: "Your name", Value: m.OwnerName},
			{Label: "Email", Value: m.Email},
			{Label: "Category", Value: m.Category.Name()},
		},
		Steps: steps{"What happens next", []step{
			{"We review your application",
				"We review applications in the order they arrive, and choose a theme, a plan and a web address to start with."},
			{"Your shop is set up",
				"Seconds after approval, your website, dashboard and sample products are ready."},
			{"You get a welcome email", "It links to your shop and lets you set your password."},
		}},
		Closing: "Is something above wrong? Apply again with the right details. You can ignore the first application.",
		Why: "You're receiving this email because someone applied for a shop with this address. If it wasn't you, " +
			"ignore it.",
	})
}

// WelcomeData is what a new shop's owner needs to know.
type WelcomeData struct {
	Merchant       orbit.Merchant // id, code, name, owner, email
	RunID          orbit.RunID    // a resend of the same run's email keeps its Message-ID
	DashboardURL   string
	WebsiteURL     string
	SetPasswordURL string // "" when the owner has a password already
	Live           bool   // shoppers may enter; Opening soon otherwise
	Confirmed      bool   // the address is known to be the owner's
}

// Welcome returns the email about a new shop, with the link that sets the owner's password.
func (c Composer) Welcome(d WelcomeData) (orbit.Email, error) {
	subject := "Your shop is ready"
	if d.Confirmed {
		subject = d.Merchant.Name + " is ready"
	}
	m := message{
		Subject:  subject,
		Title:    d.Merchant.Name + " is ready",
		Greeting: "Hello " + d.Merchant.OwnerName + ",",
		Facts: []fact{
			{Label: "Website", Value: d.WebsiteURL, Link: true},
			{Label: "Dashboard", Value: d.DashboardURL, Link: true},
			{Label: "Merchant ID", Value: d.Merchant.Code, Mono: true},
		},
		Steps:   steps{Title: "Next steps"},
		Closing: "Include your merchant ID when you contact us. It isn't a secret.",
		Why:     "You're receiving this email because you applied for a shop on ORBIT360.",
	}
	if d.SetPasswordURL != "" {
		m.Preheader = "Set a password to open your dashboard."
		m.Button = link{"Set your password", d.SetPasswordURL}
		m.Note = fmt.Sprintf(
			"The link works once, for %s. If it has expired, choose “Forgot your password?” on the sign-in page.",
			span(orbit.SetPasswordFor))
		m.Steps.add("Set your password", "You'll be signed in to your dashboard right away.")
	} else {
		m.Preheader = "Sign in with your password."
		m.Button = link{"Sign in to your dashboard", d.DashboardURL + "/onboarding"}
		m.Note = "Use your existing password. You sign in once for all your shops."
		m.Steps.add("Sign in", "Your dashboard shows what's done and what's next.")
	}
	parts := step{"Set up your store", "Business info, branding, payments, marketing, products and website: six short " +
		"parts, in any order. Everything is saved as you type."}
	if d.Live {
		m.Words = []string{"Your shop is live. Shoppers can visit it now."}
		m.Steps.Items = append(m.Steps.Items, parts)
	} else {
		m.Words = []string{"Your shop is set up. Until you go live, visitors see an “Opening soon” page."}
		m.Steps.Items = append(m.Steps.Items, parts,
			step{"Go live", "Open your shop to shoppers with one click."})
	}
	return c.compose("welcome."+d.RunID.String(), d.Merchant.ID, d.Merchant.Email, m)
}

// ResetData is a request for a new password.
type ResetData struct {
	Request int64 // its number
	Name    string
	Email   string
	URL     string // the one-time link
}

// ResetPassword returns the email with the one-time link that sets a new password.
func (c Composer) ResetPassword(d ResetData) (orbit.Email, error) {
	// The Message-ID is the request's: an email composed again after a crash has another link and the same ID.
	sum := sha256.Sum256(fmt.Appendf(nil, "password %d %s", d.Request, d.Email))
	return c.compose("password."+hex.EncodeToString(sum[:12]), orbit.MerchantID{}, d.Email, message{
		Subject:   "Set a new password",
		Preheader: "The link works once, for " + span(orbit.ResetPasswordFor) + ".",
		Title:     "Set a new password",
		Greeting:  "Hello " + d.Name + ",",
		Words: []string{
			"Someone, hopefully you, asked to reset the password for this email address. It doesn't change until you set a " +
				"new one."},
		Button: link{"Set a new password", d.URL},
		Note: "The link works once, for " + span(orbit.ResetPasswordFor) +
			". Setting a password signs you out everywhere else.",
		Steps: steps{"Next steps", []step{
			{"Open the link", "Choose a password of at least 10 characters."},
			{"Continue where you were", "You'll be signed in right away."},
		}},
		Why: "You're receiving this email because someone asked to reset your password. If it wasn't you, ignore it: your " +
			"password can't change without this link.",
	})
}

// unlinked returns a shopper's words if they have no link. The shopper typed the recipient's address too, and a link
// would seem to come from the shop.
func unlinked(s string) string {
	if orbit.HasLink(s) {
		return "See your order's page."
	}
	return s
}

func (s *steps) add(name, detail string) { s.Items = append(s.Items, step{name, detail}) }

// span returns a duration in the unit that fits: "7 days", "an hour".
func span(d time.Duration) string {
	switch {
	case d == time.Hour:
		return "an hour"
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

func (c Composer) messageID(about string) string { return "<" + about + "@" + c.Addresses.Base + ">" }

// compose returns the email with both forms of the message. about is its Message-ID's first part: unique to what the
// email is about, and the same each time.
func (c Composer) compose(about string, merchant orbit.MerchantID, to string, m message) (orbit.Email, error) {
	m.Subject = oneLine(m.Subject)
	if m.Platform.URL == "" {
		m.Platform = link{"ORBIT360", c.Addresses.Site("/")}
	} else {
		m.Shop = m.Platform.Label
	}
	var html bytes.Buffer
	if err := messageHTML(m).Render(context.Background(), &html); err != nil {
		return orbit.Email{}, fmt.Errorf("mail: %w", err)
	}
	return orbit.Email{
		MessageID:  c.messageID(about),
		MerchantID: merchant,
		Recipient:  oneLine(to),
		Subject:    m.Subject,
		HTML:       html.String(),
		Text:       m.text(),
		Status:     c.Status,
	}, nil
}

// oneLine returns what stands in a header as one line, however it came in: a line break there would begin another
// header.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}
