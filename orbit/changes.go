package orbit

import (
	"encoding/json"
	"reflect"
)

// Changes returns the fields that differ, each with what it was and what it is now.
func Changes(before, after any) Details {
	d := Details{}
	was, is := asMap(before), asMap(after)
	for key, value := range is {
		if before == nil {
			d[key] = value
		} else if !reflect.DeepEqual(was[key], value) {
			d[key] = map[string]any{"from": was[key], "to": value}
		}
	}
	return d
}

// asMap reads a value as JSON does; lists and objects that are empty and that aren't there are the same.
func asMap(v any) map[string]any {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // inputs are plain data
	}
	m := map[string]any{}
	if err := json.Unmarshal(raw, &m); err != nil && v != nil {
		panic(err)
	}
	for key, value := range m {
		if rv := reflect.ValueOf(value); value != nil && (rv.Kind() == reflect.Map || rv.Kind() == reflect.Slice) &&
			rv.Len() == 0 {
			m[key] = nil
		}
	}
	return m
}
