package orbit

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// ParsePhone reads a phone number as it was typed and gives its stored form: E.164, with " ext. 89" behind it where it
// has an extension. Without a country's code it is a number of the country, an ISO 3166-1 alpha-2 code, "" for none.
// ok is false for what is no number, of which nothing is changed.
func ParsePhone(typed, country string) (phone string, ok bool) {
	n, err := phonenumbers.Parse(strings.Map(phoneRune, Plain(typed)), country)
	if err != nil || phonenumbers.IsPossibleNumberWithReason(n) != phonenumbers.IS_POSSIBLE {
		return typed, false
	}
	phone = phonenumbers.Format(n, phonenumbers.E164)
	if n.GetExtension() != "" {
		phone += " ext. " + n.GetExtension()
	}
	return phone, true
}

// ShownPhone is a stored phone number as people read it: +44 20 7946 0000.
func ShownPhone(phone string) string {
	n, err := phonenumbers.Parse(phone, "")
	if err != nil {
		return phone
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

// customerPhone reads a phone number, which may be left out.
func (f *Faults) customerPhone(field, typed, country string) string {
	before := len(*f)
	clean := f.phone(field, typed)
	if clean == "" || len(*f) > before {
		return clean
	}
	phone, ok := ParsePhone(clean, country)
	switch {
	case ok:
	case country == "" && !strings.HasPrefix(clean, "+"):
		f.Add(field, typed, "Start with + and the country's code, such as +44 20 7946 0000.")
	default:
		f.Add(field, typed, "This isn't a phone number. Check its digits, or start with + and the country's code.")
	}
	return phone
}
