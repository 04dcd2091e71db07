package ui

import (
	"net/url"
	"slices"
	"strconv"

	"orbit360.app/orbit"
)

// PerPage is how many rows a page of a list shows.
const PerPage = 25

// State is one of the states that a list can be narrowed to.
type State struct {
	Key   string // as the address has it; "" is all
	Label string
}

// States holds a list's, in the order of its tabs.
type States []State

// StatesOf returns the states of a list that any status of a closed list narrows, after the one of all.
func StatesOf[T ~string](terms orbit.Terms[T]) States {
	states := States{{Key: "", Label: "All"}}
	for _, t := range terms {
		states = append(states, State{Key: string(t.Value), Label: t.Name})
	}
	return states
}

// Has reports whether key is one of the states.
func (s States) Has(key string) bool {
	return slices.ContainsFunc(s, func(x State) bool { return x.Key == key })
}

// ListQuery is what a list was asked for. It draws the tabs, the search box and the pager that lead to the rest of it.
type ListQuery struct {
	Path       string   // of the list
	StatusName string   // of the parameter: "status" when empty
	Status     string   // a State's key, "" for all
	Text       string   // searched for
	Keep       []Hidden // more parameters, which all links keep
	Page       int      // from 1
	PerPage    int

	// Lists that show the newest first have places instead of pages: one of the two, or neither at the beginning.
	Before, After string
}

// Offset is how many rows come before the page.
func (q ListQuery) Offset() int { return (q.Page - 1) * q.PerPage }

// Narrowed reports whether the list was asked for less than all.
func (q ListQuery) Narrowed() bool { return q.Status != "" || q.Text != "" || len(q.Keep) > 0 }

// Href is the address of a page of the list in a state, with the same search.
func (q ListQuery) Href(status string, page int) string {
	v := url.Values{}
	for _, p := range q.keep(status) {
		v.Set(p.Name, p.Value)
	}
	for name, value := range map[string]string{"q": q.Text, "before": q.Before, "after": q.After} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	if len(v) == 0 {
		return q.Path
	}
	return q.Path + "?" + v.Encode()
}

// keep returns the parameters beside the search and the page.
func (q ListQuery) keep(status string) []Hidden {
	if status == "" {
		return q.Keep
	}
	return append(slices.Clone(q.Keep), Hidden{Name: or(q.StatusName, "status"), Value: status})
}

// At is the query at a place.
func (q ListQuery) At(before, after string) ListQuery { q.Before, q.After = before, after; return q }

// Tabs returns the list's states.
func (q ListQuery) Tabs(states States) []Tab {
	tabs := make([]Tab, len(states))
	for i, s := range states {
		tabs[i] = Tab{Label: s.Label, Href: q.At("", "").Href(s.Key, 1), Current: s.Key == q.Status}
	}
	return tabs
}

// Search is the list's search box. It keeps the state.
func (q ListQuery) Search(label, placeholder string) SearchBoxProps {
	return SearchBoxProps{Action: q.Path, Value: q.Text, Label: label, Placeholder: placeholder, Target: "list",
		Keep: q.keep(q.Status)}
}

// Pager leads through the list, of which rows of total stand on this page.
func (q ListQuery) Pager(rows, total int) PagerProps {
	p := PagerProps{Summary: Count(q.Offset()+1) + " to " + Count(q.Offset()+rows) + " of " + Count(total)}
	if q.Page > 1 {
		p.PrevHref = q.Href(q.Status, q.Page-1)
	}
	if q.Offset()+rows < total {
		p.NextHref = q.Href(q.Status, q.Page+1)
	}
	return p
}

// Newest leads through a list of the newest from its places: newer and older are "" where there is nothing more.
func (q ListQuery) Newest(summary, newer, older string) PagerProps {
	p := PagerProps{Summary: summary, PrevLabel: "Newer", NextLabel: "Older"}
	if newer != "" {
		p.PrevHref = q.At("", newer).Href(q.Status, 1)
	}
	if older != "" {
		p.NextHref = q.At(older, "").Href(q.Status, 1)
	}
	return p
}

// PastEnd is what stands on a page behind the last one.
func (q ListQuery) PastEnd(total int) EmptyProps {
	last := max(1, (total+q.PerPage-1)/q.PerPage)
	return PastEnd(q.Page, last, q.Href(q.Status, last))
}
