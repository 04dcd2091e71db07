package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// oldest is the oldest supported major version: migrations may use its features.
const oldest = 15

// binaries is one installed PostgreSQL.
type binaries struct {
	dir   string // holds postgres and initdb
	major int
}

func (b binaries) postgres() string { return filepath.Join(b.dir, "postgres") }
func (b binaries) initdb() string   { return filepath.Join(b.dir, "initdb") }

// usualFolders is where packages put PostgreSQL without putting it on PATH: Debian and Ubuntu,
// Alpine, source builds, the PGDG packages for Red Hat, Homebrew on ARM and on Intel, Postgres.app.
var usualFolders = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/libexec/postgresql*",
	"/usr/local/pgsql/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/opt/homebrew/opt/postgresql/bin",
	"/usr/local/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// findBinaries returns the PostgreSQL to run: of exactly this major version when data exists
// already (major > 0), of any supported one otherwise. When none is installed it is downloaded.
func findBinaries(ctx context.Context, p *place, major int, t testOptions, log *slog.Logger) (binaries, error) {
	dirs := t.binaryDirs
	if dirs == nil {
		dirs = installedDirs(ctx)
	}
	dirs = append(dirs, downloadedDirs(p)...)
	var others []string
	for _, dir := range dirs {
		b := binaries{dir: dir}
		if !p.who.runs(b.postgres()) || !p.who.runs(b.initdb()) {
			continue
		}
		var err error
		if b.major, err = versionOf(ctx, b.postgres(), p.who); err != nil {
			if ctx.Err() != nil {
				return binaries{}, ctx.Err()
			}
			log.Warn("passing over a PostgreSQL that doesn't run", "folder", dir, "error", err)
			continue
		}
		if b.major == major || major == 0 && b.major >= oldest {
			return b, nil
		}
		others = append(others, strconv.Itoa(b.major))
	}
	b, err := download(ctx, p, major, t.repository, log)
	switch {
	case err == nil:
		return b, nil
	case major > 0 && len(others) > 0:
		slices.Sort(others)
		return binaries{}, fmt.Errorf("%s was written by PostgreSQL %d and this machine has version %s: "+
			"install PostgreSQL %d (downloading it failed: %w)", p.data(), major, strings.Join(slices.Compact(others), ", "),
			major, err)
	case major > 0:
		return binaries{}, fmt.Errorf("PostgreSQL %d, which wrote %s, isn't installed: install it "+
			"(downloading it failed: %w)", major, p.data(), err)
	default:
		return binaries{}, fmt.Errorf("PostgreSQL isn't installed: install version %d or newer (the package postgresql) "+
			"or set DATABASE_URL (downloading it failed: %w)", oldest, err)
	}
}

// installedDirs lists the folders to look at, PATH first, then the usual ones newest first.
func installedDirs(ctx context.Context) []string {
	var dirs []string
	add := func(dir string) {
		if real, err := filepath.EvalSymlinks(dir); err == nil && !slices.Contains(dirs, real) {
			dirs = append(dirs, real)
		}
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if dir, ok := behindPath(ctx, dir); ok {
			add(dir)
		}
	}
	var usual []string
	for _, pattern := range usualFolders {
		found, err := filepath.Glob(pattern)
		if err != nil {
			panic(err) // a malformed pattern above
		}
		usual = append(usual, found...)
	}
	slices.SortStableFunc(usual, func(a, b string) int { return numberIn(b) - numberIn(a) })
	for _, dir := range usual {
		add(dir)
	}
	return dirs
}

// behindPath finds the folder that a `postgres` on PATH really comes from. A link leads there.
// A script (the shims of version managers) must not be started itself: signals meant for
// PostgreSQL would hit a shell; pg_config beside it names the folder.
func behindPath(ctx context.Context, dir string) (string, bool) {
	if !filepath.IsAbs(dir) {
		return "", false // as with os/exec, nothing from the current folder
	}
	real, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
	if err != nil {
		return "", false
	}
	if !isScript(real) {
		if _, err := os.Stat(filepath.Join(filepath.Dir(real), "initdb")); err != nil {
			return dir, true
		}
		return filepath.Dir(real), true
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "pg_config"), "--bindir").Output()
	bin := strings.TrimSpace(string(out))
	if err != nil || !filepath.IsAbs(bin) || isScript(filepath.Join(bin, "postgres")) {
		return "", false
	}
	return bin, true
}

func isScript(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 2)
	_, err = f.Read(head)
	return err == nil && bytes.Equal(head, []byte("#!"))
}

var digits = regexp.MustCompile(`\d+`)

// numberIn is the version in a folder's name, 0 when there is none.
func numberIn(dir string) int {
	n, err := strconv.Atoi(digits.FindString(dir))
	if err != nil {
		return 0
	}
	return n
}

// runs reports whether the account may execute path.
func (a account) runs(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0 {
		return false
	}
	real, err := filepath.EvalSymlinks(path)
	return err == nil && a.reaches(real)
}

var versionLine = regexp.MustCompile(`^postgres \(.*?\) (\d+)`)

func versionOf(ctx context.Context, postgres string, who account) (int, error) {
	runtime.LockOSThread() // see forkThread
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, postgres, "--version")
	cmd.Dir, cmd.Env, cmd.SysProcAttr = "/", childEnv(), helperAttr(who)
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("%s --version: %w", postgres, err)
	}
	found := versionLine.FindSubmatch(out)
	if found == nil {
		return 0, errors.New("its answer to --version isn't PostgreSQL's")
	}
	return strconv.Atoi(string(found[1]))
}
