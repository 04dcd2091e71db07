package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "orbit360.app"

// floors is the house: a room is a folder at the root, "" is the program itself, and a room may know the
// rooms below its own floor. README.md says what each is for; a new room is added in both places.
var floors = map[string]int{
	"orbit": 0, "static": 0, "migrations": 0, "logs": 0, "command": 0,
	"postgres": 1, "store": 1, "themes": 1, "mail": 1, "metrics": 1,
	"browsertest": 1, "programtest": 1,
	"views": 2, "live": 2, "traffic": 2,
	"jobs":      3,
	"provision": 4, "outbox": 4, "webhooks": 4, "media": 4, "schedule": 4, "payments": 4,
	"imports":  4,
	"handlers": 5,
	"":         6, "journey": 6, "chaos": 6, "bench": 6,
}

// Inside a room a package may know its parent and what is shared; two children don't know each other,
// and a parent knows its children only where putting them together is what it is for.
var (
	shared = []string{"handlers/kit", "handlers/pages", "handlers/hooks", "views/ui", "views/hooks", "views/editor",
		"store/pg", "bench/bed"}
	parents = []string{"handlers", "media"}
)

// apart holds packages that don't know the root of their room: the platform's rows and a shop's are two worlds.
var apart = []string{"store/shop", "store/pg"}

// onlyTests holds packages that nothing but tests and measurements may know, and each other.
var onlyTests = []string{"store/storetest", "jobs/jobstest", "themes/themetest", "browsertest", "programtest",
	"payments/fake", "journey/journeytest"}

// outside holds the rooms that use, break and measure the program as others do.
var outside = []string{"journey", "chaos", "bench"}

// keys says which rooms may use a library: everything below the path, the longest path counts. What isn't
// named is free. What looks at the program from outside may use all.
var keys = map[string][]string{
	"github.com/gofiber":          {"handlers"},
	"github.com/valyala/fasthttp": {"handlers"},
	"github.com/fasthttp":         {"handlers"},
	"github.com/alexedwards":      {"handlers"},
	"github.com/danielgtaylor":    {"handlers"},
	"github.com/golang-jwt":       {"handlers"},
	"github.com/prometheus":       {"metrics"},
	"riverqueue.com":              {"handlers"},
	"github.com/a-h/templ":        {"views", "themes", "mail", "handlers"},
	"github.com/uptrace/bun":      {"store"},
	"github.com/jackc":            {"store", "postgres"},
	"database/sql":                {"store"},
	"database/sql/driver":         {"store", "orbit"}, // an id knows its form in a column
	"github.com/riverqueue": {"store", "jobs", "provision", "outbox", "webhooks", "media",
		"schedule", "payments", "imports"},
	"gocloud.dev":              {"media"},
	"github.com/tetratelabs":   {"media"},
	"golang.org/x/image":       {"media"},
	"github.com/boombuler":     {"views"},
	"github.com/fergusstrange": {"postgres"},
	"github.com/wneessen":      {"mail"},
	"github.com/caarlos0":      {""},
	"github.com/stripe":        {"payments"}, // its published document, for the fake
}

// river's client is typed by the transaction it inserts in.
var pgxTx = edge{"jobs", "github.com/jackc/pgx/v5"}

// The ground floor leans on nothing: orbit on libraries that only compute, the other two on the standard library.
var (
	values = []string{"github.com/google/uuid", "github.com/bojanz/currency", "golang.org/x/net/idna",
		"golang.org/x/net/publicsuffix", "golang.org/x/text",
		"github.com/mozillazg/go-unidecode", "github.com/microcosm-cc/bluemonday", "golang.org/x/net/html",
		"github.com/nyaruka/phonenumbers"}
	inOut = []string{"os", "net", "net/http", "net/smtp", "net/rpc", "net/textproto", "log", "syscall", "embed", "io/fs",
		"io/ioutil", "path/filepath"}
)

// unwelcome holds names of folders that say nothing.
var unwelcome = []string{"internal", "pkg", "services", "models", "util", "utils", "common", "helpers"}

type edge struct{ from, to string }

// listed is a package in the output of go list.
type listed struct {
	ImportPath, Name                   string
	Imports, TestImports, XTestImports []string
}

func TestFloors(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-json=ImportPath,Name,Imports,TestImports,XTestImports", "./...").Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("%w: %s", err, exit.Stderr)
	}
	if err != nil {
		t.Fatal("go list:", err)
	}
	var packages []listed
	for in := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		err := in.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal("go list:", err)
		}
		packages = append(packages, p)
	}
	if len(packages) < 20 {
		t.Fatalf("go list found %d packages; there are more in this house", len(packages))
	}
	for _, fault := range inspect(packages) {
		t.Error(fault)
	}
	for room := range floors {
		if !slices.ContainsFunc(packages, func(p listed) bool { return room == roomOf(p) }) {
			t.Errorf("%s has a floor and no package", room)
		}
	}
	for _, p := range packages {
		if fault := described(p); fault != "" {
			t.Error(fault)
		}
	}
}

