package modern

import "orbit360.app/themes"

// keys holds the settings that this engine's pages read.
var keys themes.Keys

var (
	announcementSetting    = keys.Text("announcement")
	cardVendorSetting      = keys.Toggle("card_vendor")
	featuredHeadingSetting = keys.Text("featured_heading")
	footerNameSetting      = keys.Toggle("footer_name")
	footerTextSetting      = keys.Text("footer_text")
	heroAlignSetting       = keys.Text("hero_align")
	heroButtonSetting      = keys.Text("hero_button")
	heroHeadingSetting     = keys.Text("hero_heading")
	heroImageSetting       = keys.Text("hero_image")
	heroTextSetting        = keys.Text("hero_text")
	sectionsSetting        = keys.Order("sections")
	showBadgesSetting      = keys.Toggle("show_badges")
	showHeroSetting        = keys.Toggle("show_hero")
	statementSetting       = keys.Text("statement")
	stickyHeaderSetting    = keys.Toggle("sticky_header")
)
