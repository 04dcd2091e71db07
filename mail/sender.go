package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"orbit360.app/orbit"
)

// How long a mail server may take: for the way to the point where it takes emails, for the email, and in all.
const (
	dialTimeout = 10 * time.Second
	sendTimeout = 20 * time.Second
	wholeTime   = 30 * time.Second
)

// Sender hands emails to one mail server, each over a connection of its own. It is safe for concurrent use.
type Sender struct {
	server Server
	from   netmail.Address
	roots  *x509.CertPool // nil: the machine's

	abilities abilities
	probing   sync.Mutex
}

// NewSender returns a sender that sends through server in the name of from.
func NewSender(server Server, from netmail.Address) *Sender {
	from.Address, _ = asciiDomain(from.Address)
	return &Sender{server: server, from: from}
}

// Send gives one email to the server. It returns nil once the server has taken it, even if the connection breaks after
// that. The error is an orbit.Error that people may read; it is marked orbit.Permanent when the server has
// refused the recipient or the message for good, or when the email could never be sent. Everything else, such as
// greylisting, a lost connection or a refused sign-in, is worth another try. A connection that broke while the email
// was being taken may mean that it went out: the next try carries the same Message-ID.
func (s *Sender) Send(ctx context.Context, m orbit.Email) error {
	msg, err := s.message(m)
	if err != nil {
		return orbit.Permanent(err)
	}
	ctx, cancel := context.WithTimeout(ctx, wholeTime)
	defer cancel()
	return s.connected(ctx, func(client *gomail.Client) error {
		smtp, err := client.DialToSMTPClientWithContext(ctx)
		if err != nil {
			return s.unreachable(ctx, err)
		}
		utf8, _ := smtp.Extension("SMTPUTF8")
		s.abilities.learn(utf8, true)
		if !utf8 && needsUTF8(m.Recipient) {
			_ = smtp.Quit()
			return orbit.Permanent(orbit.Errorf(orbit.Conflict,
				"The mail server doesn't take addresses with letters beyond ASCII before the @ (SMTPUTF8)."))
		}
		err = client.SendWithSMTPClient(smtp, msg)
		if msg.IsDelivered() {
			// The server has said yes. A broken goodbye must not send the email twice.
			if smtp.UpdateDeadline(2*time.Second) == nil {
				_ = smtp.Quit()
			}
			return nil
		}
		return s.refused(ctx, err)
	})
}

// connected calls do with a client; the connection is closed when do returns, or ctx ends.
func (s *Sender) connected(ctx context.Context, do func(*gomail.Client) error) error {
	// go-mail looks at the context while dialing only, and leaves the connection open when greeting, TLS or sign-in fail.
	// So the connection is watched and closed here.
	var conn net.Conn
	stop := func() bool { return true }
	defer func() {
		stop()
		if conn != nil {
			_ = conn.Close() // the email is out, or there is an error already
		}
	}()
	dial := func(dialing context.Context, network, address string) (net.Conn, error) {
		c, err := s.dial(dialing, network, address)
		if err == nil {
			conn = c
			stop = context.AfterFunc(ctx, func() { _ = c.Close() })
		}
		return c, err
	}
	client, err := s.client(dial)
	if err != nil {
		return s.unreachable(ctx, err)
	}
	return do(client)
}

func (s *Sender) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout}
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c = &boundedConn{Conn: c, left: maxAnswers}
	if s.server.TLS != TLSImplicit {
		return c, nil
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	encrypted := tls.Client(c, s.tlsConfig())
	if err := encrypted.HandshakeContext(ctx); err != nil {
		_ = c.Close() // the handshake's error says why
		return nil, err
	}
	return encrypted, nil
}

// maxAnswers bounds all that a mail server says over one connection, its certificates with it. A good one says a few
// kilobytes; go-mail takes lines, and answers of many lines, of any length.
const maxAnswers = 256 << 10

var errChatter = errors.New("mail: the server says more than any mail server has to say")

// boundedConn is a connection that ends when the other side has said too much. One goroutine reads it.
type boundedConn struct {
	net.Conn
	left int
}

// Read reads until the bound is reached.
func (c *boundedConn) Read(b []byte) (int, error) {
	if c.left <= 0 {
		return 0, errChatter
	}
	n, err := c.Conn.Read(b[:min(len(b), c.left)])
	c.left -= n
	return n, err
}

func (s *Sender) tlsConfig() *tls.Config {
	// Opportunistic encryption keeps listeners out, not impostors, who could as well offer none (RFC 7435, section 3):
	// asking for a good certificate would only turn emails away. A password goes to a proven server alone, this machine
	// aside.
	anybody := s.server.TLS == TLSOpportunistic && (s.server.User == "" || s.server.loopback())
	// nolint:gosec // see above
	return &tls.Config{ServerName: s.server.Host, MinVersion: tls.VersionTLS12, RootCAs: s.roots,
		InsecureSkipVerify: anybody}
}

