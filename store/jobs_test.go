package store_test

import (
	"fmt"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/storetest"
)

// The more emails of a shop wait, the more others go first: a flood of one's holds up neither another shop's nor the
// platform's.
func TestEmailsAreSentInTurns(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	shop := func(name string) orbit.MerchantID {
		t.Helper()
		id := orbit.NewID[orbit.Merchant]()
		if _, err := db.CreateMerchant(t.Context(), id, orbit.Application{Name: name, OwnerName: "Some One",
			Email: name + "@example.com", Category: "home-garden"}, nil, orbit.System); err != nil {
			t.Fatal(err)
		}
		return id
	}
	n := 0
	send := func(of orbit.MerchantID) {
		t.Helper()
		n++
		email := fmt.Sprintf("user%d@example.com", n)
		if _, err := db.EnsureAdmin(t.Context(), email, "Some One", "hash"); err != nil {
			t.Fatal(err)
		}
		err := db.CreatePasswordLink(t.Context(), email, orbit.System, func(orbit.User, string) (*orbit.Email, error) {
			return &orbit.Email{MerchantID: of, Recipient: email, MessageID: email, Subject: "x", HTML: "x", Text: "x",
				Status: orbit.EmailQueued}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	moss, nord := shop("Moss"), shop("Nord")
	for range 70 {
		send(moss)
	}
	send(nord)
	send(orbit.MerchantID{})
	for _, tc := range []struct {
		what, where string
		want        []int
	}{
		{"the flood", `args->>'merchantId' = '` + moss.String() + `'`, []int{16, 48, 6, 0}},
		{"the other shop's", `args->>'merchantId' = '` + nord.String() + `'`, []int{1, 0, 0, 0}},
		{"the platform's", `NOT args ? 'merchantId'`, []int{1, 0, 0, 0}},
	} {
		for i, want := range tc.want {
			var n int
			if err := db.Pool().QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE queue = 'mail' AND priority = $1
				AND `+tc.where, i+1).Scan(&n); err != nil || n != want {
				t.Errorf("%s: %d of priority %d, wanted %d (%v)", tc.what, n, i+1, want, err)
			}
		}
	}
}
