package orbit

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// Clean is what every text that a person typed passes at the border, before a handler sees it: NFC, invisible
// characters and direction marks out, line breaks as \n, all kinds of spaces as the plain one. What gives letters or
// emoji their form stays: joiners and variation selectors, where they do. So do control characters and the two that
// turn text around (U+202E and U+202D before letters written from right to left), for the reader of the text to
// refuse with a reason: without them it would read other than its author saw it. Bytes that aren't UTF-8 stay as they
// are.
//
// Passwords never come here.
func Clean(s string) string {
	if isPlainASCII(s) || !utf8.ValidString(s) {
		return s
	}
	in := []rune(norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n")))
	out := make([]rune, 0, len(in))
	for i := 0; i < len(in); i++ {
		r := in[i]
		switch {
		case r == '\r', r == '\u0085', r == '\u2028', r == '\u2029':
			out = append(out, '\n')
		case r == '\n', r == '\t', unicode.IsControl(r), r == rightToLeftOverride:
			out = append(out, r)
		case r == leftToRightOverride:
			if turnsAround(in[i+1:]) {
				out = append(out, r)
			}
		case unicode.IsSpace(r), r == brailleBlank:
			out = append(out, ' ')
		case r == blackFlag:
			n := flagTags(in[i+1:])
			out = append(out, in[i:i+1+n]...)
			i += n
		case !invisible(r), shapes(r, out, in[i+1:]):
			out = append(out, r)
		}
	}
	return norm.NFC.String(string(out)) // again: an invisible character may have kept a letter from its accent
}

const (
	leftToRightOverride = '\u202d'
	rightToLeftOverride = '\u202e'
	zeroWidthNonJoiner  = '\u200c'
	zeroWidthJoiner     = '\u200d'
	brailleBlank        = '\u2800'
	blackFlag           = '\U0001f3f4'
	cancelTag           = '\U000e007f'
)

func isPlainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] == '\r' {
			return false
		}
	}
	return true
}

// invisible reports whether a character shows nothing by itself: Default_Ignorable_Code_Point (UAX 44), the rest of
// the format characters that have no form of their own, and a note without a head.
func invisible(r rune) bool {
	switch {
	case r < 0xad:
		return false
	// Arabic number signs, hieroglyphs' frames
	case unicode.In(r, unicode.Prepended_Concatenation_Mark), r >= 0x13430 && r <= 0x13455:
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) ||
		r == 0x1d159
}

// shaping holds the scripts with letters that a joiner or a non-joiner between them changes (Unicode, chapters 9, 12
// and 13).
var shaping = []*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Nko, unicode.Mandaic, unicode.Adlam,
	unicode.Hanifi_Rohingya,
	unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu,
	unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Myanmar, unicode.Khmer, unicode.Tibetan, unicode.Balinese,
	unicode.Javanese, unicode.Sundanese, unicode.Tai_Tham, unicode.Cham, unicode.Brahmi, unicode.Grantha,
}

// shapes reports whether an invisible character changes the form of what stands before and behind it.
func shapes(r rune, before, after []rune) bool {
	prev, next, letter := rune(-1), rune(-1), rune(-1) // letter is prev without the marks that all scripts share
	if len(before) > 0 {
		prev = before[len(before)-1]
	}
	for i := len(before) - 1; i >= 0 && (letter < 0 || unicode.In(letter, unicode.Inherited) &&
		unicode.In(letter, unicode.Mn)); i-- {
		letter = before[i]
	}
	if len(after) > 0 {
		next = after[0]
	}
	switch {
	case r == zeroWidthJoiner && (pictograph(prev) || prev == 0xfe0f) && pictograph(next):
		return true
	case r == zeroWidthJoiner || r == zeroWidthNonJoiner:
		// Between letters; a joiner or non-joiner also ends a word: Persian ه‍, a virama that shows.
		virama := prev >= 0 && norm.NFC.PropertiesString(string(prev)).CCC() == 9
		return virama || (unicode.In(letter, shaping...) && (unicode.In(next, shaping...) || r == zeroWidthJoiner &&
			unicode.In(letter, unicode.Arabic)))
	case r == 0xfe0e || r == 0xfe0f:
		keycap := next == 0x20e3 && (prev >= '0' && prev <= '9' || prev == '#' || prev == '*')
		return keycap || pictograph(prev) || prev == '‼' || prev == '⁉' || prev == 'ℹ' || prev == '〰' || prev == '〽' ||
			unicode.Is(unicode.Han, prev)
	case r >= 0xfe00 && r <= 0xfe0d:
		return unicode.In(prev, unicode.Han, unicode.Myanmar, unicode.Phags_Pa, unicode.Manichaean) || prev >= 0x2190 &&
			unicode.Is(unicode.Sm, prev)
	case r >= 0xe0100 && r <= 0xe01ef:
		return unicode.Is(unicode.Han, prev)
	case r >= 0x180b && r <= 0x180f:
		return unicode.Is(unicode.Mongolian, prev) && !invisible(prev)
	case r == 0x115f: // fillers of Korean syllables that lack a part
		return next >= 0x1160 && next <= 0x11ff && next != 0x1160
	case r == 0x1160:
		return prev >= 0x1100 && prev < 0x115f
	}
	return false
}

