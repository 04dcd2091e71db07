package admin

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
	"orbit360.app/views/admin"
)

func now() time.Time { return time.Now().UTC() }

func (r routes) showMerchants(c *fiber.Ctx) error {
	ctx := c.UserContext()
	q := admin.ParseMerchantQuery(c.Query("status"), kit.Searched(c), c.Query("sort"), c.Query("page"))
	plans, err := r.DB.Plans(ctx, false)
	if err != nil {
		return err
	}
	themes, err := r.DB.Themes(ctx, false)
	if err != nil {
		return err
	}
	q = q.Narrow(plans, themes, c.Query("plan"), c.Query("theme"), c.Query("category"), c.Query("last"))
	q = q.From(c.Query("after"), c.Query("before"))
	rows, total, err := r.DB.Merchants(ctx, q.Filter())
	if err != nil {
		return err
	}
	more := total > store.MaxFound && q.Filter().Chosen()
	counted := q.Counted()
	if last := admin.Pages(total, admin.MerchantsPerPage); q.Page > last && (!more || len(rows) == 0) {
		counted.Page = last
		return kit.See(c, counted.Href())
	}
	switch {
	case len(rows) > 0 || total == 0:
	case q != counted: // the merchant that the page began at is gone, or was the last
		return kit.See(c, counted.Href())
	case q.Page > 1:
		counted.Page--
		return kit.See(c, counted.Href())
	default: // the last one went elsewhere after it had been counted
		total = 0
	}
	counts, err := r.DB.MerchantCounts(ctx)
	if err != nil {
		return err
	}
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component {
		return admin.MerchantsPage(f, admin.MerchantList{Query: q, Counts: counts, Rows: rows, Total: total, More: more,
			Plans: plans, Themes: themes})
	})
}

// streamMerchants keeps the rows of one page of the list true: all of them first, then those that have changed.
func (r routes) streamMerchants(c *fiber.Ctx) error {
	list := strings.Clone(c.Query("ids"))
	ids, err := merchantIDs(list)
	if err != nil {
		return err
	}
	found, err := r.DB.MerchantRowsByID(c.UserContext(), ids)
	if err != nil {
		return err
	}
	if len(found) != len(ids) {
		return orbit.Errorf(orbit.NotFound, "One of these merchants no longer exists.")
	}
	set := c.Query("status") != string(orbit.MerchantPending)
	sent := map[orbit.MerchantID]orbit.MerchantRow{}
	moved := false // from one tab to another, since the tabs' counts were sent
	changes, cancel := r.feed.Subscribe(ids...)
	return r.Stream(c, changes, cancel, func(ctx context.Context, s *kit.Stream) (bool, error) {
		rows, err := r.rows.Read(ctx, list, func(ctx context.Context) ([]orbit.MerchantRow, error) {
			return r.DB.MerchantRowsByID(ctx, ids)
		})
		if err != nil {
			return false, err
		}
		var lines []admin.MerchantLine
		for _, row := range rows {
			if sent[row.ID] != row {
				lines = append(lines, admin.MerchantLine{Row: row, Set: set, Now: now(), Addresses: r.Addresses})
			}
			moved = moved || sent[row.ID].Status != row.Status
			sent[row.ID] = row
		}
		if len(lines) > 0 {
			if err := s.Send(ctx, admin.MerchantPatches(lines)); err != nil {
				return false, err
			}
		}
		if !moved {
			return false, nil
		}
		counts, err := r.counts.Read(ctx, "", r.DB.MerchantCounts)
		if err != nil {
			return false, err
		}
		moved = false
		return false, s.Send(ctx, admin.CountPatches(counts))
	})
}

// merchantIDs reads the ids of a page of rows, each once.
func merchantIDs(list string) ([]orbit.MerchantID, error) {
	parts := strings.Split(list, ",")
	if len(parts) > admin.MerchantsPerPage {
		return nil, orbit.Errorf(orbit.Invalid, "Choose at most one page of merchants.")
	}
	var ids []orbit.MerchantID
	seen := map[orbit.MerchantID]bool{}
	for _, part := range parts {
		id, err := orbit.ParseID[orbit.Merchant](part)
		if err != nil {
			return nil, err
		}
		if !seen[id] {
			ids = append(ids, id)
		}
		seen[id] = true
	}
	return ids, nil
}

// auditOnPage is how much of the log a merchant's own page shows.
const auditOnPage = 12

