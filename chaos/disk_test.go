package chaos

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDiskFull lets the database's disk run full under runs, keeps it full for a while and makes room again. What was
// acknowledged before is there, and what wasn't was refused. It needs the right to mount a small disk in memory.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "orbit360-chaos-disk-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	disk := filepath.Join(dir, "disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=400m,mode=755"); err != nil {
		_ = os.RemoveAll(dir) // nothing is in it
		t.Skip("no small disk can be mounted here: ", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
		_ = os.RemoveAll(dir) // a leftover in the temporary folder is no failure
	})
	// Small files of the log, so that it wants a new one often.
	w := newWorldAt(t, dir, filepath.Join(disk, "pg"), map[string]string{"max_wal_size": "64MB", "min_wal_size": "32MB"})
	n := w.node()
	n.start()
	total := 0
	for range either(2, 10) {
		before := w.applicants(5)
		<-w.order(before, 0)
		ids := w.applicants(15)
		w.watch(ids[:3]...)
		ordered := w.order(ids, 5*time.Millisecond)
		w.under(20 * time.Millisecond)
		fill(t, filepath.Join(disk, "ballast"))
		// Even so the log may have room in its last file for more than these runs write: this takes it.
		var refusal error
		w.eventually("PostgreSQL runs out of space", func() bool {
			_, refusal = w.db.Exec(t.Context(), `CREATE TABLE IF NOT EXISTS chaos_filler AS SELECT repeat('x', 100)
				FROM generate_series(1, 400000)`)
			return refusal != nil
		})
		time.Sleep(w.upTo(time.Second))
		if err := os.Remove(filepath.Join(disk, "ballast")); err != nil {
			t.Fatal(err)
		}
		room := time.Now()
		w.exec(`DROP TABLE IF EXISTS chaos_filler`)
		<-ordered
		w.settle()
		n.ready()
		t.Logf("all runs had ended %v after there was room again; PostgreSQL had said: %v",
			time.Since(room).Round(time.Millisecond), refusal)
		total += len(before) + len(ids)
		w.check(total)
		w.watchers = nil
		if t.Failed() {
			return
		}
	}
}

// fill writes a file until no more fits.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // what doesn't fit is the point
	for _, size := range []int{1 << 20, 4 << 10} {
		chunk := []byte(strings.Repeat("x", size))
		for {
			if _, err := f.Write(chunk); err != nil {
				break
			}
		}
	}
}
