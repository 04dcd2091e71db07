package paypal

import (
	"encoding/json"
	"testing"

	"orbit360.app/orbit"
)

// TestCaptures reads orders that PayPal shows seldom: two captures, each with its refunds.
func TestCaptures(t *testing.T) {
	t.Parallel()
	var o order
	if err := json.Unmarshal([]byte(`{"id":"O1","status":"COMPLETED","purchase_units":[{"payments":{"captures":[
		{"id":"C0","status":"DECLINED","amount":{"currency_code":"EUR","value":"9.00"}},
		{"id":"C1","status":"PARTIALLY_REFUNDED","amount":{"currency_code":"EUR","value":"9.00"}},
		{"id":"C2","status":"COMPLETED","amount":{"currency_code":"EUR","value":"9.00"}},
		{"id":"C3","status":"PENDING","amount":{"currency_code":"EUR","value":"9.00"}}],"refunds":[
		{"id":"R1","status":"COMPLETED","amount":{"currency_code":"EUR","value":"1.00"},"links":[
			{"rel":"self","href":"https://api.paypal.com/v2/payments/refunds/R1"},
			{"rel":"up","href":"https://api.paypal.com/v2/payments/captures/C1"}]},
		{"id":"R2","status":"COMPLETED","amount":{"currency_code":"EUR","value":"2.00"},"links":[
			{"rel":"up","href":"https://api.paypal.com/v2/payments/captures/C2"}]},
		{"id":"R3","status":"COMPLETED","amount":{"currency_code":"EUR","value":"3.00"}}]}}]}`), &o); err != nil {
		t.Fatal(err)
	}
	s, err := (&Provider{}).settled(o)
	if err != nil || s.Status != orbit.PaymentPaid || len(s.Charges) != 2 {
		t.Fatalf("%+v %v", s, err)
	}
	for i, refund := range []string{"R1", "R2"} {
		if r := s.Charges[i].Refunds; len(r) != 1 || r[0].Reference != refund {
			t.Errorf("%+v", s.Charges[i])
		}
	}
	for status, want := range map[string]orbit.PaymentStatus{"COMPLETED": orbit.PaymentProcessing,
		"APPROVED": orbit.PaymentPending, "NEW_WORD": orbit.PaymentPending} {
		if s, err := (&Provider{}).settled(order{Status: status}); err != nil || s.Status != want {
			t.Errorf("%s without captures: %+v %v", status, s, err)
		}
	}
	o.Units[0].Payments.Captures[2].Amount.Value = "nine"
	if _, err := (&Provider{}).settled(o); orbit.CodeOf(err) != orbit.Unavailable {
		t.Error("an amount that can't be read:", err)
	}
}
