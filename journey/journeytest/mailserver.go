package journeytest

import (
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// MailServer is a real SMTP server that keeps what it takes and refuses the first few emails for the moment,
// as greylisting does.
type MailServer struct {
	Refuse int // how many

	mu     sync.Mutex
	emails []string
}

// NewSession takes a connection, as go-smtp asks for it.
func (s *MailServer) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &mailSession{server: s}, nil
}

type mailSession struct {
	server *MailServer
	to     string
}

func (s *mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *mailSession) Reset()                               {}
func (s *mailSession) Logout() error                        { return nil }

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.Refuse > 0 {
		s.server.Refuse--
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Greylisted, come back later"}
	}
	s.to = to
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.emails = append(s.server.emails, s.to+"\n"+string(content))
	return nil
}

// Listen has the server take emails at an address until the test ends, and returns the one that it got.
func (s *MailServer) Listen(t *testing.T, address string) string {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(s)
	server.Domain = "mail.example"
	go func() { _ = server.Serve(l) }() // ends with an error of no interest when closed
	t.Cleanup(func() { _ = server.Close() })
	return l.Addr().String()
}

// Email waits until the server has an email to somebody with these words in it, and returns its text.
func (p *Program) Email(s *MailServer, to, words string) (text string) {
	p.t.Helper()
	p.Until("an email to "+to+" that says "+words, func() bool {
		for _, e := range s.Received() {
			if was, content, _ := strings.Cut(e, "\n"); was == to {
				if text = plainText(p.t, content); strings.Contains(text, words) {
					return true
				}
			}
		}
		return false
	})
	return text
}

// plainText returns the words of the first part of an email.
func plainText(t *testing.T, content string) string {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatal(kind, err)
	}
	part, err := multipart.NewReader(m.Body, params["boundary"]).NextPart() // which decodes it
	if err != nil || !strings.HasPrefix(part.Header.Get("Content-Type"), "text/plain") {
		t.Fatal(err, part)
	}
	text, err := io.ReadAll(part)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

// Received returns all emails so far, each behind a line with its recipient.
func (s *MailServer) Received() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.emails...)
}
