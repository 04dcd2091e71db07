package themes

import (
	"net/url"
	"reflect"
	"testing"

	"orbit360.app/orbit"
)

func TestOrder(t *testing.T) {
	t.Parallel()
	for given, want := range map[string][]string{
		"":              {"one", "two", "three"},
		"three":         {"three", "one", "two"}, // those that are new come last
		"two,three,one": {"two", "three", "one"},
		"one,one":       {"one", "two", "three"}, // no order: the default
		"four":          {"one", "two", "three"},
	} {
		if got := sample().Resolve(orbit.Settings{"parts": given}).Shown("parts"); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, want %v", given, got, want)
		}
	}
	values := sample().Resolve(orbit.Settings{"parts": "three,two,one", "show_two": false})
	if got := values.Shown("parts"); !reflect.DeepEqual(got, []string{"three", "one"}) {
		t.Error(got)
	}
	if got := sample().Resolve(orbit.Settings{"show_one": false, "show_two": false,
		"show_three": false}).Shown("parts"); len(got) != 0 {
		t.Error(got)
	}
}

func TestMove(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		choice string
		by     int
		want   string
	}{{"one", 1, "two,one,three"}, {"one", -1, "one,two,three"}, {"three", 1, "one,two,three"},
		{"three", -1, "one,three,two"}, {"four", 1, "one,two,three"}} {
		got := sample().Move(orbit.Settings{"width": "much"}, "parts", c.choice, c.by)
		if values := sample().Resolve(got); values.String("parts") != c.want || got["width"] != "much" {
			t.Errorf("%s by %d: %v", c.choice, c.by, got)
		}
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	form := url.Values{"config.width": {"25"}, "config.note": {"  hello "}, "config.sticky": {"on"},
		"config.parts": {"two", "one", "three"}, "config.text": {"red;}body{"}, "config.evil": {"x"}, "width": {"10"}}
	got := sample().Read(form, "config.")
	want := orbit.Settings{"width": 25, "note": "hello", "sticky": true, "parts": "two,one,three", "text": "red;}body{",
		"show_one": false, "show_two": false, "show_three": false}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := sample().Read(url.Values{"config.width": {"1e3"}}, "config."); got["width"] != "1e3" {
		t.Error("what can't be read is gone:", got)
	}
}
