package orbit

import (
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of a password: in characters as it is kept, and in bytes as it comes.
const (
	minPassword      = 10
	MaxPasswordBytes = 512
)

// commonPasswords holds the 10,000 commonest passwords of breaches, and more of the length that is asked for, in lower
// case.
var commonPasswords = sync.OnceValue(func() map[string]bool {
	common := map[string]bool{}
	for password := range strings.FieldsSeq(commonPasswordList + " " + moreCommonPasswords) {
		common[password] = true
	}
	return common
})

// IsCommonPassword reports whether a password is among those that are tried first, in whatever letter case: on the
// list, the platform's name, or a short piece or a listed one over and over.
func IsCommonPassword(password string) bool {
	p := strings.ToLower(NormalPassword(password))
	common := commonPasswords()
	for unit := 1; unit <= len(p); unit++ {
		if len(p)%unit != 0 || strings.Repeat(p[:unit], len(p)/unit) != p {
			continue
		}
		// The first unit that fits is the shortest; the last is the password itself.
		return common[p] || common[p[:unit]] || (unit <= 3 && unit < len(p)) ||
			strings.Trim(p[:unit], "0123456789 .-_!") == "orbit"
	}
	return false
}

// NormalPassword is a password in the form that is hashed: NFC, so that it is the same from every keyboard
// (NIST SP 800-63B, section 3.1.1.2).
func NormalPassword(password string) string { return norm.NFC.String(password) }

// PasswordForms returns the forms under which a typed password may have been hashed, the one of today first: before
// passwords were normalized they were hashed as they came, composed or not.
func PasswordForms(password string) []string {
	forms := []string{NormalPassword(password)}
	for _, form := range []string{password, norm.NFD.String(password)} {
		if form != forms[0] && form != forms[len(forms)-1] {
			forms = append(forms, form)
		}
	}
	return forms
}

// CheckPassword refuses passwords that are too short to be safe, too long to be honest, or among the first that are
// tried (NIST SP 800-63B, section 3.1.1.2: length and a blocklist are what counts, no composition rules).
func CheckPassword(password string) error {
	switch {
	case !utf8.ValidString(password):
		return Errorf(Invalid, "The password contains bytes that aren't text.")
	case strings.ContainsRune(password, 0):
		return Errorf(Invalid, "The password can't contain the NUL character.")
	case utf8.RuneCountInString(NormalPassword(password)) < minPassword:
		return Errorf(Invalid, "Use at least %d characters.", minPassword)
	case len(password) > MaxPasswordBytes || len(NormalPassword(password)) > MaxPasswordBytes:
		return Errorf(Invalid, "Use at most %d characters.", MaxPasswordBytes)
	case IsCommonPassword(password):
		return Errorf(Invalid,
			"This password is too common. Choose another, such as several unrelated words.")
	}
	return nil
}
