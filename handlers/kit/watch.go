package kit

import (
	"context"
	"sync"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store"
)

// watchEvery is how often the sessions and credentials behind open streams are looked at: one that has ended ends its
// streams within five seconds, with what the look itself takes.
const watchEvery = 3 * time.Second

var errSignedOut = orbit.Errorf(orbit.Unauthorized, "You have been signed out.")

// watch looks after the sessions that have streams open: all of a process in one statement, and in none while no
// stream is open.
type watch struct {
	db  *store.DB
	ctx context.Context // ends when the process drains

	mu       sync.Mutex
	sessions map[string]map[*watched]struct{} // by token
	looking  bool
}

// watched is one stream of a session.
type watched struct {
	still func(orbit.User) bool // whether its person, as they are now, may still see it
	end   func()                // called once when they may not, or their session is over
}

func newWatch(ctx context.Context, db *store.DB) *watch {
	return &watch{db: db, ctx: ctx, sessions: map[string]map[*watched]struct{}{}}
}

// enter watches a session for a stream until leave is called. end must be quick.
func (w *watch) enter(token string, still func(orbit.User) bool, end func()) (leave func()) {
	one := &watched{still, end}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sessions[token] == nil {
		w.sessions[token] = map[*watched]struct{}{}
	}
	w.sessions[token][one] = struct{}{}
	if !w.looking {
		w.looking = true
		go w.look()
	}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if delete(w.sessions[token], one); len(w.sessions[token]) == 0 {
			delete(w.sessions, token)
		}
	}
}

// look looks until there is no session to look at.
func (w *watch) look() {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-tick.C:
		}
		tokens := w.tokens()
		if tokens == nil {
			return
		}
		ctx, cancel := context.WithTimeout(w.ctx, patience)
		owners, err := w.db.Sessions().Owners(ctx, tokens)
		cancel()
		if err == nil { // otherwise the next check does; nothing is drawn without asking
			w.end(tokens, owners)
		}
	}
}

// tokens returns those of the sessions that are watched; nil ends the looking.
func (w *watch) tokens() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.sessions) == 0 {
		w.looking = false
		return nil
	}
	tokens := make([]string, 0, len(w.sessions))
	for token := range w.sessions {
		tokens = append(tokens, token)
	}
	return tokens
}

// end ends the streams of those who may see them no more. Sessions that began to be watched since tokens were taken
// aren't among them.
func (w *watch) end(tokens []string, owners map[string]orbit.User) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, token := range tokens {
		owner, alive := owners[token]
		for one := range w.sessions[token] {
			if !alive || !one.still(owner) {
				one.end()
				delete(w.sessions[token], one)
			}
		}
		if len(w.sessions[token]) == 0 {
			delete(w.sessions, token)
		}
	}
}
