package handlers

import (
	"log/slog"
	"time"

	"github.com/valyala/fasthttp"

	"orbit360.app/handlers/kit"
)

// The access log has a line for each request that is answered. A path's secrets aren't in it, nor is a query, where
// previews and uploads have theirs, nor where somebody came from. An event stream has its line when it begins.

// maxAgent is how much of a client's name for itself is logged.
const maxAgent = 200

// logAccess writes the line of an answer, for those who have it written at all.
func (s *Server) logAccess(ctx *fasthttp.RequestCtx, kept bool, took time.Duration) {
	if kept {
		s.kit.TakeRequestID(ctx)
	}
	attrs := append(s.caller(ctx), slog.Int("status", ctx.Response.StatusCode()))
	if n := sent(ctx); n >= 0 {
		attrs = append(attrs, slog.Int("bytes", n))
	}
	attrs = append(attrs, slog.Duration("took", took), slog.Bool("kept", kept))
	if id := kit.NamedRequest(ctx); id != "" {
		attrs = append(attrs, slog.String("request", id))
	}
	if agent := ctx.UserAgent(); len(agent) > 0 {
		attrs = append(attrs, slog.String("agent", string(agent[:min(len(agent), maxAgent)])))
	}
	s.access.LogAttrs(ctx, slog.LevelInfo, "access", attrs...)
}

// logRefused writes the line of a request that was refused before it was read whole.
func (s *Server) logRefused(ctx *fasthttp.RequestCtx) {
	if s.access != nil {
		s.access.LogAttrs(ctx, slog.LevelInfo, "access", append(s.caller(ctx),
			slog.Int("status", ctx.Response.StatusCode()), slog.Bool("refused", true))...)
	}
}

func (s *Server) caller(ctx *fasthttp.RequestCtx) []slog.Attr {
	return []slog.Attr{slog.String("client", s.kit.Client(ctx)), slog.String("method", string(ctx.Method())),
		slog.String("host", string(ctx.Host())),
		slog.String("path", kit.LogPath(string(ctx.URI().PathOriginal())))}
}

// sent is how long an answer's body is, -1 where that isn't known when it begins.
func sent(ctx *fasthttp.RequestCtx) int {
	switch {
	case ctx.IsHead():
		return 0
	case ctx.Response.IsBodyStream():
		return max(ctx.Response.Header.ContentLength(), -1)
	}
	return len(ctx.Response.Body())
}
