package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// foreign holds what PostgreSQL, Go, a mail server or S3 says in the messages that the page quotes.
var foreign = []string{
	"connect: connection refused", "cannot assign requested address", "hostname resolving error: lookup", "no such host",
	"password authentication failed for user", "database does not exist", "tls error: server refused TLS connection",
	"WARNING: collation has version mismatch", "permission denied for schema public", "permission denied for table",
	"could not extend file", "No space left on device", "no EC2 IMDS role found", "initdb: exit status", "PostgreSQL",
	"no such user here.",
}

// example matches what differs from one message to the next: a value in quotes, a number, an address, a path, "…".
var example = regexp.MustCompile(`…|"[^"]*"|\(exit status 1\)|\(SQLSTATE \w+\)|\S*\d[\w.:/-]*|\S*/\S+|\S+@\S+|` +
	`\b(localhost|postgres|mail\.example\.com)\b|[^\s"]+=[^\s"]*`)

// Each message that the troubleshooting page quotes is one that the program can say, letter by letter.
func TestTroubleshootingQuotes(t *testing.T) {
	t.Parallel()
	said := "\n" + strings.Join(append(sentences(t), foreign...), "\n") + "\n"
	page, err := os.ReadFile("docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	quotes := quotesOf(string(page))
	if len(quotes) < 60 {
		t.Errorf("found %d messages; the page quotes more", len(quotes))
	}
	for _, quote := range quotes {
		for _, part := range example.Split(quote, -1) {
			if unsaid := unsaidIn(said, part); unsaid != "" {
				t.Errorf("nothing says %q of %q", unsaid, quote)
			}
		}
	}
	for _, invented := range []string{"ADDR is broken beyond repair", "Your mail has gone missing today."} {
		if unsaidIn(said, invented) == "" {
			t.Errorf("%q was found, and nothing says it", invented)
		}
	}
}

// quotesOf returns the messages of the page: the code spans of three words and more in the first cells of its tables
// and in its paragraphs.
func quotesOf(page string) (quotes []string) {
	fenced := false
	for line := range strings.SplitSeq(page, "\n") {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if strings.HasPrefix(line, "| ") {
			line, _, _ = strings.Cut(line[2:], " | ")
		}
		if fenced {
			continue
		}
		line = regexp.MustCompile(`msg="([^"]*)"`).ReplaceAllString(line, "$1")
		for _, span := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(line, -1) {
			if len(strings.Fields(span[1])) >= 3 && !strings.HasPrefix(span[1], "curl ") {
				quotes = append(quotes, span[1])
			}
		}
	}
	return quotes
}

// unsaidIn returns the first words of a part of a message that no sentence of the program has. A part may be put
// together from several sentences, of two words or more each; a word alone is a name.
func unsaidIn(said, part string) string {
	words := strings.Fields(strings.Trim(part, " :;,.()"))
	for len(words) > 1 {
		n := len(words)
		for n > 1 && !strings.Contains(said, strings.Join(words[:n], " ")) {
			n--
		}
		if n == 1 && !strings.HasSuffix(words[0], ":") && words[0] != strings.ToUpper(words[0]) {
			return strings.Join(words, " ")
		}
		words = words[n:]
	}
	return ""
}

// sentences returns the string literals of the program, those put together with + as one, with a line break where a
// value goes, and the text of its templates and migrations.
func sentences(t *testing.T) (all []string) {
	t.Helper()
	verb := regexp.MustCompile(`%[+#]?[\w.]`)
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		switch name := entry.Name(); {
		case strings.HasSuffix(name, ".templ"), strings.HasSuffix(name, ".sql"):
			text, err := os.ReadFile(path)
			all = append(all, strings.ReplaceAll(string(text), "''", "'"))
			return err
		case !strings.HasSuffix(name, ".go"), strings.HasSuffix(name, "_test.go"), strings.HasSuffix(name, "_templ.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			expression, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			text, ok := literal(expression)
			if ok {
				all = append(all, verb.ReplaceAllString(text, "\n"))
			}
			return !ok
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// literal returns the text of a string literal, or of several with + between them; a value among them is a line break.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, a := literal(e.X)
		right, b := literal(e.Y)
		if e.Op != token.ADD || !a && !b {
			return "", false
		}
		if !a {
			left = "\n"
		}
		if !b {
			right = "\n"
		}
		return left + right, true
	}
	return "", false
}
