package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// widest is how many characters a line of Go, templ, SQL or a script may have; a tab is one.
const widest = 120

// banned holds the words that the house doesn't use in copy, comments and docs, and what it says instead. All of
// its words are in docs/words.md.
var banned = []struct {
	words   *regexp.Regexp
	instead string
	in      *regexp.Regexp // files that it holds in; nil is all
}{
	{word("needs another look"), "Please fix the errors below.", nil},
	{word("any more"), "no longer, or nothing at all", nil},
	{word("whoever|whomever|whose|whom"), "name who or what it is", nil},
	{word("told of|tells of|(is|are) told|tells whether"), "is notified, reports, logs", nil},
	{word("nobody (is|works|waits|listen(s|ed)|hears)"), "no worker, no job, no person", nil},
	{word(`colou?red|colours?|gr[e]y|cent[r]e|catalogues?|behaviours?|neighbours?|favourites?|honou?red|dialled|` +
		`(un)?labelled|modell(ed|ing)|travell\w+|misspelt|spelt|learnt|towards|whilst|amongst|for ever|` +
		`(recogn|organ|initial|normal|serial|optim|minim|summar|custom|author|synchron|priorit|capital)is(e|ed|es|ing)`),
		"American spelling", nil},
	{word("don't belong together"), "Incorrect email or password.", nil},
	{word("look at your mail"), "Check your email.", nil},
	{word(`used up|us(e|es|ed|ing) \w+ up`), "expired, no uses left", nil},
	{word("gets? away|got away|kept here"), "delivered, not sent", nil},
	{word("switch(ed)? (it )?(off|on)|switching (off|on)"), "activate, deactivate, turn on, turn off", nil},
	{word("written down|writes? down"), "logged, stored", nil},
	{word(`(re|un)?sealed|(re|un)?sealing|reseals?`), "encrypt, decrypt", nil},
	{word("reduced (price|product)s?"), "sale price, on sale", nil},
	{word(`(tak(e|es|en|ing)|took) (\w+ )?back`), "refund, undo, restore", nil},
	{word("made of the name"), "generated from the name", nil},
	{word("parted by"), "separated by", nil},
	{word("pays by"), "payment method", nil},
	{word("makes? no sense"), "bad request, isn't valid", nil},
	{word("cancelled|cancelling"), "canceled; in quotes where the API has the word", nil},
	{word("pictures?"), "image, media", nil},
	{word("price before"), "compare-at price", nil},
	{word("on offer"), "active, available", nil},
	{word("meanwhile"), "while, until then", nil},
	{word("mails|a mail"), "email", nil},
	{regexp.MustCompile(`(?i)[a-z](’(s|t|re|ve|ll|d|m)\b|s’)`), "a straight apostrophe (')", nil},
	{word("letters?"), "email", regexp.MustCompile(`^(mail|outbox)/|emails?\.(go|templ)$`)},
}

// allowed are parts of lines that only look like banned words.
var allowed = []*regexp.Regexp{
	regexp.MustCompile(`["'|\x60](order\.)?cancelled["'|\x60]`),       // a status of the API, and of the column under it
	regexp.MustCompile(`"CANCELLED"`),                                 // PayPal's status of a refund
	regexp.MustCompile(`</?picture\b|\bpicture[>{]`),                  // the HTML element
	regexp.MustCompile(`connection\.cancelled`),                       // htmx's property
	regexp.MustCompile(`(?i)\ba mail server\b`),                       // what takes emails
	regexp.MustCompile(`"mails"`),                                     // the table, before 0019
	regexp.MustCompile(`letter-spacing|\bletters (beyond|of|from)\b`), // CSS; of an alphabet
}

// opening matches a doc comment such as "Things are …" where Go's own form is "Things returns …".
var opening = regexp.MustCompile(`^\s*// (\w+) are\b`)

// read matches the files of words: code, styles, pages, and the scripts of tasks and CI.
var read = regexp.MustCompile(`\.(go|templ|sql|md|css|js|yml|sh)$|^\.ci/run$`)

// unread matches what others wrote or programs make, migrations that have landed, and the lists of words.
var unread = regexp.MustCompile(`(^|/)(\.(git|task)|testdata|vendor|node_modules)(/|$)|_templ\.go$|` +
	`^media/(jpeg|webp)/(c/|README)|^orbit/(common|more)passwords\.go$|^migrations/00([01]|2[01])|` +
	`^(store/renamed|words)_test\.go$|^docs/words\.md$`)

