package webhooks_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"orbit360.app/orbit"
)

func TestEventsAreTold(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	rec := newReceiver(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "thanks\x00 <b>")
	})
	id, secret := p.create(rec.URL + "/hook")
	only, _ := p.create(rec.URL+"/only", orbit.MerchantWasRolledBack)
	p.work()

	ok := p.complete("Alpha \"Quoted\" <b>")
	failed := p.run("Beta", orbit.StepWebsite)
	if _, err := p.db.FailStep(t.Context(), failed, orbit.StepWebsite, "The website didn't answer.", true); err != nil {
		t.Fatal(err)
	}
	if err := p.db.RollBackRun(t.Context(), failed.MerchantID, orbit.System); err != nil {
		t.Fatal(err)
	}
	v, err := p.db.TakeRun(t.Context(), failed.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, undo := range []func(context.Context, orbit.Run) error{p.db.UndoCompletion, p.db.UndoCredentials, p.db.UndoData,
		p.db.UndoWebsite, p.db.UndoDashboard, p.db.UndoWorkspace, p.db.UndoConfiguration} {
		if err := undo(t.Context(), v.Run); err != nil {
			t.Fatal(err)
		}
	}

	rows := p.deliveries(id, ended(3))
	if others := p.deliveries(only, ended(1)); others[0].Kind != orbit.MerchantWasRolledBack {
		t.Errorf("events that it didn't ask for: %+v", others)
	}
	for i, want := range []orbit.EventKind{orbit.MerchantWasRolledBack, orbit.MerchantRunFailed,
		orbit.MerchantWasActivated} {
		r := rows[i]
		if r.Kind != want || r.Status != orbit.DeliveryDelivered || r.Attempts != 1 || r.Last().Status != 200 ||
			r.Last().Body != "thanks <b>" || r.Last().Error != "" {
			t.Errorf("%d: %+v", i, r)
		}
	}
	seen := map[string]bool{}
	for _, c := range rec.calls() {
		var e struct {
			ID, Type  string
			CreatedAt time.Time
			Data      struct {
				Merchant            struct{ ID, Name, Status string }
				Status, Theme, Plan string
				Error               *struct{ Step, Message string }
			}
		}
		if err := json.Unmarshal([]byte(c.body), &e); err != nil {
			t.Fatal(err, c.body)
		}
		if c.header.Get("Orbit-Event-Id") != e.ID || c.header.Get("Orbit-Event-Type") != e.Type ||
			!strings.HasPrefix(c.header.Get("Content-Type"), "application/json") || time.Since(e.CreatedAt).Abs() > time.Minute {
			t.Errorf("%v %+v", c.header, e)
		}
		m := e.Data.Merchant
		switch e.Type {
		case "merchant.activated":
			if m.ID != ok.MerchantID.String() || m.Name != "Alpha \"Quoted\" <b>" || m.Status != "active" ||
				e.Data.Status != "COMPLETED" || e.Data.Theme != "upfront-modern" || e.Data.Plan != "starter" ||
				e.Data.Error != nil {
				t.Errorf("%s", c.body)
			}
		case "merchant.failed":
			if m.Status != "failed" || e.Data.Status != "FAILED" || e.Data.Error == nil ||
				e.Data.Error.Step != "website_deployment" || e.Data.Error.Message != "The website didn't answer." {
				t.Errorf("%s", c.body)
			}
		case "merchant.rolled_back":
			if m.Status != "pending" || e.Data.Status != "ROLLBACK" || e.Data.Error != nil {
				t.Errorf("%s", c.body)
			}
		}
		if seen[e.Type] {
			continue // the other webhook's
		}
		seen[e.Type] = true
		if !verified(c, secret) && e.Type != "merchant.rolled_back" {
			t.Errorf("%s: %s can't be verified", e.Type, c.header.Get("Orbit-Signature"))
		}
		if verified(call{c.header, c.body + " "}, secret) || verified(c, secret+"x") {
			t.Error("anything goes")
		}
	}
	if len(seen) != 3 {
		t.Errorf("saw %v", seen)
	}
	if strings.Contains(p.logs.String(), secret) || strings.Contains(p.logs.String(), secret[6:]) {
		t.Error("the secret is in the log")
	}
}

func TestNobodyWantsToKnow(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	id, _ := p.create("http://127.0.0.1:9/", orbit.MerchantRunFailed)
	p.complete("Alpha")
	var events, jobs int
	if err := p.db.Pool().QueryRow(t.Context(), `SELECT (SELECT count(*) FROM webhook_events), (SELECT count(*)
		FROM river_job WHERE kind = 'webhook')`).Scan(&events, &jobs); err != nil {
		t.Fatal(err)
	}
	if events != 0 || jobs != 0 {
		t.Errorf("%d events, %d jobs", events, jobs)
	}
	if err := p.hooks().SetActive(t.Context(), id, false); err != nil {
		t.Fatal(err)
	}
	if _, err := p.db.FailStep(t.Context(), p.run("Beta", orbit.StepWebsite), orbit.StepWebsite, "No.", true); err != nil {
		t.Fatal(err)
	}
	p.deliveries(id, ended(0))
}

