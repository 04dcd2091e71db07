package programtest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

const module = "orbit360.app"

var (
	built    string // the folder with the programs, once there is one
	building sync.Mutex
)

// Build builds the program, once for each process that asks, and returns its path. BuildRace builds one that says
// "DATA RACE" where it finds one. Clean removes them.
var (
	Build     = sync.OnceValues(func() (path string, err error) { return build("orbit360") })
	BuildRace = sync.OnceValues(func() (path string, err error) { return build("orbit360-race", "-race") })
)

func build(name string, flags ...string) (path string, err error) {
	if err := lookAtSources(); err != nil {
		return "", err
	}
	building.Lock()
	defer building.Unlock()
	if built == "" {
		if built, err = os.MkdirTemp("", "orbit360-binary-"); err != nil {
			return "", err
		}
	}
	path = filepath.Join(built, name)
	args := append(append([]string{"build"}, flags...), "-o", path, module)
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
}

// Clean removes what was built.
func Clean() error {
	if built == "" {
		return nil
	}
	return os.RemoveAll(built)
}

// lookAtSources has the go command see what the program is made of: it keeps a test's result for as long as the files
// that the test looked at stay the same, and doesn't know what the compiler reads.
func lookAtSources() error {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return fmt.Errorf("the folder of %s: %w", module, err)
	}
	return filepath.WalkDir(string(bytes.TrimSpace(root)), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && len(d.Name()) > 1 && d.Name()[0] == '.' {
			return fs.SkipDir
		}
		if err == nil {
			_, err = os.Stat(path)
		}
		if errors.Is(err, fs.ErrNotExist) { // it went while we looked
			return nil
		}
		return err
	})
}
