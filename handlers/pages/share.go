package pages

import (
	"container/list"
	"sync"

	"github.com/maypok86/otter/v2"

	"orbit360.app/orbit"
)

// Shares of what may be kept. Addresses are free to make up, so a stranger can have any number of a shop's pages kept:
// they push out other pages of that shop, not those of others.
const (
	shareOfShop    = 16 // a shop that takes more than a sixteenth gives way first where there is little room
	shareOfQueries = 16 // a shop's addresses with parameters never take more than that
	littleRoom     = 8  // the last eighth
)

// ledger says which shop's a page is. It is safe for concurrent use.
type ledger struct {
	mu     sync.Mutex
	bytes  uint64 // the bound of all
	total  uint64
	shares map[orbit.MerchantID]*share
	over   map[orbit.MerchantID]*share // those above shareOfShop
	drop   func(pageKey)               // takes a page out of the cache
}

// share holds one shop's pages, oldest first, of all its versions: those of before the last change are found no more.
type share struct {
	merchant       orbit.MerchantID
	plain, queries pile
	of             map[pageKey]*list.Element
}

// pile holds pages in the order in which they were kept.
type pile struct {
	list.List
	bytes uint64
}

// held is a page in a pile.
type held struct {
	key    pageKey
	page   *page
	weight uint64
}

func newLedger(bytes uint64, drop func(pageKey)) *ledger {
	return &ledger{bytes: bytes, shares: map[orbit.MerchantID]*share{}, over: map[orbit.MerchantID]*share{}, drop: drop}
}

// add enters a page that is to be kept, and drops others where its shop, or another, has too many; false where there is
// no place for it.
func (l *ledger) add(key pageKey, p *page) (kept bool) {
	l.mu.Lock()
	var gone []pageKey
	s := l.shares[key.site.merchant]
	if s == nil {
		s = &share{merchant: key.site.merchant, of: map[pageKey]*list.Element{}}
		l.shares[s.merchant] = s
	}
	l.remove(s, s.of[key])
	h := held{key, p, uint64(p.weight(key))}
	to := s.pile(key)
	s.of[key] = to.PushBack(h)
	to.bytes += h.weight
	l.total += h.weight
	l.weigh(s)
	for s.queries.bytes > l.bytes/shareOfQueries && s.queries.Len() > 1 {
		gone = append(gone, l.oldest(s, &s.queries))
	}
	for l.total > l.bytes-l.bytes/littleRoom && len(l.over) > 0 {
		victim := l.over[s.merchant]
		for _, other := range l.over {
			if victim != nil {
				break
			}
			victim = other
		}
		from := &victim.queries
		if from.Len() == 0 {
			from = &victim.plain
		}
		gone = append(gone, l.oldest(victim, from))
	}
	_, kept = s.of[key]
	l.mu.Unlock()
	// The cache has locks of its own and reports what it deletes.
	for _, key := range gone {
		l.drop(key)
	}
	return kept
}

// deleted handles an entry that the cache has deleted, for any reason. A page that has been kept anew since stays.
func (l *ledger) deleted(e otter.DeletionEvent[pageKey, *page]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.shares[e.Key.site.merchant]; s != nil {
		if at := s.of[e.Key]; at != nil && at.Value.(held).page == e.Value {
			l.remove(s, at)
		}
	}
}

func (l *ledger) oldest(s *share, from *pile) pageKey {
	at := from.Front()
	l.remove(s, at)
	return at.Value.(held).key
}

func (l *ledger) remove(s *share, at *list.Element) {
	if at == nil {
		return
	}
	h := at.Value.(held)
	from := s.pile(h.key)
	from.Remove(at)
	from.bytes -= h.weight
	l.total -= h.weight
	delete(s.of, h.key)
	l.weigh(s)
}

// weigh notes whether a shop has more than its share.
func (l *ledger) weigh(s *share) {
	if s.plain.bytes+s.queries.bytes > l.bytes/shareOfShop && len(s.of) > 1 {
		l.over[s.merchant] = s
	} else {
		delete(l.over, s.merchant)
	}
	if len(s.of) == 0 {
		delete(l.shares, s.merchant)
	}
}

func (s *share) pile(key pageKey) *pile {
	if key.hasQuery() {
		return &s.queries
	}
	return &s.plain
}
