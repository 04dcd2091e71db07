package admin

import (
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/views/admin"
)

func (r routes) showEmails(c *fiber.Ctx) error {
	q, from := kit.NewestQuery(c, admin.EmailsPath, "status", admin.EmailStates())
	page, err := r.DB.EmailPage(c.UserContext(), store.EmailFilter{Status: orbit.EmailStatus(q.Status), Query: q.Text,
		From: from, Limit: q.PerPage})
	if err != nil {
		return err
	}
	box := admin.EmailList{ListQuery: q, Emails: page.Rows, Partly: page.Partly}
	box.Newer, box.Older = kit.Places(page, func(m orbit.Email) store.Place {
		return store.Place{At: m.CreatedAt, ID: m.ID.String()}
	})
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.EmailsPage(f, box) })
}

func (r routes) email(c *fiber.Ctx) (orbit.Email, error) {
	id, err := orbit.ParseID[orbit.Email](c.Params("email"))
	if err != nil {
		return orbit.Email{}, err
	}
	m, err := r.DB.Email(c.UserContext(), id)
	if !r.LocalEmail || m.Status != orbit.EmailLocal {
		m = m.Redacted()
	}
	return m, err
}

func (r routes) showEmail(c *fiber.Ctx) error {
	m, err := r.email(c)
	if err != nil {
		return err
	}
	name := ""
	if !m.MerchantID.IsZero() {
		merchant, err := r.DB.Merchant(c.UserContext(), m.MerchantID)
		if err != nil && orbit.CodeOf(err) != orbit.NotFound {
			return err
		}
		name = merchant.Name
	}
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.EmailPage(f, m, name) })
}

// redirectEmails redirects from the paths that emails had before; bookmarks and logs have them.
func (r routes) redirectEmails(c *fiber.Ctx) error {
	path := admin.EmailsPath
	if c.Params("email") != "" {
		m, err := r.email(c)
		if err != nil {
			return err
		}
		path = admin.EmailPath(m.ID, "")
	}
	if _, query, asked := strings.Cut(c.OriginalURL(), "?"); asked {
		path += "?" + query
	}
	return c.Redirect(path, fiber.StatusPermanentRedirect)
}

// emailPolicy lets an email show itself and its links be followed, into a tab of their own, and nothing else: no
// script, no request, no form, no access to the panel, also when it is opened outside the frame.
const emailPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"

// showEmailHTML is the body of the frame in an email's page.
func (r routes) showEmailHTML(c *fiber.Ctx) error {
	m, err := r.email(c)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentSecurityPolicy, emailPolicy)
	c.Set(fiber.HeaderXFrameOptions, "SAMEORIGIN")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	return r.Render(c, fiber.StatusOK, templ.Raw(inTabs(m.HTML)))
}

// inTabs makes the links of an email open tabs: in the frame itself the panel's policy would stop them.
func inTabs(html string) string {
	const base = `<base target="_blank">`
	if i := strings.Index(html, "<head>"); i >= 0 {
		return html[:i+len("<head>")] + base + html[i+len("<head>"):]
	}
	return base + html
}
