package store

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
)

// Channels of NOTIFY. Payloads name what changed, never what it changed to.
const (
	runChannel      = "orbit_run"      // "{run} {merchant}": the run's row or steps changed
	merchantChannel = "orbit_merchant" // "{merchant}": the merchant's row changed
)

func (b *batch) notify(channel, payload string) { b.exec(`SELECT pg_notify($1, $2)`, channel, payload) }

func (b *batch) notifyRun(run orbit.RunID, merchant orbit.MerchantID) {
	b.notify(runChannel, run.String()+" "+merchant.String())
}

// Change is something that other processes, or this one, have committed.
type Change struct {
	Merchant orbit.MerchantID // zero: anything may have changed, the listener was away
}

// Listen calls fn for every change of a run or merchant, from one goroutine, until ctx ends. When
// the connection is lost it comes back by itself and first says that anything may have changed.
func (db *DB) Listen(ctx context.Context, log *slog.Logger, fn func(Change)) {
	for wait := 50 * time.Millisecond; ctx.Err() == nil; {
		heard, err := db.listenOnce(ctx, fn)
		if ctx.Err() != nil {
			return
		}
		if heard {
			wait = 50 * time.Millisecond
		}
		log.Warn("live updates lost the database; connecting again", "error", err, "in", wait)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, 2*time.Second)
	}
}

func (db *DB) listenOnce(ctx context.Context, fn func(Change)) (connected bool, err error) {
	// A connection of its own: a pool's would be missing from it for good.
	conn, err := pgx.ConnectConfig(ctx, db.pool.Config().ConnConfig)
	if err != nil {
		return false, err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing was written
	if _, err := conn.Exec(ctx, "LISTEN "+runChannel+"; LISTEN "+merchantChannel, pgx.QueryExecModeSimpleProtocol); err != nil {
		return false, err
	}
	fn(Change{})
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return true, err
		}
		payload := n.Payload
		if n.Channel == runChannel && len(payload) == 73 {
			payload = payload[37:]
		}
		if id, err := orbit.ParseID[orbit.Merchant](payload); err == nil {
			fn(Change{Merchant: id})
		}
	}
}