func (r routes) showMerchant(c *fiber.Ctx) error {
	id, err := kit.MerchantID(c)
	if err != nil {
		return err
	}
	return r.renderMerchant(c, id, fiber.StatusOK, admin.NoteForm{ID: orbit.NewID[orbit.Note]()})
}

func (r routes) renderMerchant(c *fiber.Ctx, id orbit.MerchantID, status int, note admin.NoteForm) error {
	detail, err := r.merchantDetail(c.UserContext(), id)
	if err != nil {
		return err
	}
	detail.Note = note
	return r.page(c, status, func(f admin.Frame) templ.Component { return admin.MerchantPage(f, detail) })
}

// showShop leads to a merchant's shop, open or not, by a link that is always fresh.
func (r routes) showShop(c *fiber.Ctx) error {
	id, err := kit.MerchantID(c)
	if err != nil {
		return err
	}
	m, err := r.DB.Merchant(c.UserContext(), id)
	if err != nil {
		return err
	}
	if m.Status != orbit.MerchantActive {
		return orbit.Errorf(orbit.Conflict, "There is no shop to preview: %s isn't active.", m.Name)
	}
	return kit.Leave(c, r.PreviewURL(m, orbit.ReleaseID{}, "/"))
}

func (r routes) merchantDetail(ctx context.Context, id orbit.MerchantID) (d admin.MerchantDetail, err error) {
	if d.View, err = r.DB.RunView(ctx, id); err != nil {
		return d, err
	}
	m := d.View.Merchant
	if !m.ThemeID.IsZero() {
		if d.Theme, err = r.DB.Theme(ctx, m.ThemeID.String()); err != nil {
			return d, err
		}
	}
	if !m.PlanID.IsZero() {
		if d.Plan, err = r.DB.Plan(ctx, m.PlanID.String()); err != nil {
			return d, err
		}
	}
	if d.Domains, err = r.DB.Domains(ctx, id); err != nil {
		return d, err
	}
	if m.Status == orbit.MerchantActive {
		q := shop.For(r.DB, id).Reader()
		setup := q.Onboarding()
		if err = q.Read(ctx); err != nil {
			return d, err
		}
		d.Setup = setup.Value
	}
	if d.Notes, d.NoteCount, err = r.DB.Notes(ctx, id, admin.NotesOnPage, 0); err != nil {
		return d, err
	}
	entries, err := r.DB.AuditLog(ctx, id, auditOnPage, 0)
	if err != nil {
		return d, err
	}
	d.Audit = auditLines(entries, map[orbit.MerchantID]string{id: m.Name})
	return d, nil
}

func (r routes) newSuspension(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	q := admin.SuspensionQuestion(m, "", "")
	if m.Status != orbit.MerchantActive {
		q.Refusal = "Only an active merchant can be suspended."
	}
	return r.ask(c, q)
}

func (r routes) createSuspension(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	reason, fault := reasonOf(c)
	if fault != "" {
		err := r.ask(c, admin.SuspensionQuestion(m, c.FormValue("reason"), fault))
		c.Status(fiber.StatusUnprocessableEntity)
		return err
	}
	err = r.DB.Suspend(c.UserContext(), m.ID, reason, r.Actor(c),
		func(m orbit.Merchant, owner orbit.User, at time.Time) (orbit.Email, error) {
			return r.Mail.Suspended(mail.SuspensionData{Merchant: m, Owner: owner, Reason: reason, At: at})
		})
	if err != nil {
		return r.refuse(c, admin.SuspensionQuestion(m, reason, ""), err)
	}
	r.Toast(c, "Shop suspended.")
	return kit.See(c, admin.MerchantPath(m.ID, ""))
}

func (r routes) createResumption(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	err = r.DB.Resume(c.UserContext(), m.ID, r.Actor(c),
		func(m orbit.Merchant, owner orbit.User, at time.Time) (orbit.Email, error) {
			return r.Mail.Resumed(mail.SuspensionData{Merchant: m, Owner: owner, At: at})
		})
	if err != nil {
		return r.refuse(c, admin.MerchantQuestion(m), err)
	}
	r.Toast(c, "Shop resumed.")
	return kit.See(c, admin.MerchantPath(m.ID, ""))
}

// merchant is the one in the path.
func (r routes) merchant(c *fiber.Ctx) (orbit.Merchant, error) {
	id, err := kit.MerchantID(c)
	if err != nil {
		return orbit.Merchant{}, err
	}
	return r.DB.Merchant(c.UserContext(), id)
}
