package orbit

import "time"

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
