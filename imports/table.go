package imports

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"orbit360.app/orbit"
)

// maxLine is how long one line of a table may be, with the line breaks in its cells.
const maxLine = 1 << 20

// form is how a file is written.
type form struct {
	encoding encoding.Encoding // nil is UTF-8
	comma    rune
	declared bool // by a line before the header, as spreadsheets read it: sep=;
	returns  bool // lines end with carriage returns alone
}

// survey reads a file once to find out how it is written: UTF-8 or UTF-16 with a mark at the beginning, UTF-8 without
// one, or else what Western spreadsheets save (Windows-1252). Invalid for what is no text.
func survey(file io.Reader) (f form, err error) {
	r := bufio.NewReaderSize(file, 64<<10)
	head, err := r.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return f, err
	}
	switch {
	case len(bytes.TrimSpace(head)) == 0:
		return f, orbit.Errorf(orbit.Invalid, "This file is empty.")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return f, orbit.Errorf(orbit.Invalid, "This is a spreadsheet or an archive. Save it as CSV, and upload that.")
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		f.encoding = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		f.encoding = unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM)
	}
	if f.encoding == nil {
		ok, lines, err := plain(r)
		if err != nil {
			return f, err
		}
		if f.returns = !lines; !ok {
			f.encoding = charmap.Windows1252
		}
	}
	first, err := firstLine(transform.NewReader(bytes.NewReader(head), f.decoder()))
	if err != nil {
		return f, err
	}
	if f.comma, f.declared = declared(first); !f.declared {
		f.comma = separator(first)
	}
	return f, nil
}

// plain reports whether all of a file is UTF-8, and whether a line feed is in it.
func plain(r *bufio.Reader) (ok, lines bool, err error) {
	ok = true
	for {
		c, size, err := r.ReadRune()
		switch {
		case errors.Is(err, io.EOF):
			return ok, lines, nil
		case err != nil:
			return ok, lines, err
		case c == utf8.RuneError && size == 1:
			ok = false
		case c == '\n':
			lines = true
		case c == 0:
			return ok, lines, orbit.Errorf(orbit.Invalid, "This file isn't text. Save it as CSV, and upload that.")
		}
	}
}

func (f form) decoder() transform.Transformer {
	if f.encoding == nil {
		return unicode.UTF8BOM.NewDecoder()
	}
	return f.encoding.NewDecoder()
}

// headSize is how many bytes of a file say what its form is.
const headSize = 4096

// firstLine returns the header as it is written, or what of it is in the beginning of a file.
func firstLine(r io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, 4*headSize))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, transform.ErrShortSrc) {
		return "", orbit.Wrap(orbit.Invalid, err, "This file can't be read. Save it as CSV in UTF-8, and upload that.")
	}
	if i := bytes.IndexAny(data, "\r\n"); i >= 0 {
		data = data[:i]
	}
	return string(data), nil
}

// declared returns the separator that a line before the header names.
func declared(first string) (comma rune, ok bool) {
	switch strings.ToLower(strings.Trim(first, `" `)) {
	case "sep=,":
		return ',', true
	case "sep=;":
		return ';', true
	case "sep=\t":
		return '\t', true
	case "sep=|":
		return '|', true
	}
	return 0, false
}

// separator is what separates the cells of a header: what is there most often, outside of quotes.
func separator(header string) rune {
	counts := map[rune]int{}
	quoted := false
	for _, c := range header {
		if c == '"' {
			quoted = !quoted
		} else if !quoted {
			counts[c]++
		}
	}
	best := ','
	for _, c := range []rune{';', '\t'} {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

// table is a file that is read line by line.
type table struct {
	csv    *csv.Reader
	source *meter
	header []string
}

// meter ends a line that is too long. A line ends with a line feed outside of quotes; a blank one is a line too.
type meter struct {
	io.Reader
	size   int // of what was read of the line, in bytes
	quoted bool
	lines  int // line feeds that were read
	before int // those of them before the line
}

var errLongLine = errors.New("imports: the line is too long")

func (m *meter) Read(p []byte) (int, error) {
	if m.size > maxLine {
		return 0, errLongLine
	}
	n, err := m.Reader.Read(p)
	for _, c := range p[:n] {
		m.size++
		switch c {
		case '"':
			m.quoted = !m.quoted
		case '\n':
			if m.lines++; !m.quoted {
				m.size, m.before = 0, m.lines
			}
		}
	}
	return n, err
}

// returns makes line feeds of carriage returns.
type returns struct{ io.Reader }

func (r returns) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	for i := range p[:n] {
		if p[i] == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

// open reads a file's header. Invalid where it has none.
func open(file io.Reader, f form) (*table, error) {
	decoded := io.Reader(transform.NewReader(file, f.decoder()))
	if f.returns {
		decoded = returns{decoded}
	}
	t := &table{source: &meter{Reader: decoded}}
	t.csv = csv.NewReader(t.source)
	t.csv.Comma, t.csv.FieldsPerRecord = f.comma, -1
	if f.declared {
		if _, err := t.next(); err != nil {
			return t, err
		}
	}
	header, err := t.next()
	if errors.Is(err, io.EOF) {
		err = orbit.Errorf(orbit.Invalid, "This file is empty.")
	}
	t.header = header.Cells
	return t, err
}

// next returns the next line. Invalid, with line and column, where it can't be read; io.EOF at the end.
func (t *table) next() (row orbit.FileRow, err error) {
	cells, err := t.csv.Read()
	if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
		why := "A quotation mark stands where none can stand"
		if errors.Is(wrong.Err, csv.ErrQuote) {
			why = "A quotation mark is missing, or one too many"
		}
		if errors.Is(wrong.Err, errLongLine) {
			why = fmt.Sprintf("A line is longer than %s; a quotation mark may be missing", orbit.Bytes(maxLine))
		}
		return row, orbit.Wrap(orbit.Invalid, err, fmt.Sprintf("Line %d, character %d: %s. Nothing was imported.", wrong.Line,
			wrong.Column, why))
	}
	if errors.Is(err, errLongLine) {
		return row, orbit.Wrap(orbit.Invalid, err, fmt.Sprintf("Line %d is longer than %s. A quotation mark may be missing. "+
			"Nothing was imported.", t.source.before+1, orbit.Bytes(maxLine)))
	}
	if err != nil {
		return row, err
	}
	row.Line, _ = t.csv.FieldPos(0)
	if slices.ContainsFunc(cells, func(c string) bool { return strings.ContainsRune(c, 0) }) { // UTF-16 can hold it
		return row, orbit.Errorf(orbit.Invalid, "Line %d isn't text. Save the file as CSV in UTF-8, and upload that.",
			row.Line)
	}
	row.Cells = cells
	return row, nil
}
