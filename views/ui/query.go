package ui

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
)

// PerPage is how many rows a page of a list shows.
const PerPage = 25

// State is one of the states that a list can be narrowed to.
type State struct {
	Key   string // as the address has it; "" is all
	Label string
}

// States are a list's, in the order of its tabs.
type States []State

// Has reports whether key is one of the states.
func (s States) Has(key string) bool {
	return slices.ContainsFunc(s, func(x State) bool { return x.Key == key })
}

// ListQuery is what a list was asked for. It draws the tabs, the search box and the pager that lead to the rest of it.
type ListQuery struct {
	Path    string // of the list
	Status  string // a State's key, "" for all
	Text    string // searched for
	Page    int    // from 1
	PerPage int
}

// Offset is how many rows come before the page.
func (q ListQuery) Offset() int { return (q.Page - 1) * q.PerPage }

// Href is the address of a page of the list in a state, with the same search.
func (q ListQuery) Href(status string, page int) string {
	v := url.Values{}
	if status != "" {
		v.Set("status", status)
	}
	if q.Text != "" {
		v.Set("q", q.Text)
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	if len(v) == 0 {
		return q.Path
	}
	return q.Path + "?" + v.Encode()
}

// Tabs are the list's states.
func (q ListQuery) Tabs(states States) []Tab {
	tabs := make([]Tab, len(states))
	for i, s := range states {
		tabs[i] = Tab{Label: s.Label, Href: q.Href(s.Key, 1), Current: s.Key == q.Status}
	}
	return tabs
}

// Search is the list's search box. It keeps the state.
func (q ListQuery) Search(label, placeholder string) SearchBoxProps {
	return SearchBoxProps{Action: q.Path, Value: q.Text, Label: label, Placeholder: placeholder, Target: "list",
		Keep: []Hidden{{Name: "status", Value: q.Status}}}
}

// Pager leads through the list, of which rows of total stand on this page.
func (q ListQuery) Pager(rows, total int) PagerProps {
	p := PagerProps{Summary: fmt.Sprintf("%d to %d of %d", q.Offset()+1, q.Offset()+rows, total)}
	if q.Page > 1 {
		p.PrevHref = q.Href(q.Status, q.Page-1)
	}
	if q.Offset()+rows < total {
		p.NextHref = q.Href(q.Status, q.Page+1)
	}
	return p
}

// PastEnd is what stands on a page behind the last one.
func (q ListQuery) PastEnd(total int) EmptyProps {
	last := max(1, (total+q.PerPage-1)/q.PerPage)
	return PastEnd(q.Page, last, q.Href(q.Status, last))
}
