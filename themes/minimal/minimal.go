package minimal

import (
	_ "embed"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/themes"
)

//go:embed minimal.css
var css string

// New returns the engine.
func New() themes.Engine {
	return themes.Base{
		Engine:    orbit.EngineMinimal,
		Release:   "1.0.0",
		Settings:  schema,
		Reads:     &keys,
		Looks:     presets,
		Rules:     css,
		Mood:      mood,
		Frame:     frame,
		Own:       own,
		EmptyCart: emptyCart,
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
	case themes.SoonPage:
		return soon(s)
	}
	return nil
}

const mood = themes.Quiet