func TestRetryThenSuccess(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	rec := newReceiver(t, func(n int, w http.ResponseWriter, r *http.Request) {
		switch n {
		case 1:
			w.WriteHeader(500)
			_, _ = io.WriteString(w, "down")
		case 2: // breaks off
			panic(http.ErrAbortHandler)
		}
	})
	id, secret := p.create(rec.URL)
	p.work()
	p.complete("Alpha")
	row := p.deliveries(id, ended(1))[0]
	if row.Status != orbit.DeliveryDelivered || row.Attempts != 3 || len(row.Log) != 3 || row.Log[0].Status != 500 ||
		row.Log[0].Body != "down" || row.Log[1].Status != 0 || row.Log[1].Error == "" || !row.NextAt.IsZero() {
		t.Fatalf("%+v", row)
	}
	calls := rec.calls()
	for _, c := range calls {
		if c.header.Get("Orbit-Event-Id") != calls[0].header.Get("Orbit-Event-Id") || c.body != calls[0].body ||
			!verified(c, secret) {
			t.Errorf("%v", c)
		}
	}
}

func TestGivenUpAndReplayed(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	healed := make(chan struct{})
	rec := newReceiver(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		select {
		case <-healed:
		default:
			w.WriteHeader(404)
		}
	})
	id, _ := p.create(rec.URL)
	p.work()
	p.complete("Alpha")
	row := p.deliveries(id, ended(1))[0]
	if row.Status != orbit.DeliveryFailed || row.Attempts != orbit.MaxDeliveryAttempts ||
		len(row.Log) != orbit.MaxDeliveryAttempts || len(rec.calls()) != orbit.MaxDeliveryAttempts {
		t.Fatalf("%+v", row)
	}
	close(healed)
	rival, _ := p.create("http://127.0.0.1:9/")
	if err := p.hooks().Replay(t.Context(), rival, row.ID); orbit.CodeOf(err) != orbit.NotFound {
		t.Error("replayed through another webhook:", err)
	}
	if err := p.hooks().Replay(t.Context(), id, row.ID); err != nil {
		t.Fatal(err)
	}
	row = p.deliveries(id, ended(1))[0]
	calls := rec.calls()
	if row.Status != orbit.DeliveryDelivered || row.Attempts != 1 || len(row.Log) != 9 ||
		calls[8].header.Get("Orbit-Event-Id") != calls[0].header.Get("Orbit-Event-Id") || calls[8].body != calls[0].body {
		t.Fatalf("%+v", row)
	}
	if err := p.hooks().SetActive(t.Context(), id, false); err != nil {
		t.Fatal(err)
	}
	err := p.hooks().Replay(t.Context(), id, row.ID)
	if orbit.CodeOf(err) != orbit.Conflict {
		t.Error("replayed to a webhook that is off:", err)
	}
}

// TestWorkedTwice is a crash after sending: the job is worked again, and the receiver can tell.
func TestWorkedTwice(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	release := make(chan struct{})
	rec := newReceiver(t, func(n int, _ http.ResponseWriter, r *http.Request) {
		if n == 1 {
			<-release
		}
	})
	id, _ := p.create(rec.URL)
	p.complete("Alpha")
	p.work()
	for deadline := time.Now().Add(10 * time.Second); len(rec.calls()) == 0 && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	// The process that holds the job is taken for dead, as the sweeper would.
	if _, err := p.db.Pool().Exec(t.Context(), `UPDATE river_job SET state = 'available', attempt = 0
		WHERE kind = 'webhook'`); err != nil {
		t.Fatal(err)
	}
	p.deliveries(id, ended(1))
	close(release)
	calls := rec.calls()
	if len(calls) != 2 || calls[0].header.Get("Orbit-Event-Id") != calls[1].header.Get("Orbit-Event-Id") ||
		calls[0].header.Get("Orbit-Event-Id") == "" || calls[0].body != calls[1].body {
		t.Fatalf("%+v", calls)
	}
}

