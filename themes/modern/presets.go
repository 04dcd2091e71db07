package modern

import (
	"orbit360.app/orbit"
	"orbit360.app/themes"
)

func presets() []themes.Preset {
	return []themes.Preset{
		{Name: "daylight", Label: "Daylight"},
		{Name: "midnight", Label: "Midnight", Settings: orbit.Settings{"background": "#101218", "text": "#f1f0ec",
			"surface": "#1b1e27", "accent": "#8fa2ff", "sale": "#ff8a70", "hero_color": "#2a2f55",
			"announcement_color": "#8fa2ff", "footer_color": "#08090d", "radius": 14}},
		{Name: "orchard", Label: "Orchard", Settings: orbit.Settings{"background": "#fbf8f1", "text": "#22301f",
			"surface": "#eef0e2", "accent": "#3c6b2f", "sale": "#b3431e", "hero_color": "#dfe8c4",
			"announcement_color": "#3c6b2f", "footer_color": "#22301f", "heading_font": "fraunces", "body_font": "figtree",
			"heading_weight": 500, "radius": 28, "spacing": "generous"}},
		{Name: "signal", Label: "Signal", Settings: orbit.Settings{"background": "#ffffff", "text": "#000000",
			"surface": "#f2f2f2", "accent": "#d4001f", "sale": "#d4001f", "hero_color": "#ffe14d",
			"announcement_color": "#d4001f", "footer_color": "#000000", "heading_font": "bricolage-grotesque",
			"heading_weight": 700, "heading_scale": "loud", "radius": 0, "spacing": "compact", "card_ratio": "square"}},
	}
}
