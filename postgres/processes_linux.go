package postgres

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// process is one running process as everyone may see it.
type process struct {
	pid, uid int
	args     []string // empty for zombies and kernel threads
}

// listProcesses reads /proc. A process that ends while it reads is left out.
func listProcesses() ([]process, error) {
	names, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var all []process
	for _, name := range names {
		pid, err := strconv.Atoi(name.Name())
		if err != nil {
			continue
		}
		dir := filepath.Join("/proc", name.Name())
		line, err := os.ReadFile(filepath.Join(dir, "cmdline"))
		if err != nil {
			continue
		}
		info, err := os.Stat(dir)
		if err != nil {
			continue
		}
		pr := process{pid: pid, uid: int(info.Sys().(*syscall.Stat_t).Uid)}
		if text := strings.TrimRight(string(line), "\x00"); text != "" {
			pr.args = strings.Split(text, "\x00")
		}
		all = append(all, pr)
	}
	return all, nil
}

// worksIn reports whether a process has dir as its working folder, as a postmaster started by
// hand with a relative path has its data folder. False when that can't be seen.
func worksIn(pid int, dir string) bool {
	cwd, err := os.Stat(filepath.Join("/proc", strconv.Itoa(pid), "cwd"))
	if err != nil {
		return false
	}
	want, err := os.Stat(dir)
	return err == nil && os.SameFile(cwd, want)
}
