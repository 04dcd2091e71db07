package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// bounded holds calls that bound what io.ReadAll may read of what they are given.
var bounded = []string{"io.LimitReader", "io.NewSectionReader", "http.MaxBytesReader"}

// unbounded holds calls that read or unpack as much as somebody outside sends: each has a form with a bound.
var unbounded = map[string]string{
	"http.Get": "a client of its own", "http.Post": "a client of its own", "http.Head": "a client of its own",
	"http.PostForm": "a client of its own", "DefaultClient.Do": "a client of its own",
	"BodyUncompressed": "nothing: encoded requests are refused", "BodyGunzip": "nothing: encoded requests are refused",
	"BodyInflate":  "nothing: encoded requests are refused",
	"BodyUnbrotli": "nothing: encoded requests are refused", "BodyUnzstd": "nothing: encoded requests are refused",
	"BodyParser": "FormValue or the API's readBody", "BodyStream": "the body as it was read",
}

// unpacking holds readers that give more than they are given: code that makes one reads it through a bound, and stands
// here.
var unpacking = map[string][]string{
	"zlib.NewReader":  {"media"}, // a color profile, read through io.LimitReader
	"gzip.NewReader":  {"orbit"}, // the embedded list of passwords
	"flate.NewReader": nil, "lzw.NewReader": nil, "bzip2.NewReader": nil, "brotli.NewReader": nil, "zstd.NewReader": nil,
	"zip.NewReader": nil, "zip.OpenReader": nil, "tar.NewReader": nil,
}

// TestReadersAreBounded goes through the program's source: whatever reads what comes from outside has a bound on what
// comes out.
func TestReadersAreBounded(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		room, _, _ := strings.Cut(filepath.ToSlash(path), "/")
		if entry.IsDir() && (slices.Contains(outside, room) || entry.Name() == "testdata" ||
			(len(path) > 1 && strings.HasPrefix(entry.Name(), "."))) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			selector, name := called(n)
			at := func() string { return set.Position(n.Pos()).String() }
			switch {
			case selector == "":
			case selector == "io.ReadAll":
				if inner, _ := called(n.(*ast.CallExpr).Args[0]); !slices.Contains(bounded, inner) {
					t.Errorf("%s: io.ReadAll takes one of %s here, so that nobody fills the memory", at(), strings.Join(bounded, ", "))
				}
			case name == "ReadAll":
				t.Errorf("%s: %s reads without a bound: io.ReadAll(io.LimitReader(...)) has one", at(), selector)
			default:
				for _, key := range []string{selector, name} {
					if instead, bad := unbounded[key]; bad {
						t.Errorf("%s: %s has no bound; use %s", at(), selector, instead)
					}
					if rooms, packs := unpacking[key]; packs && !slices.Contains(rooms, room) {
						t.Errorf("%s: %s gives more than it is given: bound what comes out and name the room in this test", at(),
							selector)
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil || files < 100 {
		t.Fatal(files, "files", err)
	}
}

// called is what a call calls, as package.Name or as variable.Method, and the name alone; "" for everything else.
func called(n ast.Node) (selector, name string) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return "", ""
	}
	s, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	switch x := s.X.(type) {
	case *ast.Ident:
		return x.Name + "." + s.Sel.Name, s.Sel.Name
	case *ast.SelectorExpr:
		return x.Sel.Name + "." + s.Sel.Name, s.Sel.Name
	}
	return "(…)." + s.Sel.Name, s.Sel.Name
}
