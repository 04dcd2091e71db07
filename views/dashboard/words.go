package dashboard

import (
	"strings"

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

// task is one line of the checklist in words. Hand reports whether people tick it themselves.
type task struct {
	Name, Detail string
	Website      bool // leads to the website
	Hand         bool
}

func words(key string, live bool) task {
	switch key {
	case "set_password":
		return task{Name: "Set your password", Detail: "Use it to sign in from anywhere."}
	case "review_website":
		t := task{Name: "Review your website", Detail: "See what shoppers see.", Website: true, Hand: true}
		if !live {
			t.Detail = "Visitors see the “Opening soon” page until you go live."
		}
		return t
	case "add_product":
		return task{Name: "Add your own products",
			Detail: "Replace the sample products with your own.", Hand: true}
	case "set_up_shipping":
		return task{Name: "Review shipping rates", Detail: "We filled in sensible rates. Adjust them to your costs.",
			Hand: true}
	case "go_live":
		return task{Name: "Go live", Detail: "Open your shop to shoppers."}
	}
	name := strings.TrimSpace(strings.ReplaceAll(key, "_", " "))
	if name == "" {
		name = key
	} else {
		name = strings.ToUpper(name[:1]) + name[1:]
	}
	return task{Name: name, Hand: true}
}

// doneOf is how many of the tasks are done.
func doneOf(tasks []orbit.Task) (done int) {
	for _, t := range tasks {
		if !t.DoneAt.IsZero() {
			done++
		}
	}
	return done
}

// next is the key of the first task that is still to do, "" for none.
func next(tasks []orbit.Task) string {
	for _, t := range tasks {
		if t.DoneAt.IsZero() {
			return t.Key
		}
	}
	return ""
}
