package orbit

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var handle = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func TestHandle(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"Straßenlampe": "strassenlampe", "Łódź": "lodz", "Smørrebrød": "smorrebrod", "Zoë's Mug": "zoes-mug",
		"Zoe\u0308’s Mug": "zoes-mug", "  --Tea & Cakes!  ": "tea-cakes",
		"Þórr Æble Œuf": "thorr-aeble-oeuf", "İstanbul": "istanbul", "Объект": "obekt", "茶杯 2": "cha-bei-2", "Ψυχή": "psukhe",
		"ﬁn №5": "fin-no-5", "…": "x", "🎁": "x", "🎁 Gift": "gift", "Crème–brûlée": "creme-brulee",
		strings.Repeat("ab ", 40): strings.TrimRight(strings.Repeat("ab-", 27)[:80], "-"),
	} {
		if got := Handle(title, "x"); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		title := rapid.String().Draw(t, "title")
		h := Handle(title, "x")
		if !handle.MatchString(h) || len(h) > 80 || Handle(h, "") != h {
			t.Fatalf("%q makes %q", title, h)
		}
	})
}
