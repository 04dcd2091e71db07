package themes

import (
	"fmt"
	"strings"
)

// Direction returns the writing direction of the shop's own language.
func (s Shop) Direction() string {
	language, _, _ := strings.Cut(strings.ToLower(s.Locale), "-")
	switch language {
	case "ar", "fa", "he", "ur", "yi", "ps", "ckb", "dv", "sd", "ug":
		return "rtl"
	}
	return "ltr"
}

// Clip returns the text on one line, cut at a word where it is longer than n characters.
func Clip(text string, n int) string {
	text = strings.Join(strings.Fields(text), " ")
	r := []rune(text)
	if len(r) <= n {
		return text
	}
	cut := string(r[:n-1])
	if i := strings.LastIndexByte(cut, ' '); i > n/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,.;:–-") + "…"
}

// Blocks returns the paragraphs of a plain text, each a list of its lines.
func Blocks(text string) [][]string {
	var out [][]string
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		} else if len(lines) > 0 {
			out, lines = append(out, lines), nil
		}
	}
	if len(lines) > 0 {
		out = append(out, lines)
	}
	return out
}

// Size sorts a heading by its length for the stylesheet: long names are set smaller.
func Size(text string) string {
	switch n := len([]rune(text)); {
	case n <= 14:
		return "short"
	case n <= 32:
		return "medium"
	case n <= 72:
		return "long"
	}
	return "longest"
}

// First gives the first text that isn't empty.
func First(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// Slot makes an id for the nth image of a page's part.
func Slot(part string, n int) string { return fmt.Sprintf("%s%d-", part, n) }
