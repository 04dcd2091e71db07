package orbit

import (
	"cmp"
	"net/url"
)

// Addresses makes the links that pages and emails carry: scheme and port come from configuration,
// never from a request.
type Addresses struct {
	Scheme string // "http" or "https"
	Base   string // apex of all hosts, such as orbit360.app
	Port   string // "" for the scheme's own

	SupportEmail string // where merchants write to; "" for support@ at the base
}

// Support returns the address that merchants write to.
func (a Addresses) Support() string { return cmp.Or(a.SupportEmail, "support@"+a.Base) }

// ParseAddresses reads PUBLIC_URL for a base domain: http or https, the base domain as its host, an
// optional port and nothing else.
func ParseAddresses(publicURL, baseDomain string) (Addresses, error) {
	bad := Errorf(Invalid, "takes http:// or https:// with the host %s, such as https://%s", baseDomain, baseDomain)
	u, err := url.Parse(publicURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil || u.RawQuery != "" ||
		u.Fragment != "" || (u.Path != "" && u.Path != "/") {
		return Addresses{}, bad
	}
	if u.Hostname() != baseDomain || (u.Port() != "" && !ValidPort(u.Port())) {
		return Addresses{}, bad
	}
	return Addresses{Scheme: u.Scheme, Base: baseDomain, Port: u.Port()}, nil
}

// Secure reports whether people come over https.
func (a Addresses) Secure() bool { return a.Scheme == "https" }

// Site is an address on the apex.
func (a Addresses) Site(path string) string { return a.Host(a.Base) + path }

// Admin is an address in the admin panel.
func (a Addresses) Admin(path string) string { return a.Host("admin."+a.Base) + path }

// Dashboard is an address in the merchants' dashboard.
func (a Addresses) Dashboard(path string) string { return a.Host("dashboard."+a.Base) + path }

// Shop is the address of a shop by its subdomain.
func (a Addresses) Shop(subdomain string) string { return a.Host(subdomain + "." + a.Base) }

// Host is the origin of any host of ours or a merchant's.
func (a Addresses) Host(host string) string {
	if a.Port != "" {
		host += ":" + a.Port
	}
	return a.Scheme + "://" + host
}
