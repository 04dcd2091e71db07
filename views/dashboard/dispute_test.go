package dashboard

import (
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

func TestDisputeAlert(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		provider, status, message string
		tone                      ui.Tone
	}{
		{orbit.ProviderStripe, "needs_response", "Stripe says: needs response. Answer it there.", ui.Warning},
		{orbit.ProviderPayPal, "WAITING_FOR_SELLER_RESPONSE", "PayPal says: waiting for seller response. Answer it there.",
			ui.Warning},
		{orbit.ProviderStripe, "won", "Stripe says: won.", ui.Info},
		{orbit.ProviderPayPal, "RESOLVED", "PayPal says: resolved.", ui.Info},
	} {
		a := disputeAlert(orbit.Payment{Kind: c.provider, Dispute: c.status})
		if a.Message != c.message || a.Tone != c.tone {
			t.Errorf("%s: %q %v", c.status, a.Message, a.Tone)
		}
	}
}
