package minimal

import "orbit360.app/themes"

// keys holds the settings that this engine's pages read.
var keys themes.Keys

var (
	announcementSetting      = keys.Text("announcement")
	collectionColumnsSetting = keys.Range("collection_columns")
	footerTextSetting        = keys.Text("footer_text")
	heroHeadingSetting       = keys.Text("hero_heading")
	heroImageSetting         = keys.Text("hero_image")
	rhythmSetting            = keys.Text("rhythm")
	sectionsSetting          = keys.Order("sections")
	showHeroSetting          = keys.Toggle("show_hero")
	showIndexSetting         = keys.Toggle("show_index")
	showPricesSetting        = keys.Toggle("show_prices")
	showVendorSetting        = keys.Toggle("show_vendor")
	stickyHeaderSetting      = keys.Toggle("sticky_header")
)
