package pages

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// mall is a cache over shops that are all open, by their hosts; each page is about 1 KB.
func mall(bytes uint64) *Cache {
	ids := map[string]orbit.MerchantID{}
	for i := range 40 {
		ids[fmt.Sprintf("shop%d.localhost", i)] = orbit.NewID[orbit.Merchant]()
	}
	c := New(Config{
		Bytes: bytes,
		Find: func(_ context.Context, host string) (orbit.Shop, error) {
			id, ok := ids[host]
			if !ok {
				return orbit.Shop{}, orbit.Errorf(orbit.NotFound, "No shop.")
			}
			return orbit.Shop{Host: host,
				Merchant: orbit.Merchant{ID: id, Status: orbit.MerchantActive, LiveAt: time.Now()}}, nil
		},
		Addresses: addresses,
	})
	c.Heard(pg.Change{})
	return c
}

// ask reports whether a page came from what is kept.
func ask(t *testing.T, c *Cache, host, target string) (kept bool) {
	t.Helper()
	var request fasthttp.Request
	request.Header.SetMethod("GET")
	request.Header.SetHost(host)
	request.SetRequestURI(target)
	var ctx fasthttp.RequestCtx
	ctx.Init(&request, nil, nil)
	if c.Serve(&ctx) {
		return true
	}
	here, err := c.Shop(t.Context(), host)
	if err != nil {
		t.Fatal(host, err)
	}
	if answered, err := c.Answer(&ctx, here, func(string) (bool, error) {
		ctx.SetContentType("text/html")
		ctx.SetBodyString(strings.Repeat("x", 500) + target)
		return true, nil
	}); err != nil || !answered {
		t.Fatal(host, target, answered, err)
	}
	return false
}

// TestOneShopCantEvictOthers: whatever addresses somebody makes up in one shop, or in a few, others keep their pages.
func TestOneShopCantEvictOthers(t *testing.T) {
	t.Parallel()
	const bytes = 1 << 20
	c := mall(bytes)
	kept := func(host string) (n int) {
		for i := range 20 {
			if ask(t, c, host, fmt.Sprintf("/products/mug-%d", i)) {
				n++
			}
		}
		return n
	}
	for i := range 20 {
		kept(fmt.Sprintf("shop%d.localhost", i))
	}
	for i := range 20 {
		if n := kept(fmt.Sprintf("shop%d.localhost", i)); n != 20 {
			t.Fatalf("shop %d: %d of 20 pages are kept", i, n)
		}
	}
	for i := range 5000 {
		ask(t, c, "shop30.localhost", fmt.Sprintf("/collections/all?page=%d", i))
		ask(t, c, "shop31.localhost", fmt.Sprintf("/pages/about-%d", i)) // as if all of them were there
		ask(t, c, "shop0.localhost", fmt.Sprintf("/collections/all?from=%d", i))
		ask(t, c, "shop1.localhost", fmt.Sprintf("/collections/all?unknown=%d&utm_source=%d", i, i))
	}
	for i := range 20 {
		if n := kept(fmt.Sprintf("shop%d.localhost", i)); n != 20 {
			t.Errorf("shop %d lost %d of 20 pages", i, 20-n)
		}
	}
	s := c.Stats()
	if s.Bytes > bytes || s.Bytes < bytes/2 {
		t.Errorf("%d bytes are kept, of %d", s.Bytes, bytes)
	}
	// What is held of each is what the cache has.
	v := c.now.Load()
	v.pages.CleanUp()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		v.ledger.mu.Lock()
		total, shops := v.ledger.total, len(v.ledger.shares)
		queries := v.ledger.shares[v.site(t, "shop30.localhost")].queries.bytes
		v.ledger.mu.Unlock()
		if total == v.pages.WeightedSize() && shops == 22 && queries <= bytes/shareOfQueries {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes of %d shops are entered, %d kept; %d of one shop's addresses with parameters", total, shops,
				v.pages.WeightedSize(), queries)
		}
	}
}

func (v *volume) site(t *testing.T, host string) orbit.MerchantID {
	s, ok := v.hosts.GetIfPresent(host)
	if !ok {
		t.Fatal("not kept:", host)
	}
	return s.merchant
}

// TestOneShopMayTakeAllThatIsFree: where there is room, the only shop of a platform isn't held to a share.
func TestOneShopMayTakeAllThatIsFree(t *testing.T) {
	t.Parallel()
	const bytes = 1 << 20
	c := mall(bytes)
	for i := range 500 {
		ask(t, c, "shop0.localhost", fmt.Sprintf("/products/mug-%d", i))
	}
	n := 0
	for i := range 500 {
		if ask(t, c, "shop0.localhost", fmt.Sprintf("/products/mug-%d", i)) {
			n++
		}
	}
	if n != 500 {
		t.Errorf("%d of 500 pages are kept", n)
	}
	// Others find their place then.
	for range 2 {
		n = 0
		for i := range 40 {
			if ask(t, c, fmt.Sprintf("shop%d.localhost", i), "/") {
				n++
			}
		}
	}
	if n != 40 {
		t.Errorf("%d of 40 shops are kept beside a large one", n)
	}
}
