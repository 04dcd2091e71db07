package mail

import (
	"bufio"
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"orbit360.app/orbit"
)

// An address with a non-ASCII local part is recognized before anything is promised to it, and never goes out bare.
func TestWithoutSMTPUTF8(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		utf8 bool
	}{{"with SMTPUTF8", true}, {"without", false}} {
		s := serveSMTP(t, func(s *smtpServer) { s.EnableSMTPUTF8 = tc.utf8 })
		sender := sender(t, s.url())
		for address, ok := range map[string]bool{"müller@example.com": tc.utf8, "ada@xn--mller-kva.example": true,
			"ada@example.com": true} {
			err := sender.Accepts(t.Context(), address)
			if (err == nil) != ok || err != nil && !strings.Contains(orbit.Sentence(err), "Enter another address") {
				t.Errorf("%s: %s: %v", tc.name, address, err)
			}
		}
		m := emails(t)["welcome"]
		m.Recipient = "müller@example.com"
		err := sender.Send(t.Context(), m)
		if got := s.received(); tc.utf8 && (err != nil || len(got) != 1 || got[0].to != m.Recipient) || !tc.utf8 &&
			(err == nil || !orbit.IsPermanent(err) || !strings.Contains(orbit.Sentence(err), "SMTPUTF8") || len(got) != 0) {
			t.Errorf("%s: %v %+v", tc.name, err, got)
		}
		// domains travel as A-labels, whatever the server can do
		m.Recipient = "ada@müller.example"
		if err := sender.Send(t.Context(), m); err != nil {
			t.Fatal(tc.name, err)
		}
		if got := s.received(); got[len(got)-1].to != "ada@xn--mller-kva.example" ||
			strings.Contains(got[len(got)-1].raw, "müller") {
			t.Errorf("%s: %+v", tc.name, got[len(got)-1])
		}
	}
}

// The server is asked once for many, and again only when its word is old.
func TestAskingTheServer(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var asked atomic.Int32
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			asked.Add(1)
			go func() {
				defer c.Close() //nolint:errcheck // a test's
				_, _ = c.Write([]byte("220 mx.test\r\n"))
				for lines := bufio.NewScanner(c); lines.Scan(); {
					answer := "250 mx.test\r\n"
					if strings.HasPrefix(lines.Text(), "QUIT") {
						answer = "221 bye\r\n"
					}
					_, _ = c.Write([]byte(answer))
				}
			}()
		}
	}()
	s := sender(t, "smtp://"+l.Addr().String())
	answers := make(chan error)
	for range 20 {
		go func() { answers <- s.Accepts(context.Background(), "müller@example.com") }()
	}
	for range 20 {
		if err := <-answers; err == nil {
			t.Error("an address is taken that the server can't write to")
		}
	}
	if n := asked.Load(); n != 1 {
		t.Error("asked", n, "times")
	}
	// a server that isn't there refuses nobody, and isn't asked by each
	_ = l.Close()
	away := sender(t, "smtp://"+l.Addr().String())
	for range 3 {
		if err := away.Accepts(t.Context(), "müller@example.com"); err != nil {
			t.Error(err)
		}
	}
}
