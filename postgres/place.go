package postgres

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// place is where one cluster lives.
type place struct {
	dir  string  // Config.Dir, absolute, no links: lock, secrets, postgres.log, place
	home string  // data, run, init-*, binaries: dir itself, or elsewhere when who can't reach dir
	run  string  // folder of the socket
	who  account // owns what is in home
}

func (p *place) data() string { return filepath.Join(p.home, "data") }

// prepareDir makes dir and returns its real path. Folders made on the way may be walked through but not listed.
func prepareDir(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("no folder was given")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(abs, 0o711); err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// findPlace settles who runs PostgreSQL and where its files are.
func findPlace(dir string, roots []string, log *slog.Logger) (*place, error) {
	p := &place{dir: dir, home: dir}
	marker := filepath.Join(dir, "place")
	text, err := os.ReadFile(marker)
	switch {
	case err == nil:
		p.home = strings.TrimSpace(string(text))
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("reading where the database is: %w", err)
	}
	if p.who, err = chooseAccount(p.data()); err != nil {
		return nil, err
	}
	if p.home != dir {
		return p, p.openHome(log)
	}
	if p.who.cred == nil {
		return p, nil
	}
	if p.who.reaches(filepath.Dir(dir)) {
		return p, allowPassage(dir)
	}
	if _, err := os.Stat(p.data()); err == nil {
		return nil,
			fmt.Errorf(
				"%s holds a database that its user (%s) can no longer reach: allow passage (chmod a+x) on the folders above", dir,
				p.who.name)
	}
	if p.home, err = chooseHome(dir, roots); err != nil {
		return nil, err
	}
	// The marker comes first: a crash after it finds the same folder again instead of leaving a stray one.
	if err := writeFile(marker, []byte(p.home+"\n")); err != nil {
		return nil, fmt.Errorf("remembering where the database is: %w", err)
	}
	return p, p.openHome(log)
}

// openHome makes or checks a home outside dir.
func (p *place) openHome(log *slog.Logger) error {
	switch info, err := os.Lstat(p.home); {
	case err == nil:
		// In a shared folder someone else may have made it first: then it isn't ours to trust.
		if !info.IsDir() || int(info.Sys().(*syscall.Stat_t).Uid) != os.Geteuid() {
			return fmt.Errorf("%s, where the database of %s is kept, belongs to someone else", p.home, p.dir)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("looking for the database: %w", err)
	default:
		// Passwords are written only once home exists: with them and without it, it was taken away,
		// and starting over with an empty database would look like losing every shop.
		if _, err := os.Stat(filepath.Join(p.dir, "secrets")); err == nil {
			return fmt.Errorf(
				"the database of %s was kept in %s, which is gone: bring it back, or delete %s and %s to begin with an empty one",
				p.dir, p.home, filepath.Join(p.dir, "place"), filepath.Join(p.dir, "secrets"))
		}
		if err := os.MkdirAll(filepath.Dir(p.home), 0o755); err != nil {
			return fmt.Errorf("making a folder for the database: %w", err)
		}
		if err := os.Mkdir(p.home, 0o711); err != nil {
			return fmt.Errorf("making a folder for the database: %w", err)
		}
	}
	if err := allowPassage(p.home); err != nil {
		return err
	}
	if !p.who.reaches(p.home) {
		return fmt.Errorf("the user %s can't reach %s: allow passage (chmod a+x) on the folders above", p.who.name, p.home)
	}
	if err := writeFile(filepath.Join(p.home, "owner"), []byte(p.dir+"\n")); err != nil {
		return fmt.Errorf("marking the database folder: %w", err)
	}
	log.Info("the database lives outside its folder, which PostgreSQL's user can't reach",
		"folder", p.dir, "user", p.who.name, "database", p.home)
	return nil
}

// chooseHome names a folder for the cluster of dir that everyone can walk to. The name is
// random: a dir deleted and made anew must not find the old data.
func chooseHome(dir string, roots []string) (string, error) {
	if roots == nil {
		roots = []string{"/var/lib/orbit360", "/srv/orbit360", filepath.Join(os.TempDir(), "orbit360")}
		// What is temporary stays temporary.
		if tmp, err := filepath.EvalSymlinks(os.TempDir()); err == nil && strings.HasPrefix(dir, tmp+"/") {
			roots = []string{filepath.Join(tmp, "orbit360")}
		}
	}
	anyone := newAccount("anyone", -1, -1)
	var problems []error
	for _, root := range roots {
		if err := os.MkdirAll(root, 0o755); err != nil {
			problems = append(problems, err)
			continue
		}
		info, err := os.Lstat(root)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if !info.IsDir() || int(info.Sys().(*syscall.Stat_t).Uid) != os.Geteuid() || !anyone.reaches(root) {
			problems = append(problems, fmt.Errorf("%s isn't ours or can't be reached by everyone", root))
			continue
		}
		sweepHomes(root)
		return filepath.Join(root, filepath.Base(dir)+"-"+strings.ToLower(rand.Text()[:10])), nil
	}
	return "", fmt.Errorf("no folder for the database that PostgreSQL's user can reach: %w", errors.Join(problems...))
}

// sweepHomes removes homes under a temporary root that no data folder points at now,
// which is what test runs leave. Elsewhere they are data that someone may want back.
func sweepHomes(root string) {
	if tmp, err := filepath.EvalSymlinks(os.TempDir()); err != nil || filepath.Dir(root) != tmp {
		return
	}
	owners, err := filepath.Glob(filepath.Join(root, "*", "owner"))
	if err != nil {
		return
	}
	for _, owner := range owners {
		home := filepath.Dir(owner)
		dir, err := os.ReadFile(owner)
		if err != nil {
			continue
		}
		text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "place"))
		if errors.Is(err, fs.ErrNotExist) || err == nil && strings.TrimSpace(string(text)) != home {
			// Best effort: what can't be removed now is tried again next time.
			_ = os.RemoveAll(home)
		}
	}
}

// allowPassage lets other users walk through one of our own folders, not list it.
func allowPassage(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && info.Mode().Perm()&0o011 != 0o011 {
		err = os.Chmod(dir, info.Mode().Perm()|0o011)
	}
	if err != nil {
		return fmt.Errorf("opening the database folder to PostgreSQL's user: %w", err)
	}
	return nil
}

// dataMajor is the major version that wrote the data, 0 when there is none yet.
func (p *place) dataMajor() (int, error) {
	path := filepath.Join(p.data(), "PG_VERSION")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		// data only ever appears whole (see initialize): without a version it isn't ours to overwrite.
		if names, err := os.ReadDir(p.data()); err == nil && len(names) > 0 {
			return 0, fmt.Errorf("%s isn't a PostgreSQL data folder and isn't empty", p.data())
		}
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading the database's version: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("%s doesn't hold a version: %w", path, err)
	}
	return major, nil
}