func word(alternatives string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(` + alternatives + `)\b`)
}

func TestWords(t *testing.T) {
	t.Parallel()
	found := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		path = filepath.ToSlash(path)
		if err != nil || path == "." {
			return err
		}
		if unread.MatchString(path) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !read.MatchString(path) {
			return nil
		}
		text, err := os.ReadFile(path)
		folder := filepath.ToSlash(filepath.Dir(path))
		found[folder] = append(found[folder], faultsOf(path, string(text))...)
		return err
	})
	if err != nil || len(found) < 20 {
		t.Fatalf("read %d folders; there are more in this house: %v", len(found), err)
	}
	for folder, faults := range found {
		if len(faults) > 0 {
			t.Errorf("%s has %d faults:\n%s", folder, len(faults), strings.Join(faults, "\n"))
		}
	}
}

// faultsOf returns the banned words, the openings and the long lines of a file.
func faultsOf(path, text string) (faults []string) {
	bounded := slices.Contains([]string{".go", ".templ", ".sql", ".js"}, filepath.Ext(path))
	before := ""
	for i, line := range strings.Split(text, "\n") {
		fault := func(format string, args ...any) {
			faults = append(faults, fmt.Sprintf("%s:%d: ", path, i+1)+fmt.Sprintf(format, args...))
		}
		if wide := utf8.RuneCountInString(line); bounded && wide > widest {
			fault("%d characters; %d are allowed", wide, widest)
		}
		plain := line
		for _, a := range allowed {
			plain = a.ReplaceAllString(plain, "")
		}
		for _, b := range banned {
			if w := b.words.FindString(plain); w != "" && (b.in == nil || b.in.MatchString(path)) {
				fault("%q: say %s", w, b.instead)
			}
		}
		if m := opening.FindStringSubmatch(line); m != nil && !strings.HasPrefix(strings.TrimSpace(before), "//") &&
			regexp.MustCompile(`(?m)^\s*((func|type|var|const|templ) |func \([^)]*\) )?`+m[1]+`\b`).MatchString(text) {
			fault("%q: open as Go does, with a verb or \"holds\"", strings.TrimSpace(m[0]))
		}
		before = line
	}
	return faults
}

// The test of words can fail: each rule finds what it is for, and lets pass what is right.
func TestWordsAreFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path, text string
		faults     int
	}{
		"right":            {"orbit/x.go", "// Things returns the things of a shop, newest first.\nfunc Things() {}\n", 0},
		"sentence":         {"views/x.templ", `<p>The product needs another look.</p>`, 1},
		"two":              {"docs/x.md", "Nobody works, and whoever waits sees a grey page.", 3},
		"comment":          {"static/js/x.js", "// Meanwhile the page is told of it.", 2},
		"case":             {"static/css/x.css", "/* Colour of what is on offer */", 2},
		"opening":          {"orbit/x.go", "// Things are the things.\nfunc Things() {}\n", 1},
		"opening, method":  {"store/x.go", "// Things are the things.\nfunc (t *T) Things() {}\n", 1},
		"a sentence's are": {"orbit/x.go", "// things returns all of\n// things are small\nfunc things() {}\n", 0},
		"line":             {"orbit/x.go", strings.Repeat("é", widest+1), 1},
		"line, in full":    {"orbit/x.go", "\t" + strings.Repeat("é", widest-1), 0},
		"line of a page":   {"docs/x.md", strings.Repeat("x", widest+1), 0},
		"API's word":       {"orbit/x.go", `const OrderCanceled = "cancelled"`, 0},
		"not API's word":   {"orbit/x.go", `// a cancelled order`, 1},
		"element":          {"themes/x.templ", `<picture><img/></picture>`, 0},
		"status":           {"views/x.templ", `<p>It was kept here and then switched off.</p>`, 2},
		"process":          {"docs/x.md", "Nobody listens, and the queue is normalised.", 2},
		"script":           {".ci/run", "# A check that fails is told of; step.go takes it back.", 2},
		"encryption":       {"webhooks/x.go", "// errSealed: what was sealed is written down", 2},
		"apostrophe":       {"views/x.templ", "<p>Your shops’ pages can’t be read.</p>", 1},
		"straight":         {"views/x.templ", "<p>Your shop's pages can't be read in Côte d’Ivoire.</p>", 0},
		"email":            {"mail/x.go", `// the letter's words`, 1},
		"emails":           {"docs/x.md", "A mail was sent.\nMails wait for a mail server.", 2},
		"of an alphabet":   {"orbit/x.go", `// a letter or a digit`, 0},
	} {
		if got := faultsOf(c.path, c.text); len(got) != c.faults {
			t.Errorf("%s: %d faults instead of %d: %q", name, len(got), c.faults, got)
		}
	}
}
