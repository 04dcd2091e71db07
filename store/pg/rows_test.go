package pg

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"orbit360.app/orbit"
)

// Whatever a column holds, what goes into the statement is the JSON of it.
func TestAppendJSON(t *testing.T) {
	t.Parallel()
	type word string
	for _, v := range []any{"", "plain", `a "quoted" \ text`, "line\nand\ttab", "\x00\x1f\x7f", "Kōhī 🌿", "<b>&amp;</b>",
		"\xff not UTF-8", "\u2028", word("word"), word(`"`), 0, -7, int64(1) << 53, true, []string{"a"}, []string(nil),
		map[string]any{"a": 1.5}, orbit.NewID[orbit.Merchant](), time.Unix(0, 0).UTC(), orbit.MerchantActive} {
		got, err := appendJSON([]byte("before "), reflect.ValueOf(v))
		if err != nil {
			t.Fatal(v, err)
		}
		want, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var a, b any
		if err := json.Unmarshal(got[len("before "):], &a); err != nil {
			t.Errorf("%q: %v", got, err)
		}
		if err := json.Unmarshal(want, &b); err != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("%#v: %s, want %s", v, got, want)
		}
	}
}
