package shop_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func apply(t *testing.T, db *store.DB, name string) orbit.MerchantID {
	t.Helper()
	id := orbit.NewID[orbit.Merchant]()
	made, err := db.CreateMerchant(t.Context(), id, orbit.Application{Name: name, OwnerName: "Ada",
		Email: strings.ToLower(name) + "@example.com", Category: "books"},
		&orbit.Email{MessageID: "<applied." + id.String() + "@test>", Recipient: "owner@example.com", Subject: "Hello",
			Status: orbit.EmailLocal}, orbit.System)
	if err != nil || !made {
		t.Fatal(made, err)
	}
	return id
}
