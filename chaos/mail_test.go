package chaos

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
)

// postOffice is a real SMTP server that misbehaves by recipient.
type postOffice struct {
	mu       sync.Mutex
	gray     map[string]int      // so many more times "come back later"
	drop     map[string]int      // so many more times the email is taken and the connection dropped before saying so
	tar      map[string]bool     // where true it hangs until released
	released chan struct{}       // closed when the tarpit lets go
	got      map[string][]string // Message-IDs by recipient
}

// NewSession begins a conversation.
func (p *postOffice) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &counter{office: p, conn: c.Conn()}, nil
}

// counter is where one client is served.
type counter struct {
	office *postOffice
	conn   net.Conn
	to     string
}

func (c *counter) Mail(string, *smtp.MailOptions) error { return nil }
func (c *counter) Reset()                               {}
func (c *counter) Logout() error                        { return nil }

// Rcpt takes an email's recipient.
func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.to = to
	c.office.mu.Lock()
	stuck := c.office.tar[to]
	if c.office.gray[to] > 0 {
		c.office.gray[to]--
		c.office.mu.Unlock()
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Greylisted, come back later"}
	}
	c.office.mu.Unlock()
	if stuck {
		<-c.office.released
		_ = c.conn.Close() // having wasted the client's time
		return errors.New("gone")
	}
	return nil
}

// Data takes the email, and maybe doesn't say so.
func (c *counter) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err == nil {
		_, err = io.Copy(io.Discard, m.Body)
	}
	if err != nil {
		return err
	}
	p := c.office
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got[c.to] = append(p.got[c.to], m.Header.Get("Message-Id"))
	if p.drop[c.to] > 0 {
		p.drop[c.to]--
		_ = c.conn.Close() // that is the fault
	}
	return nil
}

// TestMail sends the welcome emails of many shops through a mail server that is down at first, then greylists some,
// takes others and drops the connection before it says so, and hangs with some; and the program is killed after the
// server has taken emails and before it has noted that. No run waits for any of it, no email waits for another, none is
// lost, and whatever arrives twice has the same Message-ID.
func TestMail(t *testing.T) {
	t.Parallel()
	office := &postOffice{gray: map[string]int{}, drop: map[string]int{}, tar: map[string]bool{},
		released: make(chan struct{}), got: map[string][]string{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil { // down: nothing listens there yet
		t.Fatal(err)
	}
	w, n := one(t, "SMTP_URL=smtp://"+address+"?tls=none", "MAIL_FROM=Orbit <hello@orbit.example>")
	w.exec(holds)
	w.exec(`CREATE FUNCTION chaos.mail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
		SET search_path = public AS $$ BEGIN PERFORM chaos.hold(NEW.merchant_id, 'mail'); RETURN NEW; END $$`)
	w.exec(`CREATE TRIGGER chaos_mail BEFORE UPDATE ON emails FOR EACH ROW
		WHEN (NEW.status = 'sent') EXECUTE FUNCTION chaos.mail()`)
	ids := w.applicants(either(16, 40))
	w.watch(ids[:3]...)
	recipients := map[string]orbit.MerchantID{}
	for i, id := range ids {
		to := w.text(`SELECT email FROM merchants WHERE id = $1`, id.String())
		recipients[to] = id
		switch i % 8 {
		case 1, 2:
			office.gray[to] = either(1, 1+i%3)
		case 3, 4:
			office.drop[to] = either(1, 1+i%3)
		case 5:
			// Fewer than the program has hands for emails: each takes one of them for half a minute.
			if len(office.tar) < 3 {
				office.tar[to] = true
			}
		}
	}
	<-w.order(ids, 0)
	w.settleAll(len(ids))
	w.eventually("a first try to send each", func() bool {
		return w.count(`SELECT count(*) FROM emails
			WHERE status = 'queued' AND attempts > 0 AND error IS NOT NULL`) == len(ids)
	})
	if l, err = net.Listen("tcp", address); err != nil {
		t.Fatal(err)
	}
	s := smtp.NewServer(office)
	s.Domain = "mail.example"
	go func() { _ = s.Serve(l) }()      // ends with an error of no interest when closed
	t.Cleanup(func() { _ = s.Close() }) // the same
	began := time.Now()
	w.eventually("all emails but those in the tarpit are sent", func() bool {
		return w.count(`SELECT count(*) FROM emails WHERE status = 'sent'`) >= len(ids)-len(office.tar)
	})
	t.Logf("all emails but those in the tarpit were sent %v after the server was back",
		time.Since(began).Round(time.Millisecond))
	if long {
		time.Sleep(40 * time.Second) // longer than the program waits for a mail server
	}
	killed := w.applicants(3)
	w.dieSending(n, killed)
	for _, id := range killed {
		recipients[w.text(`SELECT email FROM merchants WHERE id = $1`, id.String())] = id
	}
	ids = append(ids, killed...)
	close(office.released)
	office.mu.Lock()
	clear(office.tar)
	office.mu.Unlock()
	w.eventually("all emails are sent", func() bool {
		return w.count(`SELECT count(*) FROM emails WHERE status = 'sent'`) == len(ids)
	})
	w.check(len(ids))
	office.check(w, recipients)
}

// check holds what arrived against what was to be sent.
func (p *postOffice) check(w *world, recipients map[string]orbit.MerchantID) {
	w.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	twice := 0
	for to, id := range recipients {
		want := w.text(`SELECT message_id FROM emails WHERE merchant_id = $1`, id.String())
		if len(p.got[to]) == 0 {
			w.t.Errorf("%s got no email", to)
		}
		for _, got := range p.got[to] {
			if strings.TrimSpace(got) != want {
				w.t.Errorf("%s got an email %s instead of %s", to, got, want)
			}
		}
		if len(p.got[to]) > 1 {
			twice++
		}
	}
	if twice == 0 {
		w.t.Error("no email arrived twice: nothing was dropped after it was taken")
	}
	w.t.Logf("%d emails, %d of them taken more than once, each under one Message-ID", len(recipients), twice)
}

// dieSending kills the program when the mail server has taken emails of these merchants and the rows don't say so yet.
func (w *world) dieSending(n *node, ids []orbit.MerchantID) {
	w.t.Helper()
	gate, err := pgx.ConnectConfig(w.t.Context(), w.db.Config().ConnConfig)
	if err != nil {
		w.t.Fatal(err)
	}
	defer gate.Close(w.t.Context()) //nolint:errcheck // its lock goes with it
	if _, err := gate.Exec(w.t.Context(), `SELECT pg_advisory_lock($1)`, holdKey); err != nil {
		w.t.Fatal(err)
	}
	for _, id := range ids {
		w.exec(`INSERT INTO chaos.holds VALUES ($1, 'mail')`, id.String())
	}
	<-w.order(ids, 0)
	waiting := fmt.Sprintf(`FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = 0 AND objid = %d`,
		holdKey)
	w.eventually("the emails are taken and not yet noted", func() bool {
		return w.count(`SELECT count(*) `+waiting) == len(ids)
	})
	n.Kill()
	w.exec(`DELETE FROM chaos.holds`)
	w.exec(`SELECT pg_terminate_backend(pid) ` + waiting)
	n.start()
}
