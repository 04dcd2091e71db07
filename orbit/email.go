package orbit

import (
	"regexp"
	"time"
)

// EmailStatus is how far a mail has come.
type EmailStatus string

// The statuses of a mail.
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
