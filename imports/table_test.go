package imports

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"orbit360.app/orbit"
)

// lines reads a file whole: its cells with | between them.
func lines(file string) (all []string, err error) {
	f, err := survey(strings.NewReader(file))
	if err != nil {
		return nil, err
	}
	t, err := open(strings.NewReader(file), f)
	if err != nil {
		return nil, err
	}
	all = append(all, strings.Join(t.header, "|"))
	for {
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, strings.Join(row.Cells, "|"))
	}
}

// TestForms: the same table in every form in which spreadsheets save it.
func TestForms(t *testing.T) {
	t.Parallel()
	const text = "Title,Vendor,Price\nSmørrebrød,\"Fjell, \"\"Öst\"\"\",1.50\nTwo\nthings,x,2\n"
	quoted := strings.Replace(text, "Two\nthings", "\"Two\nthings\"", 1)
	want := []string{"Title|Vendor|Price", "Smørrebrød|Fjell, \"Öst\"|1.50", "Two\nthings|x|2"}
	encode := func(e interface{ String(string) (string, error) }) string {
		s, err := e.String(quoted)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	semicolons := strings.NewReplacer("Fjell,", "Fjell\x00", ",", ";", "\x00", ",").Replace(
		strings.Replace(quoted, "Fjell, ", "Fjell\x00 ", 1))
	for name, file := range map[string]string{
		"UTF-8":          quoted,
		"with a mark":    "\ufeff" + quoted,
		"UTF-16, little": encode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder()),
		"UTF-16, big":    encode(unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder()),
		"Latin-1":        encode(charmap.Windows1252.NewEncoder()),
		"CRLF":           strings.ReplaceAll(quoted, "\n", "\r\n"),
		"CR":             strings.ReplaceAll(quoted, "\n", "\r"),
		"semicolons":     semicolons,
		"tabs":           strings.ReplaceAll(semicolons, ";", "\t"),
		"sep=;":          "sep=;\r\n" + semicolons,
		"sep=; quoted":   "\ufeff\"sep=;\"\n" + semicolons,
		"sep=|":          "sep=|\n" + strings.ReplaceAll(semicolons, ";", "|"),
		"sep=tab":        "SEP=\t\n" + strings.ReplaceAll(semicolons, ";", "\t"),
		"no last line":   strings.TrimSuffix(quoted, "\n"),
		"blank lines":    strings.Replace(quoted, "Price\n", "Price\n\n\n", 1),
	} {
		if got, err := lines(file); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestBrokenFiles: what can't be read is refused in words, with the line where there is one.
func TestBrokenFiles(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"":                                    "This file is empty.",
		" \n\n":                               "This file is empty.",
		"PK\x03\x04 spreadsheet":              "Save it as CSV",
		"Title,Price\nMug\x00,1\n":            "isn't text",
		"Title,Price\nMug,1\nBo\"wl,2\n":      "Line 3, character 3",
		"sep=;\nTitle;Price\nBo\"wl;2\n":      "Line 3, character 3",
		"sep=;\n":                             "This file is empty.",
		"Title,Price\nMug,1\n\"Bowl,2\nX,3\n": "A quotation mark is missing",
		"Title,Price\n\"Mug\"x,1\n":           "Line 2, character 5",
		"Title,Price\nMug,1\nBowl," + strings.Repeat("x", 3*maxLine) + "\n": "longer than",
	} {
		_, err := lines(file)
		if orbit.CodeOf(err) != orbit.Invalid || !strings.Contains(orbit.Sentence(err), want) {
			t.Errorf("%.40q: %v, want %q", file, err, want)
		}
	}
}

// TestManyBlankLines: they are no line that is too long, and what comes after them has its own line.
func TestManyBlankLines(t *testing.T) {
	t.Parallel()
	blank := strings.Repeat("\r\n", 2*maxLine)
	got, err := lines("Title,Price\nMug,1\n" + blank + "Bowl,2\n")
	if err != nil || !slices.Equal(got, []string{"Title|Price", "Mug|1", "Bowl|2"}) {
		t.Errorf("%q, %v", got, err)
	}
	for _, long := range []string{strings.Repeat("x", 3*maxLine), `"` + strings.Repeat("\n", 3*maxLine) + `"`} {
		_, err := lines("Title,Price\n\n\nMug,1\n" + long + ",2\n")
		if orbit.CodeOf(err) != orbit.Invalid || !strings.Contains(orbit.Sentence(err), "ine 5") {
			t.Errorf("%.10q: %v", long, err)
		}
	}
}

// TestNUL: no form of a file brings one in: the database couldn't keep it.
func TestNUL(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"Title,Pr\x00ice\nMug,1\n":           "Line 1 isn't text",
		"Title,Price\n\nMug,1\nBo\x00wl,2\n": "Line 4 isn't text",
	} {
		wide, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := lines(wide); orbit.CodeOf(err) != orbit.Invalid || !strings.Contains(orbit.Sentence(err), want) {
			t.Errorf("%q: %v", file, err)
		}
	}
}
