//go:build unix

package metrics

import "golang.org/x/sys/unix"

// Disk returns what is free for this program, and all, of the file system that a folder is on, in bytes.
func Disk(folder string) (free, size uint64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, 0, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), uint64(s.Blocks) * uint64(s.Bsize), nil
}
