package modern

import (
	_ "embed"
	"fmt"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/themes"
)

//go:embed modern.css
var css string

// New returns the engine.
func New() themes.Engine {
	return themes.Base{
		Engine:   orbit.EngineModern,
		Release:  "1.0.0",
		Settings: schema,
		Reads:    &keys,
		Looks:    presets,
		Rules:    css,
		Mood:     mood,
		Frame:    frame,
		Own:      own,
		Crumbs:   3,
	}
}

// own draws the pages that no other engine draws so.
func own(s themes.Shop, p themes.Page) templ.Component {
	switch p := p.(type) {
	case themes.HomePage:
		return home(s, p)
	case themes.CollectionPage:
		return collection(s, p)
	case themes.ProductPage:
		return product(s, p)
	case themes.SearchPage:
		return search(s, p)
	}
	return nil
}

// fit names the size at which a name fills a line.
func fit(name string) string {
	n := len([]rune(name))
	for _, most := range []int{6, 9, 12, 16, 24} {
		if n <= most {
			return fmt.Sprintf("fit-%d", most)
		}
	}
	return ""
}

const mood = themes.Bold
