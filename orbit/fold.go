package orbit

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold gives texts that people take for the same the same form: without accents, case and apostrophes. It is the
// program's own orbit_fold (migrations/0012) for what no database is asked.
func Fold(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || strings.ContainsRune("'’‘ʼ`´′", r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(strings.ReplaceAll(s, "´", "")))
	return strings.Join(strings.Fields(alphabets.Replace(s)), " ")
}

// alphabets replaces the letters that have no decomposition.
var alphabets = strings.NewReplacer("ø", "o", "ł", "l", "đ", "d", "ı", "i", "ð", "d", "ħ", "h", "ŧ", "t", "ß", "ss",
	"æ", "ae", "œ", "oe", "þ", "th")
