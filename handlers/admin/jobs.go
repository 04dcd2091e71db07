package admin

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"riverqueue.com/riverui"

	"orbit360.app/jobs"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/views/admin"
)

// NewJobs returns River's own pages about the durable jobs. They are not started: what that would do is count jobs in
// the background whether anybody looks or not.
func NewJobs(db *store.DB, log *slog.Logger) (http.Handler, error) {
	viewer, err := jobs.Viewer(db, log)
	if err != nil {
		return nil, err
	}
	return riverui.NewHandler(&riverui.HandlerOpts{Endpoints: riverui.NewEndpoints(viewer, nil),
		Logger: log.With("part", "jobs"), Prefix: admin.JobsPath})
}

// jobsPolicy is in force on River's pages alone, which are a program in the browser: their own script and stylesheet,
// no eval. It writes style elements and attributes while it runs (messages, diagrams).
const jobsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"

// showJobs answers with River's pages, and notes in the audit log what people change there.
func (r routes) showJobs(c *fiber.Ctx) error {
	c.Set("Content-Security-Policy", jobsPolicy)
	cache := "no-store"
	if strings.HasPrefix(c.Path(), admin.JobsPath+"/assets/") {
		cache = "private, max-age=31536000, immutable" // their names carry a hash
	}
	c.Set(fiber.HeaderCacheControl, cache)
	if err := adaptor.HTTPHandler(r.jobs)(c); err != nil {
		return err
	}
	if m := c.Method(); m != fiber.MethodGet && m != fiber.MethodHead && c.Response().StatusCode() < 400 {
		return r.DB.Audit(c.UserContext(), r.Actor(c), orbit.ActionJobsChanged, orbit.MerchantID{},
			strings.TrimPrefix(c.Path(), admin.JobsPath+"/api/"), orbit.Details{"method": m})
	}
	return nil
}
