package themes

import "fmt"

// Keys holds the settings that an engine reads. They are declared once and read by name of a Go variable, so that a
// misspelled one doesn't compile; Check holds them to the schema.
type Keys struct{ declared []declared }

type declared struct {
	key   string
	takes func(Kind) bool
}

// Key reads a setting with values of type T.
type Key[T string | int | bool | []string] struct {
	read func(Values) T
}

// Of returns the setting's value in a shop.
func (k Key[T]) Of(s Shop) T { return k.read(s.Settings) }

// Text declares a setting that is read as text: any kind but a Range, a Toggle or an Order.
func (k *Keys) Text(key string) Key[string] {
	k.declare(key, func(kind Kind) bool { return kind != Range && kind != Toggle && kind != Order })
	return Key[string]{func(v Values) string { return v.String(key) }}
}

// Toggle declares a Toggle.
func (k *Keys) Toggle(key string) Key[bool] {
	k.declare(key, func(kind Kind) bool { return kind == Toggle })
	return Key[bool]{func(v Values) bool { return v.Bool(key) }}
}

// Range declares a Range.
func (k *Keys) Range(key string) Key[int] {
	k.declare(key, func(kind Kind) bool { return kind == Range })
	return Key[int]{func(v Values) int { return v.Int(key) }}
}

// Order declares an Order, read as those of its choices that are shown.
func (k *Keys) Order(key string) Key[[]string] {
	k.declare(key, func(kind Kind) bool { return kind == Order })
	return Key[[]string]{func(v Values) []string { return v.Shown(key) }}
}

func (k *Keys) declare(key string, takes func(Kind) bool) {
	k.declared = append(k.declared, declared{key, takes})
}

// Check returns an error for a key that the schema doesn't have, or has of another kind.
func (k *Keys) Check(schema Schema) error {
	kinds := map[string]Kind{}
	for _, s := range schema {
		kinds[s.Key] = s.Kind
	}
	for _, d := range k.declared {
		if kind, ok := kinds[d.key]; !ok || !d.takes(kind) {
			return fmt.Errorf("themes: the schema has %q as %q, the engine reads it otherwise", d.key, kind)
		}
	}
	return nil
}

// Shared holds the settings that pages of every engine read. Each engine's schema has them.
var Shared Keys

// The shared settings.
var (
	background = Shared.Text("background")
	accent     = Shared.Text("accent")
	logo       = Shared.Text("logo")
	heroImage  = Shared.Text("hero_image")
)
