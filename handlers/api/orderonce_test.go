package api_test

import (
	"fmt"
	"reflect"
	"testing"

	"orbit360.app/orbit"
)

// same reports whether two values of answers are equal.
func same(a, b any) bool { return reflect.DeepEqual(a, b) }

func version(a answer) string { return fmt.Sprint(amount(a.at("version"))) }

// A change that is sent twice with one Idempotency-Key is made once: also where the process died before it answered.
func TestOrderChangesAreMadeOnce(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.market(s.moss)
	s.market(s.fern)
	order, other := s.sell(s.moss, "grace@example.com"), s.sell(s.moss, "grace@example.com")
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeOrdersWrite)
	line := map[string]any{"id": order.Lines[0].ID, "quantity": 1}
	for i, c := range []struct {
		rest string
		body any
		of   orbit.Order
	}{
		{"/payments", map[string]any{"amount": 1000}, order},
		{"/fulfillments", map[string]any{"lines": []any{line}, "notify": true}, order},
		{"/refunds", map[string]any{"amount": 300, "reason": "Late"}, order},
		{"/refunds", map[string]any{"lines": []any{line}}, order},
		{"/notes", map[string]any{"text": "Call back."}, order},
		{"/emails", nil, order},
		{"/cancellation", map[string]any{"restock": true}, other},
	} {
		once := with("Idempotency-Key", fmt.Sprint("k", i))
		first := s.do("POST", orderPath(c.of, c.rest), c.body, once, bearer(key)).want(t, 201)
		rows := s.ledger()
		again := s.do("POST", orderPath(c.of, c.rest), c.body, once, bearer(key)).want(t, 201)
		if string(first.raw) != string(again.raw) || again.Header.Get("Idempotent-Replayed") != "true" || s.ledger() != rows {
			t.Errorf("%s: %s, again %s", c.rest, first.raw, again.raw)
		}
		s.exec(`UPDATE idempotency_keys SET status = NULL, body = '', location = '',
			locked_until = now() - interval '1 second'`)
		again = s.do("POST", orderPath(c.of, c.rest), c.body, once, bearer(key)).want(t, 201)
		if !same(first.json, again.json) || again.Header.Get("Idempotent-Replayed") != "" || s.ledger() != rows {
			t.Errorf("%s, taken over: %d rows more: %s, again %s", c.rest, s.ledger()-rows, first.raw, again.raw)
		}
	}
}

// Eight at once who each refund all that was paid give it back once; likewise eight payments of all that is due.
func TestOrderChangesAtOnce(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.market(s.moss)
	order := s.sell(s.moss, "grace@example.com")
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeOrdersWrite)
	all := func(rest string) map[int]int {
		return s.together(8, func(int) answer {
			return s.do("POST", orderPath(order, rest), map[string]any{"amount": order.Total}, bearer(key))
		})
	}
	for _, rest := range []string{"/payments", "/refunds"} {
		if got := all(rest); got[201] != 1 || got[422] != 7 {
			t.Errorf("%s: %v", rest, got)
		}
	}
	a := s.do("GET", orderPath(order, ""), nil, bearer(key)).want(t, 200)
	addsUp(t, a.json)
	if amount(a.at("paid")) != order.Total || amount(a.at("refunded")) != order.Total {
		t.Errorf("%s", a.raw)
	}
}