func roomOf(p listed) string { return room(local(p.ImportPath)) }

// described says what a package lacks that says what it is for: doc.go of at most ten lines before its package clause.
// A command says it at the head of main.go.
func described(p listed) string {
	name, opening := "doc.go", "// Package "+p.Name+" "
	if p.Name == "main" {
		name, opening = "main.go", "// Command "
	}
	text, err := os.ReadFile(filepath.Join(local(p.ImportPath), name))
	doc, _, _ := strings.Cut(string(text), "\npackage ")
	switch {
	case err != nil:
		return fmt.Sprintf("%s has no %s that says what it is for", p.ImportPath, name)
	case !strings.HasPrefix(doc, opening):
		return fmt.Sprintf("%s of %s doesn't begin with %q", name, p.ImportPath, opening)
	case strings.Count(doc, "\n") >= 10:
		return fmt.Sprintf("%s of %s has more than ten lines", name, p.ImportPath)
	}
	return ""
}

// TestReadmeNamesEveryRoom holds README's table of rooms against the floors.
func TestReadmeNamesEveryRoom(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]int{}
	for _, row := range regexp.MustCompile("(?m)^\\| (\\d) \\| `([^`]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		floor, _ := strconv.Atoi(row[1]) // a digit
		named[strings.TrimSuffix(row[2], "main.go")] = floor
	}
	if !maps.Equal(named, floors) {
		t.Errorf("README.md has the rooms %v, and the floors are %v", named, floors)
	}
}

// TestFloorsFinds makes sure that the test above can fail.
func TestFloorsFinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		test     bool   // imported by a test
		fault    string // "" where it is allowed
	}{
		{"handlers/admin", module + "/views/admin", false, ""},
		{"handlers/admin", module + "/handlers/kit", false, ""},
		{"handlers/admin", "github.com/gofiber/fiber/v2", false, ""},
		{"handlers", module + "/handlers/admin", false, ""},
		{"themes/modern", module + "/themes", false, ""},
		{"themes/themetest", module + "/themes/classic", true, ""},
		{"store/storetest", module + "/postgres", false, ""},
		{"jobs", "github.com/jackc/pgx/v5", false, ""},
		{"jobs", "github.com/riverqueue/river/riverdriver/riverpgxv5", false, ""},
		{"webhooks", module + "/jobs", false, ""},
		{"jobs", module + "/live", false, ""},
		{"orbit", "database/sql/driver", false, ""},
		{"orbit", "github.com/bojanz/currency", false, ""},
		{"views/ui", "github.com/fasthttp/websocket", true, ""},
		{"", module + "/postgres", false, ""},
		{"bench/provision", "github.com/jackc/pgx/v5/pgxpool", false, ""},
		{"bench/provision", module + "/programtest", false, ""},
		{"programtest", module + "/postgres", false, ""},
		{"journey/journeytest", module + "/store/storetest", false, ""},
		{"journey/operators", module + "/journey/journeytest", true, ""},

		{"store", module + "/store/pg", false, ""},
		{"store/shop", module + "/store/pg", false, ""},

		{"store/shop", module + "/store", false, "apart"},
		{"store", module + "/store/shop", false, "its own children"},
		{"store", module + "/handlers", false, "up"},
		{"store", module + "/handlers", true, "up"},
		{"store", module + "/mail", false, "sideways"},
		{"store", module + "/postgres", false, "sideways"},
		{"jobs", module + "/provision", false, "up"},
		{"live", module + "/jobs", false, "up"},
		{"orbit", module + "/static", false, "sideways"},
		{"handlers/admin", module + "/handlers/site", false, "sideways"},
		{"handlers/kit", module + "/handlers", false, "root of its room"},
		{"themes", module + "/themes/modern", false, "its own children"},
		{"themes/modern", module + "/themes/classic", false, "sideways"},
		{"store", module + "/store/storetest", false, "only tests"},
		{"", module + "/payments/fake", false, "only tests"},
		{"payments/stripe", module + "/payments/fake", true, ""},
		{"journey", module + "/journey/journeytest", false, "only tests"},
		{"store", module + "/util", false, "no floor"},
		{"util", "fmt", false, "no floor"},
		{"store/utils", "fmt", false, "says nothing"},
		{"provision", "github.com/gofiber/fiber/v2", false, `belongs to ["handlers"]`},
		{"provision", "github.com/jackc/pgx/v5/pgxpool", false, `belongs to ["store"`},
		{"handlers/kit", "github.com/jackc/pgx/v5", false, `belongs to ["store"`},
		{"provision", "github.com/prometheus/client_golang/prometheus", false, `belongs to ["metrics"]`},
		{"handlers/admin", "database/sql", false, `belongs to ["store"`},
		{"provision", "github.com/a-h/templ", false, `belongs to ["views"`},
		{"orbit", "os", false, "in or out"},
		{"orbit", "net/http/httptest", false, "in or out"},
		{"orbit", "github.com/gofiber/utils", false, `belongs to ["handlers"]`},
		{"mail", "github.com/caarlos0/env/v11", false, `belongs to [""]`},
		{"orbit", "golang.org/x/crypto/argon2", false, "leans on nothing"},
		{"migrations", "github.com/bojanz/currency", false, "leans on nothing"},
	} {
		p := listed{ImportPath: strings.TrimSuffix(module+"/"+c.from, "/"), Name: "x"}
		if c.test {
			p.XTestImports = []string{c.to}
		} else {
			p.Imports = []string{c.to}
		}
		found := strings.Join(inspect([]listed{p}), "\n")
		if (c.fault == "") != (found == "") || !strings.Contains(found, c.fault) {
			t.Errorf("%s -> %s: found %q, want %q", c.from, c.to, found, c.fault)
		}
	}
}

