package orbit

import (
	"slices"
	"strings"
)

// Term is one value of a closed list, with its word for people.
type Term[T ~string] struct {
	Value T
	Name  string
}

// Terms holds all values of a closed list, in the order in which people see them. Pages, the API and the database take
// what a list has and nothing else.
type Terms[T ~string] []Term[T]

// Name returns the word of a value, the value itself where the list doesn't have it.
func (ts Terms[T]) Name(value T) string {
	for _, t := range ts {
		if t.Value == value {
			return t.Name
		}
	}
	return string(value)
}

// Has reports whether the list has a value.
func (ts Terms[T]) Has(value T) bool {
	return slices.ContainsFunc(ts, func(t Term[T]) bool { return t.Value == value })
}

// Choices returns the values as a sentence lists them: "a, b, c".
func (ts Terms[T]) Choices() string {
	var b strings.Builder
	for i, t := range ts {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(t.Value))
	}
	return b.String()
}

// Values returns the values without their words.
func (ts Terms[T]) Values() []T {
	values := make([]T, len(ts))
	for i, t := range ts {
		values[i] = t.Value
	}
	return values
}
