package storefront

import (
	"strings"

	"orbit360.app/media"
	"orbit360.app/orbit"
	"orbit360.app/themes"
)

// showFavicon shows the icon that browsers put beside the shop's name. Browsers read PNG under this name as well.
func (r *routes) showFavicon(v view) (answer, error) { return r.icon(v, 32, "") }

// showTouchIcon shows the icon of a shop that somebody puts on a phone's screen. It has to be filled.
func (r *routes) showTouchIcon(v view) (answer, error) {
	return r.icon(v, 180, themes.First(v.look.values.String("background"), "#ffffff"))
}

// icon returns the shop's logo in a square, or its initial upon its accent color where it has none of its own.
func (r *routes) icon(v view, size int, ground string) (answer, error) {
	a := answer{kind: "image/png", cache: "public, max-age=3600"}
	var err error
	file, own := strings.CutPrefix(v.look.values.String("logo"), orbit.MediaPrefix)
	if own && r.Media != nil {
		if a.file, err = r.Media.Icon(v.ctx, v.shop.Merchant.ID, file, size, ground); err == nil {
			return a, nil
		}
		if orbit.CodeOf(err) != orbit.NotFound {
			return a, err
		}
	}
	accent := themes.First(v.look.values.String("accent"), "#111111")
	a.file, err = media.Letter(themes.Initial(v.shop.Merchant.Name), size, accent, themes.Ink(accent))
	return a, err
}
