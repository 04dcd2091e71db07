package minimal

import (
	"orbit360.app/orbit"
	"orbit360.app/themes"
)

func presets() []themes.Preset {
	return []themes.Preset{
		{Name: "paper", Label: "Paper"},
		{Name: "ink", Label: "Ink", Settings: orbit.Settings{"background": "#0e0e0d", "text": "#eceae5", "accent": "#d9b48a",
			"sale": "#f0957b", "overlay": "#171716"}},
		{Name: "plaster", Label: "Plaster", Settings: orbit.Settings{"background": "#efe9e1", "text": "#2b2622",
			"accent": "#8a4b2b", "sale": "#96321f", "overlay": "#e6ded3", "font": "eb-garamond", "text_size": 16,
			"heading_size": 28, "image_margin": 24, "image_ratio": "classic"}},
		{Name: "gallery", Label: "Gallery", Settings: orbit.Settings{"background": "#ffffff", "text": "#111110",
			"accent": "#1f3fd1", "overlay": "#f4f4f4", "font": "instrument-sans", "weight": 500, "heading_size": 40,
			"image_margin": 24, "image_ratio": "square", "rhythm": "even", "caption": "start", "collection_columns": 3}},
	}
}
