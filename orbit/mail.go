package orbit

import (
	"regexp"
	"time"
)

// MailStatus is how far a mail has come.
type MailStatus string

// The statuses of a mail.
const (
	MailQueued MailStatus = "queued"
	MailSent   MailStatus = "sent"   // a server has accepted it
	MailLocal  MailStatus = "local"  // kept in the local mailbox: no SMTP is configured
	MailFailed MailStatus = "failed" // refused for good, or given up
)

// Mail is one message to one person. Its MessageID never changes, however often it is sent.
type Mail struct {
	ID         MailID `bun:",pk"`
	MessageID  string
	MerchantID MerchantID `bun:",nullzero"`
	Recipient  string
	Subject    string
	HTML       string
	Text       string
	Status     MailStatus
	Attempts   int
	Error      string `bun:",nullzero"`
	CreatedAt  time.Time
	SentAt     time.Time `bun:",nullzero"`
}

// secretLink is the end of a URL that opens something to anyone who has it: a token of 43 characters (store.Token).
var secretLink = regexp.MustCompile(`/[A-Za-z0-9_-]{43}([^A-Za-z0-9_-]|$)`)

// Redacted is the email without the links that are its reader's alone. Emails that have ended are stored so; one that
// waits to be sent still holds them.
func (m Mail) Redacted() Mail {
	m.HTML = secretLink.ReplaceAllString(m.HTML, "/(link removed)$1")
	m.Text = secretLink.ReplaceAllString(m.Text, "/(link removed)$1")
	return m
}
