package ui

import (
	"strconv"
	"strings"

	"orbit360.app/orbit"
)

// Count groups the thousands of a number: 1,284.
func Count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Limit is a bound of a plan, nil for none: 1,000 or Unlimited.
func Limit(n *int64) string {
	if n == nil {
		return "Unlimited"
	}
	return Count(int(*n))
}

// SizeLimit is a bound in bytes, nil for none: 1.5 GB or Unlimited.
func SizeLimit(n *int64) string {
	if n == nil {
		return "Unlimited"
	}
	return orbit.Bytes(*n)
}

// Plural is a number of things: 1 order, 1,284 orders.
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Bare is an address as people say it: without its scheme.
func Bare(address string) string {
	if _, rest, ok := strings.Cut(address, "://"); ok {
		return rest
	}
	return address
}
