package orbit

import (
	"regexp"
	"strings"
)

// maxSlug is the longest slug, in characters.
const maxSlug = 60

// Slug rules: what themes and plans are called in URLs and in the JSON API.
var slug = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// ValidSlug reports whether s is 2 to 60 lower-case letters, digits and single hyphens.
func ValidSlug(s string) bool { return len(s) >= 2 && len(s) <= 60 && slug.MatchString(s) }

// slug checks a slug, or makes one from a name. One that reads as an id would hide another's.
func (f *Faults) slug(typed, name string) string {
	s := strings.TrimSpace(typed)
	if s == "" {
		s = Handle(name, "")
		if len(s) > maxSlug {
			s = strings.TrimRight(s[:maxSlug], "-")
		}
		if name != "" && !ValidSlug(s) {
			f.Add("slug", "", "Enter a slug: this name can't be turned into one. Use 2 to 60 lower-case letters, digits and "+
				"hyphens.")
		}
		return s
	}
	if _, err := ParseID[Theme](s); err == nil || !ValidSlug(s) {
		f.Add("slug", typed, "Use 2 to 60 lower-case letters, digits and single hyphens, such as summer-sale.")
	}
	return s
}
