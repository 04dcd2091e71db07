package pages

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"unsafe"

	"github.com/valyala/fasthttp"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/traffic"
)

// page is an answer, ready to send. It is shared and never changed.
type page struct {
	head *sharedHeader
	etag []byte
	tag  []byte // surrogate key of the shop
	body []byte
}

// sharedHeader holds the headers that pages have in common. It is never changed.
type sharedHeader struct {
	full, notModified fasthttp.ResponseHeader
}

// perPage is what a page takes beside its texts: structs, and the nodes of the cache.
const perPage = 400

func (p *page) weight(k pageKey) uint32 {
	return uint32(len(p.body) + len(p.etag) + len(p.tag) + len(k.address) + len(k.site.host) + perPage)
}

// Cache-Control of pages: browsers ask each time, by ETag; caches in front of the platform may answer for a minute,
// or until they have to drop the shop's Surrogate-Key (Cache-Tag, at some).
const cacheControl = "public, max-age=0, must-revalidate, s-maxage=60"

// Serve answers from what is kept, before anything else of the program has looked at more than the form of the
// request, and reports whether it could.
func (c *Cache) Serve(ctx *fasthttp.RequestCtx) bool {
	v := c.now.Load()
	h := &ctx.Request.Header
	if v == nil || !(h.IsGet() || h.IsHead()) {
		return false
	}
	// Strings over the request's own bytes, for looking up only: nothing keeps them.
	name, port, hasPort := strings.Cut(view(h.Host()), ":")
	s, ok := v.hosts.GetIfPresent(name)
	if !ok || !s.current() || (hasPort && !orbit.ValidPort(port)) {
		return false
	}
	target := view(h.RequestURI())
	key := pageKey{site: s.siteKey, address: target, encoding: choose(view(h.Peek(fasthttp.HeaderAcceptEncoding)))}
	p, ok := v.pages.GetIfPresent(key)
	if !ok {
		// Not under this address; perhaps under its normal form.
		if strings.IndexByte(target, '?') < 0 {
			return false
		}
		if key.address, ok = c.Addresses.Normal(target); !ok || key.address == target {
			return false
		}
		if p, ok = v.pages.GetIfPresent(key); !ok {
			return false
		}
	}
	c.stats.hits.Add(1)
	s.counts.Request(0)
	if conn, ok := ctx.Conn().(billed); ok {
		conn.Bill(s.meter)
	}
	c.send(ctx, p)
	return true
}

func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// send writes a page, or that the client's copy is still good.
func (c *Cache) send(ctx *fasthttp.RequestCtx, p *page) {
	out := &ctx.Response.Header
	if match := ctx.Request.Header.Peek(fasthttp.HeaderIfNoneMatch); len(match) > 0 &&
		kit.NoneMatch(view(match), view(p.etag)) {
		c.stats.notModified.Add(1)
		p.head.notModified.CopyTo(out)
		p.addOwn(out)
		return
	}
	p.head.full.CopyTo(out)
	p.addOwn(out)
	ctx.Response.SetBodyRaw(p.body)
	// The response keeps its body for its length; the connection sends it.
	if conn, ok := ctx.Conn().(follower); ok && ctx.Request.Header.IsGet() {
		ctx.Response.SkipBody = conn.Follow(&ctx.Request.Header, p.body)
	}
}

// billed is a connection that counts what it sends.
type billed interface{ Bill(m *traffic.Meter) }

// follower is a connection that sends a body behind the head of an answer without copying it; false where it can't.
type follower interface {
	Follow(h *fasthttp.RequestHeader, body []byte) bool
}

func (p *page) addOwn(out *fasthttp.ResponseHeader) {
	out.SetCanonical(headerETag, p.etag)
	out.SetCanonical(headerSurrogateKey, p.tag)
	out.SetCanonical(headerCacheTag, p.tag)
}

var (
	headerETag         = []byte(fasthttp.HeaderETag)
	headerSurrogateKey = []byte("Surrogate-Key")
	headerCacheTag     = []byte("Cache-Tag")
)

