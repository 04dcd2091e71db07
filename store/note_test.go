package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
	"orbit360.app/store/storetest"
)

func noteOn(m orbit.MerchantID, text string) orbit.Note {
	return orbit.Note{MerchantID: m, ID: orbit.NewID[orbit.Note](), Text: text}
}

// TestNotes: a form that is sent twice adds one note; the newest comes first; of another merchant there is none, and
// deleting one that is another merchant's, or gone, changes nothing.
func TestNotes(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	moss, nord := apply(t, db, "Moss"), apply(t, db, "Nord")
	who := orbit.Actor{Name: "ada@example.com"}
	first, second := noteOn(moss, "Called on Monday."), noteOn(moss, "Wants a larger plan.\nAsk again.")
	for _, n := range []orbit.Note{first, first, second, noteOn(nord, "Nord's")} {
		if err := db.AddNote(t.Context(), n, who); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.AddNote(t.Context(), noteOn(orbit.NewID[orbit.Merchant](), "x"), who); orbit.CodeOf(err) !=
		orbit.NotFound {
		t.Error("nobody's:", err)
	}
	texts := func(m orbit.MerchantID, limit, offset int) (all []string) {
		notes, total, err := db.Notes(t.Context(), m, limit, offset)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range notes {
			all = append(all, n.Text)
		}
		return append(all, fmt.Sprint(total))
	}
	if got := texts(moss, 9, 0); !slices.Equal(got, []string{second.Text, first.Text, "2"}) {
		t.Errorf("%q", got)
	}
	if got := texts(moss, 1, 1); !slices.Equal(got, []string{first.Text, "2"}) {
		t.Errorf("%q", got)
	}
	if _, err := db.Note(t.Context(), nord, first.ID); orbit.CodeOf(err) != orbit.NotFound {
		t.Error("another's:", err)
	}
	if err := db.DeleteNote(t.Context(), nord, first.ID, who); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := db.DeleteNote(t.Context(), moss, first.ID, who); err != nil {
			t.Error(err)
		}
	}
	if got := texts(moss, 9, 0); !slices.Equal(got, []string{second.Text, "1"}) {
		t.Errorf("%q", got)
	}
	log, err := db.AuditLog(t.Context(), moss, 9, 0)
	if err != nil || len(log) != 4 || log[0].Action != orbit.ActionNoteDeleted || log[1].Action != orbit.ActionNoteAdded {
		t.Error(log, err)
	}
}

// TestNotesAreBounded: however many are added at once, a merchant has orbit.MaxNotes at most.
func TestNotesAreBounded(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	m := apply(t, db, "Moss")
	if _, err := db.Pool().Exec(t.Context(), `INSERT INTO merchant_notes (merchant_id, id, text)
		SELECT $1, gen_random_uuid(), 'x' FROM generate_series(1, $2)`, m.String(), orbit.MaxNotes-2); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	errs := make([]error, 10)
	for i := range errs {
		wg.Go(func() { errs[i] = db.AddNote(t.Context(), noteOn(m, "one more"), orbit.System) })
	}
	wg.Wait()
	added := 0
	for _, err := range errs {
		if err == nil {
			added++
		} else if orbit.CodeOf(err) != orbit.Conflict {
			t.Error(err)
		}
	}
	if _, total, err := db.Notes(t.Context(), m, 1, 0); added != 2 || total != orbit.MaxNotes || err != nil {
		t.Error(added, total, err)
	}
}

// TestNoShopSeesNotes: while row-level security is open to a shop, the database shows no note and takes none, and a
// shop's activity has no line of one.
func TestNoShopSeesNotes(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	m := apply(t, db, "Moss")
	n := noteOn(m, "Not for the merchant.")
	if err := db.AddNote(t.Context(), n, orbit.System); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	err := shop.For(db, m).Do(ctx, func(tenant *shop.Tenant) error {
		seen, err := pg.One[int](ctx, tenant, `SELECT count(*) FROM merchant_notes`)
		changed, deleteErr := pg.Exec(ctx, tenant, `DELETE FROM merchant_notes`)
		if err != nil || deleteErr != nil || seen+changed != 0 {
			t.Error("a shop's transaction sees or deletes:", seen, changed, err, deleteErr)
		}
		_, err = pg.Exec(ctx, tenant, `INSERT INTO merchant_notes (merchant_id, id, text)
			VALUES ($1, gen_random_uuid(), 'x')`, m)
		return err
	})
	if err == nil {
		t.Error("a shop's transaction adds a note")
	}
	if _, total, err := db.Notes(ctx, m, 1, 0); total != 1 || err != nil {
		t.Error(total, err)
	}
	if err := db.DeleteNote(ctx, m, n.ID, orbit.System); err != nil {
		t.Fatal(err)
	}
	seen, err := db.Activity(ctx, store.ActivityFilter{Merchant: m, Areas: orbit.ActivityAreas(), Limit: 9})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range seen.Rows {
		if line.Action.Area() == "note" {
			t.Error("activity has", line)
		}
	}
}
