package store

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Notes of admins about a merchant are the platform's own: row-level security shows none while it is open to a shop.

// noteRows selects notes with their authors.
func (db *DB) noteRows() string {
	return `SELECT ` + db.Columns("n", "", orbit.Note{}) + `, coalesce(u.name, '') AS author
		FROM merchant_notes n LEFT JOIN users u ON u.id = n.author_id WHERE n.merchant_id = $1`
}

// Notes returns a page of the notes about a merchant, newest first, and how many there are.
func (db *DB) Notes(ctx context.Context, m orbit.MerchantID, limit, offset int) (notes []orbit.NoteRow, total int,
	err error) {
	if total, err = pg.One[int](ctx, db, `SELECT count(*) FROM merchant_notes WHERE merchant_id = $1`, m); err != nil {
		return nil, 0, err
	}
	notes, err = pg.All[orbit.NoteRow](ctx, db, db.noteRows()+` ORDER BY n.created_at DESC, n.id DESC
		LIMIT $2 OFFSET $3`, m, limit, offset)
	return notes, total, err
}

// Note is one of the notes about a merchant.
func (db *DB) Note(ctx context.Context, m orbit.MerchantID, id orbit.NoteID) (orbit.NoteRow, error) {
	return pg.One[orbit.NoteRow](ctx, db, db.noteRows()+` AND n.id = $2`, m, id)
}

// AddNote keeps a note, once however often its form is sent: n has the form's id. Conflict where the merchant has
// orbit.MaxNotes already.
func (db *DB) AddNote(ctx context.Context, n orbit.Note, who orbit.Actor) error {
	return db.InTx(ctx, func(t pg.Tx) error {
		// One after the other, so that the bound holds.
		if _, err := pg.One[orbit.MerchantID](ctx, t, `SELECT id FROM merchants WHERE id = $1 FOR NO KEY UPDATE`,
			n.MerchantID); err != nil {
			return err
		}
		has, err := pg.One[struct {
			Notes int
			Known bool
		}](ctx, t, `SELECT count(*) AS notes, coalesce(bool_or(id = $2), false) AS known FROM merchant_notes
			WHERE merchant_id = $1`, n.MerchantID, n.ID)
		if err != nil || has.Known {
			return err
		}
		if has.Notes >= orbit.MaxNotes {
			return orbit.Errorf(orbit.Conflict, "A merchant can have %d notes. Delete one that is no longer needed first.",
				orbit.MaxNotes)
		}
		n.AuthorID, n.CreatedAt = who.ID, pg.Stamp()
		b := db.Batch()
		b.Insert("merchant_notes", n)
		b.Audit(who, orbit.ActionNoteAdded, n.MerchantID, "", nil)
		return b.Run(ctx, t)
	})
}

// DeleteNote deletes a note about a merchant. Deleting it again changes nothing.
func (db *DB) DeleteNote(ctx context.Context, m orbit.MerchantID, id orbit.NoteID, who orbit.Actor) error {
	return db.InTx(ctx, func(t pg.Tx) error {
		gone, err := pg.All[string](ctx, t, `DELETE FROM merchant_notes WHERE merchant_id = $1 AND id = $2
			RETURNING coalesce((SELECT email FROM users WHERE id = author_id), '')`, m, id)
		if err != nil || len(gone) == 0 {
			return err
		}
		details := orbit.Details{}
		if by := gone[0]; by != "" && by != who.Name {
			details["written by"] = by
		}
		b := db.Batch()
		b.Audit(who, orbit.ActionNoteDeleted, m, "", details)
		return b.Run(ctx, t)
	})
}
