package kit

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/views/ui"
)

// ListQuery reads what a list is asked for: ?status= (one of the states, else all), ?q= and ?page=.
func ListQuery(c *fiber.Ctx, path string, states ui.States) ui.ListQuery {
	return ListQueryOf(func(name string) string { return c.Query(name) }, path, "status", states)
}

// NewestQuery is ListQuery for a list of the newest, which is asked for a place, ?before= or ?after=, instead of a
// page. Name is the parameter of its state.
func NewestQuery(c *fiber.Ctx, path, name string, states ui.States) (ui.ListQuery, store.Place) {
	q := ListQueryOf(func(name string) string { return c.Query(name) }, path, name, states)
	q.Page = 1
	place := store.ParsePlace(c.Query("before"), false)
	if after := c.Query("after"); after != "" {
		place = store.ParsePlace(after, true)
	}
	switch {
	case place.ID == "":
	case place.Newer:
		q.After = place.String()
	default:
		q.Before = place.String()
	}
	return q, place
}

// ListQueryOf is ListQuery for parameters that don't stand in the request's own address.
func ListQueryOf(get func(string) string, path, name string, states ui.States) ui.ListQuery {
	q := ui.ListQuery{Path: path, StatusName: name, Text: orbit.Search(get("q"), 200), Page: 1, PerPage: ui.PerPage}
	if status := get(name); states.Has(status) {
		q.Status = status
	}
	if n, err := strconv.Atoi(get("page")); err == nil && n > 1 && n < 100_000 {
		q.Page = n
	}
	return q
}

// Searched is ?q= as people type it, "" for what no text can be.
func Searched(c *fiber.Ctx) string { return orbit.Search(c.Query("q"), 200) }

// Places holds those of the pages before and after a page of a list of the newest, "" where there are none.
func Places[T any](l store.List[T], place func(T) store.Place) (newer, older string) {
	if len(l.Rows) == 0 {
		return "", ""
	}
	if l.Newer {
		newer = place(l.Rows[0]).String()
	}
	if l.Older {
		older = place(l.Rows[len(l.Rows)-1]).String()
	}
	return newer, older
}
