package wire

import (
	"bytes"
	"errors"
	"net"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"orbit360.app/orbit"
)

// CheckHead refuses a request by its head: one of a length that other servers may read differently (RFC 9112,
// sections 5.2, 6.1 and 6.3: request smuggling), one with an encoded body, one that names two hosts.
func CheckHead(h *fasthttp.RequestHeader) error {
	switch f := framingOf(h); {
	case f.folded:
		return orbit.Errorf(orbit.Malformed, "A header field can't span lines.")
	case f.transfers > 0 && f.length:
		return orbit.Errorf(orbit.Malformed, "The request has both Content-Length and Transfer-Encoding.")
	case f.transfers > 1 || (f.transfers == 1 && !f.chunked):
		// Only chunks show where a body ends. fasthttp takes "identity" for no body at all.
		return orbit.Errorf(orbit.Malformed, "The request's Transfer-Encoding isn't chunked.")
	case f.encoded:
		return ErrEncoded
	}
	return checkTarget(h)
}

// ErrEncoded refuses every encoding of a request (RFC 9110, section 15.5.16): 400 KB of gzip unpack to 400 MB, and
// browsers send none.
var ErrEncoded = fiber.NewError(fiber.StatusUnsupportedMediaType, "Send the body without Content-Encoding.")

// framing is what a head says about the length and the form of its body.
type framing struct {
	transfers int  // lines of Transfer-Encoding
	chunked   bool // the last of them says so
	length    bool // there is a Content-Length
	encoded   bool // there is a Content-Encoding other than identity
	folded    bool // a field goes on in the next line
}

// framingOf looks at the lines as they came: fasthttp drops Content-Length where it has seen Transfer-Encoding, and
// finds only the first of two lines of a name.
func framingOf(h *fasthttp.RequestHeader) (f framing) {
	raw := h.RawHeaders()
	if len(raw) == 0 { // a request that didn't come over a connection
		f.encoded = encodes(h.ContentEncoding())
		return f
	}
	for len(raw) > 0 {
		line := raw
		if i := bytes.IndexByte(raw, '\n'); i >= 0 {
			line, raw = raw[:i], raw[i+1:]
		} else {
			raw = nil
		}
		if len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
			f.folded = true
		}
		switch i := bytes.IndexByte(line, ':'); i {
		case len(fiber.HeaderContentLength):
			f.length = f.length || bytes.EqualFold(line[:i], []byte(fiber.HeaderContentLength))
		case len(fiber.HeaderContentEncoding):
			f.encoded = f.encoded || (bytes.EqualFold(line[:i], []byte(fiber.HeaderContentEncoding)) && encodes(line[i+1:]))
		case len(fiber.HeaderTransferEncoding):
			if bytes.EqualFold(line[:i], []byte(fiber.HeaderTransferEncoding)) {
				f.transfers++
				f.chunked = bytes.EqualFold(bytes.TrimSpace(line[i+1:]), []byte("chunked"))
			}
		}
	}
	return f
}

// encodes reports whether a Content-Encoding changes the body: anything but identity, which isn't for requests but
// does no harm.
func encodes(value []byte) bool {
	for coding := range bytes.SplitSeq(value, []byte(",")) {
		if coding = bytes.TrimSpace(coding); len(coding) > 0 && !bytes.EqualFold(coding, []byte("identity")) {
			return true
		}
	}
	return false
}

// checkTarget refuses a request with a target that names another host than its Host header: RFC 9112, section
// 3.2.2, would have the target win, and others on the way may have looked at the header.
func checkTarget(h *fasthttp.RequestHeader) error {
	target := h.RequestURI()
	if len(target) > 0 && target[0] == '/' {
		return nil
	}
	_, rest, absolute := bytes.Cut(target, []byte("://"))
	authority, _, _ := bytes.Cut(rest, []byte("/"))
	if !absolute || !bytes.EqualFold(authority, h.Host()) {
		return orbit.Errorf(orbit.Malformed, "The request's address and its Host header differ.")
	}
	return nil
}

// maxFields bounds the fields of a form, as net/url does: each takes some fifty bytes more than it was sent in.
const maxFields = 10_000

// keptBody is how much of a request's body its connection keeps room for until the next.
const keptBody = 64 << 10

// CheckWhole refuses a request for what shows only when all of it has been read: trailers, which fasthttp finds by
// the names of headers (RFC 9112, section 7.1.2: they may not be mixed), and a form of so many fields that reading
// them would take many times what was sent; and every version of HTTP but those that are spoken here.
func CheckWhole(r *fasthttp.Request) error {
	h := &r.Header
	if !h.IsHTTP11() && string(h.Protocol()) != "HTTP/1.0" {
		return orbit.Errorf(orbit.Malformed, "Only HTTP/1.0 and HTTP/1.1 are supported.")
	}
	if len(h.PeekTrailerKeys()) > 0 {
		return orbit.Errorf(orbit.Malformed, "Requests can't have trailers here.")
	}
	if isForm(r) && bytes.Count(r.Body(), []byte("&")) >= maxFields {
		return orbit.Errorf(orbit.TooLarge, "A form can have at most %d fields.", maxFields)
	}
	return nil
}

func isForm(r *fasthttp.Request) bool {
	return bytes.HasPrefix(r.Header.ContentType(), []byte(fiber.MIMEApplicationForm))
}

// Forget lets go of what a large request has taken, which fasthttp would keep as long as its connection lasts.
func Forget(r *fasthttp.Request) {
	if n := r.Header.ContentLength(); n != -1 && n <= keptBody {
		return
	}
	if isForm(r) {
		*r.PostArgs() = fasthttp.Args{}
	}
	r.ReleaseBody(keptBody)
}

// Refuse answers in plain text and closes the connection, on which its client may still be sending.
func Refuse(ctx *fasthttp.RequestCtx, status int, sentence string) {
	if conn, ok := ctx.Conn().(interface{ Refused() }); ok && status != fasthttp.StatusRequestTimeout {
		conn.Refused()
	}
	ctx.Response.Reset()
	ctx.SetStatusCode(status)
	ctx.SetContentType("text/plain; charset=utf-8")
	ctx.Response.Header.Set(fiber.HeaderCacheControl, "no-store")
	ctx.Response.Header.Set("X-Content-Type-Options", "nosniff")
	ctx.SetBodyString(strings.TrimSpace(strconv.Itoa(status)+" "+fasthttp.StatusMessage(status)+"\n"+sentence) + "\n")
	ctx.SetConnectionClose()
}

// BadRequest answers what fasthttp couldn't read; its own text would repeat the request.
func BadRequest(ctx *fasthttp.RequestCtx, err error) {
	status := fasthttp.StatusBadRequest
	_, small := errors.AsType[*fasthttp.ErrSmallBuffer](err)
	netErr, isNet := errors.AsType[net.Error](err)
	switch {
	case small:
		status = fasthttp.StatusRequestHeaderFieldsTooLarge
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		status = fasthttp.StatusRequestEntityTooLarge
	case isNet && netErr.Timeout():
		status = fasthttp.StatusRequestTimeout
	}
	Refuse(ctx, status, "")
}
