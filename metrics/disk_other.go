//go:build !unix

package metrics

import "errors"

// Disk isn't known here: the metrics leave it out.
func Disk(string) (free, size uint64, err error) { return 0, 0, errors.ErrUnsupported }
