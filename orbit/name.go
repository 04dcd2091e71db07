package orbit

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

// dotted finds what could be a host name.
var dotted = regexp.MustCompile(`[\p{L}\p{M}\p{N}-]+(?:\.[\p{L}\p{M}\p{N}-]+)+`)

// HasLink reports whether part of a text is a web or email address, or would be made a link by the programs that show
// emails: it has a scheme, begins with www, or is a name under a top-level domain that exists.
func HasLink(s string) bool {
	// Full-width and ideographic forms of dots, colons and slashes are taken for the plain ones by some readers.
	s = strings.ToLower(norm.NFKC.String(strings.NewReplacer("。", ".", "｡", ".").Replace(s)))
	if strings.Contains(s, "://") || strings.Contains(s, "www.") || strings.Contains(s, "mailto:") {
		return true
	}
	for _, at := range dotted.FindAllStringIndex(s, -1) {
		host, err := idnaProfile.ToASCII(s[at[0]:at[1]])
		if err != nil || !validHost(host) {
			continue
		}
		tld := host[strings.LastIndexByte(host, '.')+1:]
		suffix, _ := publicsuffix.PublicSuffix(host) // "co.uk"
		before := strings.TrimSuffix(strings.TrimSuffix(host, suffix), ".")
		before = before[strings.LastIndexByte(before, '.')+1:]
		// "J.de Vries" and "5.St James" are no hosts of Germany and São Tomé; "t.co/x" is one of Colombia.
		if len(tld) == 2 && len(before) < 3 && !strings.HasPrefix(s[at[1]:], "/") {
			continue
		}
		// .example and the like never exist, and stand for what does in every attempt and every manual.
		if _, icann := publicsuffix.PublicSuffix(tld); icann ||
			slices.Contains([]string{"example", "test", "invalid", "onion"}, tld) {
			return true
		}
	}
	return false
}

// name checks the name of a person or a shop, of min to max characters. It goes into emails that the platform sends
// to whatever address somebody types, so it holds no link.
func (f *Faults) name(field, label, value string, min, max int) string {
	before := len(*f)
	clean := f.line(field, label, value, min, max)
	if len(*f) == before && HasLink(clean) {
		f.Add(field, value, "%s can't contain a web or email address.", label)
	}
	return clean
}

// CheckName gives a person's name in its stored form, or says what is wrong with it.
func CheckName(label, value string) (string, error) {
	var f Faults
	clean := f.name("name", label, value, 1, 80)
	if len(f) > 0 {
		return clean, FaultOn(Invalid, f[0].Field, f[0].Value, f[0].Message)
	}
	return clean, nil
}
