package pages

import (
	"bytes"
	"compress/gzip"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

// encoding is a content coding that pages are kept in.
type encoding uint8

const (
	identity encoding = iota
	gzipped
	brotlied
)

func (e encoding) name() string { return [...]string{"", "gzip", "br"}[e] }

// choose reads Accept-Encoding: brotli before gzip before none, whatever the client's own order among those that it
// takes.
func choose(accept string) encoding {
	switch br, gz := taken(accept); {
	case br:
		return brotlied
	case gz:
		return gzipped
	}
	return identity
}

// AcceptsGzip reports whether a client takes gzip.
func AcceptsGzip(accept string) bool {
	_, gz := taken(accept)
	return gz
}

// taken reads Accept-Encoding (RFC 9110, section 12.5.3).
func taken(accept string) (br, gz bool) {
	var named bool
	for accept != "" {
		var item string
		item, accept, _ = strings.Cut(accept, ",")
		name, params, _ := strings.Cut(item, ";")
		name = strings.TrimSpace(name)
		if params != "" && refused(params) {
			if strings.EqualFold(name, "br") || strings.EqualFold(name, "gzip") {
				named = true
			}
			continue
		}
		switch {
		case strings.EqualFold(name, "br"):
			br = true
		case strings.EqualFold(name, "gzip"):
			gz = true
		case name == "*" && !named:
			gz = true
		}
	}
	return br, gz
}

// refused reports whether a weight is zero.
func refused(params string) bool {
	name, value, _ := strings.Cut(params, "=")
	if !strings.EqualFold(strings.TrimSpace(name), "q") {
		return false
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return err == nil && q == 0
}

// Levels at which a page is compressed once and then sent many times.
const (
	gzipLevel   = 6
	brotliLevel = 5
)

var (
	gzips   = sync.Pool{New: func() any { w, _ := gzip.NewWriterLevel(nil, gzipLevel); return w }} // the level is valid
	brotlis = sync.Pool{New: func() any { return brotli.NewWriterLevel(nil, brotliLevel) }}
)

// encode compresses a page; where that doesn't make it smaller it says so and gives it as it is.
func encode(body []byte, e encoding) ([]byte, encoding) {
	var out bytes.Buffer
	switch e {
	case identity:
		return body, identity
	case gzipped:
		w := gzips.Get().(*gzip.Writer)
		defer gzips.Put(w)
		w.Reset(&out)
		_, _ = w.Write(body) // writing to memory can't fail
		_ = w.Close()
	case brotlied:
		w := brotlis.Get().(*brotli.Writer)
		defer brotlis.Put(w)
		w.Reset(&out)
		_, _ = w.Write(body) // writing to memory can't fail
		_ = w.Close()
	}
	if out.Len() >= len(body) {
		return body, identity
	}
	return bytes.Clone(out.Bytes()), e // without the buffer's spare room: it is kept
}
