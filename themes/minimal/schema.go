package minimal

import (
	"sync"

	"orbit360.app/themes"
)

// schema is made once: every page is drawn with it, and nobody changes it.
var schema = sync.OnceValue(func() themes.Schema {
	return themes.Schema{
		{Key: "background", Group: "Colors", Label: "Background", Kind: themes.Color, Default: "#ffffff"},
		{Key: "text", Group: "Colors", Label: "Text", Kind: themes.Color, Default: "#111110", On: "background"},
		{Key: "accent", Group: "Colors", Label: "Hover color", Kind: themes.Color, Default: "#8a5a2b",
			On: "background"},
		{Key: "sale", Group: "Colors", Label: "Sale", Kind: themes.Color, Default: "#9c3a22", On: "background"},
		{Key: "overlay", Group: "Colors", Label: "Menu", Kind: themes.Color, Default: "#ffffff"},

		{Key: "font", Group: "Type", Label: "Font", Kind: themes.Font, Default: "jost",
			Choices: themes.FontChoices("jost", "figtree", "instrument-sans", "eb-garamond", "system-sans")},
		{Key: "text_size", Group: "Type", Label: "Size of text", Kind: themes.Range, Default: 14, Min: 12, Max: 18,
			Unit: "px"},
		{Key: "heading_size", Group: "Type", Label: "Size of headings", Kind: themes.Range, Default: 20, Min: 14, Max: 48,
			Unit: "px"},
		{Key: "weight", Group: "Type", Label: "Weight", Kind: themes.Range, Default: 400, Min: 300, Max: 500, Step: 100},
		{Key: "letter_spacing", Group: "Type", Label: "Letters stand", Kind: themes.Choice, Default: "normal",
			Choices: []themes.Option{{Value: "normal", Label: "As drawn", CSS: ".005em"},
				{Value: "wide", Label: "Wide", CSS: ".06em"}}},

		{Key: "silence", Group: "Layout", Label: "Space between images", Kind: themes.Range, Default: 144, Min: 0, Max: 280,
			Step: 8, Unit: "px"},
		{Key: "margin", Group: "Layout", Label: "Margin of text", Kind: themes.Range, Default: 24, Min: 12, Max: 80, Step: 4,
			Unit: "px"},
		{Key: "image_margin", Group: "Layout", Label: "Margin of images", Kind: themes.Range, Default: 0, Min: 0, Max: 80,
			Step: 4, Unit: "px"},
		{Key: "image_ratio", Group: "Layout", Label: "Shape of images", Kind: themes.Choice, Default: "wide",
			Choices: []themes.Option{{Value: "wide", Label: "Wide", CSS: "16/9"},
				{Value: "classic", Label: "3 to 2", CSS: "3/2"}, {Value: "square", Label: "Square", CSS: "1"},
				{Value: "portrait", Label: "Portrait", CSS: "4/5"}}},
		{Key: "rhythm", Group: "Layout", Label: "Rhythm", Kind: themes.Choice, Default: "varied",
			Choices: []themes.Option{{Value: "varied", Label: "Varied"}, {Value: "even", Label: "Even"}}},
		{Key: "collection_columns", Group: "Layout", Label: "Columns of a collection", Kind: themes.Range, Default: 1, Min: 1,
			Max: 3},

		{Key: "logo", Group: "Header", Label: "Logo", Kind: themes.Image, Default: "", Max: 640},
		{Key: "logo_height", Group: "Header", Label: "Height of the logo", Kind: themes.Range, Default: 20, Min: 14, Max: 48,
			Unit: "px"},
		{Key: "announcement", Group: "Header", Label: "Announcement", Kind: themes.Text, Default: "", Max: 140},
		{Key: "sticky_header", Group: "Header", Label: "Header stays in view", Kind: themes.Toggle, Default: false},

		{Key: "sections", Group: "Sections", Label: "Home page", Kind: themes.Order, Default: "hero,image,featured,index",
			Choices: []themes.Option{{Value: "hero", Label: "Opening line"}, {Value: "image", Label: "First image"},
				{Value: "featured", Label: "Products"}, {Value: "index", Label: "List of collections"}}},
		{Key: "show_hero", Group: "Sections", Label: "Show the opening line", Kind: themes.Toggle, Default: true},
		{Key: "show_image", Group: "Sections", Label: "Show the first image", Kind: themes.Toggle, Default: true},
		{Key: "show_featured", Group: "Sections", Label: "Show products", Kind: themes.Toggle, Default: true},
		{Key: "show_index", Group: "Sections", Label: "Show the list of collections", Kind: themes.Toggle, Default: true},

		{Key: "hero_image", Group: "Opening", Label: "First image (empty: none)", Kind: themes.Image, Default: "", Max: 1920},
		{Key: "hero_heading", Group: "Opening", Label: "Opening line (empty: the shop's tagline)", Kind: themes.Text,
			Default: "", Max: 200},
		{Key: "hero_space", Group: "Opening", Label: "Space around it", Kind: themes.Choice, Default: "generous",
			Choices: []themes.Option{{Value: "little", Label: "Little", CSS: "2rem"},
				{Value: "generous", Label: "Generous", CSS: "clamp(3.5rem,16svh,9rem)"},
				{Value: "endless", Label: "Endless", CSS: "36svh"}}},

		{Key: "caption", Group: "Product captions", Label: "Caption stands", Kind: themes.Choice, Default: "spread",
			Choices: []themes.Option{{Value: "spread", Label: "At both sides", CSS: "space-between"},
				{Value: "start", Label: "At the side", CSS: "flex-start"},
				{Value: "center", Label: "In the middle", CSS: "center"}}},
		{Key: "show_prices", Group: "Product captions", Label: "Show prices", Kind: themes.Toggle, Default: true},
		{Key: "show_vendor", Group: "Product captions", Label: "Show the brand", Kind: themes.Toggle, Default: false},

		{Key: "footer_text", Group: "Footer", Label: "Text", Kind: themes.Text, Default: "", Max: 200},
		{Key: "footer_align", Group: "Footer", Label: "Footer stands", Kind: themes.Choice, Default: "spread",
			Choices: []themes.Option{{Value: "spread", Label: "At both sides", CSS: "space-between"},
				{Value: "center", Label: "In the middle", CSS: "center"}}},
	}
})
