package dashboard

import (
	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// Path is a merchant's first page.
func Path(m orbit.Merchant) string { return m.DashboardPath() }

// stateBadge is where a shop stands, for the people who run it.
func stateBadge(m orbit.Merchant) ui.BadgeProps {
	switch m.Status {
	case orbit.MerchantActive:
		if m.Live() {
			return ui.BadgeProps{Label: "Live", Tone: ui.Success}
		}
		return ui.BadgeProps{Label: "Opening soon", Tone: ui.Info, Icon: "clock"}
	case orbit.MerchantSuspended:
		return ui.BadgeProps{Label: "Suspended", Tone: ui.Danger, Icon: "circle-pause"}
	}
	return ui.BadgeProps{Label: "Being set up", Tone: ui.Warning, Icon: "clock"}
}
