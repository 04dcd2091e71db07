package api_test

import (
	"strings"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// The confirmation of an order is sent again so often in a day, and no oftener.
func TestConfirmationsAreBounded(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.market(s.moss)
	order, other := s.sell(s.moss, "grace@example.com"), s.sell(s.moss, "grace@example.com")
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeOrdersWrite)
	send := func(o orbit.Order, options ...option) answer {
		t.Helper()
		return s.do("POST", orderPath(o, "/emails"), nil, append(options, bearer(key))...)
	}
	for range shop.MaxConfirmations {
		send(order).want(t, 201)
	}
	before, once := s.emails("grace@example.com"), with("Idempotency-Key", "again")
	a := send(order, once).want(t, 429)
	if detail := a.at("detail").(string); !strings.Contains(detail, "sent again 5 times in the last 24 hours") ||
		len(a.Header.Get("Retry-After")) != len("86400") || s.emails("grace@example.com") != before {
		t.Errorf("%s %v", a.raw, a.Header)
	}
	send(other).want(t, 201)
	// A day later the first of them no longer counts; what isn't a confirmation never does.
	s.exec(`UPDATE order_entries SET created_at = created_at - interval '1 day' WHERE id = (SELECT id FROM order_entries
		WHERE order_id = $1 AND kind = 'email' ORDER BY id LIMIT 1)`, order.ID.String())
	send(order, once).want(t, 201)
	send(order).want(t, 429)
	s.exec(`UPDATE order_entries SET detail = '{"email": "shipped"}' WHERE order_id = $1`, order.ID.String())
	send(order).want(t, 201)
}
