package store

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"orbit360.app/orbit"
)

// Channels of NOTIFY. Payloads name what changed, never what it changed to.
const (
	runChannel      = "orbit_run"      // "{run} {merchant}": the run's row or steps changed
	merchantChannel = "orbit_merchant" // "{merchant}": the merchant's row changed
	shopChannel     = "orbit_shop"     // "{merchant}" or "*": what shoppers see of it changed (triggers of migration 0006)
)

func (b *batch) notify(channel, payload string) { b.exec(`SELECT pg_notify($1, $2)`, channel, payload) }

func (b *batch) notifyRun(run orbit.RunID, merchant orbit.MerchantID) {
	b.notify(runChannel, run.String()+" "+merchant.String())
}

// Change is something that other processes, or this one, have committed.
type Change struct {
	Merchant orbit.MerchantID // zero: anything may have changed, the listener was away
	Shop     bool             // what shoppers see changed; otherwise it is the merchant's or run's own row
	Lost     bool             // the connection is gone: changes go untold until one with no merchant says that it is back
}

// Listen calls fn for every change of a run, merchant or shop, from one goroutine, until ctx ends. When
// the connection is lost it says so, comes back by itself and first says that anything may have changed.
func (db *DB) Listen(ctx context.Context, log *slog.Logger, fn func(Change)) {
	for wait := 50 * time.Millisecond; ctx.Err() == nil; {
		heard, err := db.listenOnce(ctx, fn)
		fn(Change{Lost: true})
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

// A connection that says nothing for listenQuiet is asked whether it is still there, and lost where it doesn't
// answer in listenPatience: a cut cable tells nobody.
const (
	listenQuiet    = 2 * time.Second
	listenPatience = 2 * time.Second
)

func (db *DB) listenOnce(ctx context.Context, fn func(Change)) (connected bool, err error) {
	// A connection of its own: a pool's would be missing from it for good.
	conn, err := pgx.ConnectConfig(ctx, db.pool.Config().ConnConfig)
	if err != nil {
		return false, err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing was written
	if _, err := conn.Exec(ctx, "LISTEN "+runChannel+"; LISTEN "+merchantChannel+"; LISTEN "+shopChannel, pgx.QueryExecModeSimpleProtocol); err != nil {
		return false, err
	}
	fn(Change{})
	for {
		n, err := waitQuietly(ctx, conn)
		if err != nil {
			return true, err
		}
		if n != nil {
			fn(changeOf(n.Channel, n.Payload))
		}
	}
}

// waitQuietly waits for the next notification; nil where there was none for a while and the connection lives.
func waitQuietly(ctx context.Context, conn *pgx.Conn) (*pgconn.Notification, error) {
	quiet, cancel := context.WithTimeout(ctx, listenQuiet)
	defer cancel()
	n, err := conn.WaitForNotification(quiet)
	if err == nil || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
		return n, err
	}
	patience, cancel := context.WithTimeout(ctx, listenPatience)
	defer cancel()
	return nil, conn.Ping(patience)
}

// changeOf reads a notification. One that can't be read is a change of anything: better too much than missed.
func changeOf(channel, payload string) Change {
	if channel == runChannel && len(payload) == 73 {
		payload = payload[37:]
	}
	id, err := orbit.ParseID[orbit.Merchant](payload)
	if err != nil {
		return Change{}
	}
	return Change{Merchant: id, Shop: channel == shopChannel}
}
