package wire

import (
	"bufio"

	"github.com/valyala/fasthttp"

	"orbit360.app/traffic"
)

// count counts what was written.
func (c *conn) count(n int) {
	before := min(n, c.owed)
	c.owed -= before
	c.meter.Add(n - before)
}

// Bill has a meter count what is written from now on: nil where that isn't a shop's.
func (c *conn) Bill(m *traffic.Meter) { c.meter = m }

// Bill has a meter count what a request's connection sends, where it can.
func Bill(ctx *fasthttp.RequestCtx, m *traffic.Meter) {
	if c, ok := ctx.Conn().(interface{ Bill(m *traffic.Meter) }); ok {
		c.Bill(m)
	}
}

// Settle counts an answer that isn't written at once. Answers to requests that a client has sent ahead are written
// together, after the last of them, and they may be of several shops. So each is counted when it is complete, unless
// its request is all that the client has sent: then it is counted as it is written.
func Settle(ctx *fasthttp.RequestCtx) {
	if c, ok := ctx.Conn().(interface {
		settle(ctx *fasthttp.RequestCtx)
	}); ok {
		c.settle(ctx)
	}
}

func (c *conn) settle(ctx *fasthttp.RequestCtx) {
	if c.eager || c.body != nil {
		return
	}
	h := &ctx.Request.Header
	if c.unanswered == sizeOf(h)+max(0, h.ContentLength()) {
		c.owed = 0 // all before it was written
		return
	}
	if ctx.Response.IsBodyStream() || ctx.Hijacked() {
		return // written as it comes
	}
	if ctx.IsHead() {
		ctx.Response.SkipBody = true // as fasthttp does later
	}
	var size counted
	out := bufio.NewWriter(&size)
	if ctx.Response.Write(out) == nil && out.Flush() == nil {
		c.owed += int(size)
		c.meter.Add(int(size))
	}
}

type counted int

func (n *counted) Write(b []byte) (int, error) {
	*n += counted(len(b))
	return len(b), nil
}
