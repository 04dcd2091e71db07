package themes

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"orbit360.app/orbit"
)

func draw(t interface{ Fatal(...any) }, mood Mood, id string, p orbit.Product) string {
	var b strings.Builder
	if err := ProductArt(mood, id, p).Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestArtworkIsOfTheProductAndHoldsNothingOfIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := orbit.Product{Handle: rapid.String().Draw(t, "handle"), Title: rapid.String().Draw(t, "title"),
			ProductType: rapid.String().Draw(t, "product type")}
		for _, mood := range []Mood{Bold, Heritage, Quiet} {
			svg := draw(t, mood, "p1-", p)
			if svg != draw(t, mood, "p1-", p) {
				t.Fatal("another image the second time")
			}
			hostile := p
			hostile.Title += " <script>&"
			if strings.Contains(draw(t, mood, "p1-", hostile), "script") {
				t.Fatal("the title is in the image")
			}
			if len(svg) > 1800 {
				t.Fatalf("%d bytes", len(svg))
			}
		}
	})
}

func TestArtworkIsWellFormed(t *testing.T) {
	t.Parallel()
	for name, m := range motifs {
		for _, mood := range []Mood{Bold, Heritage, Quiet} {
			for _, seed := range []string{"a", "b", "c", "d", "e", "f", "g"} {
				svg := artwork(mood, "x", seed+name, m)
				if strings.Contains(svg, "~") || strings.Contains(svg, "%!") {
					t.Errorf("%s: %s", name, svg)
				}
				z, open := html.NewTokenizer(strings.NewReader(svg)), 0
				for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
					switch kind {
					case html.StartTagToken:
						open++
					case html.EndTagToken:
						open--
					case html.TextToken:
						t.Errorf("%s: stray text %q", name, z.Text())
					}
				}
				if open != 0 {
					t.Errorf("%s: elements left open", name)
				}
			}
		}
	}
}

func TestMotifs(t *testing.T) {
	t.Parallel()
	for _, names := range []map[string]string{words, topics} {
		for word, name := range names {
			if motifs[name] == "" {
				t.Errorf("%s leads to the motif %q, which isn't there", word, name)
			}
		}
	}
	for _, name := range unknown {
		if motifs[name] == "" {
			t.Errorf("no motif %q", name)
		}
	}
	for _, c := range []struct{ title, kind, want string }{
		{"Coffee Mug", "", "mug"}, {"Stoneware Mug, Speckled", "Tableware", "mug"},
		{"The Slow Kitchen, a Cookbook", "Books", "book"},
		{"Court Sneakers", "", "shoe"}, {"Number 12", "Candles", "candle"}, {"Ocean Blue Shirt", "", "shirt"},
		{"Everything", "Home & garden", "plant"}, {"SUNGLASSES", "", "glasses"},
	} {
		if got := motifOf(c.title, c.kind, "x"); got != motifs[c.want] {
			t.Errorf("%q of kind %q isn't drawn as %s", c.title, c.kind, c.want)
		}
	}
}

func TestDataBlockCannotEndItsElement(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name") + "</script><!--\u2028"
		text, err := dataBlock([]map[string]any{{"name": name}})
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(text, "<>&\u2028\u2029") {
			t.Fatalf("unescaped: %s", text)
		}
		var back struct {
			Graph []struct{ Name string } `json:"@graph"`
		}
		if err := json.Unmarshal([]byte(text), &back); err != nil ||
			back.Graph[0].Name != strings.ToValidUTF8(name, "\ufffd") {
			t.Fatalf("%q came back as %q (%v)", name, back.Graph, err)
		}
	})
}

func TestClip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, n := rapid.String().Draw(t, "text"), rapid.IntRange(2, 50).Draw(t, "n")
		got := Clip(text, n)
		if utf8.RuneCountInString(got) > n {
			t.Fatalf("Clip(%q, %d) = %q", text, n, got)
		}
		if strings.ContainsAny(got, "\n\t") {
			t.Fatalf("%q is more than a line", got)
		}
	})
	if got, want := Clip("One two three four", 12), "One two…"; got != want {
		t.Errorf("Clip = %q, want %q", got, want)
	}
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	got := Blocks("\n One\r\ntwo \n\n\n three\n")
	if diff := cmp.Diff([][]string{{"One", "two"}, {"three"}}, got); diff != "" {
		t.Error(diff)
	}
	if got := Blocks(" \n"); got != nil {
		t.Errorf("blocks of nothing: %q", got)
	}
}

func TestSaving(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		price, before int64
		want          int
	}{{4800, 6400, 25}, {100, 0, 0}, {100, 100, 0}, {200, 100, 0}, {1, 300, 99}, {0, 100, 100}, {199, 200, 0},
		{1, 1 << 62, 99}} {
		if got := Saving(c.price, c.before); got != c.want {
			t.Errorf("Saving(%d, %d) = %d, want %d", c.price, c.before, got, c.want)
		}
	}
}

func TestStockWords(t *testing.T) {
	t.Parallel()
	for stock, want := range map[int]string{-2: "Sold out", 0: "Sold out", 1: "Only 1 left", 5: "Only 5 left",
		6: "In stock"} {
		if got := english.Stock(stock); got != want {
			t.Errorf("%d is %q, want %q", stock, got, want)
		}
	}
	p := orbit.Product{Variants: []orbit.Variant{{TrackInventory: true, Stock: -9}, {TrackInventory: true, Stock: 2}}}
	if got := english.Stock(Stocked(p)); got != "Only 2 left" {
		t.Errorf("the product is %q", got)
	}
}

func TestCartSaysWhatShippingCosts(t *testing.T) {
	t.Parallel()
	s := Shop{Words: english, Currency: "USD", Locale: "en"}
	standard := orbit.ShippingRate{Name: "Standard", Price: 500, FreeFrom: 7500}
	for goods, want := range map[int64]string{7499: "Shipping from $5.00", 7500: "Free shipping available"} {
		p := CartPage{Rates: []orbit.ShippingRate{{Name: "Express", Price: 1500}, standard}}
		p.Totals.Subtotal = goods
		if got := p.shipping(s); got != want {
			t.Errorf("%d: %q, want %q", goods, got, want)
		}
	}
}

func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	items := []orbit.MenuItem{
		{Label: "A", URL: "/a"}, {Label: "B", URL: "https://x.example"}, {Label: "C", URL: "mailto:a@x.example"},
		{Label: "D", URL: "javascript:alert(1)"}, {Label: "E", URL: " JavaScript:alert(1)"},
		{Label: "F", URL: "data:text/html,x"}, {Label: "G", URL: ""}, {Label: " ", URL: "/h"},
		{Label: "I", URL: "vbscript:x"}, {Label: "J", URL: "java\nscript:alert(1)"},
	}
	if diff := cmp.Diff(items[:3], Links(items)); diff != "" {
		t.Error(diff)
	}
}

func TestNavigationFallsBackToCollections(t *testing.T) {
	t.Parallel()
	got := Shop{Words: english}.Navigation([]orbit.Collection{{Handle: "all", Title: "All"},
		{Handle: "home", Title: "Home"}})
	want := []orbit.MenuItem{{Label: "All products", URL: "/collections/all"}, {Label: "Home", URL: "/collections/home"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDirection(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string]string{"": "ltr", "en-US": "ltr", "ar": "rtl", "he-IL": "rtl", "AR-EG": "rtl"} {
		if got := (Shop{Locale: locale}).Direction(); got != want {
			t.Errorf("%q runs %s, want %s", locale, got, want)
		}
	}
}
