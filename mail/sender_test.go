package mail

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"orbit360.app/orbit"
)

func TestSendDeliversBothForms(t *testing.T) {
	t.Parallel()
	s := serveSMTP(t, nil)
	m := emails(t)["welcome"]
	m.Subject = "Söhne & 日本 is ready 🎉 " + strings.Repeat("long ", 20)
	m.CreatedAt = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for range 2 {
		if err := sender(t, s.url()).Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	got := s.received()
	if len(got) != 2 || got[0].from != "no-reply@orbit360.app" || got[0].to != m.Recipient {
		t.Fatalf("%+v", got)
	}
	for _, g := range got {
		email, err := netmail.ReadMessage(strings.NewReader(g.raw))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(email.Header.Get("Subject"))
		if err != nil || strings.TrimSpace(subject) != strings.TrimSpace(m.Subject) {
			t.Errorf("subject %q, %v", subject, err)
		}
		for header, want := range map[string]string{"Message-Id": m.MessageID, "From": `"ORBIT360" <no-reply@orbit360.app>`,
			"To":   "<" + m.Recipient + ">",
			"Date": "Wed, 04 Mar 2026 05:06:07 +0000", "Auto-Submitted": "auto-generated"} {
			if email.Header.Get(header) != want {
				t.Errorf("%s: %q, want %q", header, email.Header.Get(header), want)
			}
		}
		if text, html := parts(t, email); text != m.Text || html != m.HTML {
			t.Errorf("the parts changed on the way:\n%s", text)
		}
	}
}

// parts reads the two forms out of a multipart/alternative.
func parts(t *testing.T, m *netmail.Message) (text, html string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatal(kind, err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for i := range 2 {
		p, err := r.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		s := strings.ReplaceAll(string(body), "\r\n", "\n")
		switch want := []string{"text/plain; charset=UTF-8", "text/html; charset=UTF-8"}[i]; {
		case p.Header.Get("Content-Type") != want:
			t.Errorf("part %d is %s", i, p.Header.Get("Content-Type"))
		case i == 0:
			text = s
		default:
			html = s
		}
	}
	return text, html
}

func TestSendClassifiesErrors(t *testing.T) {
	t.Parallel()
	refuse := func(code int, a, b, c int, text string) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{a, b, c}, Message: text}
	}
	m := emails(t)["applied"]
	for name, tc := range map[string]struct {
		set       func(*smtpServer)
		permanent bool
		says      string
	}{
		"greylisted": {func(s *smtpServer) { s.onRcpt = refuse(450, 4, 2, 0, "Greylisted, come back later") }, false,
			"for now: 450 4.2.0 Greylisted"},
		"too busy at data": {func(s *smtpServer) {
			s.onData = func(*smtp.Conn) error {
				return refuse(451, 4, 3, 0,
					"Busy")
			}
		}, false, "for now: 451"},
		"no such recipient": {func(s *smtpServer) { s.onRcpt = refuse(550, 5, 1, 1, "No such user") }, true,
			"refused the recipient: 550 5.1.1 No such user"},
		"taken for spam": {func(s *smtpServer) {
			s.onData = func(*smtp.Conn) error {
				return refuse(554, 5, 7, 1,
					"Spam")
			}
		}, true, "refused this email: 554"},
		"too large": {func(s *smtpServer) { s.onMail = refuse(552, 5, 3, 4, "Too large") }, true,
			"refused this email: 552"},
		"sender refused": {func(s *smtpServer) { s.onMail = refuse(550, 5, 7, 1, "Not yours") }, false,
			"refused our sender address: 550"},
		"dropped at data": {func(s *smtpServer) {
			s.onData = func(c *smtp.Conn) error { return errors.Join(errors.New("gone"), c.Conn().Close()) }
		}, false, "connection broke"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serveSMTP(t, tc.set)
			err := sender(t, s.url()).Send(t.Context(), m)
			if err == nil || orbit.IsPermanent(err) != tc.permanent || !strings.Contains(orbit.Sentence(err), tc.says) {
				t.Errorf("permanent %v: %q (%v)", orbit.IsPermanent(err), orbit.Sentence(err), err)
			}
			if len(s.received()) != 0 {
				t.Error("the email went out")
			}
		})
	}
}

