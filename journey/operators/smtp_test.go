package operators

import (
	"net"
	"strings"
	"testing"

	"orbit360.app/journey/journeytest"
)

// TestMailByServer sends the welcome email through a server that is away at first and then greylists. The run
// doesn't wait for any of it, and one email arrives.
func TestMailByServer(t *testing.T) {
	t.Parallel()
	server := &journeytest.MailServer{Refuse: 1}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil { // away: nothing listens there yet
		t.Fatal(err)
	}
	p := journeytest.Install(t, "SMTP_URL=smtp://"+address+"?tls=none", "MAIL_FROM=Orbit <hello@orbit.example>")
	p.MustStart()
	pool := p.Database()
	id := journeytest.Applicants(t, pool, 1)[0]
	admin := p.Client()
	admin.SignIn()
	admin.Must(303, "admin", "/merchants/"+id.String()+"/activation", "theme", "upfront-modern", "plan", "starter",
		"subdomain", "mailed", "category", "books")
	journeytest.Eventually(t, "the run completed without the mail server", func() bool {
		return journeytest.Count(t, pool, `SELECT count(*) FROM merchant_provisionings WHERE status = 'COMPLETED'`) == 1
	})
	journeytest.Eventually(t, "a first try to send", func() bool {
		return journeytest.Count(t, pool, `SELECT count(*) FROM emails
			WHERE status = 'queued' AND attempts > 0 AND error IS NOT NULL`) == 1
	})
	server.Listen(t, address)
	journeytest.Eventually(t, "the email is sent", func() bool {
		return journeytest.Count(t, pool, `SELECT count(*) FROM emails WHERE status = 'sent'`) == 1
	})
	emails := server.Received()
	if len(emails) != 1 {
		t.Fatalf("%d emails", len(emails))
	}
	for _, want := range []string{"owner0@example.com", "From: \"Orbit\" <hello@orbit.example>", "Message-ID: <welcome.",
		"multipart/alternative"} {
		if !strings.Contains(strings.ReplaceAll(emails[0], "Message-Id", "Message-ID"), want) {
			t.Errorf("the email lacks %q:\n%.1500s", want, emails[0])
		}
	}
	if !strings.Contains(emails[0], "/password/") {
		t.Error("the email that went out lacks its link")
	}
	if n := journeytest.Count(t, pool, `SELECT count(*) FROM emails WHERE html ~ '/password/[A-Za-z0-9_-]{43}'
		OR text ~ '/password/[A-Za-z0-9_-]{43}'`); n != 0 {
		t.Error("the one-time link is still there for admins to read")
	}
	if body, _ := admin.Must(200, "admin", "/emails"); !strings.Contains(body, "owner0@example.com") {
		t.Error("the email isn't listed")
	}
}
