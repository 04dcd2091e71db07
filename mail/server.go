package mail

import (
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"orbit360.app/orbit"
)

// TLSPolicy is how a connection to a mail server is protected.
type TLSPolicy string

// The policies.
const (
	TLSNone          TLSPolicy = "none"
	TLSOpportunistic TLSPolicy = "opportunistic" // STARTTLS where it is offered
	TLSMandatory     TLSPolicy = "mandatory"     // STARTTLS or nothing
	TLSImplicit      TLSPolicy = "implicit"      // TLS from the first byte (RFC 8314, section 3)
)

// Server is a mail server that takes our emails. It prints without its password.
type Server struct {
	Host     string
	Port     int
	User     string // "" for no authentication
	TLS      TLSPolicy
	password string
}

// String returns the server's address without the password.
func (s Server) String() string {
	scheme := "smtp"
	if s.TLS == TLSImplicit {
		scheme = "smtps"
	}
	user := ""
	if s.User != "" {
		user = url.User(s.User).String() + "@"
	}
	return scheme + "://" + user + s.address()
}

func (s Server) address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// GoString keeps %#v from showing the password.
func (s Server) GoString() string { return "mail.Server(" + s.String() + ")" }

// ParseSMTPURL reads SMTP_URL: smtp://user:password@host:587, or smtps:// for TLS from the first byte. The port is 587
// (smtps: 465) where none is named. ?tls= is none, opportunistic or mandatory; without it a loopback host is
// opportunistic, port 587 and every server that gets a password is mandatory, the rest opportunistic.
// Errors are one line, begin with a verb to follow the variable's name, and never repeat what was given.
func ParseSMTPURL(raw string) (Server, error) {
	bad := func(format string, args ...any) (Server, error) {
		return Server{}, orbit.Errorf(orbit.Invalid, format, args...)
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil { // the error holds the URL and with it the password
		return bad("can't be read: it takes smtp://user:password@host:587; in the password write @ as %%40, / as %%2F, " +
			"# as %%23, %% as %%25")
	}
	if u.Scheme != "smtp" && u.Scheme != "smtps" {
		return bad("takes an address that begins with smtp:// or smtps://, such as smtp://user:password@host:587")
	}
	if (u.Path != "" && u.Path != "/") || u.Fragment != "" || u.Opaque != "" {
		return bad("takes nothing after the port but ?tls=; in the password write / as %%2F and # as %%23")
	}
	s := Server{Host: strings.ToLower(u.Hostname()), User: u.User.Username()}
	s.password, _ = u.User.Password()
	if s.Host == "" || strings.ContainsFunc(s.Host, func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r)
	}) {
		return bad("names no host: it takes smtp://user:password@host:587")
	}
	if s.Port, err = port(u); err != nil {
		return Server{}, err
	}
	if u.User != nil && (s.User == "" || s.password == "") {
		return bad("names a user without a password, or a password without a user")
	}
	if strings.ContainsAny(s.User+s.password, "\r\n\x00") {
		return bad("has a line break or NUL in user or password")
	}
	return s.protect(u)
}

func port(u *url.URL) (int, error) {
	if u.Port() == "" {
		if u.Scheme == "smtps" {
			return 465, nil
		}
		return 587, nil
	}
	n, err := strconv.Atoi(u.Port())
	if err != nil || n < 1 || n > 65535 {
		return 0, orbit.Errorf(orbit.Invalid, "has a port that isn't one: 1 to 65535")
	}
	return n, nil
}

func (s Server) protect(u *url.URL) (Server, error) {
	bad := func(message string) (Server, error) { return Server{}, orbit.Errorf(orbit.Invalid, "%s", message) }
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil || len(q) > 1 || (len(q) == 1 && !q.Has("tls")) || len(q["tls"]) > 1 {
		return bad("takes ?tls=none, ?tls=opportunistic or ?tls=mandatory and nothing else behind the host")
	}
	switch policy := TLSPolicy(q.Get("tls")); {
	case u.Scheme == "smtps":
		if q.Has("tls") {
			return bad("takes ?tls= with smtp:// only: smtps:// is always encrypted")
		}
		s.TLS = TLSImplicit
	case policy == TLSNone || policy == TLSOpportunistic || policy == TLSMandatory:
		s.TLS = policy
	case q.Has("tls"):
		return bad("takes ?tls=none, ?tls=opportunistic or ?tls=mandatory")
	case s.loopback():
		s.TLS = TLSOpportunistic
	case s.Port == 587 || s.User != "":
		s.TLS = TLSMandatory
	default:
		s.TLS = TLSOpportunistic
	}
	if s.User != "" && s.TLS == TLSNone && !s.loopback() {
		return bad("would send the password readable to all with ?tls=none: leave that out, or leave out user and password")
	}
	return s, nil
}

// loopback reports whether the server is on this machine.
func (s Server) loopback() bool {
	if s.Host == "localhost" || strings.HasSuffix(s.Host, ".localhost") {
		return true
	}
	ip := net.ParseIP(s.Host)
	return ip != nil && ip.IsLoopback()
}

// ParseFrom reads MAIL_FROM: "ORBIT360 <no-reply@orbit360.app>" or a bare address. Errors are one line that begins
// with a verb.
func ParseFrom(s string) (netmail.Address, error) {
	bad := orbit.Errorf(orbit.Invalid, "takes an address such as ORBIT360 <no-reply@example.com>")
	if strings.ContainsFunc(s, unicode.IsControl) {
		return netmail.Address{}, bad
	}
	a, err := netmail.ParseAddress(s)
	if err != nil {
		return netmail.Address{}, bad
	}
	at := strings.LastIndexByte(a.Address, '@')
	host, err := orbit.NormalizeHost(a.Address[at+1:])
	if err != nil || at == 0 || len(a.Address) > 254 || orbit.IsIP(host) {
		return netmail.Address{}, bad
	}
	a.Address = a.Address[:at+1] + host
	return *a, nil
}
