package pg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"orbit360.app/orbit"
)

// Channels of NOTIFY. Payloads name what changed, never what it changed to.
const (
	RunChannel      = "orbit_run"      // "{run} {merchant}": the run's row or steps changed
	MerchantChannel = "orbit_merchant" // "{merchant}": the merchant's row changed
	ShopChannel     = "orbit_shop"     // "{merchant}" or "*": what shoppers see of it changed (triggers of migration 0006)
	LiveChannel     = "orbit_live"     // "{merchant} {kind} ...": events of the shop (Batch.Event)
	echoChannel     = "orbit_echo"     // "{word}": a process listens whether it hears itself
)

// River's channels: its tables are in the schema public, as ours.
const (
	riverPrefix   = "public."
	riverChannels = `LISTEN "public.river_insert"; LISTEN "public.river_control"; LISTEN "public.river_leadership"`
)

func (b *Batch) Notify(channel, payload string) { b.Exec(`SELECT pg_notify($1, $2)`, channel, payload) }

func (b *Batch) NotifyRun(run orbit.RunID, merchant orbit.MerchantID) {
	b.Notify(RunChannel, run.String()+" "+merchant.String())
}

// Change is something that other processes, or this one, have committed.
type Change struct {
	Merchant orbit.MerchantID // zero: anything may have changed, the listener was away
	Shop     bool             // what shoppers see changed; otherwise it is the merchant's or run's own row
	Events   string           // or these events happened in the shop: kinds, with a space between two
	Lost     bool             // the connection is gone: changes are missed until one with no merchant says it is back
}

