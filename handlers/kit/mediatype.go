package kit

import (
	"bytes"

	"github.com/valyala/fasthttp"
)

// LowerMediaType writes a request's Content-Type in small letters, the name of the boundary with it, as those that
// read it compare them: the names of media types and parameters are case-insensitive (RFC 9110, section 8.3.1), and
// fasthttp and huma don't know.
func LowerMediaType(h *fasthttp.RequestHeader) {
	given := h.ContentType()
	kind, parameters, more := bytes.Cut(given, []byte(";"))
	changed := false
	if lower := bytes.ToLower(kind); !bytes.Equal(lower, kind) {
		kind, changed = lower, true
	}
	const boundary = "boundary="
	if i := bytes.Index(bytes.ToLower(parameters), []byte(boundary)); i >= 0 &&
		string(parameters[i:i+len(boundary)]) != boundary {
		parameters = bytes.Join([][]byte{parameters[:i], []byte(boundary), parameters[i+len(boundary):]}, nil)
		changed = true
	}
	if !changed {
		return
	}
	if more {
		kind = bytes.Join([][]byte{kind, parameters}, []byte(";"))
	}
	h.SetContentTypeBytes(bytes.Clone(kind))
}
