package orbit

import (
	"strconv"
	"strings"
)

// Bytes says a size in words: "5 GB", "1.2 MB", "640 KB".
func Bytes(n int64) string {
	for _, u := range []struct {
		name string
		size int64
	}{{"TB", 1 << 40}, {"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}} {
		if n >= u.size {
			return strings.TrimSuffix(strconv.FormatFloat(float64(n*10/u.size)/10, 'f', 1, 64), ".0") + " " + u.name
		}
	}
	return commas(strconv.FormatInt(n, 10)) + " bytes"
}
