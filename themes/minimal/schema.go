package minimal

import (
	"sync"

	"orbit360.app/themes"
)

// schema is made once: every page is drawn with it, and nobody changes it.
var schema = sync.OnceValue(func() themes.Schema {
	return themes.Schema{
		{Key: "background", Group: "Colors", Label: "Background",
			Kind: themes.Color, Role: themes.RoleBackground, Default: "#ffffff"},
		{Key: "text", Group: "Colors", Label: "Text",
			Kind: themes.Color, Role: themes.RoleText, Default: "#111110", On: "background"},
		{Key: "accent", Group: "Colors", Label: "Hover color",
			Kind: themes.Color, Role: themes.RoleAccent, Default: "#8a5a2b",
			On: "background"},
		{Key: "sale", Group: "Colors", Label: "Sale", Kind: themes.Color, Default: "#9c3a22", On: "background"},
		{Key: "overlay", Group: "Colors", Label: "Menu background",
			Kind: themes.Color, Role: themes.RoleBackground, Default: "#ffffff"},

		{Key: "font", Group: "Typography", Label: "Font", Kind: themes.Font, Default: "jost",
			Choices: themes.FontChoices("jost", "figtree", "instrument-sans", "eb-garamond", "system-sans")},
		{Key: "text_size", Group: "Typography", Label: "Text size", Kind: themes.Range, Default: 14, Min: 12, Max: 18,
			Unit: "px"},
		{Key: "heading_size", Group: "Typography", Label: "Heading size", Kind: themes.Range, Default: 20, Min: 14, Max: 48,
			Unit: "px"},
		{Key: "weight", Group: "Typography", Label: "Font weight", Kind: themes.Range, Default: 400, Min: 300,
			Max: 500, Step: 100},
		{Key: "letter_spacing", Group: "Typography", Label: "Letter spacing", Kind: themes.Choice, Default: "normal",
			Choices: []themes.Option{{Value: "normal", Label: "Normal", CSS: ".005em"},
				{Value: "wide", Label: "Wide", CSS: ".06em"}}},

		{Key: "silence", Group: "Layout", Label: "Image spacing", Kind: themes.Range, Default: 144, Min: 0, Max: 280,
			Step: 8, Unit: "px"},
		{Key: "margin", Group: "Layout", Label: "Text margin", Kind: themes.Range, Default: 24, Min: 12, Max: 80, Step: 4,
			Unit: "px"},
		{Key: "image_margin", Group: "Layout", Label: "Image margin", Kind: themes.Range, Default: 0, Min: 0, Max: 80,
			Step: 4, Unit: "px"},
		{Key: "image_ratio", Group: "Layout", Label: "Image ratio", Kind: themes.Choice, Default: "wide",
			Choices: []themes.Option{{Value: "wide", Label: "Wide", CSS: "16/9"},
				{Value: "classic", Label: "3:2", CSS: "3/2"}, {Value: "square", Label: "Square", CSS: "1"},
				{Value: "portrait", Label: "Portrait", CSS: "4/5"}}},
		{Key: "rhythm", Group: "Layout", Label: "Image layout", Kind: themes.Choice, Default: "varied",
			Choices: []themes.Option{{Value: "varied", Label: "Varied"}, {Value: "even", Label: "Even"}}},
		{Key: "collection_columns", Group: "Layout", Label: "Collection columns", Kind: themes.Range, Default: 1, Min: 1,
			Max: 3},

		{Key: "logo", Group: "Header", Label: "Logo", Kind: themes.Image, Role: themes.RoleLogo, Default: "", Max: 640},
		{Key: "logo_height", Group: "Header", Label: "Logo height", Kind: themes.Range, Default: 20, Min: 14, Max: 48,
			Unit: "px"},
		{Key: "announcement", Group: "Header", Label: "Announcement", Kind: themes.Text, Default: "", Max: 140},
		{Key: "sticky_header", Group: "Header", Label: "Sticky header", Kind: themes.Toggle, Default: false},

		{Key: "sections", Group: "Sections", Label: "Home page", Kind: themes.Order, Default: "hero,image,featured,index",
			Choices: []themes.Option{{Value: "hero", Label: "Opening line"}, {Value: "image", Label: "First image"},
				{Value: "featured", Label: "Products"}, {Value: "index", Label: "Collection list"}}},
		{Key: "show_hero", Group: "Sections", Label: "Show opening line", Kind: themes.Toggle, Default: true},
		{Key: "show_image", Group: "Sections", Label: "Show first image", Kind: themes.Toggle, Default: true},
		{Key: "show_featured", Group: "Sections", Label: "Show products", Kind: themes.Toggle, Default: true},
		{Key: "show_index", Group: "Sections", Label: "Show collection list", Kind: themes.Toggle, Default: true},

		{Key: "hero_image", Group: "Opening", Label: "First image (optional)", Kind: themes.Image, Default: "", Max: 1920},
		{Key: "hero_heading", Group: "Opening", Label: "Opening line (defaults to the tagline)", Kind: themes.Text,
			Default: "", Max: 200},
		{Key: "hero_space", Group: "Opening", Label: "Spacing", Kind: themes.Choice, Default: "generous",
			Choices: []themes.Option{{Value: "little", Label: "Small", CSS: "2rem"},
				{Value: "generous", Label: "Large", CSS: "clamp(3.5rem,16svh,9rem)"},
				{Value: "endless", Label: "Extra large", CSS: "36svh"}}},

		{Key: "caption", Group: "Product captions", Label: "Caption alignment", Kind: themes.Choice, Default: "spread",
			Choices: []themes.Option{{Value: "spread", Label: "Both sides", CSS: "space-between"},
				{Value: "start", Label: "Start", CSS: "flex-start"},
				{Value: "center", Label: "Center", CSS: "center"}}},
		{Key: "show_prices", Group: "Product captions", Label: "Show prices", Kind: themes.Toggle, Default: true},
		{Key: "show_vendor", Group: "Product captions", Label: "Show vendor", Kind: themes.Toggle, Default: false},

		{Key: "footer_text", Group: "Footer", Label: "Text", Kind: themes.Text, Default: "", Max: 200},
		{Key: "footer_align", Group: "Footer", Label: "Footer alignment", Kind: themes.Choice, Default: "spread",
			Choices: []themes.Option{{Value: "spread", Label: "Both sides", CSS: "space-between"},
				{Value: "center", Label: "Center", CSS: "center"}}},
	}
})
