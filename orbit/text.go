package orbit

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Line cleans one line of text that a person typed: NFC, outer space trimmed, inner runs of
// white space made one space. ok is false where it holds what no line may: bad UTF-8, NUL,
// line breaks or other control characters, or bidirectional overrides that could disguise it.
func Line(s string) (clean string, ok bool) {
	if !utf8.ValidString(s) {
		return "", false
	}
	s = strings.TrimSpace(s)
	for _, r := range s {
		if r == '\t' {
			continue
		}
		if unicode.IsControl(r) || (r >= 0x202A && r <= 0x202E) || (r >= 0x2066 && r <= 0x2069) || r == 0x2028 || r == 0x2029 || r == 0xFEFF {
			return "", false
		}
	}
	return norm.NFC.String(strings.Join(strings.Fields(s), " ")), true
}

// line checks a required line of min to max characters and adds a fault where it isn't one.
func (f *faults) line(field, label, value string, min, max int) string {
	clean, ok := Line(value)
	n := utf8.RuneCountInString(clean)
	switch {
	case !ok:
		f.add(field, "", "%s can't contain line breaks or control characters.", label)
	case n == 0 && min > 0:
		f.add(field, "", "%s is required.", label)
	case n < min:
		f.add(field, value, "%s needs at least %d characters.", label, min)
	case n > max:
		f.add(field, value, "%s can have at most %d characters.", label, max)
	}
	return clean
}

// ParseEmail reads one bare address (RFC 5321: at most 254 octets, local part 64) with a dotted
// domain, and gives its stored form: the domain in lower-case A-labels, the local part as typed.
func ParseEmail(s string) (string, error) {
	bad := &Error{Code: Invalid, Message: "Enter an email address such as name@example.com."}
	s = strings.TrimSpace(s)
	if len(s) > 254 || strings.ContainsAny(s, "\r\n\t\x00<>(),;:\\\" ") {
		return "", bad
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return "", bad
	}
	at := strings.LastIndexByte(s, '@')
	local, domain := s[:at], s[at+1:]
	host, err := idnaProfile.ToASCII(domain)
	if err != nil || len(local) > 64 || !strings.Contains(host, ".") || !validHost(host) {
		return "", bad
	}
	return local + "@" + strings.ToLower(host), nil
}

func (f *faults) email(field, value string) string {
	clean, err := ParseEmail(value)
	switch {
	case strings.TrimSpace(value) == "":
		f.add(field, "", "Email is required.")
	case err != nil:
		f.add(field, value, "%s", Sentence(err))
	}
	return clean
}

func shorten(s string, n int) string {
	s = strings.ToValidUTF8(s, "�")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// Handle makes a URL handle of a title: lower-case ASCII letters, digits and single hyphens,
// at most 80 characters; fallback where nothing of the title survives.
func Handle(title, fallback string) string {
	var b strings.Builder
	hyphen := false
	for _, r := range norm.NFKD.String(strings.ToLower(title)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if hyphen && b.Len() > 0 {
				b.WriteByte('-')
			}
			hyphen = false
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’':
			// accents and apostrophes vanish: "Zoë's" is "zoes"
		default:
			hyphen = true
		}
		if b.Len() >= 80 {
			break
		}
	}
	if b.Len() == 0 {
		return fallback
	}
	return strings.TrimRight(b.String(), "-")
}
