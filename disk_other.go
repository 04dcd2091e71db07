//go:build !unix

package main

import "errors"

// diskSpace isn't known: the metrics leave it out.
func diskSpace(string) (free, size uint64, err error) { return 0, 0, errors.ErrUnsupported }
