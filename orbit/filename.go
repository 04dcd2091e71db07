package orbit

import "strings"

// FileName returns the name that people recognize an upload by: its last part, on one line and not too long, or usual
// where there is none. It is never part of a path.
func FileName(name, usual string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	clean, ok := Line(name)
	if r := []rune(clean); len(r) > 100 {
		clean = string(r[:99]) + "…"
	}
	if !ok || clean == "" {
		return usual
	}
	return clean
}
