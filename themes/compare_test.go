package themes_test

import (
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
	"orbit360.app/themes/themetest"
)

// Every setting of every engine that differs is listed, with words for both; what is alike isn't.
func TestCompare(t *testing.T) {
	t.Parallel()
	for _, e := range []themes.Engine{modern.New(), classic.New(), minimal.New()} {
		top, bottom := themetest.Extreme(e.Schema(), true), themetest.Extreme(e.Schema(), false)
		was, is := e.Schema().Resolve(top), e.Schema().Resolve(bottom)
		want := 0
		for key := range was {
			if was[key] != is[key] {
				want++
			}
		}
		told := themes.Compare(e, e, top, bottom)
		if len(told) != want || want < 10 {
			t.Errorf("%s: %d of %d differences", e.Name(), len(told), want)
		}
		for _, d := range told {
			if d.Was == "" || d.Is == "" || d.Was == d.Is || d.Label == "" || d.Group == "" {
				t.Errorf("%s: %+v", e.Name(), d)
			}
		}
		if same := themes.Compare(e, e, top, top); len(same) != 0 {
			t.Errorf("%s: nothing changed: %+v", e.Name(), same)
		}
	}
	// From one theme to another: what only one of them has is said to be missing in the other.
	var gone, come, words int
	for _, d := range themes.Compare(modern.New(), minimal.New(), nil, orbit.Settings{"announcement": "Hello"}) {
		switch {
		case d.Is == "":
			gone++
		case d.Was == "":
			come++
		}
		if d.Was == "Empty" && d.Is == "“Hello”" {
			words++
		}
	}
	if gone == 0 || come == 0 || words != 1 {
		t.Errorf("%d are gone, %d have come, %d texts", gone, come, words)
	}
}
