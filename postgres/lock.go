package postgres

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// takeLock makes this process the only one to serve dir until dropLock. The kernel
// drops the lock with the process, so a kill -9 leaves nothing to clean up. Go opens files
// close-on-exec: PostgreSQL doesn't inherit it.
func takeLock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the database folder: %w", err)
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("locking the database folder: %w", err)
		}
		if pid := lockHolder(f.Name()); pid > 0 {
			return nil, fmt.Errorf("another ORBIT360 (pid %d) is already running on %s", pid, dir)
		}
		return nil, fmt.Errorf("another ORBIT360 is already running on %s", dir)
	}
	if err := errors.Join(f.Truncate(0), writeAt0(f, strconv.Itoa(os.Getpid())+"\n")); err != nil {
		f.Close()
		return nil, fmt.Errorf("locking the database folder: %w", err)
	}
	return f, nil
}

// dropLock unlocks and closes what takeLock returned. Closing alone leaves the lock to a child that is being forked at
// that moment, until it execs.
func dropLock(f *os.File) error {
	return errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close())
}

func writeAt0(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

// lockHolder reads the pid in a lock file. The holder writes it just after locking, so an
// empty file is given a moment. 0 when it stays empty.
func lockHolder(path string) int {
	for range 20 {
		text, err := os.ReadFile(path)
		if err != nil {
			return 0
		}
		if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && strings.HasSuffix(string(text), "\n") {
			return pid
		}
		time.Sleep(5 * time.Millisecond)
	}
	return 0
}
