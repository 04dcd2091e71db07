package themes

import (
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/a-h/templ/parser/v2"
)

func TestWordsAreComplete(t *testing.T) {
	t.Parallel()
	for language, w := range languages {
		v := reflect.ValueOf(*w)
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s: no %s", language, v.Type().Field(i).Name)
			}
		}
		for _, mood := range []Mood{Bold, Heritage, Quiet} {
			if w.Voice(mood) == nil {
				t.Errorf("%s: no words for mood %d", language, mood)
			}
		}
	}
}

func TestWordsFor(t *testing.T) {
	t.Parallel()
	for _, locale := range []string{"", "en", "en-US", "EN-GB", "xx", "ar"} {
		if WordsFor(locale) != english {
			t.Errorf("%q isn't answered in English", locale)
		}
	}
	if got := english.ProductCount(1) + ", " + english.ProductCount(2) + ", " + english.ResultCount(0); got !=
		"1 product, 2 products, Nothing found" {
		t.Error(got)
	}
}

// What a shopper reads stands in Words: no text, label or string of a page is written into its template.
func TestTemplatesHoldNoWords(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.templ")
	if err != nil {
		t.Fatal(err)
	}
	engines, err := filepath.Glob("*/*.templ")
	if err != nil || len(files) == 0 || len(engines) < 6 {
		t.Fatal(files, engines, err)
	}
	for _, file := range append(files, engines...) {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range literals(t, string(source)) {
			t.Errorf("%s: %q belongs in Words", file, text)
		}
	}
	got := literals(t, `package x

templ X(name string) {
	<p class="a b" aria-label="Good day">Hello { "Dear " + name }</p>
	if name == "two words" {
		@Y("Sold out", "hero_image")
	}
}
`)
	if want := []string{"Good day", "Hello", "Dear ", "two words", "Sold out"}; !reflect.DeepEqual(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

// spoken holds the attributes that people read or hear.
var spoken = map[string]bool{"aria-label": true, "alt": true, "title": true, "placeholder": true, "value": true,
	"content": true}

// prose is what a string that people read looks like: a capitalized word, or words with spaces between them.
var prose = regexp.MustCompile(`^\s*[A-Z][a-z]|\pL{2,} \pL{2,}`)

// marks matches strings that only look like it.
var marks = regexp.MustCompile(`^(width=device-width.*|noindex)$`)

// literals returns the texts of a template that stand there for people.
func literals(t *testing.T, source string) (found []string) {
	t.Helper()
	file, err := parser.ParseString(source)
	if err != nil {
		t.Fatal(err)
	}
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Struct:
			switch n := v.Interface().(type) {
			case parser.Text:
				if text := strings.TrimSpace(n.Value); strings.ContainsFunc(text, isLetter) {
					found = append(found, text)
				}
			case parser.ConstantAttribute:
				if spoken[n.Key.String()] && prose.MatchString(n.Value) && !marks.MatchString(n.Value) {
					found = append(found, n.Value)
				}
				return
			case parser.ExpressionAttribute:
				if n.Key.String() == "class" {
					return
				}
			case parser.TemplateFileGoExpression, parser.Range:
				return
			case parser.Expression:
				found = append(found, goStrings(n.Value)...)
				return
			}
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		}
	}
	walk(reflect.ValueOf(file))
	return found
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// goStrings returns the strings in Go code that look like prose.
func goStrings(code string) (found []string) {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(code)), []byte(code), func(token.Position, string) {}, 0)
	for {
		_, kind, text := s.Scan()
		if kind == token.EOF {
			return found
		}
		if kind == token.STRING {
			if text, err := strconv.Unquote(text); err == nil && prose.MatchString(text) && !strings.HasPrefix(text, "<") {
				found = append(found, text)
			}
		}
	}
}
