package operators

import (
	"strings"
	"testing"

	"orbit360.app/journey/journeytest"
	"orbit360.app/orbit"
)

// TestOutboundOnHold is a restored copy of a platform: emails and webhook deliveries that were queued stay so, the
// panel says why on every page, and they go out once the platform is started without the hold.
func TestOutboundOnHold(t *testing.T) {
	t.Parallel()
	server := &journeytest.MailServer{}
	p := journeytest.Install(t, "SMTP_URL=smtp://"+server.Listen(t, "127.0.0.1:0")+"?tls=none")
	p.MustStart("OUTBOUND=hold")
	journeytest.Eventually(t, "the start says that things are held", func() bool {
		return strings.Contains(p.Out.String(), "OUTBOUND=hold: emails and webhooks are queued")
	})
	pool := p.Database()
	admin := p.Client()
	admin.SignIn()
	hook := orbit.NewID[orbit.Webhook]().String()
	admin.Must(422, "admin", "/webhooks", "id", hook, "url", "not an address")
	admin.Must(201, "admin", "/webhooks", "id", hook, "url", "https://hooks.example.com/orbit", "events",
		"merchant.activated")
	for i, id := range journeytest.Applicants(t, pool, 2) {
		subdomain := []string{"first", "second"}[i]
		if err := activate(admin, id, subdomain); err != nil {
			t.Fatal(err)
		}
		journeytest.Eventually(t, "the shop is there", func() bool {
			return journeytest.Count(t, pool, `SELECT count(*) FROM merchant_provisionings WHERE status = 'COMPLETED'`) == i+1
		})
	}
	// The first shop's jobs would long have been begun: they start within milliseconds.
	if n := journeytest.Count(t, pool, `SELECT count(*) FROM river_job WHERE kind IN ('mail', 'webhook')
		AND state = 'available' AND attempt = 0 AND attempted_at IS NULL`); n != 4 {
		t.Errorf("%d jobs wait instead of two emails and two deliveries", n)
	}
	if n := journeytest.Count(t, pool, `SELECT count(*) FROM emails WHERE status = 'queued' AND attempts = 0`); n != 2 ||
		len(server.Received()) != 0 {
		t.Errorf("%d emails wait, %d were sent", n, len(server.Received()))
	}
	const banner = "Outbound is on hold"
	for _, path := range []string{"/merchants", "/emails", "/webhooks", "/operations", "/no-such-page"} {
		if _, body, _, err := admin.Do("admin", path); err != nil || !strings.Contains(body, banner) {
			t.Errorf("%s doesn't say that outbound is on hold: %v", path, err)
		}
	}
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	pool.Close()

	p.MustStart()
	pool = p.Database()
	journeytest.Eventually(t, "what waited goes out", func() bool {
		return len(server.Received()) == 2 && journeytest.Count(t, pool,
			`SELECT count(*) FROM webhook_deliveries WHERE attempts > 0`) == 2
	})
	if body, _ := admin.Must(200, "admin", "/merchants"); strings.Contains(body, banner) {
		t.Error("the panel says that outbound is on hold, which it no longer is")
	}
}

// TestOutboundAndDrainSettings refuses what nobody can have meant.
func TestOutboundAndDrainSettings(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"OUTBOUND=off", "DRAIN_DELAY=5", "DRAIN_DELAY=-1s", "DRAIN_DELAY=2m"} {
		p := journeytest.Install(t)
		name, _, _ := strings.Cut(bad, "=")
		if err := p.Start(bad); err == nil || !strings.Contains(err.Error(), name+" is ") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
