package orbit_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

// TestActions holds that each action has words of its own, and that the program writes no action but these.
func TestActions(t *testing.T) {
	t.Parallel()
	words := map[string]orbit.Action{}
	defined := map[orbit.Action]bool{}
	for _, d := range orbit.Actions() {
		if other, taken := words[d.Words]; taken || d.Words == "" || d.Words != d.Action.Words() {
			t.Errorf("the words of %s: %q, those of %q too", d.Action, d.Words, other)
		}
		words[d.Words], defined[d.Action] = d.Action, true
	}
	written := 0
	eachGoFile(t, func(path string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				if kind, ok := n.Type.(*ast.Ident); ok && kind.Name == "Action" && strings.HasPrefix(n.Names[0].Name, "Action") {
					if a := literal(n.Values[0]); !defined[orbit.Action(a)] {
						t.Errorf("%s has no words", a)
					}
					written++
				}
			case *ast.CallExpr:
				for _, arg := range n.Args {
					if a := literal(arg); writes(n) && looksLikeAction.MatchString(a) {
						t.Errorf("%s writes %q: make it one of orbit's actions", path, a)
					}
				}
			}
			return true
		})
	})
	if written != len(defined) {
		t.Errorf("%d actions are declared, %d have words", written, len(defined))
	}
}

// TestSaid holds that an action reads as a sentence with what it was done to.
func TestSaid(t *testing.T) {
	t.Parallel()
	for want, said := range map[string]string{
		"Signed in to the dashboard":           orbit.ActionSessionCreated.Said("dashboard"),
		"Signed in to the admin":               orbit.ActionSessionCreated.Said("admin"),
		"Failed to sign in as ann@example.com": orbit.ActionSessionRefused.Said("ann@example.com"),
		"Failed to sign in":                    orbit.ActionSessionRefused.Said(""),
		"Signed out everywhere":                orbit.ActionSessionEnded.Said("everywhere"),
		"Marked order #1001 as paid":           orbit.ActionOrderPaid.Said("#1001"),
	} {
		if said != want {
			t.Errorf("%q, not %q", said, want)
		}
	}
}

var looksLikeAction = regexp.MustCompile(`^[a-z]+\.[a-z_]+$`)

// writes reports whether a call may write to the audit log.
func writes(call *ast.CallExpr) bool {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		name = f.Sel.Name
	case *ast.Ident:
		name = f.Name
	}
	return regexp.MustCompile(`(?i)audit|note|commit|change|offer|revive`).MatchString(name)
}

// literal returns a string that is written out, "" for anything else.
func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, _ := strconv.Unquote(lit.Value) // the parser has read it
	return s
}

// eachGoFile parses the program's own Go files: no tests, nothing that is generated.
func eachGoFile(t *testing.T, do func(path string, file *ast.File)) {
	t.Helper()
	set := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.HasSuffix(path, "_templ.go") {
			return err
		}
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err == nil {
			do(path, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
