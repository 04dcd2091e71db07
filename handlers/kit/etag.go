package kit

import "strings"

// NoneMatch reports whether If-None-Match names an entity: as a list, with * for every entity, and by the weak
// comparison, for which W/"x" is "x" (RFC 9110, section 13.1.2). The ETag is quoted.
func NoneMatch(header, etag string) bool {
	etag = strings.TrimPrefix(etag, "W/")
	for {
		header = strings.TrimLeft(header, " \t,")
		if strings.HasPrefix(header, "*") {
			return true
		}
		header = strings.TrimPrefix(header, "W/")
		if !strings.HasPrefix(header, `"`) {
			// No entity's tag, or none at all: on behind the next comma.
			i := strings.IndexByte(header, ',')
			if i < 0 {
				return false
			}
			header = header[i:]
			continue
		}
		end := strings.IndexByte(header[1:], '"')
		if end < 0 {
			return false
		}
		if header[:end+2] == etag {
			return true
		}
		header = header[end+2:]
	}
}
