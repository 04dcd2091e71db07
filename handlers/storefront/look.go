package storefront

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/maypok86/otter/v2"

	"orbit360.app/orbit"
	"orbit360.app/themes"
)

// look is what a release's theme comes to: an engine with its settings. It is shared by requests and never changed.
type look struct {
	engine     themes.Engine
	values     themes.Values
	stylesheet string // its path, which holds the hash of its text
}

// css returns the stylesheet's text. It is made when it is asked for: few ask, and it is long.
func (l *look) css() string { return themes.Stylesheet(l.engine, l.values) }

// looks keeps the looks of releases: making one takes longer than the rest of a page.
type looks struct {
	engines themes.Set
	known   *otter.Cache[orbit.ReleaseID, *look]
}

// maxLooks bounds those kept, about 6 KB each.
const maxLooks = 2048

func newLooks(engines themes.Set) *looks {
	return &looks{engines, otter.Must(&otter.Options[orbit.ReleaseID, *look]{MaximumSize: maxLooks})}
}

// of returns a release's look. A release never changes, so neither does its look; one without an id isn't kept.
func (l *looks) of(release orbit.Release) (*look, error) {
	if known, ok := l.known.GetIfPresent(release.ID); ok {
		return known, nil
	}
	engine := l.engines[release.Engine]
	if engine == nil {
		return nil, errors.New("storefront: no engine " + string(release.Engine))
	}
	made := &look{engine: engine, values: engine.Schema().Resolve(release.Settings)}
	sum := sha256.Sum256([]byte(made.css()))
	made.stylesheet = "/theme." + hex.EncodeToString(sum[:8]) + ".css"
	if !release.ID.IsZero() {
		l.known.Set(release.ID, made)
	}
	return made, nil
}

// showStylesheet shows the shop's one stylesheet. An old address, from a page made before the last release, answers
// with the newest: a page in the new look is better than one in none. Only its own address may be kept.
func (r *routes) showStylesheet(v view) (answer, error) {
	a := answer{file: []byte(v.look.css()), kind: "text/css; charset=utf-8", cache: noCache}
	if v.look.stylesheet == v.path {
		a.cache = "public, max-age=31536000, immutable"
	}
	return a, nil
}
