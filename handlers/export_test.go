package handlers

import (
	"github.com/valyala/fasthttp"

	"orbit360.app/handlers/kit"
	"orbit360.app/handlers/wire"
)

// Handler returns what answers one request, without a network in between.
func (s *Server) Handler() fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		if err := wire.CheckHead(&ctx.Request.Header); err != nil {
			s.refuse(ctx, err)
			return
		}
		kit.LowerMediaType(&ctx.Request.Header)
		s.serve(ctx)
	}
}
