package kit

import (
	"bytes"
	"net/netip"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// What proxies in front of the program say is believed where they are named in TRUSTED_PROXIES, and nowhere else.

// ClientIP is the address that a request came from, as Client gives it.
func (k *Kit) ClientIP(c *fiber.Ctx) string { return k.Client(c.Context()) }

// Client is the address that a request came from: the peer's, or, where the peer is a trusted proxy, the last address
// in X-Forwarded-For that isn't one. Each proxy appends the address it was asked by, in the same line or in a line of
// its own (RFC 9110, section 5.3), so all lines are one list that is read from its end: what stands before the first
// address that isn't trusted was written by that peer.
func (k *Kit) Client(ctx *fasthttp.RequestCtx) string {
	peer, ok := netip.AddrFromSlice(ctx.RemoteIP())
	if !ok {
		return "unknown"
	}
	peer = peer.Unmap()
	if !k.trusted(peer) {
		return peer.String()
	}
	hops := bytes.Split(bytes.Join(ctx.Request.Header.PeekAll(fiber.HeaderXForwardedFor), []byte(",")), []byte(","))
	for i := len(hops) - 1; i >= 0 && k.trusted(peer); i-- {
		hop := bytes.TrimSpace(hops[i])
		if len(hop) == 0 {
			continue // an element of a list may be empty (RFC 9110, section 5.6.1)
		}
		address, ok := hopAddress(string(hop))
		if !ok {
			break
		}
		peer = address
	}
	return peer.String()
}

// hopAddress reads an address as proxies write it: alone, in brackets, or with a port.
func hopAddress(hop string) (netip.Addr, bool) {
	address, err := netip.ParseAddr(hop)
	if err != nil {
		var withPort netip.AddrPort
		if withPort, err = netip.ParseAddrPort(hop); err == nil {
			address = withPort.Addr()
		} else if n := len(hop); n > 2 && hop[0] == '[' && hop[n-1] == ']' {
			address, err = netip.ParseAddr(hop[1 : n-1])
		}
	}
	return address.Unmap().WithZone(""), err == nil
}

// Trusted reports whether a request came from one of the proxies that are believed.
func (k *Kit) Trusted(ctx *fasthttp.RequestCtx) bool {
	peer, ok := netip.AddrFromSlice(ctx.RemoteIP())
	return ok && k.trusted(peer.Unmap())
}

const headerRequestID = "X-Request-Id"

// TakeRequestID has a request go by the id that a trusted proxy gave it, in log and answer, so that both can be
// followed together. An id that is no plain word of at most 128 characters, or one of several, is passed over, and so
// is everybody else's.
func (k *Kit) TakeRequestID(ctx *fasthttp.RequestCtx) {
	if len(k.Proxies) == 0 || !k.Trusted(ctx) {
		return
	}
	if ids := ctx.Request.Header.PeekAll(headerRequestID); len(ids) == 1 && isRequestID(ids[0]) {
		ctx.SetUserValue(requestID, string(ids[0]))
	}
}

func isRequestID(id []byte) bool {
	for _, b := range id {
		if !('a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' ||
			bytes.IndexByte([]byte("-_.:=+/@"), b) >= 0) {
			return false
		}
	}
	return len(id) > 0 && len(id) <= 128
}

func (k *Kit) trusted(a netip.Addr) bool {
	for _, p := range k.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
