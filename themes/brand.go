package themes

import (
	"maps"

	"orbit360.app/orbit"
)

// Role says what a Color, or the logo, is in a shop's brand: by it every engine takes a brand over.
type Role string

// The roles.
const (
	RoleAccent     Role = "accent"
	RoleBackground Role = "background"
	RoleText       Role = "text"    // upon the background
	RoleSurface    Role = "surface" // panels upon the background
	RoleDark       Role = "dark"    // bars and footers
	RoleWash       Role = "wash"    // large areas of color
	RoleLogo       Role = "logo"
)

// Branded returns settings in the colors of a brand and with a logo; "" leaves the logo as it is. What is read upon
// another color is made readable there (WCAG 2.2, 1.4.3).
func (s Schema) Branded(in orbit.Settings, b orbit.Brand, logo string) orbit.Settings {
	out := orbit.Settings{}
	maps.Copy(out, in)
	values := s.Resolve(in)
	ground := b.Background
	for _, t := range s {
		if t.Role == RoleBackground && ground == "" && t.Key == "background" {
			ground = values.String(t.Key)
		}
	}
	colors := map[Role]string{RoleLogo: logo}
	if b.Background != "" {
		colors[RoleBackground] = b.Background
		colors[RoleText] = Ink(b.Background)
		colors[RoleSurface] = parseHex(b.Background).mix(parseHex(First(b.Accent, Ink(b.Background))), 0.06).hex()
	}
	if b.Accent != "" {
		accent := parseHex(b.Accent)
		colors[RoleAccent] = Readable(b.Accent, ground)
		colors[RoleDark] = accent.mix(rgb{}, 0.72).hex()
		colors[RoleWash] = parseHex(ground).mix(accent, 0.16).hex()
	}
	for _, t := range s {
		switch color := colors[t.Role]; {
		case t.Role != "" && color != "":
			out[t.Key] = color
		case t.Role == "" && t.Kind == Color && t.On == "background" && b.Background != "":
			out[t.Key] = Readable(values.String(t.Key), ground)
		}
	}
	return out
}
