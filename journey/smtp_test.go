package journey

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

// mailServer is a real SMTP server that keeps what it takes and refuses the first few emails for the moment,
// as greylisting does.
type mailServer struct {
	mu     sync.Mutex
	refuse int
	emails []string
}

func (s *mailServer) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &mailSession{server: s}, nil
}

type mailSession struct {
	server *mailServer
	to     string
}

func (s *mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *mailSession) Reset()                               {}
func (s *mailSession) Logout() error                        { return nil }

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.refuse > 0 {
		s.server.refuse--
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

// listen has the server take emails at an address until the test ends, and returns the one that it got.
func (s *mailServer) listen(t *testing.T, address string) string {
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

// email waits until the server has an email to somebody with these words in it, and returns its text.
func (p *program) email(s *mailServer, to, words string) (text string) {
	p.t.Helper()
	p.until("an email to "+to+" that says "+words, func() bool {
		for _, e := range s.received() {
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

func (s *mailServer) received() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.emails...)
}

// TestMailByServer sends the welcome email through a server that is away at first and then greylists. The run
// doesn't wait for any of it, and one email arrives.
func TestMailByServer(t *testing.T) {
	t.Parallel()
	server := &mailServer{refuse: 1}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil { // away: nothing listens there yet
		t.Fatal(err)
	}
	p := install(t, "SMTP_URL=smtp://"+address+"?tls=none", "MAIL_FROM=Orbit <hello@orbit.example>")
	p.start()
	pool := p.database()
	id := applicants(t, pool, 1)[0]
	admin := p.client()
	admin.signIn()
	admin.must(303, "admin", "/merchants/"+id.String()+"/activation", "theme", "upfront-modern", "plan", "starter",
		"subdomain", "mailed", "category", "books")
	eventually(t, "the run completed without the mail server", func() bool {
		return count(t, pool, `SELECT count(*) FROM merchant_provisionings WHERE status = 'COMPLETED'`) == 1
	})
	eventually(t, "a first try to send", func() bool {
		return count(t, pool, `SELECT count(*) FROM emails
			WHERE status = 'queued' AND attempts > 0 AND error IS NOT NULL`) == 1
	})
	server.listen(t, address)
	eventually(t, "the email is sent", func() bool {
		return count(t, pool, `SELECT count(*) FROM emails WHERE status = 'sent'`) == 1
	})
	emails := server.received()
	if len(emails) != 1 {
		t.Fatalf("%d emails", len(emails))
	}
	for _, want := range []string{"owner0@example.com", "From: \"Orbit\" <hello@orbit.example>", "Message-ID: <welcome.",
		"multipart/alternative"} {
		if !strings.Contains(strings.ReplaceAll(emails[0], "Message-Id", "Message-ID"), want) {
			t.Errorf("the email lacks %q:\n%.1500s", want, emails[0])
		}
	}
	if !strings.Contains(emails[0], "/password/") {
		t.Error("the email that went out lacks its link")
	}
	if n := count(t, pool, `SELECT count(*) FROM emails WHERE html ~ '/password/[A-Za-z0-9_-]{43}'
		OR text ~ '/password/[A-Za-z0-9_-]{43}'`); n != 0 {
		t.Error("the one-time link is still there for admins to read")
	}
	if body, _ := admin.must(200, "admin", "/emails"); !strings.Contains(body, "owner0@example.com") {
		t.Error("the email isn't listed")
	}
}