// pictograph takes symbols beyond ASCII and the skin tones: what emoji are made of.
func pictograph(r rune) bool { return r >= 0x80 && unicode.IsSymbol(r) && !invisible(r) }

// flagTags is how many characters behind a black flag make it a region's, such as Scotland's.
func flagTags(after []rune) int {
	for i, r := range after[:min(len(after), 8)] {
		if r == cancelTag && i > 0 {
			return i + 1
		}
		if r < 0xe0030 || r > 0xe007a {
			return 0
		}
	}
	return 0
}

// turnsAround reports whether an override from left to right would change how what follows is read.
func turnsAround(after []rune) bool {
	return slices.ContainsFunc(after, func(r rune) bool {
		p, _ := bidi.LookupRune(r)
		return p.Class() == bidi.R || p.Class() == bidi.AL
	})
}

// Plain is Clean for what machines compare: addresses, codes, phones, names of hosts. Nothing invisible stays, and
// there is no white space around it.
func Plain(s string) string {
	s = Clean(s)
	if isPlainASCII(s) || !utf8.ValidString(s) {
		return strings.TrimSpace(s)
	}
	return strings.TrimSpace(norm.NFC.String(strings.Map(func(r rune) rune {
		if invisible(r) && r != rightToLeftOverride && r != leftToRightOverride {
			return -1
		}
		return r
	}, s)))
}

// Visible reports whether a text holds anything that can be seen: a letter, a digit, punctuation or a symbol.
func Visible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return (unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) ||
			unicode.In(r, unicode.Prepended_Concatenation_Mark)) &&
			!invisible(r) && r != brailleBlank
	})
}

// unfit says what of a cleaned text no text may hold, as the end of a sentence, "" where it holds nothing of the kind.
// Line breaks count where there may be none.
func unfit(s string, breaks bool) string {
	switch {
	case !utf8.ValidString(s):
		return "contains bytes that aren't text"
	case strings.ContainsAny(s, "\u202d\u202e"):
		return "can't contain characters that reverse the direction of text"
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\t' && (r != '\n' || !breaks) }):
		if breaks {
			return "can't contain control characters"
		}
		return "can't contain line breaks or control characters"
	}
	return ""
}

// Line cleans one line of text that a person typed: Clean, outer space trimmed, inner runs of white space made one
// space. ok is false where it holds what no line may: bad UTF-8, NUL, line breaks or other control characters, or
// overrides of direction that could disguise it. What shows nothing is "".
func Line(s string) (clean string, ok bool) {
	clean, why := lineOf(s)
	return clean, why == ""
}

func lineOf(s string) (clean, why string) {
	s = strings.TrimSpace(Clean(s))
	if why := unfit(s, false); why != "" {
		return "", why
	}
	if s = strings.Join(strings.Fields(s), " "); !Visible(s) {
		return "", ""
	}
	return s, ""
}

// Search cleans what somebody looks for: a line of at most most characters. Whatever can't be part of one is taken as
// a space: a search is never an error, and what is shown as searched is what was searched.
func Search(s string, most int) string {
	s = Clean(strings.ToValidUTF8(s, "�"))
	clean, _ := Line(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == leftToRightOverride || r == rightToLeftOverride {
			return ' '
		}
		return r
	}, s))
	return cut(clean, most)
}

// cut gives the first most characters of a line.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most]))
	}
	return s
}

// line checks a required line of min to max characters and adds a fault where it isn't one.
func (f *Faults) line(field, label, value string, min, max int) string {
	clean, why := lineOf(value)
	n := utf8.RuneCountInString(clean)
	switch {
	case why != "":
		f.Add(field, "", "%s %s.", label, why)
	case n == 0 && min > 0:
		f.Add(field, "", "%s is required.", label)
	case n < min:
		f.Add(field, value, "%s needs at least %d characters.", label, min)
	case n > max:
		f.Add(field, value, "%s can have at most %d characters.", label, max)
	}
	return clean
}

// text checks lines of text that a person typed; line breaks are kept as \n.
func (f *Faults) text(field, label, value string, most int) string {
	value = strings.TrimSpace(Clean(value))
	switch why := unfit(value, true); {
	case why != "":
		f.Add(field, "", "%s %s.", label, why)
		return ""
	case utf8.RuneCountInString(value) > most:
		f.Add(field, "", "%s can have at most %d characters.", label, most)
	case !Visible(value):
		return ""
	}
	return value
}

func shorten(s string, n int) string {
	s = strings.ToValidUTF8(s, "�")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