func TestOneFailsTheOtherDoesNot(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	hang := make(chan struct{})
	var waiting, most, beside atomic.Int64 // requests to the slow one now, at most, and to the other beside them
	slow := newReceiver(t, func(_ int, _ http.ResponseWriter, r *http.Request) {
		now := waiting.Add(1)
		defer waiting.Add(-1)
		for was := most.Load(); now > was && !most.CompareAndSwap(was, now); was = most.Load() {
		}
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(hang) })
	good := newReceiver(t, func(int, http.ResponseWriter, *http.Request) {
		if waiting.Load() > 0 {
			beside.Add(1)
		}
	})
	slowID, _ := p.create(slow.URL)
	goodID, _ := p.create(good.URL)
	p.work()
	p.complete("Shop number 0")
	p.until("the slow one to be called", func() bool { return waiting.Load() > 0 })
	for i := range 11 { // three times as many in all as may go to one at once
		p.complete(fmt.Sprintf("Shop number %d", i+1))
	}
	p.deliveries(goodID, ended(12))
	if n := beside.Load(); n < 8 {
		t.Errorf("%d of 12 went to the other one while the slow one was waited for", n)
	}
	p.deliveries(slowID, func(rows []orbit.DeliveryRow) bool {
		for _, r := range rows {
			if strings.Contains(r.Last().Error, "No response within 5 seconds") {
				return true
			}
		}
		return false
	})
	if n := most.Load(); n > 4 {
		t.Errorf("%d at once went to one webhook", n)
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	rec := newReceiver(t, nil)
	id, first := p.create(rec.URL)
	p.work()
	_, rotated, err := p.s.Rotate(t.Context(), p.hooks(), id, nil)
	second := rotated.Reveal()
	if err != nil || second == first {
		t.Fatal(second, err)
	}
	p.complete("Alpha")
	p.deliveries(id, ended(1))
	if c := rec.calls()[0]; !verified(c, first) || !verified(c, second) {
		t.Error("within the day both secrets verify")
	}
	if _, err := p.db.Pool().Exec(t.Context(), `UPDATE webhooks SET old_until = now()`); err != nil {
		t.Fatal(err)
	}
	p.complete("Beta")
	p.deliveries(id, ended(2))
	if c := rec.calls()[1]; verified(c, first) || !verified(c, second) {
		t.Error("after the day only the new secret verifies")
	}

	// In the database there is neither, and an encrypted secret is worth nothing in another row.
	var rows string
	if err := p.db.Pool().QueryRow(t.Context(), `SELECT string_agg(encode(secret, 'escape') ||
		encode(old_secret, 'escape') || w::text, '') FROM webhooks w`).Scan(&rows); err != nil ||
		strings.Contains(rows, first[6:]) || strings.Contains(rows, second[6:]) {
		t.Error("a secret lies open:", err)
	}
	other, _ := p.create(rec.URL + "/other")
	if _, err := p.db.Pool().Exec(t.Context(), `UPDATE webhooks SET secret = (SELECT secret FROM webhooks WHERE id = $1)
		WHERE id = $2`, id.String(), other.String()); err != nil {
		t.Fatal(err)
	}
	p.complete("Gamma")
	row := p.deliveries(other, func(rows []orbit.DeliveryRow) bool { return len(rows) == 1 && rows[0].Attempts > 0 })[0]
	if !strings.Contains(row.Last().Error, "can't be decrypted") || row.Last().Status != 0 {
		t.Errorf("%+v", row)
	}
}

func TestTwiceTheSameForm(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	id, _ := p.create("http://127.0.0.1:9/")
	secret, err := p.s.Create(t.Context(), p.hooks(), id, orbit.WebhookInput{URL: "http://127.0.0.1:9/",
		Events: []orbit.EventKind{orbit.MerchantRunFailed}})
	if !secret.IsZero() || err != nil {
		t.Error("a secret the second time:", err)
	}
	for range orbit.MaxWebhooks - 1 {
		p.create("http://127.0.0.1:9/")
	}
	if _, err := p.s.Create(t.Context(), p.hooks(), orbit.NewID[orbit.Webhook](),
		orbit.WebhookInput{URL: "http://127.0.0.1:9/",
			Events: []orbit.EventKind{orbit.MerchantRunFailed}}); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("one too many:", err)
	}
}

func TestDeletedOnTheWay(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	rec := newReceiver(t, nil)
	gone, _ := p.create(rec.URL)
	off, _ := p.create(rec.URL)
	p.complete("Alpha")
	if err := p.hooks().Delete(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	if err := p.hooks().SetActive(t.Context(), off, false); err != nil {
		t.Fatal(err)
	}
	p.work()
	row := p.deliveries(off, ended(1))[0]
	if row.Status != orbit.DeliveryFailed || !strings.Contains(row.Last().Error, "deactivated") || len(rec.calls()) != 0 {
		t.Errorf("%+v, %d calls", row, len(rec.calls()))
	}
	// A ping goes the whole way too.
	_, err := p.hooks().Ping(t.Context(), off)
	if orbit.CodeOf(err) != orbit.Conflict {
		t.Error(err)
	}
	if err := p.hooks().SetActive(t.Context(), off, true); err != nil {
		t.Fatal(err)
	}
	id, err := p.hooks().Ping(t.Context(), off)
	if err != nil {
		t.Fatal(err)
	}
	p.deliveries(off, ended(2))
	if row, err := p.hooks().Delivery(t.Context(), off, id); err != nil || row.Kind != orbit.Ping ||
		row.Status != orbit.DeliveryDelivered || rec.calls()[0].body != row.Body {
		t.Errorf("%+v %v", row, err)
	}
}

func TestLostJobsComeBack(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	rec := newReceiver(t, nil)
	id, _ := p.create(rec.URL)
	p.complete("Alpha")
	if _, err := p.db.Pool().Exec(t.Context(), `DELETE FROM river_job WHERE kind = 'webhook'`); err != nil {
		t.Fatal(err)
	}
	requeue := p.s.Queue().Requeue
	if n, err := requeue(t.Context(), time.Hour); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := requeue(t.Context(), 0); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	p.work()
	p.deliveries(id, ended(1))
	if len(rec.calls()) != 1 {
		t.Errorf("%d calls", len(rec.calls()))
	}
}
