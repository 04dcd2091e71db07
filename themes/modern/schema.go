package modern

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
			Kind: themes.Color, Role: themes.RoleText, Default: "#15171c", On: "background"},
		{Key: "surface", Group: "Colors", Label: "Panels", Kind: themes.Color, Role: themes.RoleSurface, Default: "#f4f3f0"},
		{Key: "accent", Group: "Colors", Label: "Accent",
			Kind: themes.Color, Role: themes.RoleAccent, Default: "#2b3fe0", On: "background"},
		{Key: "sale", Group: "Colors", Label: "Sale", Kind: themes.Color, Default: "#c5301c", On: "background"},

		{Key: "heading_font", Group: "Typography", Label: "Heading font", Kind: themes.Font, Default: "instrument-sans",
			Choices: themes.FontChoices("instrument-sans", "bricolage-grotesque", "figtree", "fraunces", "system-sans")},
		{Key: "body_font", Group: "Typography", Label: "Body font", Kind: themes.Font, Default: "instrument-sans",
			Choices: themes.FontChoices("instrument-sans", "figtree", "source-sans-3", "system-sans")},
		{Key: "heading_weight", Group: "Typography", Label: "Heading weight", Kind: themes.Range, Default: 600, Min: 400,
			Max: 700, Step: 100},
		{Key: "heading_scale", Group: "Typography", Label: "Heading size", Kind: themes.Choice, Default: "confident",
			Choices: []themes.Option{{Value: "calm", Label: "Small", CSS: ".72"},
				{Value: "confident", Label: "Medium", CSS: "1"}, {Value: "loud", Label: "Large", CSS: "1.22"}}},
		{Key: "text_size", Group: "Typography", Label: "Text size", Kind: themes.Range, Default: 16, Min: 14, Max: 20,
			Unit: "px"},

		{Key: "page_width", Group: "Layout", Label: "Page width", Kind: themes.Range, Default: 1440, Min: 1040,
			Max: 1800, Step: 40, Unit: "px"},
		{Key: "radius", Group: "Layout", Label: "Corner radius", Kind: themes.Range, Default: 20, Min: 0, Max: 36,
			Unit: "px"},
		{Key: "spacing", Group: "Layout", Label: "Section spacing", Kind: themes.Choice, Default: "airy",
			Choices: []themes.Option{{Value: "compact", Label: "Small", CSS: ".6"}, {Value: "airy", Label: "Medium", CSS: "1"},
				{Value: "generous", Label: "Large", CSS: "1.4"}}},
		{Key: "products_per_row", Group: "Layout", Label: "Products per row", Kind: themes.Range, Default: 4, Min: 2,
			Max: 5},

		{Key: "announcement", Group: "Header", Label: "Announcement", Kind: themes.Text, Default: "", Max: 140},
		{Key: "announcement_color", Group: "Header", Label: "Announcement bar color",
			Kind: themes.Color, Role: themes.RoleDark, Default: "#15171c"},
		{Key: "logo", Group: "Header", Label: "Logo", Kind: themes.Image, Role: themes.RoleLogo, Default: "", Max: 640},
		{Key: "logo_height", Group: "Header", Label: "Logo height", Kind: themes.Range, Default: 32, Min: 20, Max: 64,
			Unit: "px"},
		{Key: "sticky_header", Group: "Header", Label: "Sticky header", Kind: themes.Toggle, Default: true},

		{Key: "sections", Group: "Sections", Label: "Home page", Kind: themes.Order,
			Default: "hero,collections,featured,statement",
			Choices: []themes.Option{{Value: "hero", Label: "Hero"}, {Value: "collections", Label: "Collections"},
				{Value: "featured", Label: "Products"}, {Value: "statement", Label: "Statement"}}},
		{Key: "show_hero", Group: "Sections", Label: "Show hero", Kind: themes.Toggle, Default: true},
		{Key: "show_collections", Group: "Sections", Label: "Show collections", Kind: themes.Toggle, Default: true},
		{Key: "show_featured", Group: "Sections", Label: "Show products", Kind: themes.Toggle, Default: true},
		{Key: "show_statement", Group: "Sections", Label: "Show statement", Kind: themes.Toggle, Default: true},

		{Key: "hero_image", Group: "Hero", Label: "Image", Kind: themes.Image, Default: "", Max: 1920},
		{Key: "hero_color", Group: "Hero", Label: "Color", Kind: themes.Color, Role: themes.RoleWash, Default: "#ffd9c4"},
		{Key: "hero_heading", Group: "Hero", Label: "Heading (defaults to the tagline)", Kind: themes.Text, Default: "",
			Max: 120},
		{Key: "hero_text", Group: "Hero", Label: "Text", Kind: themes.Text, Default: "", Max: 240},
		{Key: "hero_button", Group: "Hero", Label: "Button", Kind: themes.Text, Default: "Shop all products", Max: 40},
		{Key: "hero_height", Group: "Hero", Label: "Height", Kind: themes.Choice, Default: "tall",
			Choices: []themes.Option{{Value: "short", Label: "Small", CSS: "26rem"},
				{Value: "tall", Label: "Large", CSS: "min(78svh,44rem)"},
				{Value: "full", Label: "Full screen", CSS: "calc(100svh - 4.5rem)"}}},
		{Key: "hero_align", Group: "Hero", Label: "Text alignment", Kind: themes.Choice, Default: "start",
			Choices: []themes.Option{{Value: "start", Label: "Start"}, {Value: "center", Label: "Center"}}},

		{Key: "featured_heading", Group: "Home page", Label: "Products heading", Kind: themes.Text,
			Default: "Featured", Max: 60},
		{Key: "statement", Group: "Home page", Label: "Statement (optional)", Kind: themes.Text, Default: "",
			Max: 240},

		{Key: "card_ratio", Group: "Product cards", Label: "Image ratio", Kind: themes.Choice, Default: "portrait",
			Choices: []themes.Option{{Value: "square", Label: "Square", CSS: "1"},
				{Value: "portrait", Label: "Portrait", CSS: "4/5"}, {Value: "tall", Label: "Tall", CSS: "2/3"},
				{Value: "landscape", Label: "Landscape", CSS: "4/3"}}},
		{Key: "card_hover", Group: "Product cards", Label: "Hover effect", Kind: themes.Choice, Default: "zoom",
			Choices: []themes.Option{{Value: "zoom", Label: "Zoom", CSS: "1.05"},
				{Value: "still", Label: "None", CSS: "1"}}},
		{Key: "card_vendor", Group: "Product cards", Label: "Show vendor", Kind: themes.Toggle, Default: false},
		{Key: "show_badges", Group: "Product cards", Label: "Show badges", Kind: themes.Toggle, Default: true},

		{Key: "footer_color", Group: "Footer", Label: "Color",
			Kind: themes.Color, Role: themes.RoleDark, Default: "#15171c"},
		{Key: "footer_text", Group: "Footer", Label: "Text", Kind: themes.Text, Default: "", Max: 240},
		{Key: "footer_name", Group: "Footer", Label: "Show large shop name", Kind: themes.Toggle, Default: true},
	}
})
