package store

import (
	"context"
	"fmt"
	"reflect"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// choice is what merchants choose among: a table of themes or plans, and what is done to it. Admins change it, and
// merchants choose among the active ones.
type choice struct {
	table                     string
	created, updated, deleted orbit.Action
}

func (db *DB) createChoice(ctx context.Context, o choice, row any, slug string, in any, who orbit.Actor) error {
	b := db.Batch()
	b.Insert(o.table, row)
	b.Audit(who, o.created, orbit.MerchantID{}, slug, orbit.Changes(nil, in))
	return slugFault(b.Run(ctx, db), slug)
}

// lockChoice returns a row that nobody else changes until the transaction ends.
func lockChoice[T any](ctx context.Context, db *DB, t pg.Tx, o choice, id fmt.Stringer) (row T, err error) {
	return pg.One[T](ctx, t, `SELECT `+db.Columns("o", "", row)+` FROM `+o.table+` o
		WHERE id = $1 FOR UPDATE`, id.String())
}

// changeChoice locks a row, has change alter it, and writes it with its audit entry; a change that changes nothing
// writes nothing.
func changeChoice[T any](ctx context.Context, db *DB, o choice, id fmt.Stringer, who orbit.Actor,
	change func(*T) (before, after any)) (row T, err error) {
	slug := ""
	err = db.InTx(ctx, func(t pg.Tx) error {
		if row, err = lockChoice[T](ctx, db, t, o, id); err != nil {
			return err
		}
		was := row
		before, after := change(&row)
		d := orbit.Changes(before, after)
		if len(d) == 0 {
			row = was
			return nil
		}
		slug = reflect.ValueOf(after).FieldByName("Slug").String()
		b := db.Batch()
		b.Update(o.table, row)
		b.Audit(who, o.updated, orbit.MerchantID{}, slug, d)
		return b.Run(ctx, t)
	})
	return row, slugFault(err, slug)
}

// deleteChoice leaves it to the foreign keys whether the row may go: they see uses that begin at the
// same moment.
func deleteChoice[T any](ctx context.Context, db *DB, o choice, id fmt.Stringer, slug func(T) string,
	who orbit.Actor) (row T, err error) {
	err = db.InTx(ctx, func(t pg.Tx) error {
		if row, err = lockChoice[T](ctx, db, t, o, id); err != nil {
			return err
		}
		b := db.Batch()
		b.Exec(`DELETE FROM `+o.table+` WHERE id = $1`, id.String())
		b.Audit(who, o.deleted, orbit.MerchantID{}, slug(row), nil)
		return b.Run(ctx, t)
	})
	return row, err
}

// slugFault puts the refusal of a slug that is taken on the field.
func slugFault(err error, slug string) error {
	if c := pg.ConstraintOf(err); c != "themes_slug_key" && c != "plans_slug_key" {
		return err
	}
	message := orbit.Sentence(err)
	return orbit.Wrap(orbit.Conflict, err, message).With(orbit.Fault{Field: "slug", Message: message, Value: slug})
}
