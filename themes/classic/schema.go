package classic

import (
	"sync"

	"orbit360.app/themes"
)

// schema is made once: every page is drawn with it, and nobody changes it.
var schema = sync.OnceValue(func() themes.Schema {
	return themes.Schema{
		{Key: "background", Group: "Colors", Label: "Background",
			Kind: themes.Color, Role: themes.RoleBackground, Default: "#fffdf8"},
		{Key: "text", Group: "Colors", Label: "Text",
			Kind: themes.Color, Role: themes.RoleText, Default: "#2a2622", On: "background"},
		{Key: "surface", Group: "Colors", Label: "Panels", Kind: themes.Color, Role: themes.RoleSurface, Default: "#f5efe3"},
		{Key: "accent", Group: "Colors", Label: "Accent",
			Kind: themes.Color, Role: themes.RoleAccent, Default: "#7a2430", On: "background"},
		{Key: "sale", Group: "Colors", Label: "Sale", Kind: themes.Color, Default: "#a3262a", On: "background"},

		{Key: "heading_font", Group: "Typography", Label: "Heading font", Kind: themes.Font, Default: "fraunces",
			Choices: themes.FontChoices("fraunces", "playfair-display", "eb-garamond", "system-serif")},
		{Key: "body_font", Group: "Typography", Label: "Body font", Kind: themes.Font, Default: "source-sans-3",
			Choices: themes.FontChoices("source-sans-3", "eb-garamond", "figtree", "system-sans", "system-serif")},
		{Key: "heading_weight", Group: "Typography", Label: "Heading weight", Kind: themes.Range, Default: 400, Min: 400,
			Max: 700, Step: 100},
		{Key: "text_size", Group: "Typography", Label: "Text size", Kind: themes.Range, Default: 16, Min: 14, Max: 20,
			Unit: "px"},
		{Key: "heading_size", Group: "Typography", Label: "Heading size (%)", Kind: themes.Range, Default: 100, Min: 80,
			Max: 130, Step: 5},

		{Key: "page_width", Group: "Layout", Label: "Page width", Kind: themes.Range, Default: 1320, Min: 1000,
			Max: 1640, Step: 40, Unit: "px"},
		{Key: "products_per_row", Group: "Layout", Label: "Products per row", Kind: themes.Range, Default: 4, Min: 2,
			Max: 6},
		{Key: "grid_lines", Group: "Layout", Label: "Grid lines", Kind: themes.Choice, Default: "lines",
			Choices: []themes.Option{{Value: "lines", Label: "Lines"}, {Value: "boxes", Label: "Boxes"},
				{Value: "none", Label: "None"}}},
		{Key: "sidebar", Group: "Layout", Label: "Show sidebar", Kind: themes.Toggle, Default: true},
		{Key: "sidebar_side", Group: "Layout", Label: "Sidebar position", Kind: themes.Choice, Default: "start",
			Choices: []themes.Option{{Value: "start", Label: "Before the products"},
				{Value: "end", Label: "After the products"}}},
		{Key: "sidebar_text", Group: "Layout", Label: "Sidebar text", Kind: themes.Text, Default: "", Max: 240},
		{Key: "radius", Group: "Layout", Label: "Corner radius", Kind: themes.Range, Default: 2, Min: 0, Max: 16, Unit: "px"},

		{Key: "announcement", Group: "Header", Label: "Announcement (defaults to the tagline)", Kind: themes.Text,
			Default: "", Max: 140},
		{Key: "bar_color", Group: "Header", Label: "Announcement bar color",
			Kind: themes.Color, Role: themes.RoleDark, Default: "#26352d"},
		{Key: "logo", Group: "Header", Label: "Logo", Kind: themes.Image, Role: themes.RoleLogo, Default: "", Max: 640},
		{Key: "logo_height", Group: "Header", Label: "Logo height", Kind: themes.Range, Default: 56, Min: 28, Max: 120,
			Unit: "px"},
		{Key: "header_align", Group: "Header", Label: "Logo position", Kind: themes.Choice, Default: "center",
			Choices: []themes.Option{{Value: "center", Label: "Center", CSS: "center"},
				{Value: "start", Label: "Start", CSS: "flex-start"}}},
		{Key: "menu_case", Group: "Header", Label: "Menu letter case", Kind: themes.Choice, Default: "plain",
			Choices: []themes.Option{{Value: "plain", Label: "As written", CSS: "none"},
				{Value: "capitals", Label: "Uppercase", CSS: "uppercase"}}},

		{Key: "sections", Group: "Sections", Label: "Home page", Kind: themes.Order, Default: "hero,featured,collections",
			Choices: []themes.Option{{Value: "hero", Label: "Banner"}, {Value: "featured", Label: "Products"},
				{Value: "collections", Label: "Collections"}}},
		{Key: "show_hero", Group: "Sections", Label: "Show banner", Kind: themes.Toggle, Default: true},
		{Key: "show_featured", Group: "Sections", Label: "Show products", Kind: themes.Toggle, Default: true},
		{Key: "show_collections", Group: "Sections", Label: "Show collections", Kind: themes.Toggle, Default: true},

		{Key: "hero_image", Group: "Banner", Label: "Image", Kind: themes.Image, Default: "", Max: 1920},
		{Key: "hero_color", Group: "Banner", Label: "Color", Kind: themes.Color, Role: themes.RoleWash, Default: "#e9dcc3"},
		{Key: "hero_heading", Group: "Banner", Label: "Heading (defaults to the tagline)", Kind: themes.Text, Default: "",
			Max: 120},
		{Key: "hero_text", Group: "Banner", Label: "Text", Kind: themes.Text, Default: "", Max: 300},
		{Key: "hero_button", Group: "Banner", Label: "Button", Kind: themes.Text, Default: "View the catalog", Max: 40},

		{Key: "featured_heading", Group: "Home page", Label: "Products heading", Kind: themes.Text,
			Default: "From our shelves", Max: 60},

		{Key: "card_ratio", Group: "Product cards", Label: "Image ratio", Kind: themes.Choice, Default: "square",
			Choices: []themes.Option{{Value: "square", Label: "Square", CSS: "1"},
				{Value: "portrait", Label: "Portrait", CSS: "4/5"}, {Value: "landscape", Label: "Landscape", CSS: "4/3"}}},
		{Key: "card_align", Group: "Product cards", Label: "Text alignment", Kind: themes.Choice, Default: "start",
			Choices: []themes.Option{{Value: "start", Label: "Start", CSS: "start"},
				{Value: "center", Label: "Center", CSS: "center"}}},
		{Key: "card_vendor", Group: "Product cards", Label: "Show vendor", Kind: themes.Toggle, Default: true},
		{Key: "card_stock", Group: "Product cards", Label: "Show inventory", Kind: themes.Toggle, Default: true},
		{Key: "show_badges", Group: "Product cards", Label: "Show badges", Kind: themes.Toggle, Default: true},

		{Key: "footer_color", Group: "Footer", Label: "Color",
			Kind: themes.Color, Role: themes.RoleDark, Default: "#26352d"},
		{Key: "footer_heading", Group: "Footer", Label: "Heading (defaults to the shop name)", Kind: themes.Text, Default: "",
			Max: 60},
		{Key: "footer_text", Group: "Footer", Label: "Text", Kind: themes.Text, Default: "", Max: 300},
	}
})
