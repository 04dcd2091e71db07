package fake_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"orbit360.app/payments/fake"
)

// inbox takes events, and refuses as many as it is asked to.
type inbox struct {
	mu     sync.Mutex
	got    []string // the sessions that they are about
	refuse int
}

func (b *bed) inbox(t *testing.T) *inbox {
	t.Helper()
	in := &inbox{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in.mu.Lock()
		defer in.mu.Unlock()
		if in.refuse > 0 {
			in.refuse--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var event struct {
			Data struct{ Object struct{ ID string } }
		}
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			t.Error(err)
		}
		in.got = append(in.got, event.Data.Object.ID)
	}))
	t.Cleanup(server.Close)
	status, answer, _ := b.do(t, "POST /v1/webhook_endpoints", url.Values{"url": {server.URL},
		"api_version": {"2026-08-26.dahlia"}, "enabled_events[]": {"checkout.session.completed"}}, "")
	if status != 200 {
		t.Fatal(answer)
	}
	return in
}

// pay pays a new session, which is one event, and returns its ID.
func (b *bed) pay(t *testing.T) string {
	t.Helper()
	_, session, _ := b.do(t, sessions, order(), "")
	id := fmt.Sprint(session["id"])
	if err := b.Pay(id); err != nil {
		t.Fatal(err)
	}
	return id
}

// settled returns the events that are there when none is due.
func (in *inbox) settled(t *testing.T, b *bed) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := b.Events.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.got)
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	for delivery, want := range map[fake.Delivery]struct{ now, afterMinutes, afterHours int }{
		fake.OnTime: {1, 1, 1}, fake.Twice: {2, 2, 2}, fake.Never: {0, 0, 0}, fake.AnHour: {0, 0, 1},
	} {
		b := newBed(t)
		in := b.inbox(t)
		b.Events.Next(delivery)
		b.pay(t)
		got := []int{len(in.settled(t, b))}
		for _, by := range []time.Duration{30 * time.Minute, 31 * time.Minute} {
			b.Clock.Move(by)
			got = append(got, len(in.settled(t, b)))
		}
		if !slices.Equal(got, []int{want.now, want.afterMinutes, want.afterHours}) {
			t.Errorf("%s: %v", delivery, got)
		}
	}
}

// An event that is behind comes after the one that happened after it.
func TestBehind(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	in := b.inbox(t)
	b.Events.Next(fake.Behind, fake.OnTime)
	first := b.pay(t)
	in.settled(t, b)
	second := b.pay(t)
	in.settled(t, b)
	b.Clock.Move(11 * time.Second)
	if got := in.settled(t, b); !slices.Equal(got, []string{second, first}) {
		t.Errorf("%v instead of %s and then %s", got, second, first)
	}
}

// What isn't answered 2xx comes again.
func TestDeliveredAgain(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	in := b.inbox(t)
	in.refuse = 3
	id := b.pay(t)
	for range 4 {
		in.settled(t, b)
		b.Clock.Move(time.Minute)
	}
	if got := in.settled(t, b); !slices.Equal(got, []string{id}) {
		t.Error(got)
	}
	var statuses []int
	for _, sent := range b.Events.Sent() {
		statuses = append(statuses, sent.Status)
	}
	if !slices.Equal(statuses, []int{503, 503, 503, 200}) {
		t.Error(statuses)
	}
}
