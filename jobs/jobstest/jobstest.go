package jobstest

import (
	"context"
	"testing"
	"time"

	"orbit360.app/jobs"
	"orbit360.app/live"
)

// Start has a feed listen and works the queues, until the test ends.
func Start(t testing.TB, feed *live.Feed, queues ...jobs.Queue) {
	t.Helper()
	s, err := jobs.New(jobs.Config{DB: feed.DB, Log: feed.Log, Live: feed}, queues...)
	if err != nil {
		t.Fatal(err)
	}
	feed.Start(t.Context())
	t.Cleanup(feed.Stop)
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}
