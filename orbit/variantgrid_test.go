package orbit_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	. "orbit360.app/orbit"
)

func lamp(options ...Option) Product {
	p := Product{ID: NewID[Product](), Title: "Lamp", Handle: "lamp", Status: ProductActive, Options: options,
		Tags: []string{}}
	choice := make([]int, len(options))
	for n := 0; ; n++ {
		values := make([]string, len(options))
		for i, o := range options {
			values[i] = o.Values[choice[i]]
		}
		p.Variants = append(p.Variants, Variant{ID: NewID[Variant](), ProductID: p.ID, Values: values,
			Title: VariantTitle(values), Price: int64(100 * (n + 1)), TrackInventory: true, Stock: n + 1,
			SKU: "L" + VariantTitle(values), Position: n})
		i := len(options) - 1
		for ; i >= 0; i-- {
			if choice[i]++; choice[i] < len(options[i].Values) {
				break
			}
			choice[i] = 0
		}
		if i < 0 {
			return p
		}
	}
}

func titles(p Product) (all []string) {
	for _, v := range p.Variants {
		all = append(all, v.Title)
	}
	return all
}

func TestVariantsFollowOptions(t *testing.T) {
	t.Parallel()
	units, now := Units{Currency: "USD"}, time.Now()
	p := lamp(Option{"Size", []string{"S", "M"}}, Option{"Color", []string{"Red, white", "Blue"}})
	form := func() ProductForm {
		return ProductSheet{Product: p, Units: units}.Form()
	}
	edit := func(f ProductForm) Product {
		t.Helper()
		e, err := f.Edit(p, units, now)
		if err != nil {
			t.Fatal(err, FaultsOf(err))
		}
		return e.Product
	}
	kept := func(got Product, title string, was int) {
		t.Helper()
		i := slices.Index(titles(got), title)
		if i < 0 || got.Variants[i].ID != p.Variants[was].ID || got.Variants[i].SKU != p.Variants[was].SKU {
			t.Errorf("%s isn't what was %s: %v", title, p.Variants[was].Title, titles(got))
		}
	}
	if got := edit(form()); !got.Same(p) {
		t.Errorf("%+v\n%+v", got, p)
	}

	f := form() // a value is renamed, another added
	f.Options[0].Values[0].Value, f.Options[0].Add = "Small", "L"
	got := edit(f)
	if !slices.Equal(titles(got), titles(edit(f.Shown()))) {
		t.Error("shown first or not, the variants are the same:", titles(got))
	}
	if len(got.Variants) != 6 || titles(got)[4] != "L / Red, white" || got.Variants[4].Stock != 0 ||
		got.Variants[4].Price != p.Variants[0].Price {
		t.Errorf("%v %+v", titles(got), got.Variants[4])
	}
	kept(got, "Small / Blue", 1)
	kept(got, "M / Red, white", 2)

	f = form() // an option more
	f.Options[2] = OptionForm{Name: "Cord", Add: "Short\nLong"}
	got = edit(f.Shown())
	if len(got.Variants) != 8 {
		t.Error(titles(got))
	}
	kept(got, "S / Red, white / Short", 0)
	kept(got, "M / Blue / Short", 3)

	f = form() // an option less: the first of each stays
	f.Options[0] = OptionForm{Was: "Size"}
	got = edit(f)
	if want := []string{"Red, white", "Blue"}; !slices.Equal(titles(got), want) {
		t.Error(titles(got))
	}
	kept(got, "Red, white", 0)
	kept(got, "Blue", 1)

	f = form() // not every combination
	f.Variants[1].Offered = false
	got = edit(f)
	if want := []string{"S / Red, white", "M / Red, white", "M / Blue"}; !slices.Equal(titles(got), want) {
		t.Error(titles(got))
	}
	p = got
	if f = form(); len(f.Variants) != 4 || f.Variants[1].Offered || !f.Variants[3].Offered {
		t.Errorf("%+v", f.Variants)
	}
	for i := range f.Variants {
		f.Variants[i].Offered = false
	}
	if _, err := f.Edit(p, units, now); CodeOf(err) != Invalid {
		t.Error("no variant at all:", err)
	}
}

// Whatever is renamed, added and cleared, each variant stays itself or goes, and none is there twice.
func TestRandomOptions(t *testing.T) {
	t.Parallel()
	units, now := Units{Currency: "USD"}, time.Now()
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[a-z]{1,3}`)
		list := func(label string) []string {
			return rapid.SliceOfNDistinct(value, 1, 4, func(s string) string { return s }).Draw(t, label)
		}
		p := lamp(Option{"A", list("a")}, Option{"B", list("b")})
		f := ProductSheet{Product: p, Units: units}.Form()
		for i := range 2 {
			for n := range f.Options[i].Values {
				switch rapid.IntRange(0, 3).Draw(t, "do") {
				case 0:
					f.Options[i].Values[n].Value = ""
				case 1:
					f.Options[i].Values[n].Value = value.Draw(t, "renamed") + "!"
				}
			}
			f.Options[i].Add = rapid.SampledFrom([]string{"", "new", "new\nnewer"}).Draw(t, "add")
		}
		e, err := f.Shown().Edit(p, units, now)
		if err != nil {
			return // the same value twice, or none
		}
		want := 1
		for _, o := range e.Product.Options {
			want *= len(o.Values)
		}
		if len(e.Product.Variants) != want {
			t.Fatalf("%d variants of %v", len(e.Product.Variants), e.Product.Options)
		}
		ids, seen := map[VariantID]bool{}, map[string]bool{}
		for _, v := range e.Product.Variants {
			if ids[v.ID] || seen[v.Title] {
				t.Fatalf("%s is there twice", v.Title)
			}
			ids[v.ID], seen[v.Title] = true, true
			for _, was := range p.Variants {
				if was.ID == v.ID && (was.Price != v.Price || was.SKU != v.SKU) {
					t.Fatalf("%s became %s", was.Title, v.Title)
				}
			}
		}
	})
}

func TestWeights(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		grams := rapid.IntRange(0, 1_000_000).Draw(t, "grams")
		unit := rapid.SampledFrom(WeightUnits().Values()).Draw(t, "unit")
		typed := FormatWeight(grams, WeightUnit(unit))
		if typed == "" {
			return
		}
		if got, err := ParseWeight(typed, WeightUnit(unit)); err != nil || got != grams {
			t.Fatalf("%d g are %q %s, read as %d, %v", grams, typed, unit, got, err)
		}
	})
	for typed, want := range map[string]int{"1,5": 1500, " 0.25 kg ": 250, "0": 0} {
		if got, err := ParseWeight(typed, "kg"); err != nil || got != want {
			t.Errorf("%q: %d, %v", typed, got, err)
		}
	}
	for _, typed := range []string{"-1", "NaN", "1e9", "a lot", "1,2,3"} {
		if _, err := ParseWeight(typed, "kg"); CodeOf(err) != Invalid {
			t.Errorf("%q: %v", typed, err)
		}
	}
}

func TestGTIN(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{"4006381333931": true, "4006381333932": false, "96385074": true,
		"036000291452": true, "10614141000415": true, "9780306406157": true, "": false, "ABC": false, "123": false} {
		if IsGTIN(code) != want {
			t.Errorf("%s: %v", code, !want)
		}
	}
}
