package admin

import (
	"fmt"
	"time"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// merchantBadge is a merchant's status: word, color and icon.
func merchantBadge(s orbit.MerchantStatus) ui.BadgeProps {
	p := ui.BadgeProps{Label: s.Name()}
	switch s {
	case orbit.MerchantPending:
		p.Tone, p.Icon = ui.Warning, "clock"
	case orbit.MerchantActivating:
		p.Tone, p.Busy = ui.Info, true
	case orbit.MerchantActive:
		p.Tone = ui.Success
	case orbit.MerchantFailed:
		p.Tone = ui.Danger
	case orbit.MerchantSuspended:
		p.Icon = "circle-pause"
	}
	return p
}

func runBadge(r orbit.Run) ui.BadgeProps {
	p := ui.BadgeProps{Label: r.Status.Name()}
	switch r.Status {
	case orbit.RunPending:
		p.Tone, p.Icon = ui.Warning, "clock"
	case orbit.RunInProgress:
		p.Tone, p.Busy = ui.Info, true
	case orbit.RunCompleted:
		p.Tone = ui.Success
	case orbit.RunFailed:
		p.Tone = ui.Danger
	case orbit.RunRollback:
		p.Icon, p.Busy = "undo-2", !r.Ended()
	}
	return p
}

// wiringBadge is the state of a shop's certificate or DNS.
func wiringBadge(s orbit.WiringStatus) ui.BadgeProps {
	p := ui.BadgeProps{Label: s.Name()}
	switch s {
	case orbit.WiringActive:
		p.Tone = ui.Success
	case orbit.WiringPending:
		p.Tone, p.Icon = ui.Warning, "clock"
	case orbit.WiringFailed:
		p.Tone = ui.Danger
	default:
		p.Icon = "circle-minus"
	}
	return p
}

func emailBadge(s orbit.EmailStatus) ui.BadgeProps {
	p := ui.BadgeProps{Label: s.Name()}
	switch s {
	case orbit.EmailQueued:
		p.Tone, p.Icon = ui.Info, "clock"
	case orbit.EmailSent:
		p.Tone, p.Icon = ui.Success, "send"
	case orbit.EmailLocal:
		p.Icon = "inbox"
	case orbit.EmailFailed:
		p.Tone = ui.Danger
	}
	return p
}

// limits returns a plan's limits as a person compares them.
func limits(l orbit.Limits) []string {
	return []string{
		amount(l.Products, "product", "products"),
		amount(l.OrdersPerMonth, "order per month", "orders per month"),
		ui.SizeLimit(l.StorageBytes) + " storage",
	}
}

func amount(n *int64, one, many string) string {
	if n == nil {
		return "Unlimited " + many
	}
	return ui.Plural(int(*n), one, many)
}

// span says which lines of a list a page shows: "26 to 50 of 312".
func span(page, perPage, shown, total int) string {
	if total == 0 {
		return "Nothing to show"
	}
	from := (page-1)*perPage + 1
	return fmt.Sprintf("%s to %s of %s", ui.Count(from), ui.Count(from+shown-1), ui.Count(total))
}

// stepName is a step's name, whatever the key.
func stepName(key orbit.StepKey) string { return orbit.Step{Key: key}.Definition().Name }

// took is the time between two moments, "" where one is missing.
func took(from, to time.Time) string {
	if from.IsZero() || to.IsZero() {
		return ""
	}
	return ui.Took(to.Sub(from))
}

// fault is what is wrong with a field, "" if nothing is.
func fault(faults []orbit.Fault, field string) string {
	for _, f := range faults {
		if f.Field == field {
			return f.Message
		}
	}
	return ""
}

// both draws one part after the other, for props that take one component.
func both(parts ...templ.Component) templ.Component { return templ.Join(parts...) }
