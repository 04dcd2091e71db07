package ui

import "strconv"

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
	for _, unit := range []struct {
		name  string
		bytes int64
	}{{"TB", 1 << 40}, {"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}} {
		if *n >= unit.bytes {
			return strconv.FormatFloat(float64(*n*10/unit.bytes)/10, 'f', -1, 64) + " " + unit.name
		}
	}
	return strconv.FormatInt(*n, 10) + " B"
}
