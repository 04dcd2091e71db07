package orbit_test

import (
	"slices"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"password123", "PASSWORD123", "qwertyuiop", "1234567890", "1q2w3e4r5t", "aaaaaaaaaaaa",
		"abcabcabcabc", "passwordpassword", "dragondragon", "orbitorbit",
		"", "short", "ninechars", "n\u0303ninechar", "a fine password\x00", "\x00a fine password", "\xff\xfe a fine password",
		strings.Repeat("ab c", 200)} {
		if orbit.CheckPassword(bad) == nil {
			t.Errorf("%q passes", bad)
		}
	}
	for _, good := range []string{"a fine password", "correct horse battery", "Zoë geht nach Łódź", "パスワードではないもの",
		"right password here", "      x    ", "1234567890x9"} {
		if err := orbit.CheckPassword(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestPasswordForms(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"plain":        {"plain"},
		"Zo\u00eb":     {"Zo\u00eb", "Zoe\u0308"},
		"Zoe\u0308":    {"Zo\u00eb", "Zoe\u0308"},
		"\u212b\u00eb": {"\u00c5\u00eb", "\u212b\u00eb", "A\u030ae\u0308"},
	} {
		if got := orbit.PasswordForms(in); !slices.Equal(got, want) {
			t.Errorf("%q: %q", in, got)
		}
	}
}
