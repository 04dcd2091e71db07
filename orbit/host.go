package orbit

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// idnaProfile maps what people type to A-labels (UTS #46, non-transitional, STD3 rules).
var idnaProfile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(true),
	idna.VerifyDNSLength(true), idna.BidiRule())

var label = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// reservedLabels can be no shop's subdomain: our own hosts, the names that mail and browser software assume, and the
// names that a phisher would like.
const reservedLabels = `
	www admin dashboard api app apps mail email cdn status preview static assets media files images img
	ftp sftp smtp imap pop pop3 ns ns1 ns2 ns3 ns4 dns autodiscover autoconfig acme mx mx1 mx2 webmail
	account accounts auth login signin signup sso oauth id help support docs blog about press legal
	security abuse billing pay payment payments checkout shop store stores merchant merchants platform
	orbit orbit360 internal root administrator hostmaster postmaster webmaster noreply no-reply
	localhost local test staging dev demo metrics health healthz readyz live ws wpad isatap
	broadcasthost vpn proxy gateway git graphql webhooks hooks
	sign-in sign-out password welcome invitations support-access`

// Reserved reports whether a label can be no shop's subdomain. Shops that had it before it became so keep it.
func Reserved(label string) bool { return slices.Contains(strings.Fields(reservedLabels), label) }

// NormalizeHost turns a Host header into the name to look up: lower case, A-labels, port and one
// trailing dot dropped. Nothing else is ever stripped: whatever isn't a host name (RFC 1123, 253
// octets, labels of 63) or an IP literal with an optional port is Malformed.
func NormalizeHost(header string) (string, error) {
	bad := Errorf(Malformed, "The address of this request isn't a host name.")
	host, port := header, ""
	if strings.HasPrefix(host, "[") {
		end := strings.IndexByte(host, ']')
		if end < 0 {
			return "", bad
		}
		addr, err := netip.ParseAddr(host[1:end])
		rest := host[end+1:]
		if err != nil || !addr.Is6() || addr.Zone() != "" {
			return "", bad
		}
		if rest != "" {
			if rest[0] != ':' || !ValidPort(rest[1:]) {
				return "", bad
			}
		}
		return addr.String(), nil
	}
	if i := strings.IndexByte(host, ':'); i >= 0 {
		host, port = host[:i], host[i+1:]
		if !ValidPort(port) {
			return "", bad
		}
	}
	for i := 0; i < len(host); i++ {
		// The wire form of a host is ASCII: a raw UTF-8 name is refused, not guessed at.
		if host[i] >= 0x80 {
			return "", bad
		}
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if !validHost(host) {
		return "", bad
	}
	return host, nil
}

// ValidPort reports whether s is a port as addresses have it: 1 to 65535 in at most five digits.
func ValidPort(s string) bool {
	if s == "" || len(s) > 5 {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	n, err := strconv.Atoi(s)
	return err == nil && n > 0 && n < 65536
}

func validHost(host string) bool {
	if host == "" || len(host) > 253 {
		return false
	}
	for l := range strings.SplitSeq(host, ".") {
		if !label.MatchString(l) {
			return false
		}
	}
	return true
}

// IsIP reports whether a normalized host is an address literal rather than a name.
func IsIP(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// CheckSubdomain says whether a label may be a shop's address below the platform's own domain:
// RFC 1123 label of 3 to 63, lower case, no "--" at positions 3-4 (RFC 5891, section 4.2.3.1: those
// are A-labels), not all digits, not reserved. It can't know whether the label is taken.
func CheckSubdomain(s string) error {
	invalid := func(format string, args ...any) error { return Errorf(Invalid, format, args...) }
	switch {
	case s == "":
		return invalid("Subdomain is required.")
	case len(s) < 3:
		return invalid("A subdomain needs at least 3 characters.")
	case len(s) > 63:
		return invalid("A subdomain can have at most 63 characters.")
	case !label.MatchString(s):
		return invalid("Use only the letters a to z, digits and hyphens. Start and end with a letter or digit.")
	case len(s) >= 4 && s[2:4] == "--":
		return invalid("A subdomain can't have two hyphens at its third and fourth place.")
	case strings.Trim(s, "0123456789") == "":
		return invalid("A subdomain needs at least one letter.")
	case Reserved(s):
		return invalid("“%s” is reserved. Choose another subdomain.", s)
	}
	return nil
}

// SuggestSubdomain makes a subdomain of a shop's name, "" where none can be made.
func SuggestSubdomain(name string) string {
	s := Handle(name, "")
	if len(s) > 40 {
		s = strings.TrimRight(s[:40], "-")
	}
	if CheckSubdomain(s) != nil {
		s += "-shop"
	}
	if CheckSubdomain(s) != nil {
		return ""
	}
	return s
}

// ParseCustomDomain reads a merchant's own domain as people type it and gives the A-label form.
// Refused with a sentence: anything of the platform's own, public suffixes, local and reserved
// names (RFC 6761), wildcards, addresses, URLs.
func ParseCustomDomain(s, baseDomain string) (string, error) {
	bad := func(format string, args ...any) (string, error) { return "", Errorf(Invalid, format, args...) }
	s = strings.TrimSuffix(strings.ToLower(Plain(s)), ".")
	switch {
	case strings.Contains(s, "*"):
		return bad("A wildcard can't be a shop's domain.")
	case strings.ContainsAny(s, "/:@?#% \t\r\n\x00"):
		return bad("Enter the domain alone, such as shop.example.com.")
	case IsIP(s):
		return bad("An IP address can't be a shop's domain.")
	}
	host, err := idnaProfile.ToASCII(s)
	if err != nil || !validHost(host) || !strings.Contains(host, ".") {
		return bad("Enter a domain such as shop.example.com.")
	}
	if host == baseDomain || strings.HasSuffix(host, "."+baseDomain) {
		return bad("Addresses under %s come with the subdomain. Enter the merchant's own domain.", baseDomain)
	}
	tld := host[strings.LastIndexByte(host, '.')+1:]
	switch tld {
	case "localhost", "local", "internal", "invalid", "test", "onion", "arpa", "lan", "home", "corp":
		return bad("A domain that ends in .%s can't be reached from the internet.", tld)
	}
	if strings.Trim(tld, "0123456789") == "" {
		return bad("Enter a domain such as shop.example.com.")
	}
	suffix, _ := publicsuffix.PublicSuffix(host)
	if host == suffix {
		return bad("%s is a public suffix that can't be owned. Enter a domain under it.", host)
	}
	return host, nil
}
