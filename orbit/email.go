package orbit

import (
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// EmailStatus is how far an email has come.
type EmailStatus string

// The statuses of an email.
const (
	EmailQueued EmailStatus = "queued"
	EmailSent   EmailStatus = "sent"   // a server has accepted it
	EmailLocal  EmailStatus = "local"  // kept in the local mailbox: no SMTP is configured
	EmailFailed EmailStatus = "failed" // refused for good, or given up
)

// EmailStatuses returns all of them.
func EmailStatuses() Terms[EmailStatus] {
	return Terms[EmailStatus]{
		{EmailQueued, "Queued"},
		{EmailSent, "Delivered"},
		{EmailFailed, "Failed"},
		{EmailLocal, "Not sent"},
	}
}

// Name is the status in words.
func (s EmailStatus) Name() string { return EmailStatuses().Name(s) }

// Email is one message to one person. Its MessageID never changes, however often it is sent.
type Email struct {
	ID         EmailID `bun:",pk"`
	MessageID  string
	MerchantID MerchantID `bun:",nullzero"`
	Recipient  string
	Subject    string
	HTML       string
	Text       string
	Status     EmailStatus
	Attempts   int
	Error      string `bun:",nullzero"`
	CreatedAt  time.Time
	SentAt     time.Time `bun:",nullzero"`
}

// secretLink is the end of a URL that opens something to anyone who has it: a token of 43 characters (pg.Token).
var secretLink = regexp.MustCompile(`/[A-Za-z0-9_-]{43}([^A-Za-z0-9_-]|$)`)

// Redacted is the email without the links that are its reader's alone. Emails that have ended are stored so; one that
// waits to be sent still holds them.
func (m Email) Redacted() Email {
	m.HTML = secretLink.ReplaceAllString(m.HTML, "/(link removed)$1")
	m.Text = secretLink.ReplaceAllString(m.Text, "/(link removed)$1")
	return m
}

// Mailbox is where mail to an address ends up, as well as it can be told from outside: upper case and what follows a
// plus sign make no other mailbox at the providers that most people use.
func Mailbox(email string) string {
	at := strings.LastIndexByte(email, '@')
	if at < 0 || !utf8.ValidString(email) {
		return strings.ToLower(email)
	}
	local, _, _ := strings.Cut(email[:at], "+")
	return strings.ToLower(local + email[at:])
}

// ParseEmail reads one bare address (RFC 5321: at most 254 octets, local part 64) with a dotted
// domain, and gives its stored form: without anything invisible, the domain in lower-case A-labels, the local part as
// typed.
func ParseEmail(s string) (string, error) {
	bad := &Error{Code: Invalid, Message: "Enter an email address such as name@example.com."}
	s = Plain(s)
	switch {
	case unfit(s, false) != "":
		return "", Errorf(Invalid, "An email address %s.", unfit(s, false))
	case strings.ContainsAny(s, "\t "):
		return "", Errorf(Invalid, "An email address can't contain spaces. Enter one such as name@example.com.")
	case len(s) > 254 || strings.ContainsAny(s, "<>(),;:\\\""):
		return "", bad
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return "", bad
	}
	at := strings.LastIndexByte(s, '@')
	local, domain := s[:at], s[at+1:]
	host, err := idnaProfile.ToASCII(domain)
	if err != nil || len(local) > 64 || !strings.Contains(host, ".") || !validHost(host) {
		return "", bad
	}
	return local + "@" + strings.ToLower(host), nil
}

// FindEmail is the address to look up for what somebody typed: its stored form, or, where that is no address, what was
// typed without anything invisible.
func FindEmail(typed string) string {
	if email, err := ParseEmail(typed); err == nil {
		return email
	}
	return Plain(typed)
}

func (f *Faults) email(field, value string) string {
	clean, err := ParseEmail(value)
	switch {
	case utf8.ValidString(value) && !Visible(Plain(value)):
		f.Add(field, "", "Email is required.")
	case err != nil:
		f.Add(field, value, "%s", Sentence(err))
	}
	return clean
}
