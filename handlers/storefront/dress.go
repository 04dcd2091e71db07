package storefront

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/maypok86/otter/v2"

	"orbit360.app/orbit"
	"orbit360.app/themes"
)

// dress is how a release looks. It is shared by requests and never changed.
type dress struct {
	engine     themes.Engine
	values     themes.Values
	stylesheet string // its path, which holds the hash of its text
}

// css is the stylesheet's text. It is made when it is asked for: few ask, and it is long.
func (d *dress) css() string { return themes.Stylesheet(d.engine, d.values) }

// wardrobe keeps the dresses of releases: making one takes longer than the rest of a page.
type wardrobe struct {
	engines themes.Set
	known   *otter.Cache[orbit.ReleaseID, *dress]
}

// maxDresses bounds those kept, about 6 KB each.
const maxDresses = 2048

func newWardrobe(engines themes.Set) *wardrobe {
	return &wardrobe{engines, otter.Must(&otter.Options[orbit.ReleaseID, *dress]{MaximumSize: maxDresses})}
}

// of is a release's dress. A release never changes, so neither does its dress; one without an id isn't kept.
func (w *wardrobe) of(r orbit.Release) (*dress, error) {
	if d, ok := w.known.GetIfPresent(r.ID); ok {
		return d, nil
	}
	engine := w.engines[r.Engine]
	if engine == nil {
		return nil, errors.New("storefront: no engine " + string(r.Engine))
	}
	d := &dress{engine: engine, values: engine.Schema().Resolve(r.Settings)}
	sum := sha256.Sum256([]byte(d.css()))
	d.stylesheet = "/theme." + hex.EncodeToString(sum[:8]) + ".css"
	if !r.ID.IsZero() {
		w.known.Set(r.ID, d)
	}
	return d, nil
}
