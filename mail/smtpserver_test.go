package mail

import (
	"io"
	"net"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// A real SMTP server that does as the test says.
type smtpServer struct {
	*smtp.Server
	addr *net.TCPAddr

	onMail, onRcpt error
	onData         func(*smtp.Conn) error
	password       string // asks for it when set

	mu     sync.Mutex
	emails []received
}

type received struct {
	from, to string
	encoded  bool // came over TLS
	user     string
	raw      string
}

func (s *smtpServer) received() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.emails
}

type smtpSession struct {
	server *smtpServer
	conn   *smtp.Conn
	email  received
}

func (s *smtpSession) Reset()        {}
func (s *smtpSession) Logout() error { return nil }
func (s *smtpSession) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.password != "" && s.email.user == "" {
		return smtp.ErrAuthRequired
	}
	s.email.from = from
	return s.server.onMail
}
func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.email.to = to
	return s.server.onRcpt
}
func (s *smtpSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.server.onData != nil {
		if err := s.server.onData(s.conn); err != nil {
			return err
		}
	}
	_, s.email.encoded = s.conn.TLSConnectionState()
	s.email.raw = string(raw)
	s.server.mu.Lock()
	s.server.emails = append(s.server.emails, s.email)
	s.server.mu.Unlock()
	return nil
}
func (s *smtpSession) AuthMechanisms() []string {
	if s.server.password == "" {
		return nil
	}
	return []string{sasl.Plain}
}
func (s *smtpSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != s.server.password {
			return smtp.ErrAuthFailed
		}
		s.email.user = user
		return nil
	}), nil
}

func serveSMTP(t *testing.T, set func(*smtpServer)) *smtpServer {
	t.Helper()
	s := &smtpServer{}
	s.Server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &smtpSession{server: s, conn: c}, nil
	}))
	s.Domain, s.EnableSMTPUTF8, s.ErrorLog = "mx.test", true, quiet{}
	if set != nil {
		set(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().(*net.TCPAddr)
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return s
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func sender(t *testing.T, url string) *Sender {
	t.Helper()
	server, err := ParseSMTPURL(url)
	if err != nil {
		t.Fatal(err)
	}
	from, err := ParseFrom("ORBIT360 <no-reply@orbit360.app>")
	if err != nil {
		t.Fatal(err)
	}
	return NewSender(server, from)
}

func (s *smtpServer) url() string { return "smtp://" + s.addr.String() }
