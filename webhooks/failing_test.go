package webhooks_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
)

// member puts somebody on a shop's staff.
func (p *platform) member(m orbit.MerchantID, email string, role orbit.MembershipRole, may ...orbit.Permission) {
	p.t.Helper()
	id := orbit.NewID[orbit.User]()
	for _, err := range []error{
		first(pg.Exec(p.t.Context(), p.db, `INSERT INTO users (id, email, name, role) VALUES ($1, $2, 'Ada', 'merchant')`,
			id, email)),
		first(pg.Exec(p.t.Context(), p.db, `INSERT INTO memberships (merchant_id, user_id, role, permissions)
			VALUES ($1, $2, $3, $4::text[])`, m, id, role, append([]orbit.Permission{}, may...))),
	} {
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

func first(_ int, err error) error { return err }

// TestFailingWebhooksStop: a shop's webhook that nothing has reached for three days, by the database's clock, is
// deactivated, and who may change it gets an email. Less doesn't do, nor does what was sent before something arrived.
// Active again, it starts anew.
func TestFailingWebhooksStop(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	ctx := t.Context()
	var healthy atomic.Bool
	rec := newReceiver(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		if !healthy.Load() {
			w.WriteHeader(500)
		}
	})
	m := p.complete("Moss").MerchantID
	p.member(m, "owner@example.com", orbit.MemberOwner)
	p.member(m, "developer@example.com", orbit.MemberStaff, orbit.PermissionDevelopers, orbit.PermissionOrders)
	p.member(m, "orders@example.com", orbit.MemberStaff, orbit.PermissionOrders)
	p.member(p.complete("Fern").MerchantID, "other@example.com", orbit.MemberOwner)
	hooks, id := shop.HooksOf(p.db, m, orbit.System), orbit.NewID[orbit.Webhook]()
	if _, err := p.s.Create(ctx, hooks, id, orbit.WebhookInput{URL: rec.URL + "/secret-path",
		Events: []orbit.EventKind{orbit.OrderWasCreated}}); err != nil {
		t.Fatal(err)
	}
	p.work()
	sent := 0
	ping := func() {
		t.Helper()
		if _, err := hooks.Ping(ctx, id); err != nil {
			t.Fatal(err)
		}
		sent++
		p.deliveriesOf(hooks, id, ended(sent))
		p.until("the job's end", func() bool {
			n, err := pg.One[int](ctx, p.db, `SELECT count(*) FROM river_job WHERE kind = 'webhook' AND finalized_at IS NULL`)
			if err != nil {
				t.Fatal(err)
			}
			return n == 0
		})
	}
	later := func(interval string) { // so much time goes by
		t.Helper()
		if err := shop.For(p.db, m).Do(ctx, func(s *shop.Tenant) error {
			if _, err := pg.Exec(ctx, s, `UPDATE webhooks SET updated_at = updated_at - $1::text::interval`,
				interval); err != nil {
				return err
			}
			_, err := pg.Exec(ctx, s, `UPDATE webhook_deliveries SET created_at = created_at - $1::text::interval,
				updated_at = updated_at - $1::text::interval`, interval)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	active := func(want bool, why string) {
		t.Helper()
		if w, err := hooks.Get(ctx, id); err != nil || w.Active() != want || w.FailedAt.IsZero() != want {
			t.Fatal(why, w.DisabledAt, w.FailedAt, err)
		}
	}
	later("10 days") // of quiet
	ping()
	active(true, "the first failure after a long quiet")
	later("71 hours")
	ping()
	active(true, "not quite three days")
	healthy.Store(true)
	ping()
	healthy.Store(false)
	later("2 hours")
	ping()
	active(true, "something arrived in between")
	later("73 hours")
	ping()
	active(false, "three days of failures")
	emails, err := pg.All[struct{ Recipient, Text string }](ctx, p.db, `SELECT recipient, text FROM emails
		WHERE subject LIKE 'A webhook of Moss%' ORDER BY recipient`)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range emails {
		told = append(told, e.Recipient)
		if strings.Contains(e.Text, "secret-path") || !strings.Contains(e.Text, "/settings/webhooks/"+id.String()) {
			t.Error(e.Text)
		}
	}
	if !slices.Equal(told, []string{"developer@example.com", "owner@example.com"}) {
		t.Errorf("told %v", told)
	}
	if n, err := pg.One[int](ctx, p.db, `SELECT count(*) FROM audit_log WHERE action = $1 AND merchant_id = $2`,
		orbit.ActionWebhookDisabled, m); err != nil || n != 1 {
		t.Error("lines of the log:", n, err)
	}

	if err := hooks.SetActive(ctx, id, true); err != nil {
		t.Fatal(err)
	}
	ping()
	active(true, "activated again")
	later("4 days")
	ping()
	active(false, "and failing again")
}