func (s *Sender) client(dial gomail.DialContextFunc) (*gomail.Client, error) {
	_, domain, _ := strings.Cut(s.from.Address, "@")
	opts := []gomail.Option{
		gomail.WithPort(s.server.Port), gomail.WithTimeout(sendTimeout), gomail.WithHELO(domain),
		gomail.WithTLSConfig(s.tlsConfig()), gomail.WithDialContextFunc(dial), gomail.WithoutNoop(), gomail.WithoutRset(),
	}
	switch s.server.TLS {
	case TLSImplicit:
		opts = append(opts, gomail.WithSSL())
	case TLSMandatory:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLSOpportunistic:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	default:
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.server.User != "" {
		// PLAIN and LOGIN refuse an unencrypted connection themselves, loopback aside.
		opts = append(opts, gomail.WithUsername(s.server.User), gomail.WithPassword(s.server.password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthPlain,
				gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5))
	}
	return gomail.NewClient(s.server.Host, opts...)
}

// message returns the email as it travels: text and HTML as one multipart/alternative, its Message-ID and date.
func (s *Sender) message(m orbit.Email) (*gomail.Msg, error) {
	id := strings.TrimSuffix(strings.TrimPrefix(m.MessageID, "<"), ">")
	// However the email came into the database, no line break gets from it into a header.
	if strings.ContainsFunc(id+m.Subject+m.Recipient, unicode.IsControl) || id == "" || strings.ContainsAny(id, "<> ") {
		return nil, orbit.Errorf(orbit.Invalid,
			"This email can't be sent: its subject, recipient or Message-ID contains characters that headers don't allow.")
	}
	to, err := netmail.ParseAddress(m.Recipient)
	if err != nil || to.Address != m.Recipient {
		return nil, orbit.Errorf(orbit.Invalid, "This email can't be sent: the recipient isn't an email address.")
	}
	var ok bool
	if to.Address, ok = asciiDomain(to.Address); !ok {
		return nil, orbit.Errorf(orbit.Invalid, "This email can't be sent: the recipient's domain isn't valid.")
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	from := s.from
	msg.SetAddrHeaderFromMailAddress(gomail.HeaderFrom, &from)
	msg.SetAddrHeaderFromMailAddress(gomail.HeaderTo, to)
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(id)
	at := m.CreatedAt
	if at.IsZero() {
		at = time.Now()
	}
	msg.SetDateWithValue(at.UTC())
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers, please
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg, nil
}

// unreachable returns an error of the way to the server: worth another try, as mending it doesn't touch the email.
func (s *Sender) unreachable(ctx context.Context, err error) error {
	message := "The mail server at " + s.server.address() + " can't be reached."
	_, unknown := errors.AsType[*net.DNSError](err)
	_, cert := errors.AsType[*tls.CertificateVerificationError](err)
	switch reply := replyText(err); {
	case ctx.Err() != nil || isTimeout(err):
		message = "The mail server at " + s.server.address() + " took too long to answer."
	case cert:
		message = "The mail server at " + s.server.address() + " shows a certificate that can't be trusted."
	case unknown:
		message = "The mail server's name " + s.server.Host + " isn't known."
	case strings.Contains(err.Error(), "AUTH"):
		message = "The mail server didn't accept user and password" + reply + "."
	case strings.Contains(err.Error(), "STARTTLS"):
		message = "The mail server at " + s.server.address() + " offers no encryption."
	case reply != "":
		message = "The mail server refused the connection" + reply + "."
	}
	return orbit.Wrap(orbit.Unavailable, s.hide(err), message)
}

// refused returns the error for what the server said to this email.
func (s *Sender) refused(ctx context.Context, err error) error {
	e, ok := errors.AsType[*gomail.SendError](err)
	if !ok || e.ErrorCode() == 0 {
		if ctx.Err() != nil || isTimeout(err) {
			return orbit.Wrap(orbit.Unavailable, s.hide(err), "The mail server took too long to take the email.")
		}
		return orbit.Wrap(orbit.Unavailable, s.hide(err), "The connection broke before the mail server had taken the email.")
	}
	code, reply := e.ErrorCode(), replyText(err)
	what := "this email"
	if e.Reason == gomail.ErrSMTPRcptTo {
		what = "the recipient"
	}
	// A refused sender is a matter of set-up: once mended, the email goes out. Not so one that is too large (552).
	mended := e.Reason == gomail.ErrSMTPMailFrom && code != 552
	if mended {
		what = "our sender address"
	}
	if code < 500 {
		return orbit.Wrap(orbit.Unavailable, s.hide(err), "The mail server doesn't take "+what+" for now"+reply+".")
	}
	out := orbit.Wrap(orbit.Conflict, s.hide(err), "The mail server refused "+what+reply+".")
	if mended {
		return out
	}
	return orbit.Permanent(out)
}

func isTimeout(err error) bool {
	n, ok := errors.AsType[net.Error](err)
	return ok && n.Timeout() || errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "i/o timeout")
}

// hide takes the password out of an error that goes to the log, should a server or a library ever repeat it.
func (s *Sender) hide(err error) error {
	if s.server.password == "" || !strings.Contains(err.Error(), s.server.password) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), s.server.password, "***"))
}

// replyText returns what the server said, as ": 550 5.1.1 no such user"; "" where it said nothing. It is text from
// outside: one line, and not too long.
func replyText(err error) string {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		for i := 0; i+4 <= len(line); i++ {
			if (i == 0 || line[i-1] == ' ') && (line[i] == '4' || line[i] == '5') && digit(line[i+1]) && digit(line[i+2]) &&
				line[i+3] == ' ' {
				said := line[i+4:]
				// textproto quotes what a server said.
				if quoted, err := strconv.QuotedPrefix(said); err == nil {
					said, _ = strconv.Unquote(quoted)
				}
				return ": " + line[i:i+4] + strings.TrimRight(shorten(oneLine(said), 160), ". ")
			}
		}
	}
	return ""
}

func digit(b byte) bool { return b >= '0' && b <= '9' }

func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
