package classic

import "orbit360.app/themes"

// keys holds the settings that this engine's pages read.
var keys themes.Keys

var (
	announcementSetting    = keys.Text("announcement")
	cardStockSetting       = keys.Toggle("card_stock")
	cardVendorSetting      = keys.Toggle("card_vendor")
	featuredHeadingSetting = keys.Text("featured_heading")
	footerHeadingSetting   = keys.Text("footer_heading")
	footerTextSetting      = keys.Text("footer_text")
	gridLinesSetting       = keys.Text("grid_lines")
	heroButtonSetting      = keys.Text("hero_button")
	heroHeadingSetting     = keys.Text("hero_heading")
	heroImageSetting       = keys.Text("hero_image")
	heroTextSetting        = keys.Text("hero_text")
	sectionsSetting        = keys.Order("sections")
	showBadgesSetting      = keys.Toggle("show_badges")
	showHeroSetting        = keys.Toggle("show_hero")
	sidebarSetting         = keys.Toggle("sidebar")
	sidebarSideSetting     = keys.Text("sidebar_side")
	sidebarTextSetting     = keys.Text("sidebar_text")
)
