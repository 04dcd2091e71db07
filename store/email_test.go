package store_test

import (
	"context"
	"strings"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
	"orbit360.app/store/storetest"
)

// However an email ends, and by any writer, its links stop working; before that they all work.
func TestEmailsThatEndKeepNoLinks(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	ctx := t.Context()
	set := func(sql string) func(context.Context, orbit.EmailID) error {
		return func(ctx context.Context, id orbit.EmailID) error {
			_, err := db.Pool().Exec(ctx, sql, id.String())
			return err
		}
	}
	tried := func(status orbit.EmailStatus) func(context.Context, orbit.EmailID) error {
		return func(ctx context.Context, id orbit.EmailID) error {
			_, err := db.EmailTried(ctx, id, status, "550 no such user")
			return err
		}
	}
	for name, tc := range map[string]struct {
		end  func(context.Context, orbit.EmailID) error
		kept bool
	}{
		"sent":             {tried(orbit.EmailSent), false},
		"refused for good": {tried(orbit.EmailFailed), false},
		"by a roll back": {set(`UPDATE emails SET status = 'failed', error = 'Rolled back before it was sent.'
			WHERE id = $1`), false},
		"and written to afterwards": {set(`UPDATE emails SET status = 'failed', text = text || '/' || repeat('x', 43)
			WHERE id = $1`), false},
		"tried, to be tried again":  {tried(orbit.EmailQueued), true},
		"kept in the local mailbox": {tried(orbit.EmailLocal), true},
	} {
		reset, order := pg.Token(), pg.Token()
		m := orbit.Email{MessageID: "<" + reset + "@localhost>", Recipient: "ann@example.com", Subject: "Links",
			Status: orbit.EmailQueued,
			HTML: `<a href="https://dashboard.example/password/` + reset + `">x</a><a href="https://moss.example/orders/` +
				order + `?x=1">y</a>`,
			Text: "https://dashboard.example/password/" + reset + "\nhttps://moss.example/orders/" + order + "."}
		id := orbit.NewID[orbit.Merchant]()
		if _, err := db.CreateMerchant(ctx, id, orbit.Application{Name: "Moss", OwnerName: "Ann", Email: "ann@example.com",
			Category: "books"}, &m, orbit.System); err != nil {
			t.Fatal(err)
		}
		if err := tc.end(ctx, m.ID); err != nil {
			t.Fatal(name, err)
		}
		now, err := db.Email(ctx, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{reset, order} {
			if got := strings.Contains(now.HTML, token); got != tc.kept {
				t.Errorf("%s: the HTML keeps a link: %v", name, got)
			}
			if got := strings.Contains(now.Text, token); got != tc.kept {
				t.Errorf("%s: the text keeps a link: %v", name, got)
			}
			shown := now.Redacted()
			if strings.Contains(shown.HTML+shown.Text, token) || !strings.Contains(shown.Text, "/orders/(link removed).") ||
				!strings.Contains(shown.HTML, `/orders/(link removed)?x=1">`) {
				t.Errorf("%s: redacted it is %q, %q", name, shown.HTML, shown.Text)
			}
		}
	}
}
