package orbit

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"
)

// maxHandle is how long a handle is at most.
const maxHandle = 80

// Handle makes a URL handle of a title: lower-case ASCII letters, digits and single hyphens,
// at most 80 characters; fallback where nothing of the title survives. Letters of other alphabets are
// written as their sounds: "Straßenlampe" is "strassenlampe", "Łódź" is "lodz".
func Handle(title, fallback string) string {
	var b strings.Builder
	hyphen := false
	for _, r := range norm.NFC.String(title) {
		if unicode.Is(unicode.Mn, r) || strings.ContainsRune("'’‘ʼ`´", r) {
			continue // accents and apostrophes vanish: "Zoë's" is "zoes"
		}
		latin := unidecode.Unidecode(string(r))
		if latin == "" {
			hyphen = true
		}
		for _, c := range strings.ToLower(latin) {
			switch {
			case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
				if hyphen && b.Len() > 0 {
					b.WriteByte('-')
				}
				hyphen = false
				b.WriteRune(c)
			case unicode.IsLetter(r) && c != ' ':
				// signs for sounds: the soft and hard signs of Cyrillic are an apostrophe and a quotation mark
			default:
				hyphen = true
			}
		}
	}
	if b.Len() == 0 {
		return fallback
	}
	return strings.TrimRight(b.String()[:min(b.Len(), maxHandle)], "-")
}