// Listen calls fn for every change of a run, merchant or shop, from one goroutine, until ctx ends. When
// the connection is lost it says so, comes back by itself and first says that anything may have changed. jobs, where
// there is one, gets what river's clients notify each other of, by topic.
func (db *DB) Listen(ctx context.Context, log *slog.Logger, fn func(Change), jobs ...func(topic, payload string)) {
	for wait := 50 * time.Millisecond; ctx.Err() == nil; {
		heard, err := db.listenOnce(ctx, fn, jobs)
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
// answer in listenPatience: a broken network reports no error.
const (
	listenQuiet    = 2 * time.Second
	listenPatience = 2 * time.Second
)

// A listener also sends itself a word through the pool, and is deaf where that doesn't come: behind a pooler that
// hands out connections by transaction LISTEN works and hears nothing, and a connection may answer and yet have lost
// its LISTEN.
const (
	echoEvery    = 10 * time.Second
	echoPatience = 5 * time.Second
)

// errDeaf is a connection that answers but hears nothing.
var errDeaf = errors.New(
	"store: this process doesn't hear its own notifications: is there a pooler in between that isn't in session mode?")

// listenOnce says that anything may have changed when it has heard itself for the first time: until then nobody may
// rely on it.
func (db *DB) listenOnce(ctx context.Context, fn func(Change), jobs []func(topic, payload string)) (heard bool,
	err error) {
	// A connection of its own: a pool's would be missing from it for good.
	conn, err := db.apart.connect(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing was written
	if _, err := conn.Exec(ctx,
		"LISTEN "+RunChannel+"; LISTEN "+MerchantChannel+"; LISTEN "+ShopChannel+"; LISTEN "+LiveChannel+
			"; LISTEN "+echoChannel,
		pgx.QueryExecModeSimpleProtocol); err != nil {
		return false, err
	}
	if len(jobs) > 0 {
		if _, err := conn.Exec(ctx, riverChannels, pgx.QueryExecModeSimpleProtocol); err != nil {
			return false, err
		}
	}
	echo := newEcho(db)
	for {
		if err := echo.call(ctx); err != nil {
			return heard, err
		}
		n, err := waitQuietly(ctx, conn)
		switch {
		case err != nil:
			return heard, err
		case n == nil:
		case strings.HasPrefix(n.Channel, riverPrefix):
			for _, notify := range jobs {
				notify(strings.TrimPrefix(n.Channel, riverPrefix), n.Payload)
			}
		case n.Channel != echoChannel:
			fn(changeOf(n.Channel, n.Payload))
		case echo.answers(n.Payload) && !heard:
			heard = true
			fn(Change{})
		}
	}
}

// echo is the word that a listener sends itself. One goroutine uses it.
type echo struct {
	db    *DB
	word  string
	last  time.Time // when it was sent last, or tried
	due   time.Time // when it must have come back; zero while none is under way
	tried chan sending
}

// sending is how it went.
type sending struct {
	word string
	err  error
}

func newEcho(db *DB) *echo { return &echo{db: db, word: Token(), tried: make(chan sending, 1)} }

// call sends the word where it is time to, without waiting for it, and complains where the last one hasn't come back.
// A word that couldn't be sent says nothing: the pool may be busy.
func (e *echo) call(ctx context.Context) error {
	select {
	case s := <-e.tried:
		switch {
		case s.err != nil:
			e.last = time.Now().Add(listenQuiet - echoEvery) // again soon
		case s.word == e.word: // otherwise it is back already
			e.due = time.Now().Add(echoPatience)
		}
	default:
	}
	now := time.Now()
	if !e.due.IsZero() && now.After(e.due) {
		return errDeaf
	}
	if now.Sub(e.last) < echoEvery {
		return nil
	}
	e.last = now
	word := e.word
	go func() {
		patient, cancel := context.WithTimeout(ctx, echoPatience)
		defer cancel()
		_, err := e.db.pool.Exec(patient, `SELECT pg_notify($1, $2)`, echoChannel, word)
		e.tried <- sending{word, err}
	}()
	return nil
}

// answers reports whether it is this listener's word, which has then come back.
func (e *echo) answers(word string) bool {
	if word != e.word {
		return false
	}
	e.due, e.word = time.Time{}, Token()
	return true
}

// errPooler is what the start says where it doesn't hear itself.
var errPooler = orbit.Errorf(orbit.Invalid,
	"The database doesn't pass on notifications: there is a pooler in between that hands out connections by transaction "+
		"or statement. "+
		"Put it in session mode (PgBouncer: pool_mode = session), or name PostgreSQL itself.")

// checkHearing refuses an address behind which notifications, locks of sessions and prepared statements get lost,
// before anything is set or changed there.
func checkHearing(ctx context.Context, address string, a audience) error {
	c, err := newConnector(address, a)
	if err != nil {
		return err
	}
	var ends [2]*pgx.Conn
	for i := range ends {
		if ends[i], err = pgx.ConnectConfig(ctx, c.cfg); err != nil {
			return fmt.Errorf("can't reach the database: %w", err)
		}
		defer ends[i].Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing was written
	}
	word := Token()
	if err := ends[0].PgConn().Exec(ctx, "LISTEN "+echoChannel).Close(); err != nil {
		return fmt.Errorf("can't listen to the database: %w", err)
	}
	if err := ends[1].PgConn().Exec(ctx, "NOTIFY "+echoChannel+", '"+word+"'").Close(); err != nil {
		return fmt.Errorf("can't notify through the database: %w", err)
	}
	listening, cancel := context.WithTimeout(ctx, echoPatience)
	defer cancel()
	for {
		n, err := ends[0].WaitForNotification(listening)
		switch {
		case err == nil && n.Payload == word:
			return nil
		case err != nil && listening.Err() != nil && ctx.Err() == nil:
			return errPooler
		case err != nil:
			return fmt.Errorf("can't listen to the database: %w", err)
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
	if channel == RunChannel && len(payload) == 73 {
		payload = payload[37:]
	}
	var events string
	if channel == LiveChannel {
		payload, events, _ = strings.Cut(payload, " ")
	}
	id, err := orbit.ParseID[orbit.Merchant](payload)
	if err != nil {
		return Change{}
	}
	return Change{Merchant: id, Shop: channel == ShopChannel, Events: events}
}
