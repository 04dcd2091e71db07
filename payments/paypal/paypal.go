package paypal

import (
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"orbit360.app/orbit"
)

// Name is what accounts call this provider.
const Name = "paypal"

// The secrets of an account.
const (
	ClientID     = "clientId"
	ClientSecret = "clientSecret"
)

// Limits of a call.
const (
	timeout   = 20 * time.Second
	maxAnswer = 1 << 20
)

// Provider is PayPal, for the accounts of all merchants.
type Provider struct {
	live, sandbox site
	own           *url.URL       // of a PayPal that tests stand up, nil otherwise
	roots         *x509.CertPool // nil: the system's
	client        *http.Client
	tokens        tokens
	certificates  certificates
	fetching      chan struct{} // a place for each certificate that is fetched at once
}

// site is one of PayPal's two worlds.
type site struct{ api, web string }

// New returns PayPal. Tests name a PayPal of their own on this machine, which has both worlds in folders and certifies
// its own messages, and the roots that its certificates lead to; otherwise they are "" and nil.
func New(own string, roots *x509.CertPool) (*Provider, error) {
	p := &Provider{
		live:    site{"https://api-m.paypal.com", "https://www.paypal.com"},
		sandbox: site{"https://api-m.sandbox.paypal.com", "https://www.sandbox.paypal.com"},
		roots:   roots, client: newClient(), fetching: make(chan struct{}, 4),
	}
	base, err := orbit.LoopbackURL(own)
	if err != nil || base == "" {
		return p, err
	}
	p.live, p.sandbox = site{base + "/live", base + "/live"}, site{base + "/sandbox", base + "/sandbox"}
	p.own, err = url.Parse(base)
	return p, err
}

func newClient() *http.Client {
	dialer := &net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second}
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: timeout, MaxIdleConns: 100, MaxIdleConnsPerHost: 20, IdleConnTimeout: 60 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
			DisableCompression:     true, // an answer that unpacks to a gigabyte is no answer
		},
		// A redirect would take the credentials along.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// at returns the world that an account is in.
func (p *Provider) at(account orbit.PaymentAccount) site {
	if account.Test {
		return p.sandbox
	}
	return p.live
}

// trusted reports whether a URL is PayPal's: https, paypal.com or a name below it, the default port, nobody's name and
// password. It is asked of every URL that comes in a message or an answer before anything follows it.
func (p *Provider) trusted(u *url.URL) bool {
	if p.own != nil && u.Scheme == p.own.Scheme && u.Host == p.own.Host && u.User == nil {
		return true
	}
	host := strings.ToLower(u.Host) // a port would be part of it
	return u.Scheme == "https" && u.User == nil && u.Opaque == "" &&
		(host == "paypal.com" || strings.HasSuffix(host, ".paypal.com"))
}
