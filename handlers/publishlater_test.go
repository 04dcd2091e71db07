package handlers_test

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// overdue sets the clock of a shop's scheduled release.
func (w *world) overdue(m orbit.MerchantID) {
	w.Helper()
	w.exec(m, `UPDATE scheduled_releases SET publish_at = now() - interval '1 second'`)
}

// A version goes live at its time, once, with two processes that both want to; in the shop's own time zone.
func TestPublishLater(t *testing.T) {
	t.Parallel()
	w := begin(t)
	june := w.member("moss@example.com")
	w.exec(w.moss, `UPDATE settings SET timezone = 'Asia/Tokyo'`)
	_, form := w.editor(june, w.moss, "")
	form.Set("config.hero_heading", "At midnight")
	for typed, says := range map[string]string{"": "Choose a date and a time.", "tomorrow": "Choose a date and a time.",
		"2020-01-01T00:00": "Choose a time to come.", "2090-01-01T00:00": "Choose a time within a year."} {
		form.Set("publish_at", typed)
		a := w.a.post(june, "/moss/theme/schedule", form)
		page := a.page(t)
		if a.status != 422 || !strings.Contains(page.Find(".fault").Text(), says) ||
			fields(page, "form#theme").Get("config.hero_heading") != "At midnight" {
			t.Errorf("%q: %d %s", typed, a.status, page.Find(".fault").Text())
		}
	}
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now().In(tokyo).Add(48 * time.Hour).Truncate(time.Minute)
	form.Set("publish_at", at.Format("2006-01-02T15:04"))
	if a := w.a.post(june, "/moss/theme/schedule", form); a.status != 303 {
		t.Fatalf("%d %.300s", a.status, a.body)
	}
	scheduled := func() (s orbit.ScheduledRow, ok bool) {
		err := shop.For(w.db, w.moss).Do(t.Context(), func(tn *shop.Tenant) (err error) {
			s, ok, err = tn.ScheduledRelease(t.Context())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return s, ok
	}
	if s, ok := scheduled(); !ok || !s.PublishAt.Equal(at) || s.Author != "Some One" {
		t.Fatalf("%+v", s)
	}
	page, form := w.editor(june, w.moss, "")
	if got := page.Find("#scheduled").Text(); !strings.Contains(got,
		at.Format("Mon, Jan 2, 2006, 15:04")+" (Asia/Tokyo)") {
		t.Error(got)
	}
	// Moved, and moved to nowhere.
	form.Set("move_to", at.Add(time.Hour).Format("2006-01-02T15:04"))
	if a := w.a.post(june, "/moss/theme/schedule/time", form); a.status != 303 {
		t.Fatal(a.status)
	}
	form.Set("move_to", "2020-01-01T00:00")
	if a := w.a.post(june, "/moss/theme/schedule/time", form); a.status != 422 ||
		!strings.Contains(a.page(t).Find("#scheduled .fault").Text(), "Choose a time to come.") {
		t.Error(a.status)
	}
	if s, _ := scheduled(); !s.PublishAt.Equal(at.Add(time.Hour)) {
		t.Error(s.PublishAt)
	}
	// Another version goes live before: the page says what will happen to it.
	form.Set("config.hero_heading", "In between")
	if a := w.a.post(june, "/moss/releases", form); a.status != 303 {
		t.Fatal(a.status)
	}
	page, _ = w.editor(june, w.moss, "")
	if got := page.Find("#scheduled .alert").Text(); !strings.Contains(got, "Version 2 was published after this was") {
		t.Error(got)
	}
	// Not before its time; then once, though both processes try.
	if done, err := shop.PublishScheduled(t.Context(), w.db, w.moss); done || err != nil {
		t.Fatal("before its time:", done, err)
	}
	w.overdue(w.moss)
	var mu sync.Mutex
	var tries sync.WaitGroup
	times := 0
	for i := range 8 {
		tries.Go(func() {
			done, err := shop.PublishScheduled(context.WithoutCancel(t.Context()), []*replica{w.a, w.b}[i%2].kit.DB, w.moss)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if done {
				times++
			}
		})
	}
	tries.Wait()
	if n := w.releases(w.moss); times != 1 || n != 3 {
		t.Fatalf("published %d times, %d releases", times, n)
	}
	w.everywhere("the scheduled version", mossHost, func(body string) bool {
		return strings.Contains(body, "At midnight")
	})
	log, err := w.db.AuditLog(t.Context(), w.moss, 1, 0)
	if err != nil || log[0].Action != orbit.ActionReleasePublished || log[0].Actor != "moss@example.com" ||
		log[0].Detail["scheduled"] != true {
		t.Errorf("%+v %v", log, err)
	}
	if a := w.a.post(june, "/moss/theme/schedule/cancellation", form); a.status != 409 {
		t.Error("canceled after it was published:", a.status)
	}
}

// The job publishes by itself; a canceled one doesn't, nor one of a suspended shop, which says why.
func TestPublishByItself(t *testing.T) {
	t.Parallel()
	w := begin(t)
	june := w.member("moss@example.com")
	theme, err := w.db.Theme(t.Context(), "upfront-classic")
	if err != nil {
		t.Fatal(err)
	}
	m, err := w.db.Merchant(t.Context(), w.moss)
	if err != nil {
		t.Fatal(err)
	}
	mine := shop.MemberOf(w.db, orbit.Actor{ID: m.OwnerID, Name: m.Email}, w.moss, orbit.PermissionOnlineStore)
	plan := func(at time.Time) {
		t.Helper()
		if err := mine.Change(t.Context(), func(e *shop.Edit) error {
			return e.ScheduleRelease(t.Context(), 1, orbit.Release{ThemeID: theme.ID, Engine: theme.Engine,
				EngineVersion: "1", Settings: orbit.Settings{"hero_heading": "By the job"}}, at)
		}); err != nil {
			t.Fatal(err)
		}
	}
	plan(time.Now().Add(time.Second))
	w.until("the version", func() bool { return w.releases(w.moss) == 2 })
	plan(time.Now().Add(time.Hour))
	_, form := w.editor(june, w.moss, "")
	stale := url.Values{"scheduled": {orbit.NewID[orbit.Release]().String()}}
	if a := w.a.post(june, "/moss/theme/schedule/cancellation", stale); a.status != 409 {
		t.Error("another version's:", a.status)
	}
	if a := w.a.post(june, "/moss/theme/schedule/cancellation", form); a.status != 303 {
		t.Fatal(a.status)
	}
	if done, err := shop.PublishScheduled(t.Context(), w.db, w.moss); done || err != nil {
		t.Error("a canceled one:", done, err)
	}
	// Work that has lost its job gets another one.
	plan(time.Now().Add(time.Hour))
	w.overdue(w.moss)
	if err := w.db.Suspend(t.Context(), w.moss, "Unpaid", orbit.System, nil); err != nil {
		t.Fatal(err)
	}
	w.exec(w.moss, `DELETE FROM river_job WHERE kind = 'publish'`)
	if n, err := shop.RequeueScheduled(t.Context(), w.db, 0); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	w.until("the reason", func() bool {
		var s orbit.ScheduledRow
		err := shop.For(w.db, w.moss).Do(t.Context(), func(tn *shop.Tenant) (err error) {
			s, _, err = tn.ScheduledRelease(t.Context())
			return err
		})
		return err == nil && s.Failure != ""
	})
	if err := w.db.Resume(t.Context(), w.moss, orbit.System, nil); err != nil {
		t.Fatal(err)
	}
	page, _ := w.editor(june, w.moss, "")
	if got := page.Find("#scheduled .alert").Text(); !strings.Contains(got, "The shop was suspended at that time.") {
		t.Error(got)
	}
	if n := w.releases(w.moss); n != 2 {
		t.Errorf("%d releases", n)
	}
}
