package journeytest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"orbit360.app/programtest"
	"orbit360.app/store/storetest"
)

// Main runs a package's tests and removes the program that they were run with. Call it from TestMain.
func Main(m *testing.M) {
	code := storetest.Run(m)
	if err := programtest.Clean(); err != nil {
		fmt.Fprintln(os.Stderr, err) // a leftover in the temporary folder is no failure
	}
	os.Exit(code)
}

// Program is an installation of a test's own: what goes wrong with it fails the test.
type Program struct {
	*programtest.Program
	t *testing.T
}

// Install prepares an installation without starting it.
func Install(t *testing.T, env ...string) *Program {
	t.Helper()
	dir, err := programtest.Folder("installation")
	if err != nil {
		t.Fatal(err)
	}
	p := At(t, filepath.Join(dir, "data"), env...)
	t.Cleanup(func() {
		p.Kill()
		if err := os.RemoveAll(dir); err != nil {
			t.Log(err)
		}
	})
	return p
}

// At is Install with a DATA_DIR that is there already.
func At(t *testing.T, dir string, env ...string) *Program {
	t.Helper()
	return &Program{&programtest.Program{Port: FreePort(t), Dir: dir, Env: env}, t}
}

// FreePort returns a port that is free now.
func FreePort(t *testing.T) string {
	t.Helper()
	port, err := programtest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// MustStart starts a process and waits until it says that it runs.
func (p *Program) MustStart(env ...string) {
	p.t.Helper()
	if err := p.Start(env...); err != nil {
		p.t.Fatal(err)
	}
}

// Until waits for something that another process brings about.
func (p *Program) Until(what string, ok func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("waited for %s\n%s", what, p.Out)
		}
	}
}

// Eventually asks until it is so, or a deadline that only a broken program meets.
func Eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("gave up waiting: ", what)
		}
	}
}
