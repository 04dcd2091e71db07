package api

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// nullable is an object or null; huma has no word for that.
type nullable[T any] struct{ value *T }

func some[T any](v T) nullable[T] { return nullable[T]{&v} }

// MarshalJSON writes the object or null.
func (n nullable[T]) MarshalJSON() ([]byte, error) { return json.Marshal(n.value) }

// Schema is T's schema or null.
func (nullable[T]) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{r.Schema(reflect.TypeFor[T](), true, ""), {Type: "null"}}}
}

// text is s, null where it is empty.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// at is a time as it goes out, null where it hasn't come.
func at(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
