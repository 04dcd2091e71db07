package handlers

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"orbit360.app/handlers/api"
	"orbit360.app/handlers/kit"
	"orbit360.app/handlers/wire"
)

// What a request's head alone refuses, before anything of its body is read. HeaderReceived can't answer, so it has
// the server expect a body that it never asks for: fasthttp then calls ExpectHandler, and closes the connection
// behind its answer.

// receive takes in a head: who gets how much, and what isn't read at all.
func (s *Server) receive(h *fasthttp.RequestHeader) (limits fasthttp.RequestConfig) {
	if wire.CheckHead(h) != nil {
		h.SetProtocol("HTTP/1.1") // an expectation of HTTP/1.0 would be passed over
		h.Set(fiber.HeaderExpect, "100-continue")
		return limits
	}
	if len(h.ContentType()) > 0 {
		kit.LowerMediaType(h)
	}
	// A body of unknown length would be held in memory whole; browsers send the length of what they upload.
	if h.IsPost() && h.ContentLength() > 0 && s.kit.HasTicket(string(h.RequestURI()), time.Now()) {
		limits.MaxRequestBodySize, limits.ReadTimeout = kit.UploadBytes, kit.UploadTime
	}
	return limits
}

// expect answers 100 to those that wait before they send a body, and refuses what receive wouldn't have read.
func (s *Server) expect(ctx *fasthttp.RequestCtx) int {
	if err := wire.CheckHead(&ctx.Request.Header); err != nil {
		s.refuse(ctx, err)
		return ctx.Response.StatusCode()
	}
	return fasthttp.StatusContinue
}

// refuse is an answer before anything else of the program has seen the request, the last of its connection.
func (s *Server) refuse(ctx *fasthttp.RequestCtx, err error) {
	wire.Bill(ctx, nil)
	wire.Refuse(ctx, kit.Status(err), err.Error())
	s.logRefused(ctx)
	s.pin(ctx)
	if errors.Is(err, wire.ErrEncoded) {
		ctx.Response.Header.Set(fiber.HeaderAcceptEncoding, "identity") // what would be taken
	}
	if api.Handles(string(ctx.Path())) {
		s.programs.Refuse(ctx)
	}
}
