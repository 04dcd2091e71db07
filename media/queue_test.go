package media

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"orbit360.app/jobs"
	"orbit360.app/jobs/jobstest"
	"orbit360.app/live"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// TestLostJobsComeBack: an image is processed even if an admin canceled or deleted its job in River's pages; one that
// has its job gets no second one.
func TestLostJobsComeBack(t *testing.T) {
	t.Parallel()
	s := open(t)
	log := slog.New(slog.DiscardHandler)
	viewer, err := jobs.Viewer(s.db, log)
	if err != nil {
		t.Fatal(err)
	}
	file := asPNG(t, quarters(40, 30))
	for _, lose := range []func(job int64) error{
		func(job int64) error { _, err := viewer.JobCancel(t.Context(), job); return err },
		func(job int64) error { _, err := viewer.JobDelete(t.Context(), job); return err },
	} {
		if err := s.add("lost.png", orbit.NewID[orbit.Media]().String(), file); err != nil {
			t.Fatal(err)
		}
		var job int64
		if err := s.db.Pool().QueryRow(t.Context(), `SELECT max(id) FROM river_job WHERE kind = 'media'`).Scan(
			&job); err != nil {
			t.Fatal(err)
		}
		if err := lose(job); err != nil {
			t.Fatal(err)
		}
	}
	err = s.media.Add(t.Context(), s.member(s.nord), Upload{Product: s.basket, Batch: "x", Name: "kept.png", File: file})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.media.Queue().Requeue(t.Context(), time.Hour); n != 0 || err != nil {
		t.Fatal("images that have just come:", n, err)
	}
	feed := live.New(live.Config{DB: s.db, Log: log})
	changes, cancel := feed.Subscribe(s.moss, s.nord)
	defer cancel()
	jobstest.Start(t, feed, s.media.Queue())
	ready := func(m orbit.MerchantID, product orbit.ProductID, want int) bool {
		var images []orbit.Media
		err := shop.For(s.db, m).Do(t.Context(), func(tn *shop.Tenant) (err error) {
			images, err = tn.Images(t.Context(), product)
			return err
		})
		if err != nil || len(images) != want {
			t.Fatal(len(images), err)
		}
		return !slices.ContainsFunc(images, func(p orbit.Media) bool { return p.Status != orbit.MediaReady })
	}
	for deadline := time.After(30 * time.Second); !ready(s.moss, s.mug, 2) || !ready(s.nord, s.basket, 1); {
		select {
		case <-changes:
		case <-deadline:
			t.Fatal("images are still in process")
		}
	}
	var added int
	if err := s.db.Pool().QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'media'`).Scan(
		&added); err != nil || added != 4 { // canceled, kept, and two anew
		t.Error(added, err)
	}
}