// inspect lists what breaks the rules, in sentences.
func inspect(packages []listed) (faults []string) {
	for _, p := range packages {
		from := local(p.ImportPath)
		if fault := placed(from); fault != "" {
			faults = append(faults, fault)
			continue
		}
		for _, to := range p.Imports {
			fault := library(from, to)
			if isOurs(to) {
				fault = known(from, local(to))
			}
			if fault != "" {
				faults = append(faults, fault)
			}
		}
		// A test may look sideways and use any library, but never up.
		for _, to := range slices.Concat(p.TestImports, p.XTestImports) {
			if isOurs(to) && floors[room(local(to))] > floors[room(from)] {
				faults = append(faults, fmt.Sprintf("a test of %s imports %s: that is up", from, to))
			}
		}
	}
	return faults
}

// placed says what is wrong with where a package is.
func placed(path string) string {
	if _, ok := floors[room(path)]; !ok {
		return path + " is on no floor: a new room is added to floors, with a reason in its commit"
	}
	for name := range strings.SplitSeq(path, "/") {
		if slices.Contains(unwelcome, name) {
			return path + ": a folder called " + name + " says nothing of what is in it"
		}
	}
	return ""
}

// known says what is wrong with one package of ours knowing another.
func known(from, to string) string {
	fault := func(why string) string { return from + " imports " + to + ": " + why }
	here, there := room(from), room(to)
	floor, ok := floors[there]
	switch {
	case !ok:
		return fault("it is on no floor")
	case slices.Contains(onlyTests, to) && here != "bench" && !slices.Contains(onlyTests, from):
		return fault("only tests may")
	case here == there && to == there:
		if slices.Contains(apart, from) {
			return fault("it stands apart from the root of its room")
		}
		if slices.Contains(parents, there) {
			return fault("the root of its room puts the children together and is known by none")
		}
		return ""
	case here == there && from == here:
		if !slices.Contains(parents, here) && !slices.Contains(shared, to) {
			return fault("a room's root doesn't know its own children")
		}
		return ""
	case here == there:
		if !slices.Contains(shared, to) && !strings.HasPrefix(from, to+"/") && !slices.Contains(onlyTests, from) {
			return fault("that is sideways")
		}
		return ""
	case floor > floors[here]:
		return fault("that is up")
	case floor == floors[here] && !slices.Contains(onlyTests, from):
		return fault("that is sideways")
	}
	return ""
}

// library says what is wrong with a package of ours using one of somebody else's.
func library(from, to string) string {
	here := room(from)
	if slices.Contains(outside, here) || (edge{from, to}) == pgxTx {
		return ""
	}
	longest := ""
	for path := range keys {
		if below(to, path) && len(path) > len(longest) {
			longest = path
		}
	}
	if longest != "" {
		if !slices.Contains(keys[longest], here) {
			return fmt.Sprintf("%s imports %s: it belongs to %q", from, to, keys[longest])
		}
		return ""
	}
	if floors[here] > 0 {
		return ""
	}
	first, _, _ := strings.Cut(to, "/")
	standard := !strings.Contains(first, ".")
	in := func(paths []string) bool {
		return slices.ContainsFunc(paths, func(path string) bool { return below(to, path) })
	}
	switch {
	// net/url, net/mail and net/netip only parse.
	case here == "orbit" && standard && in(inOut) && !slices.Contains([]string{"net/url", "net/mail", "net/netip"}, to):
		return from + " imports " + to + ": nothing goes in or out on the ground floor"
	case !standard && (here != "orbit" || !in(values)):
		return from + " imports " + to + ": the ground floor leans on nothing but " + strings.Join(values,
			", ") + ", and those in orbit alone"
	}
	return ""
}

func isOurs(path string) bool { return below(path, module) }

func below(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// local is a package's folder, "" for the program itself.
func local(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

func room(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}
