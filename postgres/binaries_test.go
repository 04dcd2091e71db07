package postgres

import (
	"archive/zip"
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// writeScript makes an executable; what it is called with doesn't matter to most.
func writeScript(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

// pretend makes a folder with a PostgreSQL that can only tell its version.
func pretend(t *testing.T, root, version string) string {
	t.Helper()
	dir := filepath.Join(root, version)
	writeScript(t, filepath.Join(dir, "postgres"), "echo 'postgres (PostgreSQL) "+version+" (Some Packager 1:2)'")
	writeScript(t, filepath.Join(dir, "initdb"), "")
	return dir
}

func TestWhichBinaries(t *testing.T) {
	t.Parallel()
	root := publicDir(t)
	dead := httptest.NewServer(http.NotFoundHandler())
	defer dead.Close()
	who, err := chooseAccount(filepath.Join(root, "none"))
	if err != nil {
		t.Fatal(err)
	}
	v14, v15, v16 := pretend(t, root, "14.2"), pretend(t, root, "15.1"), pretend(t, root, "16beta1")
	broken := filepath.Join(root, "broken")
	writeScript(t, filepath.Join(broken, "postgres"), "exit 1")
	writeScript(t, filepath.Join(broken, "initdb"), "")
	half := filepath.Join(root, "half")
	writeScript(t, filepath.Join(half, "postgres"), "echo postgres '(PostgreSQL)' 16.1")
	for _, c := range []struct {
		dirs  []string
		major int
		want  string
		fails string
	}{
		{dirs: []string{half, broken, v14, v16, v15}, want: v16},
		{dirs: []string{v16, v15}, major: 15, want: v15},
		{dirs: []string{v14}, major: 14, want: v14},
		{dirs: []string{v14}, fails: "PostgreSQL isn't installed: install version 15 or newer"},
		{dirs: []string{}, fails: "PostgreSQL isn't installed: install version 15 or newer"},
		{dirs: []string{v16, v15, v14}, major: 17,
			fails: "was written by PostgreSQL 17 and this machine has version 14, 15, 16: install PostgreSQL 17"},
		{dirs: []string{}, major: 17, fails: "PostgreSQL 17, which wrote "},
		{dirs: []string{}, major: 13, fails: "there is no PostgreSQL 13 to download"},
	} {
		p := &place{dir: root, home: filepath.Join(root, "home"), who: who}
		b, err := findBinaries(t.Context(), p, c.major, testOptions{binaryDirs: c.dirs, repository: dead.URL},
			slog.New(slog.DiscardHandler))
		switch {
		case c.fails == "" && (err != nil || b.dir != c.want):
			t.Errorf("%v for %d: %v, %v, want %s", c.dirs, c.major, b, err, c.want)
		case c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%v for %d: %v, %v, want an error with %q", c.dirs, c.major, b, err, c.fails)
		}
	}
}

func TestOtherMajorIsRefused(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	if err := os.WriteFile(filepath.Join(dir, "data", "PG_VERSION"), []byte("14\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := startFails(t, testConfig(dir)); !strings.Contains(got, "14") || !strings.Contains(got, "install") {
		t.Error(got)
	}
}

func TestBehindPath(t *testing.T) {
	t.Parallel()
	root := publicDir(t)
	real := filepath.Join(root, "real")
	for _, name := range []string{"postgres", "initdb"} {
		if err := os.MkdirAll(real, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(real, name), []byte("\x7fELF"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	links, shims, alone := filepath.Join(root, "links"), filepath.Join(root, "shims"), filepath.Join(root, "alone")
	if err := os.Mkdir(links, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(real, "postgres"), filepath.Join(links, "postgres")); err != nil {
		t.Fatal(err)
	}
	writeScript(t, filepath.Join(shims, "postgres"), "exec "+real+"/postgres")
	writeScript(t, filepath.Join(shims, "pg_config"), "echo "+real)
	writeScript(t, filepath.Join(alone, "postgres"), "exec "+real+"/postgres")
	for dir, want := range map[string]string{real: real, links: real, shims: real, alone: "", root: "", "": "", ".": ""} {
		if got, ok := behindPath(t.Context(), dir); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q, %v, want %q", dir, got, ok, want)
		}
	}
}

// A repository that serves what the real one serves, in its shape: scripts that lead to the
// installed PostgreSQL, in a tar.xz in a zip.
func TestDownload(t *testing.T) {
	t.Parallel()
	xz, err := exec.LookPath("xz")
	installed := installedDirs(t.Context())
	if err != nil || len(installed) == 0 {
		t.Skip("needs xz and an installed PostgreSQL")
	}
	root := publicDir(t)
	for _, name := range []string{"postgres", "initdb"} {
		writeScript(t, filepath.Join(root, "tree", "bin", name), fmt.Sprintf("exec %s/%s \"$@\"", installed[0], name))
	}
	writeScript(t, filepath.Join(root, "tree", "bin", "pg_ctl"), "exit 1")
	archive := exec.Command("tar", "-C", filepath.Join(root, "tree"), "-I", xz, "-cf", filepath.Join(root, "postgres.txz"),
		"bin")
	if out, err := archive.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	txz, err := os.ReadFile(filepath.Join(root, "postgres.txz"))
	if err != nil {
		t.Fatal(err)
	}
	var jar bytes.Buffer
	packed := zip.NewWriter(&jar)
	file, err := packed.Create("postgres.txz")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(txz); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	var asked int
	repository := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, ".jar") {
			http.NotFound(w, r)
			return
		}
		asked++
		_, _ = w.Write(jar.Bytes())
	}))
	defer repository.Close()

	cfg := testConfig(filepath.Join(root, "pg"))
	cfg.test.binaryDirs, cfg.test.repository = []string{}, repository.URL
	for range 2 {
		s := start(t, cfg)
		if got := ask[int](t, s.URL(), "SELECT 1"); got != 1 {
			t.Error("it doesn't answer")
		}
		stop(t, s)
	}
	if asked != 1 {
		t.Errorf("downloaded %d times, want once", asked)
	}
	if left, err := filepath.Glob(filepath.Join(root, "pg", "binaries", ".new-*")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}
