package admin

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/views/admin"
)

func (r routes) showNotes(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	l := admin.NoteList{Merchant: m, ListQuery: kit.ListQuery(c, admin.NotesPath(m.ID), nil)}
	l.Text = "" // there is nothing to search for
	if l.Rows, l.Total, err = r.DB.Notes(c.UserContext(), m.ID, l.PerPage, l.Offset()); err != nil {
		return err
	}
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.NotesPage(f, l) })
}

// createNote adds a note, or shows the merchant's page with what is wrong.
func (r routes) createNote(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	id, err := orbit.ParseID[orbit.Note](c.FormValue("id"))
	if err != nil || id.IsZero() {
		return orbit.Errorf(orbit.Malformed, "This form is invalid. Open it again.")
	}
	text, err := orbit.CheckNote(c.FormValue("note"))
	if err == nil {
		err = r.DB.AddNote(c.UserContext(), orbit.Note{MerchantID: m.ID, ID: id, Text: text}, r.Actor(c))
	}
	if kit.Refuses(err) {
		fault := orbit.Sentence(err)
		for _, f := range orbit.FaultsOf(err) {
			fault = f.Message
		}
		return r.renderMerchant(c, m.ID, kit.Refused(c, err), admin.NoteForm{ID: id, Text: c.FormValue("note"),
			Fault: fault})
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Note added.")
	return kit.See(c, admin.MerchantPath(m.ID, ""))
}

func (r routes) newNoteDeletion(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	id, err := orbit.ParseID[orbit.Note](c.Params("note"))
	if err != nil {
		return err
	}
	n, err := r.DB.Note(c.UserContext(), m.ID, id)
	if err != nil {
		return err
	}
	return r.ask(c, admin.NoteQuestion(m, n, r.bareFrame(c)))
}

func (r routes) createNoteDeletion(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	id, err := orbit.ParseID[orbit.Note](c.Params("note"))
	if err != nil {
		return err
	}
	if err := r.DB.DeleteNote(c.UserContext(), m.ID, id, r.Actor(c)); err != nil {
		return err
	}
	r.Toast(c, "Note deleted.")
	return kit.See(c, admin.MerchantPath(m.ID, ""))
}
