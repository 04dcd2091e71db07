package orbit

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// phone takes digits and what people and address books put between them; it is optional. Digits of other scripts and
// wide ones become ASCII's, all kinds of dashes a hyphen.
func (f *Faults) phone(field, value string) string {
	clean := strings.Map(phoneRune, Plain(value))
	if clean == "" {
		return ""
	}
	if line, ok := Line(clean); ok {
		clean = line
	}
	if n := len(onlyDigits(clean)); n < 5 || n > 25 || len(clean) > 40 || !phoneNumber.MatchString(clean) {
		f.Add(field, value, "Enter a phone number such as +44 20 7946 0000, or leave it blank.")
	}
	return clean
}

// phoneNumber allows an extension: +1 (555) 123-4567 ext. 89, 555 1234 x89, 555 1234 #89.
var phoneNumber = regexp.MustCompile(`^[0-9+\-(). /]+(?i: ?(?:,|;|#|x|ext\.?|extension) ?[0-9]{1,8})?$`)

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

func phoneRune(r rune) rune {
	if r < utf8.RuneSelf {
		return r
	}
	for _, row := range unicode.Nd.R16 { // decimal digits stand in rows of ten (Unicode, section 4.6)
		if rune(row.Lo) <= r && r <= rune(row.Hi) {
			return '0' + (r-rune(row.Lo))%10
		}
	}
	switch r {
	case '＋':
		return '+'
	case '（':
		return '('
	case '）':
		return ')'
	case '．', '·', '・':
		return '.'
	case '／', '⁄', '∕':
		return '/'
	case '＃':
		return '#'
	}
	if unicode.In(r, unicode.Pd) || r == '−' {
		return '-'
	}
	return r
}
