package media

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// hold has the next image that is made wait at its first file, until it is let go.
func (s *shops) hold() (held <-chan struct{}, letGo func()) {
	reached, going := make(chan struct{}), make(chan struct{})
	first := true
	s.media.Wrote = func(string) error {
		if first {
			first = false
			close(reached)
			<-going
		}
		return nil
	}
	return reached, func() { close(going) }
}

func (s *shops) job(m orbit.MerchantID, p orbit.MediaID, heavy bool) error {
	return (&worker{Service: s.media}).Work(s.Context(), &river.Job[shop.MediaArgs]{Args: shop.MediaArgs{MerchantID: m,
		MediaID: p, Heavy: heavy}})
}

func (s *shops) ids(m orbit.MerchantID) (ids []orbit.MediaID) {
	s.Helper()
	err := shop.For(s.db, m).Do(s.Context(), func(t *shop.Tenant) error {
		ps, err := t.Images(s.Context(), orbit.ProductID{})
		for _, p := range ps {
			ids = append(ids, p.ID)
		}
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return ids
}

func snoozed(err error) bool {
	_, ok := errors.AsType[*river.JobSnoozeError](err)
	return ok
}

// While another merchant's images wait, one merchant's take one worker and no more; with nobody else waiting they
// take all.
func TestShareOfAMerchant(t *testing.T) {
	t.Parallel()
	s := open(t)
	file := asPNG(t, quarters(64, 64))
	add := func(m orbit.MerchantID, n int) {
		t.Helper()
		for i := range n {
			if err := s.media.Add(t.Context(), s.member(m), Upload{Batch: fmt.Sprint(m, i), Name: "x", File: file}); err != nil {
				t.Fatal(err)
			}
		}
	}
	add(s.moss, 3)
	moss := s.ids(s.moss)
	held, letGo := s.hold()
	first := make(chan error, 1)
	go func() { first <- s.job(s.moss, moss[0], false) }()
	<-held
	if err := s.job(s.moss, moss[1], false); err != nil {
		t.Error("nobody else waits: ", err)
	}
	add(s.nord, 1)
	if err := s.job(s.moss, moss[2], false); !snoozed(err) {
		t.Error("a second of the same merchant's: ", err)
	}
	if err := s.job(s.nord, s.ids(s.nord)[0], false); err != nil {
		t.Error("the other merchant's: ", err)
	}
	letGo()
	if err := <-first; err != nil {
		t.Error(err)
	}
	if err := s.job(s.moss, moss[2], false); err != nil {
		t.Error("its turn came: ", err)
	}
}

// Heavy images are made one at a time, of any merchant, while others are made.
func TestHeavyImages(t *testing.T) {
	t.Parallel()
	s := open(t)
	upload := func(m orbit.MerchantID, batch string, file []byte) {
		t.Helper()
		if err := s.media.Add(t.Context(), s.member(m), Upload{Batch: batch, Name: "x", File: file}); err != nil {
			t.Fatal(err)
		}
	}
	light, heavy := asPNG(t, quarters(64, 64)), scans(4000, 12)
	upload(s.moss, "1", light)
	upload(s.nord, "1", heavy)
	upload(s.nord, "2", light)
	if n := s.count(`SELECT count(*) FROM river_job WHERE queue = 'media' AND (args->>'heavy')::boolean`); n != 1 {
		t.Fatalf("%d jobs are heavy", n)
	}
	nord := s.ids(s.nord)
	held, letGo := s.hold()
	first := make(chan error, 1)
	go func() { first <- s.job(s.moss, s.ids(s.moss)[0], true) }()
	<-held
	for _, said := range []bool{true, false} { // by its job, and found out
		if err := s.job(s.nord, nord[0], said); !snoozed(err) {
			t.Errorf("%v: %v", said, err)
		}
	}
	if err := s.job(s.nord, nord[1], false); err != nil {
		t.Error("a light one: ", err)
	}
	letGo()
	if err := <-first; err != nil {
		t.Error(err)
	}
	if err := s.job(s.nord, nord[0], true); err != nil {
		t.Error(err)
	}
}

// The more of a merchant's images wait, the more others go first.
func TestLanes(t *testing.T) {
	t.Parallel()
	s := open(t)
	file := asPNG(t, quarters(8, 8))
	add := func(m orbit.MerchantID, i int) {
		t.Helper()
		if err := s.media.Add(t.Context(), s.member(m), Upload{Batch: fmt.Sprint(i), Name: "x", File: file}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 66 {
		add(s.moss, i)
	}
	add(s.nord, 0)
	rows, err := s.super().Query(t.Context(), `SELECT args->>'merchantId', priority FROM river_job WHERE queue = 'media'
		ORDER BY priority, id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var order []string
	count := map[int]int{}
	for rows.Next() {
		var m string
		var priority int
		if err := rows.Scan(&m, &priority); err != nil {
			t.Fatal(err)
		}
		order, count[priority] = append(order, m), count[priority]+1
	}
	if at := slices.Index(order, s.nord.String()); rows.Err() != nil || at != 4 || count[2] != 12 || count[3] != 48 ||
		count[4] != 2 {
		t.Errorf("the other merchant's is number %d; %v", at+1, count)
	}
}
