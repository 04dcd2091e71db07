package mail

import (
	"context"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"orbit360.app/orbit"
)

// An address with a local part beyond ASCII, such as müller@example.com, takes a mail server with SMTPUTF8 (RFC 6531).
// Domains need nothing of the kind: they travel as A-labels.

// How long a server's word holds, and how long nothing is asked again after it gave none.
const (
	knownFor   = time.Hour
	silentFor  = 30 * time.Second
	probeLimit = 3 * time.Second
)

// abilities is what the server said it can do, and when.
type abilities struct {
	mu    sync.Mutex
	utf8  bool
	known bool
	at    time.Time
}

func (a *abilities) learn(utf8, known bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.utf8, a.known, a.at = utf8, known, time.Now()
}

func (a *abilities) get() (utf8, known, fresh bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	span := silentFor
	if a.known {
		span = knownFor
	}
	return a.utf8, a.known, !a.at.IsZero() && time.Since(a.at) < span
}

// Accepts reports whether emails to an address can be sent at all: an error that people may read where the mail server
// is known not to take such an address. It asks the server where that isn't known and the address needs it; a server
// that doesn't answer refuses nothing.
func (s *Sender) Accepts(ctx context.Context, address string) error {
	if !needsUTF8(address) {
		return nil
	}
	utf8, known, fresh := s.abilities.get()
	if !fresh {
		s.probing.Lock() // one question at a time: others wait for its answer
		defer s.probing.Unlock()
		if utf8, known, fresh = s.abilities.get(); !fresh {
			utf8, known = s.probe(ctx)
		}
	}
	if known && !utf8 {
		return errNoUTF8
	}
	return nil
}

var errNoUTF8 = orbit.Errorf(orbit.Invalid,
	"Email can't be sent to an address with letters beyond a to z before the @. Enter another address.")

func needsUTF8(address string) bool {
	local := address[:max(0, strings.LastIndexByte(address, '@'))]
	return strings.ContainsFunc(local, func(r rune) bool { return r >= utf8.RuneSelf })
}

// probe greets the server and asks for nothing but what it can do.
func (s *Sender) probe(ctx context.Context) (utf8, known bool) {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	utf8, known = false, false
	_ = s.connected(ctx, func(client *gomail.Client) error { // a silent server is asked again later
		smtp, err := client.DialToSMTPClientWithContext(ctx)
		if err != nil {
			return err
		}
		utf8, _ = smtp.Extension("SMTPUTF8")
		known = true
		return smtp.Quit()
	})
	s.abilities.learn(utf8, known)
	return utf8, known
}

// asciiDomain returns an address with its domain as A-labels, and whether it has one.
func asciiDomain(address string) (string, bool) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address, false
	}
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil {
		return address, !strings.ContainsFunc(address[at+1:], func(r rune) bool { return r >= utf8.RuneSelf })
	}
	return address[:at+1] + domain, true
}