func TestSendNobodyThere(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "smtp://" + l.Addr().String()
	l.Close()
	for _, url := range []string{url, "smtp://mail.does-not-exist.invalid:25"} {
		if err := sender(t, url).Send(t.Context(), emails(t)["applied"]); err == nil || orbit.IsPermanent(err) ||
			orbit.CodeOf(err) != orbit.Unavailable {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// A server that never answers, or that dribbles, is left when the context ends, before any timeout of go-mail's.
func TestSendLeavesTarpits(t *testing.T) {
	t.Parallel()
	for name, talk := range map[string]func(net.Conn){ // what it says before it falls silent
		"silent":  func(net.Conn) {},
		"dribble": func(c net.Conn) { _, _ = c.Write([]byte("220-wait\r\n")) },
		"stuck at rcpt": func(c net.Conn) {
			_, _ = c.Write([]byte("220 mx.test\r\n"))
			r := bufio.NewReader(c)
			for range 2 {
				_, _ = r.ReadString('\n')
				_, _ = c.Write([]byte("250 mx.test\r\n"))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { l.Close() })
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			left := make(chan struct{})
			go func() {
				defer close(left)
				c, err := l.Accept()
				if err != nil {
					return
				}
				defer c.Close()
				talk(c)
				cancel()
				_, _ = io.Copy(io.Discard, c)
			}()
			err = sender(t, "smtp://"+l.Addr().String()).Send(ctx, emails(t)["applied"])
			if err == nil || orbit.IsPermanent(err) || !strings.Contains(orbit.Sentence(err), "too long") {
				t.Errorf("%v", err)
			}
			// It may not have known yet that it was connected.
			if said := fmt.Sprint(err); !strings.Contains(said, net.ErrClosed.Error()) &&
				!strings.Contains(said, "operation was canceled") {
				t.Errorf("it wasn't the context that ended it: %v", err)
			}
			select {
			case <-left: // the connection was closed, not left open
			case <-time.After(20 * time.Second):
				t.Error("the connection stays open")
			}
		})
	}
}

// A server that never stops talking, in one line or in many, is left after what no mail server has to say.
func TestSendLeavesTalkers(t *testing.T) {
	t.Parallel()
	for name, endless := range map[string]string{"one line": strings.Repeat("x", 4096),
		"many lines": strings.Repeat("220-wait\r\n", 400)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { l.Close() })
			said := make(chan int64, 1)
			go func() {
				c, err := l.Accept()
				if err != nil {
					return
				}
				defer c.Close()
				_, _ = io.WriteString(c, "220-")
				var n int64
				for n < 64<<20 {
					written, err := io.WriteString(c, endless)
					if n += int64(written); err != nil {
						break
					}
				}
				said <- n
			}()
			err = sender(t, "smtp://"+l.Addr().String()).Send(t.Context(), emails(t)["applied"])
			if err == nil || orbit.IsPermanent(err) || orbit.CodeOf(err) != orbit.Unavailable || !errors.Is(err, errChatter) {
				t.Errorf("%v", err)
			}
			if n := <-said; n >= 64<<20 {
				t.Errorf("it was heard out: %d bytes", n)
			}
		})
	}
}

// Once the server has said 250, nothing after it makes the email go out again.
func TestSendIsDoneWhenTheServerSaysSo(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.WriteString(c, "220 mx.test\r\n")
		r, body := bufio.NewReader(c), false
		for {
			line, err := r.ReadString('\n')
			switch {
			case err != nil:
				return
			case body && line == ".\r\n":
				_, _ = io.WriteString(c, "250 taken\r\n")
				return // and no goodbye
			case body:
			case strings.HasPrefix(line, "DATA"):
				body = true
				_, _ = io.WriteString(c, "354 go\r\n")
			default:
				_, _ = io.WriteString(c, "250 ok\r\n")
			}
		}
	}()
	if err := sender(t, "smtp://"+l.Addr().String()).Send(t.Context(), emails(t)["applied"]); err != nil {
		t.Error(err)
	}
}

