package shop_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// An image that doesn't fit is refused before storage is full: owners get the notice of a full storage then, once a
// month, also where many are refused at once by two replicas.
func TestRefusedImagesAreNoticed(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	owner := m.plans(m.alpha)
	m.limits("starter", `{"storageBytes": 1000}`)
	m.sql(`INSERT INTO media (merchant_id, id, hash, name, width, height, bytes, position)
		VALUES ($1, gen_random_uuid(), md5('a'), 'a.png', 1, 1, 500, 1)`, m.alpha.String())
	other, err := store.Open(t.Context(), m.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	upload := func(db *store.DB, bytes int64) error {
		p := orbit.Media{MerchantID: m.alpha, ID: orbit.NewID[orbit.Media](),
			Hash: strings.ReplaceAll(orbit.NewID[orbit.Media]().String(), "-", ""), Name: "b.png", Width: 1, Height: 1,
			Bytes: bytes}
		err := owner(db).Change(t.Context(), func(e *shop.Edit) error {
			_, err := e.ReserveImage(t.Context(), p)
			return err
		})
		if failed := shop.For(db, m.alpha).NoteRefused(t.Context(), err); failed != nil {
			t.Error(failed)
		}
		return err
	}
	if err := upload(m.db, 100); err != nil || m.count(`SELECT count(*) FROM plan_notices`) != 0 {
		t.Error("one that fits:", err)
	}
	var wg sync.WaitGroup
	for i := range 10 {
		db := m.db
		if i%2 == 1 {
			db = other
		}
		wg.Go(func() {
			if err := upload(db, 600); orbit.CodeOf(err) != orbit.Conflict {
				t.Error("one that doesn't fit:", err)
			}
		})
	}
	wg.Wait()
	if n := m.count(`SELECT count(*) FROM river_job WHERE kind = 'notice'`); n != 1 {
		t.Errorf("%d jobs, want 1", n)
	}
	emails := 0
	for range 2 {
		err := shop.For(m.db, m.alpha).WriteNotices(t.Context(), func(n shop.Notice) ([]orbit.Email, error) {
			emails++
			if len(n.Meters) != 1 || !n.Meters[0].Refused || n.Meters[0].Used != 500 || n.Meters[0].Level() != 100 {
				t.Errorf("%+v", n.Meters)
			}
			return nil, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if emails != 1 {
		t.Errorf("%d times written", emails)
	}
	err = shop.For(m.db, m.beta).NoteRefused(context.Background(), orbit.Errorf(orbit.Conflict, "Other."))
	if err != nil || m.count(`SELECT count(*) FROM plan_notices WHERE merchant_id = $1`, m.beta.String()) != 0 {
		t.Error("another refusal:", err)
	}
}
