package pages

import (
	"context"
	"hash/maphash"
	"strings"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"

	"orbit360.app/metrics"
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
	"orbit360.app/traffic"
)

// Bounds of what is kept besides the pages themselves.
const (
	maxHosts = 1 << 16  // names of shops, about 250 bytes each
	maxShops = 16 << 20 // bytes of what all pages of a shop share, needed only to draw
	maxHeads = 64       // different sets of headers; all pages of one kind share theirs
)

// Config is what a cache works with.
type Config struct {
	// Find finds the shop that answers at a host.
	Find func(ctx context.Context, host string) (orbit.Shop, error)
	// Addresses holds those of the pages that are the same for everybody.
	Addresses Addresses
	// Bytes bounds the pages that are kept.
	Bytes uint64
	// Metrics counts what single shops are asked for; nil counts nothing.
	Metrics *metrics.Metrics
	// Traffic counts what shops send; nil counts nothing.
	Traffic *traffic.Counter
}

// Cache holds the pages that this process keeps. It keeps nothing, and answers nothing, until Heard has said that
// changes are heard of, and from the moment that they no longer are. It is safe for concurrent use.
type Cache struct {
	Config
	now   atomic.Pointer[volume]
	last  uint64 // the number of the last change, for who calls Heard
	stats counters
}

// volume is all that is kept since the listener last came back. Losing the listener loses it whole.
type volume struct {
	hosts  *otter.Cache[string, *site]         // by name, without a port
	shops  *otter.Cache[siteKey, orbit.Shop]   // what to draw with
	pages  *otter.Cache[pageKey, *page]        // what is sent
	ledger *ledger                             // which shop's they are
	heads  *otter.Cache[string, *sharedHeader] // headers by their text

	flight singleflight.Group // those who draw the same page at the same moment

	// A change gives its merchant's slot the next number, and so all that was kept under the slot's number before
	// is found no more; entries that nobody asks for are evicted by weight. Merchants that share a slot lose a few pages
	// too often.
	seed  maphash.Seed
	first uint64        // every slot's number until something changes; no volume before had it
	seq   atomic.Uint64 // the number of the last change
	slots [1 << 15]atomic.Uint64
}

// siteKey names a version of a shop's content at one of its hosts.
type siteKey struct {
	merchant orbit.MerchantID
	version  uint64
	host     string
}

// pageKey names a page of it in one encoding.
type pageKey struct {
	site     siteKey
	address  string
	encoding encoding
}

func (k pageKey) hasQuery() bool { return strings.IndexByte(k.address, '?') >= 0 }

// siteKeyOf returns the name of a shop as Shop has found it.
func siteKeyOf(here orbit.Shop) siteKey { return siteKey{here.Merchant.ID, here.Version, here.Host} }

// site is a host of an open shop as long as nothing of the shop has changed.
type site struct {
	siteKey
	slot   *atomic.Uint64
	at     uint64 // the slot's number when the shop was read
	counts *metrics.Shop
	meter  *traffic.Meter
}

func (s *site) current() bool { return s.slot.Load() == s.at }

// New returns a cache that keeps nothing yet.
func New(cfg Config) *Cache { return &Cache{Config: cfg} }

func newVolume(bytes, first uint64) *volume {
	var v *volume
	l := newLedger(bytes, func(key pageKey) { v.pages.Invalidate(key) })
	v = &volume{
		ledger: l,
		hosts:  otter.Must(&otter.Options[string, *site]{MaximumSize: maxHosts}),
		shops: otter.Must(&otter.Options[siteKey, orbit.Shop]{MaximumWeight: maxShops,
			Weigher: func(_ siteKey, s orbit.Shop) uint32 { return uint32(s.Weight()) }}),
		pages: otter.Must(&otter.Options[pageKey, *page]{MaximumWeight: bytes,
			Weigher: func(k pageKey, p *page) uint32 { return p.weight(k) }, OnDeletion: l.deleted}),
		heads: otter.Must(&otter.Options[string, *sharedHeader]{MaximumSize: maxHeads}),
		seed:  maphash.MakeSeed(),
		first: first,
	}
	v.seq.Store(first)
	return v
}

// Heard handles a change notification. One goroutine calls it.
func (c *Cache) Heard(change pg.Change) {
	switch {
	case change.Lost:
		c.now.Store(nil)
	case change.Merchant.IsZero():
		c.last++
		c.now.Store(newVolume(c.Bytes, c.last))
	case change.Shop:
		if v := c.now.Load(); v != nil {
			c.last = v.seq.Add(1)
			v.slot(change.Merchant).Store(c.last)
		}
	}
}

func (v *volume) slot(m orbit.MerchantID) *atomic.Uint64 {
	return &v.slots[maphash.Comparable(v.seed, m)%uint64(len(v.slots))]
}

// patience is how long finding a shop may take.
const patience = 10 * time.Second

// Shop finds the shop that answers at a host, from what is kept where that is still so. Shops that aren't open, and
// hosts that are nobody's, are looked up each time: the first request after they open must find them. Pages of a shop
// can be kept where it has a Version.
func (c *Cache) Shop(ctx context.Context, host string) (orbit.Shop, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	v := c.now.Load()
	if v == nil {
		return c.Find(ctx, host)
	}
	if s, ok := v.hosts.GetIfPresent(host); ok && s.current() {
		if here, ok := v.shops.GetIfPresent(s.siteKey); ok {
			return here, nil
		}
	}
	before := v.seq.Load()
	here, err := c.Find(ctx, host)
	if err != nil || !here.Merchant.Live() || here.Merchant.Status != orbit.MerchantActive {
		return here, err
	}
	slot := v.slot(here.Merchant.ID)
	// A change that was heard while the database was asked may be one that its answer doesn't show. One that is heard
	// from here on has another number than this.
	at := slot.Load()
	if at > before {
		return here, nil
	}
	here.Version = max(at, v.first)
	v.hosts.Set(host, &site{siteKeyOf(here), slot, at, c.Metrics.Shop(here.Merchant.Subdomain),
		c.Traffic.Meter(here.Merchant.ID)})
	v.shops.Set(siteKeyOf(here), here)
	return here, nil
}

// meterPatience is how long finding the shop of a file that all shops share may take.
const meterPatience = time.Second

// Meter returns the meter of the shop that answers at a host; nil where there is none, or it can't be found out now.
func (c *Cache) Meter(ctx context.Context, host string) *traffic.Meter {
	v := c.now.Load()
	if v == nil || c.Traffic == nil {
		return nil
	}
	if s, ok := v.hosts.GetIfPresent(host); ok && s.current() {
		return s.meter
	}
	ctx, cancel := context.WithTimeout(ctx, meterPatience)
	defer cancel()
	here, err := c.Shop(ctx, host)
	if err != nil {
		return nil
	}
	return c.Traffic.Meter(here.Merchant.ID)
}

type counters struct{ hits, notModified, drawn atomic.Uint64 }

// Stats returns what the cache has done and holds.
func (c *Cache) Stats() metrics.Pages {
	s := metrics.Pages{Hits: c.stats.hits.Load(), NotModified: c.stats.notModified.Load(), Drawn: c.stats.drawn.Load()}
	if v := c.now.Load(); v != nil {
		s.Listening, s.Pages, s.Hosts, s.Bytes = true, v.pages.EstimatedSize(), v.hosts.EstimatedSize(),
			v.pages.WeightedSize()
	}
	return s
}
