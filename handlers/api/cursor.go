package api

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"orbit360.app/orbit"
	"orbit360.app/store"
)

// page is a part of a list. A cursor's content is private.
type page[T any] struct {
	Items      []T     `json:"items" nullable:"false" doc:"The entries of this page."`
	NextCursor *string `json:"nextCursor" doc:"Pass it as cursor for the next page; null on the last."`
}

// ListParams holds the parameters of every list. Exported, as huma looks only into those that are.
type ListParams struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"Entries per page." example:"20"`
	Cursor string `query:"cursor" maxLength:"400" doc:"nextCursor of the previous page, with the same filters."`
}

const macSize = 16

// mac binds a cursor to the list and the filters it came from.
func (t tokens) mac(list string, data []byte) []byte {
	m := hmac.New(sha256.New, t.key)
	m.Write([]byte("cursor\x00" + list + "\x00"))
	m.Write(data)
	return m.Sum(nil)[:macSize]
}

func (t tokens) cursor(list string, after store.After) *string {
	data, err := json.Marshal(after)
	if err != nil {
		panic(err) // three plain values
	}
	s := base64.RawURLEncoding.EncodeToString(append(t.mac(list, data), data...))
	return &s
}

// after reads a cursor. One that isn't ours, or is another list's, is Invalid.
func (t tokens) after(list, cursor string) (after store.After, err error) {
	if cursor == "" {
		return after, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err == nil && len(raw) > macSize && hmac.Equal(raw[:macSize], t.mac(list, raw[macSize:])) &&
		json.Unmarshal(raw[macSize:], &after) == nil {
		return after, nil
	}
	return after, orbit.Errorf(orbit.Invalid, "This cursor isn't valid for this list. Start again without one.").
		With(orbit.Fault{Field: "query.cursor", Message: "Use nextCursor of the previous page, with the same filters.",
			Value: shortText(cursor)})
}

// list makes a page of one entry more than was asked for: that entry says that there is a next page.
func list[Row, T any](t tokens, name string, limit int, rows []Row, show func(Row) T,
	after func(Row) store.After) page[T] {
	p := page[T]{Items: []T{}}
	if len(rows) > limit {
		rows = rows[:limit]
		p.NextCursor = t.cursor(name, after(rows[limit-1]))
	}
	for _, row := range rows {
		p.Items = append(p.Items, show(row))
	}
	return p
}

// whole makes a page of a list that is short by its rules, and was read whole: the oldest first.
func whole[T any](t tokens, name string, in ListParams, all []T, place func(T) store.After) (page[T], error) {
	from, err := t.after(name, in.Cursor)
	if err != nil {
		return page[T]{}, err
	}
	later := func(a, b store.After) int { return cmp.Or(a.Time.Compare(b.Time), strings.Compare(a.ID, b.ID)) }
	slices.SortFunc(all, func(a, b T) int { return later(place(a), place(b)) })
	all = slices.DeleteFunc(all, func(v T) bool { return in.Cursor != "" && later(place(v), from) <= 0 })
	return list(t, name, in.Limit, all, func(v T) T { return v }, place), nil
}