func TestSendSignsInOverTLS(t *testing.T) {
	t.Parallel()
	cert, roots := certificate(t)
	for name, tc := range map[string]struct {
		url      func(*smtpServer) string
		implicit bool
		password string
		trusted  bool
		says     string // "" is delivered
	}{
		"STARTTLS": {func(s *smtpServer) string {
			return "smtp://ada:s3cret%2F@" + s.addr.String() + "?tls=mandatory"
		}, false, "s3cret/", true, ""},
		"from the first byte": {func(s *smtpServer) string { return "smtps://ada:s3cret%2F@" + s.addr.String() }, true,
			"s3cret/", true, ""},
		"unknown authority": {func(s *smtpServer) string {
			return "smtp://ada:s3cret%2F@" + s.addr.String() +
				"?tls=mandatory"
		}, false, "s3cret/", false, "certificate"},
		"wrong password": {func(s *smtpServer) string { return "smtps://ada:wr0ng-one@" + s.addr.String() }, true,
			"s3cret/", true, "user and password: 535"},
		// A server on this machine with a certificate of its own making is the usual case.
		"self-made here": {func(s *smtpServer) string { return s.url() }, false, "", false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serveSMTP(t, func(s *smtpServer) {
				s.password = tc.password
				s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
			})
			address := tc.url(s)
			if tc.implicit {
				l := tls.NewListener(must(net.Listen("tcp", "127.0.0.1:0")), s.TLSConfig)
				address = strings.Replace(address, strconv.Itoa(s.addr.Port), strconv.Itoa(l.Addr().(*net.TCPAddr).Port), 1)
				go func() { _ = s.Serve(l) }()
			}
			from := sender(t, address)
			if tc.trusted {
				from.roots = roots
			}
			err := from.Send(t.Context(), emails(t)["applied"])
			if tc.says == "" {
				if err != nil || len(s.received()) != 1 || !s.received()[0].encoded {
					t.Errorf("%v, %+v", err, s.received())
				}
				return
			}
			if err == nil || orbit.IsPermanent(err) || !strings.Contains(orbit.Sentence(err), tc.says) ||
				len(s.received()) != 0 {
				t.Errorf("%q (%v)", orbit.Sentence(err), err)
			}
			if err != nil && (strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "wr0ng")) {
				t.Error("the error shows the password")
			}
		})
	}
}

func TestSendWantsEncryptionWhereItIsMandatory(t *testing.T) {
	t.Parallel()
	s := serveSMTP(t, nil)
	err := sender(t, s.url()+"?tls=mandatory").Send(t.Context(), emails(t)["applied"])
	if err == nil || orbit.IsPermanent(err) || !strings.Contains(orbit.Sentence(err), "no encryption") ||
		len(s.received()) != 0 {
		t.Error(err)
	}
}

func TestSendRefusesHeadersWithLineBreaks(t *testing.T) {
	t.Parallel()
	s := serveSMTP(t, nil)
	for name, change := range map[string]func(*orbit.Email){
		"subject":         func(m *orbit.Email) { m.Subject = "Hi\r\nBcc: all@example.com" },
		"recipient":       func(m *orbit.Email) { m.Recipient = "a@example.com\r\nBcc: b@example.com" },
		"two recipients":  func(m *orbit.Email) { m.Recipient = "a@example.com, b@example.com" },
		"named recipient": func(m *orbit.Email) { m.Recipient = "A <a@example.com>" },
		"message id":      func(m *orbit.Email) { m.MessageID = "<x@y>\r\nBcc: b@example.com" },
		"no message id":   func(m *orbit.Email) { m.MessageID = "" },
	} {
		m := emails(t)["applied"]
		change(&m)
		if err := sender(t, s.url()).Send(t.Context(), m); !orbit.IsPermanent(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(s.received()) != 0 {
		t.Error("an email went out")
	}
}

// certificate is one for 127.0.0.1 of an authority made for this test.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mx.test"},
		NotBefore: time.Now().Add(-time.Hour),
		NotAfter:  time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true,
		BasicConstraintsValid: true}
	der := must(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key))
	roots := x509.NewCertPool()
	roots.AddCert(must(x509.ParseCertificate(der)))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
