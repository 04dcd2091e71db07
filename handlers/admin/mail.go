package admin

import (
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/views/admin"
)

func (h handlers) showMails(c *fiber.Ctx) error {
	q := admin.MailQuery{Query: searched(c), Page: admin.ParsePage(c.Query("page"))}
	mails, total, err := h.DB.Mails(c.UserContext(), q.Query, admin.MailsPerPage, (q.Page-1)*admin.MailsPerPage)
	if err != nil {
		return err
	}
	if last := admin.Pages(total, admin.MailsPerPage); q.Page > last {
		q.Page = last
		return kit.See(c, q.Href())
	}
	return h.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component {
		return admin.MailsPage(f, admin.MailBox{Query: q, Mails: mails, Total: total})
	})
}

// mail is the email that the path names, as an admin may read it: with working links only where it is in the local
// mailbox, which is its reader's only one. A link is a way into somebody else's account.
func (h handlers) mail(c *fiber.Ctx) (orbit.Mail, error) {
	id, err := orbit.ParseID[orbit.Mail](c.Params("mail"))
	if err != nil {
		return orbit.Mail{}, err
	}
	m, err := h.DB.Mail(c.UserContext(), id)
	if !h.LocalMail || m.Status != orbit.MailLocal {
		m = m.Redacted()
	}
	return m, err
}

func (h handlers) showMail(c *fiber.Ctx) error {
	m, err := h.mail(c)
	if err != nil {
		return err
	}
	name := ""
	if !m.MerchantID.IsZero() {
		merchant, err := h.DB.Merchant(c.UserContext(), m.MerchantID)
		if err != nil && orbit.CodeOf(err) != orbit.NotFound {
			return err
		}
		name = merchant.Name
	}
	return h.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.MailPage(f, m, name) })
}

// mailPolicy lets a mail show itself and its links be followed, into a tab of their own, and nothing else: no script, no request,
// no form, no access to the panel, also when it is opened outside the frame.
const mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; " +
	"sandbox allow-popups allow-popups-to-escape-sandbox"

// showMailHTML is the body of the frame in a mail's page.
func (h handlers) showMailHTML(c *fiber.Ctx) error {
	m, err := h.mail(c)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentSecurityPolicy, mailPolicy)
	c.Set(fiber.HeaderXFrameOptions, "SAMEORIGIN")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	return h.Render(c, fiber.StatusOK, templ.Raw(inTabs(m.HTML)))
}

// inTabs makes the links of a mail open tabs: in the frame itself the panel's policy would stop them.
func inTabs(html string) string {
	const base = `<base target="_blank">`
	if i := strings.Index(html, "<head>"); i >= 0 {
		return html[:i+len("<head>")] + base + html[i+len("<head>"):]
	}
	return base + html
}
