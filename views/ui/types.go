package ui

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/a-h/templ"
)

// Tone says what a badge, alert or bar is about. The zero value is neutral.
type Tone string

const (
	Neutral Tone = ""
	Info    Tone = "info"
	Success Tone = "success"
	Warning Tone = "warning"
	Danger  Tone = "danger"
)

func (t Tone) attr() string {
	if t == Neutral {
		return "neutral"
	}
	return string(t)
}

// icon is what a tone looks like when color can't be seen.
func (t Tone) icon() string {
	switch t {
	case Success:
		return "circle-check"
	case Warning:
		return "triangle-alert"
	case Danger:
		return "circle-alert"
	case Info:
		return "info"
	}
	return "circle-dot"
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func join(parts ...string) string {
	kept := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " ")
}

// describedBy names the hint and the error of a field, where there are any.
func describedBy(id, hint, fault string, status templ.Component) string {
	var ids []string
	if fault != "" {
		ids = append(ids, id+"-error")
	}
	if hint != "" {
		ids = append(ids, id+"-hint")
	}
	if status != nil {
		ids = append(ids, id+"-status")
	}
	return strings.Join(ids, " ")
}

// number prints without exponent or needless digits, for SVG and aria attributes.
func number(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "0"
	}
	return strconv.FormatFloat(math.Round(f*100)/100, 'f', -1, 64)
}

// share is value of limit in percent, within 0 and 100.
func share(value, limit float64) float64 {
	if limit <= 0 || math.IsNaN(value) || math.IsNaN(limit) {
		return 0
	}
	return math.Max(0, math.Min(100, value/limit*100))
}

// Ago says t in words as seen from now: "just now", "40 s ago", "5 min ago", "3 h ago", "2 days ago", "in 2 days",
// then the date. What is to come is rounded: a week that has just begun ends "in 7 days". app.js counts the same words
// on.
func Ago(t, now time.Time) string {
	d := now.Sub(t)
	form, up := "%d %s ago", 0
	if d < 0 {
		d, form, up = -d, "in %d %s", 1
	}
	say := func(s, per int, unit string) string {
		n := (s + up*per/2) / per
		if unit == "day" && n > 1 {
			unit = "days"
		}
		return fmt.Sprintf(form, n, unit)
	}
	switch s := int(d.Seconds()); {
	case s < 10:
		return "just now"
	case s < 60:
		return say(s, 1, "s")
	case s < 3600:
		return say(s, 60, "min")
	case s < 86400:
		return say(s, 3600, "h")
	case s < 7*86400:
		return say(s, 86400, "day")
	case t.UTC().Year() == now.UTC().Year():
		return t.UTC().Format("Jan 2")
	}
	return t.UTC().Format("Jan 2, 2006")
}

// Exact is the full time for tooltips and records.
func Exact(t time.Time) string { return t.UTC().Format("January 2, 2006, 15:04:05 UTC") }

// ExactIn is Exact in a zone.
func ExactIn(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("January 2, 2006, 15:04:05 MST")
}

// initials returns one or two letters for a name without an image.
func initials(name string) string {
	var out []rune
	name = strings.NewReplacer("'", "", "’", "").Replace(name) // the s of Nora's is no word
	apart := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	for _, word := range strings.FieldsFunc(name, apart) {
		out = append(out, unicode.ToUpper([]rune(word)[0]))
		if len(out) == 2 {
			break
		}
	}
	if len(out) == 0 {
		return "?"
	}
	return string(out)
}

// hue gives a name one of twelve colors, the same each time (FNV-1a).
func hue(name string) string {
	h := uint32(2166136261)
	for i := 0; i < len(name); i++ {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return strconv.Itoa(int(h % 12))
}

// Text is a component of one escaped string, for props that take a component.
func Text(s string) templ.Component { return templ.Raw(html.EscapeString(s)) }
