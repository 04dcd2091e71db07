package classic

import (
	"orbit360.app/orbit"
	"orbit360.app/themes"
)

func presets() []themes.Preset {
	return []themes.Preset{
		{Name: "library", Label: "Library"},
		{Name: "harbour", Label: "Harbour", Settings: orbit.Settings{"background": "#ffffff", "text": "#1b2733",
			"surface": "#eef3f6", "accent": "#0f4c75", "sale": "#b0322b", "bar_color": "#0f2f47",
			"hero_color": "#d5e4ec", "footer_color": "#0f2f47", "heading_font": "playfair-display", "radius": 4}},
		{Name: "herbal", Label: "Herbal", Settings: orbit.Settings{"background": "#f8f7f2", "text": "#23312b",
			"surface": "#e9ede3", "accent": "#2f6150", "sale": "#9a3b26", "bar_color": "#2f6150",
			"hero_color": "#d3dfd0", "footer_color": "#23312b", "heading_font": "eb-garamond", "body_font": "eb-garamond",
			"text_size": 18, "grid_lines": "none", "menu_case": "capitals"}},
		{Name: "evening", Label: "Evening", Settings: orbit.Settings{"background": "#191613", "text": "#efe6d8",
			"surface": "#26211c", "accent": "#dcb36b", "sale": "#f08d77", "bar_color": "#0e0c0a",
			"hero_color": "#3a2f22", "footer_color": "#0e0c0a", "grid_lines": "boxes", "radius": 0}},
	}
}
