package webhooks_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/webhooks"
)

// TestPrivateAddressesAreBlocked sends through the real dialler: what the form lets through, and what it
// wouldn't, put into the database behind its back (as a name that changes its address would be).
func TestPrivateAddressesAreBlocked(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, false)
	rec := newReceiver(t, nil)
	port := rec.URL[strings.LastIndexByte(rec.URL, ':'):]
	id := orbit.NewID[orbit.Webhook]()
	if _, err := p.s.Create(t.Context(), p.hooks(), id, orbit.WebhookInput{URL: "https://example.com/hook",
		Events: []orbit.EventKind{orbit.MerchantRunFailed}}); err != nil {
		t.Fatal(err)
	}
	p.work()
	n := 0
	for host, why := range map[string]string{
		"127.0.0.1": "private", "localhost": "private", "[::1]": "private", "[::ffff:127.0.0.1]": "private",
		"[::ffff:7f00:1]": "private", "0.0.0.0": "private", "[::]": "private",
		"169.254.169.254": "private", "10.0.0.1": "private", "100.100.100.200": "private", "[64:ff9b::7f00:1]": "private",
		"[fd00:ec2::254]": "private", "[::127.0.0.1]": "private", "[2002:7f00:1::]": "private",
		"0x7f.1": "", "2130706433": "", "127.1": "", "0177.0.0.1": "", // resolvers differ: no such name, or a private address
	} {
		if _, err := p.db.Pool().Exec(t.Context(), `UPDATE webhooks SET url = $1`, "http://"+host+port+"/"); err != nil {
			t.Fatal(err)
		}
		delivery, err := p.hooks().Ping(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		n++
		p.deliveries(id, ended(n))
		row, err := p.hooks().Delivery(t.Context(), id, delivery)
		if err != nil {
			t.Fatal(err)
		}
		if row.Status != orbit.DeliveryFailed || row.Last().Status != 0 || row.Last().Error == "" ||
			!strings.Contains(row.Last().Error, why) || strings.Contains(row.Last().Error, host) {
			t.Errorf("%s: %+v", host, row.Last())
		}
	}
	if calls := rec.calls(); len(calls) != 0 {
		t.Errorf("%d calls came through", len(calls))
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	target := newReceiver(t, nil)
	rec := newReceiver(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, target.URL+"/latest/meta-data", http.StatusTemporaryRedirect)
	})
	id, _ := p.create(rec.URL)
	p.work()
	p.complete("Alpha")
	row := p.deliveries(id, ended(1))[0]
	if row.Status != orbit.DeliveryFailed || row.Last().Status != 307 ||
		!strings.Contains(row.Last().Error, "Redirects aren't followed") || len(target.calls()) != 0 {
		t.Errorf("%+v, %d calls", row, len(target.calls()))
	}
}

func TestLongAnswersAreCut(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	rec := newReceiver(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		for range 1000 {
			if _, err := io.WriteString(w, strings.Repeat("é\x1b", 5000)); err != nil {
				return
			}
		}
	})
	id, _ := p.create(rec.URL)
	p.work()
	p.complete("Alpha")
	row := p.deliveries(id, ended(1))[0]
	if body := []rune(row.Last().Body); row.Status != orbit.DeliveryDelivered || len(body) > 1001 ||
		strings.ContainsRune(string(body), 0x1b) {
		t.Errorf("%d characters kept", len(body))
	}
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	var sum time.Duration
	for _, d := range webhooks.Schedule() {
		sum += d
	}
	if len(webhooks.Schedule()) != orbit.MaxDeliveryAttempts-1 || sum < 20*time.Hour || sum > 26*time.Hour {
		t.Errorf("%d waits, %s in all", len(webhooks.Schedule()), sum)
	}
}

func TestSign(t *testing.T) {
	t.Parallel()
	// printf '1700000000.{"id":"x"}' | openssl dgst -sha256 -hmac whsec_test
	const want = "t=1700000000,v1=80e8d098018f757aa814ab1abb924f35d304affa1d93d29611a54696207eb7c3"
	if got := webhooks.Sign(time.Unix(1700000000, 0), `{"id":"x"}`, orbit.NewSecret("whsec_test")); got != want {
		t.Error(got)
	}
}
