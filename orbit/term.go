package orbit

import "slices"

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

// Values returns the values without their words.
func (ts Terms[T]) Values() []T {
	values := make([]T, len(ts))
	for i, t := range ts {
		values[i] = t.Value
	}
	return values
}
