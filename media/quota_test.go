package media

import (
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// What can't be kept isn't written: not a byte, and no note of it.
func TestRefusedUploadWritesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	file := asPNG(t, quarters(64, 64))
	for i := range orbit.MaxImages {
		if err := s.add("x.png", fmt.Sprint(i), file); err != nil {
			t.Fatal(err)
		}
	}
	before := s.keys()
	folder := filepath.Join(s.folder, s.moss.String())
	about, err := os.Stat(folder)
	if err != nil {
		t.Fatal(err)
	}
	refuse := func(what string, u Upload, code orbit.Code) {
		t.Helper()
		u.Name, u.File = "x.png", file
		for range 3 {
			if err := s.media.Add(t.Context(), s.member(s.moss), u); orbit.CodeOf(err) != code {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	refuse("too many of the product's", Upload{Product: s.mug, Batch: "more"}, orbit.Conflict)
	refuse("another's product", Upload{Product: s.basket}, orbit.NotFound)
	refuse("no product", Upload{Product: orbit.NewID[orbit.Product]()}, orbit.NotFound)
	s.exec(`UPDATE plans SET limits = jsonb_set(limits, '{storageBytes}', '1000') WHERE slug = 'starter'`)
	refuse("more than the plan holds", Upload{Batch: "shop"}, orbit.Conflict)
	if after, err := os.Stat(folder); err != nil || !after.ModTime().Equal(about.ModTime()) ||
		!slices.Equal(s.keys(), before) {
		t.Errorf("something was written: %v, %d files", err, len(s.keys()))
	}
	if n := s.count(`SELECT (SELECT count(*) FROM blob_trash) + (SELECT count(*) FROM media_reserved)`); n != 0 {
		t.Errorf("%d notes are left", n)
	}
}

// An upload that is still being written counts: against the product's places and against the plan's storage.
func TestUploadUnderWayCounts(t *testing.T) {
	t.Parallel()
	s := open(t)
	file := asPNG(t, quarters(64, 64))
	s.exec(`UPDATE plans SET limits = jsonb_set(limits, '{storageBytes}', to_jsonb($1::bigint)) WHERE slug = 'starter'`,
		int64(len(file)*3/2))
	under := orbit.Media{MerchantID: s.moss, ID: orbit.NewID[orbit.Media](), ProductID: s.mug, Hash: shop.NewHash(),
		Width:  1,
		Height: 1, Bytes: int64(len(file))}
	if known, err := s.reserve(under); known || err != nil {
		t.Fatal(known, err)
	}
	if err := s.add("x.png", "b", file); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("its bytes don't count: ", err)
	}
	again := under
	again.Hash = shop.NewHash() // the form sent twice: one image, counted once
	if known, err := s.reserve(again); known || err != nil {
		t.Error(known, err)
	}
	if unused, err := s.release(again); !unused || err != nil {
		t.Error(unused, err)
	}
	s.exec(`UPDATE plans SET limits = limits - 'storageBytes' WHERE slug = 'starter'`)
	for i := range orbit.MaxImages - 1 {
		if err := s.add("x.png", fmt.Sprint(i), file); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.add("x.png", "one too many", file); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("its place doesn't count: ", err)
	}
	// The other shop has room of its own.
	if err := s.media.Add(t.Context(), s.member(s.nord), Upload{Product: s.basket, File: file}); err != nil {
		t.Error(err)
	}
	// A crash: nobody adds or releases it. After its time it counts no longer, and the sweep takes it.
	if err := s.media.Bucket.WriteAll(t.Context(), shop.BlobPrefix(s.moss, under.Hash)+original, file, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.super().Exec(t.Context(),
		`UPDATE media_reserved SET expires_at = now() - interval '1 second'`); err != nil {
		t.Fatal(err)
	}
	if err := s.add("x.png", "one too many", file); err != nil {
		t.Error(err)
	}
	keys := len(s.keys())
	s.exec(`UPDATE blob_trash SET due_at = now() - interval '1 second', until = now() - interval '1 second'`)
	s.sweep()
	n := s.count(`SELECT (SELECT count(*) FROM blob_trash) + (SELECT count(*) FROM media_reserved)`)
	if n != 0 || len(s.keys()) != keys-1 {
		t.Errorf("%d notes are left, %d of %d files", n, len(s.keys()), keys)
	}
}

// The same form sent many times at once makes one image with one file.
func TestUploadSentTwice(t *testing.T) {
	t.Parallel()
	s := open(t)
	file := asPNG(t, quarters(64, 64))
	s.exec(`UPDATE plans SET limits = jsonb_set(limits, '{storageBytes}', to_jsonb($1::bigint)) WHERE slug = 'starter'`,
		int64(len(file)))
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if err := s.add("x.png", "b", file); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	ps, _ := s.images()
	if keys := s.keys(); len(ps) != 1 || len(keys) != 1 || !strings.Contains(keys[0], ps[0].Hash) ||
		s.count(`SELECT count(*) FROM media_reserved`) != 0 {
		t.Errorf("%d images, files %v", len(ps), keys)
	}
	s.sweep()
	if err := s.work(ps[0]); err != nil {
		t.Fatal(err)
	}
	if ps, _ := s.images(); len(s.keys()) == 0 || ps[0].Status == orbit.MediaProcessing {
		t.Errorf("%+v %v", ps, s.keys())
	}
}

// A small file with sizes beyond the plan's storage is refused with the reason, and nothing of it stays.
func TestSizesCountToo(t *testing.T) {
	t.Parallel()
	s := open(t)
	file := asPNG(t, image.NewPaletted(image.Rect(0, 0, 1280, 1280), color.Palette{color.Black, color.White}))
	s.exec(`UPDATE plans SET limits = jsonb_set(limits, '{storageBytes}', to_jsonb($1::bigint)) WHERE slug = 'starter'`,
		int64(len(file)))
	if err := s.add("x.png", "b", file); err != nil {
		t.Fatal(err)
	}
	ps, _ := s.images()
	if err := s.work(ps[0]); err != nil {
		t.Fatal(err)
	}
	s.sweep()
	if ps, p := s.images(); ps[0].Status != orbit.MediaFailed ||
		!strings.Contains(ps[0].Error, "Your Starter plan includes") || ps[0].Bytes != 0 || p.Images != nil ||
		len(s.keys()) != 0 {
		t.Errorf("%+v %v", ps, s.keys())
	}
}