// Answer answers with a page of a shop: the kept one, or what draw writes into ctx, which is kept then. All who want
// the same page at the same moment wait for one of them to draw it, and share its error. draw reads query, the
// parameters that count, and nothing else of the request; keep is false where what it makes is for this request alone.
// answered is false, without an error, for all that can't be kept: the caller answers then.
func (c *Cache) Answer(ctx *fasthttp.RequestCtx, here orbit.Shop, draw func(query string) (keep bool, err error)) (
	answered bool, err error) {
	v, h := c.now.Load(), &ctx.Request.Header
	if v == nil || here.Version == 0 {
		return false, nil
	}
	address, ok := c.Addresses.Normal(string(h.RequestURI()))
	if !ok {
		return false, nil
	}
	key := pageKey{site: siteKeyOf(here), address: address,
		encoding: choose(string(h.Peek(fasthttp.HeaderAcceptEncoding)))}
	p, ok := v.pages.GetIfPresent(key)
	if !ok {
		drawn, err, _ := v.flight.Do(key.text(), func() (any, error) {
			c.stats.drawn.Add(1)
			_, query, _ := strings.Cut(address, "?")
			if keep, err := draw(query); err != nil || !keep {
				return (*page)(nil), err
			}
			return v.keep(key, here, &ctx.Response), nil
		})
		if p = drawn.(*page); err != nil || p == nil {
			return false, err
		}
	}
	ctx.Response.ResetBody() // drawn here, perhaps
	c.send(ctx, p)
	return true, nil
}

// text returns the key of those who draw at the same time.
func (k pageKey) text() string {
	return string(k.site.merchant[:]) + string(binary(k.site.version)) + string([]byte{byte(k.encoding)}) + k.site.host +
		" " + k.address
}

func binary(n uint64) []byte {
	return []byte{byte(n >> 56), byte(n >> 48), byte(n >> 40), byte(n >> 32), byte(n >> 24), byte(n >> 16), byte(n >> 8),
		byte(n)}
}

// keep keeps an answer; nil where that isn't a page to keep.
func (v *volume) keep(key pageKey, here orbit.Shop, r *fasthttp.Response) *page {
	p := makePage(v, r, key.encoding, "shop-"+here.Merchant.PublicName())
	// Entered first: what the cache deletes, at once perhaps, is known then.
	if p != nil && v.ledger.add(key, p) {
		v.pages.Set(key, p)
	}
	return p
}

// own lists the headers that belong to one answer, or that a page gets here.
var own = []string{fasthttp.HeaderDate, fasthttp.HeaderServer, fasthttp.HeaderContentLength,
	fasthttp.HeaderContentEncoding, fasthttp.HeaderTransferEncoding,
	fasthttp.HeaderConnection, fasthttp.HeaderCacheControl, fasthttp.HeaderETag, fasthttp.HeaderVary,
	fasthttp.HeaderLastModified, "X-Request-Id"}

func makePage(v *volume, r *fasthttp.Response, e encoding, tag string) *page {
	if r.StatusCode() != fasthttp.StatusOK || len(r.Header.Peek(fasthttp.HeaderSetCookie)) > 0 || r.IsBodyStream() {
		return nil
	}
	control := cacheControl
	if own := string(r.Header.Peek(fasthttp.HeaderCacheControl)); strings.Contains(own, "immutable") {
		control = own
	}
	sum := sha256.Sum256(r.Body())
	etag := base64.RawURLEncoding.EncodeToString(sum[:12])
	body, e := encode(r.Body(), e)
	if e == identity {
		body = slices.Clone(body)
	} else {
		etag += "-" + e.name() // a strong ETag names the bytes (RFC 9110, section 8.8.3)
	}
	return &page{head: v.head(r, e, control), etag: []byte(`"` + etag + `"`), tag: []byte(tag), body: body}
}

// head returns the headers of an answer, shared by all pages that have the same.
func (v *volume) head(r *fasthttp.Response, e encoding, control string) *sharedHeader {
	var text strings.Builder
	text.WriteString(e.name() + "\n" + control + "\n")
	h := &sharedHeader{}
	h.full.SetNoDefaultContentType(true)
	h.notModified.SetNoDefaultContentType(true)
	h.notModified.SetStatusCode(fasthttp.StatusNotModified)
	for name, value := range r.Header.All() {
		if slices.ContainsFunc(own, func(o string) bool { return strings.EqualFold(o, string(name)) }) {
			continue
		}
		text.Write(name)
		text.WriteString(": ")
		text.Write(value)
		text.WriteByte('\n')
		h.full.AddBytesKV(name, value)
	}
	if known, ok := v.heads.GetIfPresent(text.String()); ok {
		return known
	}
	if e != identity {
		h.full.SetContentEncoding(e.name())
	}
	if pinned := r.Header.Peek(fasthttp.HeaderStrictTransportSecurity); len(pinned) > 0 {
		h.notModified.SetBytesV(fasthttp.HeaderStrictTransportSecurity, pinned)
	}
	for _, to := range []*fasthttp.ResponseHeader{&h.full, &h.notModified} {
		to.Set(fasthttp.HeaderCacheControl, control)
		to.Set(fasthttp.HeaderVary, fasthttp.HeaderAcceptEncoding)
	}
	v.heads.Set(text.String(), h)
	return h
}
