package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
)

const (
	eventsAtOnce = 100                    // that are read
	eventsAgain  = 200 * time.Millisecond // after which those without a certain place are read
)

// ShopEvent is what happened in a shop: the body of webhooks too.
type ShopEvent struct {
	ID        string         `json:"id" format:"uuid"`
	Type      string         `json:"type"`
	CreatedAt string         `json:"createdAt" format:"date-time"`
	Data      map[string]any `json:"data"`
}

type eventsInput struct {
	LastEventID string `header:"Last-Event-ID" doc:"The ID of the last event that arrived: the stream goes on behind it."`
}

func (a *API) eventRoutes() {
	registerShop(a, operation{method: http.MethodGet, path: "/events", id: "streamEvents", tag: tagShop,
		scope: orbit.ScopeEventsRead, status: 200, answerType: "text/event-stream", summary: "Follow the shop",
		about: "Server-sent events (`curl -N`), the same as webhooks send: the event's name is its type, the `data` a " +
			"webhook's body. Events need a scope of their area too: `orders:read`, `products:read`, `customers:read`, " +
			"`online_store:read`.\n\n" +
			"With `Last-Event-ID` the stream resumes behind that event, for an hour. Where it isn't kept any longer, the " +
			"stream begins with `event: reset` and all that is kept: read anew what you need. Lines that begin with a colon " +
			"only keep the connection open.",
		answer: "id: 019aaf3e-7f0c-7c1e-b7a1-0d6a1b2c3d4e\nevent: order.created\n" +
			`data: {"id":"019aaf3e-7f0c-7c1e-b7a1-0d6a1b2c3d4e","type":"order.created","createdAt":` +
			`"2026-11-24T16:00:00.123Z","data":{"order":{"id":"019aaf3e-…","number":1042,"name":"#1042",…}}}` + "\n\n"},
		a.streamEvents)
}

// follower is one stream of a shop's events.
type follower struct {
	*API
	desk
	place shop.EventPlace
	begun bool
	reset bool // what the reader asked for isn't kept
	poke  chan struct{}
}

func (a *API) streamEvents(ctx context.Context, d desk, in *eventsInput) (*eventsOutput, error) {
	f := &follower{API: a, desk: d, poke: make(chan struct{}, 1)}
	stop := a.feed.Follow(d.Merchant.ID, func(pg.Change) { f.wake() })
	err := d.read(ctx, func(ctx context.Context, t *shop.Tenant) error { return f.begin(ctx, t, in.LastEventID) })
	if err != nil {
		stop()
		return nil, err
	}
	who := d.caller
	still := func(ctx context.Context) error {
		_, err := a.callers.Read(ctx, who.credential, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, who.still(ctx)
		})
		return err
	}
	if err := a.Events(d.fiber, who.id, still, f.poke, stop, f.send); err != nil {
		return nil, err // stop has been called
	}
	return &eventsOutput{func(huma.Context) {}}, nil
}

func (f *follower) wake() {
	select {
	case f.poke <- struct{}{}:
	default:
	}
}

// begin finds the place to begin at.
func (f *follower) begin(ctx context.Context, t *shop.Tenant, last string) (err error) {
	if last == "" {
		f.place, err = t.EventsNow(ctx)
		return err
	}
	id, err := orbit.ParseID[orbit.Event](last)
	if err == nil {
		f.place, err = t.EventsAt(ctx, id)
	}
	if orbit.CodeOf(err) == orbit.NotFound {
		f.reset, err = true, nil
	}
	return err
}

// send sends what came since, of what the credential may see now.
func (f *follower) send(ctx context.Context, s *kit.Stream) (done bool, err error) {
	if !f.begun {
		f.begun = true
		if err := s.Comment(); err != nil { // the answer's head comes with it
			return false, err
		}
	}
	if f.reset {
		f.reset = false
		if err := s.Event("reset", "{}"); err != nil {
			return false, err
		}
	}
	user := f.caller.User.ID
	rights, err := f.DB.RightsIn(ctx, f.Merchant.ID, []orbit.UserID{user})
	if err != nil {
		return false, err
	}
	now, member := rights[user]
	if !member {
		return true, nil
	}
	who := f.caller.Caller
	who.Shop.Rights = now
	for {
		var events []orbit.ShopEvent
		var pending bool
		err := f.read(ctx, func(ctx context.Context, t *shop.Tenant) (err error) {
			events, f.place, pending, err = t.Events(ctx, f.place, eventsAtOnce)
			return err
		})
		if err != nil {
			return false, err
		}
		for _, e := range events {
			if who.Check(e.Kind.Scope()) != nil {
				continue
			}
			data, err := json.Marshal(ShopEvent{ID: e.ID.String(), Type: string(e.Kind), Data: e.Data,
				CreatedAt: e.CreatedAt.UTC().Format("2006-01-02T15:04:05.000Z")})
			if err != nil {
				return false, err
			}
			if err := s.Resumable(e.ID.String(), string(e.Kind), string(data)); err != nil {
				return false, err
			}
		}
		if len(events) < eventsAtOnce {
			if pending {
				time.AfterFunc(eventsAgain, f.wake)
			}
			return false, nil
		}
	}
}
