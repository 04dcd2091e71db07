package metrics_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"orbit360.app/metrics"
)

// TestNoisiestShops: ten shops are reported, however many there are, and each count only grows for as long as it is
// reported.
func TestNoisiestShops(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	for i := range 10_000 {
		s := m.Shop(fmt.Sprintf("shop-%d", i))
		for range 1 + i%7 {
			s.Request(time.Microsecond)
		}
	}
	busy, slow := m.Shop("busy"), m.Shop("slow")
	for range 1000 {
		busy.Request(0) // kept pages
	}
	slow.Request(3 * time.Second)
	text := scrape(t, m)
	for _, line := range []string{`orbit360_shop_requests_total{shop="busy"} 1000`,
		`orbit360_shop_busy_seconds_total{shop="slow"} 3`} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("no %s", line)
		}
	}
	if n := strings.Count(text, "\norbit360_shop_requests_total{"); n != 10 {
		t.Errorf("%d shops are reported by requests", n)
	}
	if n := strings.Count(text, "\norbit360_shop_busy_seconds_total{"); n != 10 {
		t.Errorf("%d shops are reported by time", n)
	}
	var kept int
	if _, err := fmt.Sscanf(text[strings.Index(text, "\norbit360_shops_counted "):], "\norbit360_shops_counted %d",
		&kept); err != nil || kept > 4096 {
		t.Errorf("%d shops are kept, %v", kept, err)
	}
	// One that was dropped for quieter times counts again when it is asked for, though the caller kept it from before.
	dropped := m.Shop("dropped")
	for i := range 5000 {
		m.Shop(fmt.Sprintf("another-%d", i)).Request(time.Millisecond)
	}
	for range 2000 {
		dropped.Request(0)
	}
	if text := scrape(t, m); !strings.Contains(text, "\n"+`orbit360_shop_requests_total{shop="dropped"} 2000`) {
		t.Error("a shop that was dropped isn't reported though it is the noisiest")
	}
	var off *metrics.Metrics
	off.Shop("a").Request(time.Second)
}

// TestLabelsAreFew puts whatever may come into the counters with labels.
func TestLabelsAreFew(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	m.Throttled("sign-in ada@example.com 192.0.2.1")
	m.Throttled("something new")
	m.Webhook("failed")
	m.SignIn("refused")
	m.Image("failed")
	m.ImageStoreFailed("read")
	m.Search("storefront", 3*time.Millisecond)
	text := scrape(t, m)
	for _, line := range []string{
		`orbit360_throttled_total{what="sign-in"} 1`, `orbit360_throttled_total{what="other"} 1`,
		`orbit360_throttled_total{what="cart"} 0`,
		`orbit360_webhook_attempts_total{outcome="failed"} 1`, `orbit360_sign_ins_total{outcome="refused"} 1`,
		`orbit360_images_total{outcome="failed"} 1`,
		`orbit360_image_store_errors_total{operation="read"} 1`,
		`orbit360_search_duration_seconds_count{audience="storefront"} 1`,
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("no %s", line)
		}
	}
	if strings.Contains(text, "ada@") || strings.Contains(text, "192.0.2.1") {
		t.Error("an account or an address is in the metrics")
	}
}

func BenchmarkShopRequest(b *testing.B) {
	s := metrics.New().Shop("a")
	for b.Loop() {
		s.Request(0)
	}
}
