package kit

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/pg"
)

// heartbeat keeps proxies from closing a quiet stream and finds clients that are gone without a word.
const heartbeat = 15 * time.Second

// lookEvery is how often a stream looks whether its client has hung up. A search while typing leaves a stream behind
// with every word, and fasthttp notices that only when it writes for the second time.
const lookEvery = 5 * time.Second

// errGone ends a stream when its client has hung up.
var errGone = errors.New("the client has hung up")

// patience is how long the database may take to say what a panel shows.
const patience = 10 * time.Second

// maxStreams is how many streams one session may have open. A page needs one.
const maxStreams = 24

// maxDrawing is how many streams draw a panel at once, so that thousands of them don't render at one change.
const maxDrawing = 8

// streams holds the open event streams of this process.
type streams struct {
	mu        sync.Mutex
	bySession map[string]int
	drawing   chan struct{} // places of those who draw
	ctx       context.Context
	close     context.CancelFunc
	open      sync.WaitGroup
	visitors  *pg.Together[visitor]
	watch     *watch
}

func newStreams(db *store.DB) *streams {
	s := &streams{bySession: map[string]int{}, drawing: make(chan struct{}, maxDrawing),
		visitors: pg.NewTogether[visitor](db)}
	s.ctx, s.close = context.WithCancel(context.Background())
	s.watch = newWatch(s.ctx, db)
	return s
}

// visitor is who a session belongs to, as the database has it.
type visitor struct {
	found bool
	user  orbit.User
}

// Stream is the writing end of one event stream. Its methods return an error once the client is gone.
type Stream struct {
	w       *bufio.Writer
	drawing chan struct{}
	conn    net.Conn
}

// Send writes one message; its data is the component's HTML (WHATWG HTML, section 9.2: every line a
// "data:" line, so that no line break in a text can begin another field).
func (s *Stream) Send(ctx context.Context, c templ.Component) error {
	html, err := s.draw(ctx, c)
	if err != nil {
		return err
	}
	return s.Event("", html)
}

// draw gives its place to the next before anything is written: that can take long, where a client is slow.
func (s *Stream) draw(ctx context.Context, c templ.Component) (string, error) {
	s.drawing <- struct{}{} // nobody draws for long
	defer func() { <-s.drawing }()
	var b strings.Builder // not kept: thousands of quiet streams would each hold a panel
	err := c.Render(ctx, &b)
	return b.String(), err
}

// Event writes one message with a name of its own.
func (s *Stream) Event(name, data string) error {
	if name != "" {
		s.w.WriteString("event: " + name + "\n")
	}
	for line := range strings.SplitSeq(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(data), "\n") {
		s.w.WriteString("data: " + line + "\n")
	}
	s.w.WriteString("\n")
	return s.w.Flush() // bufio keeps the first error of the writes before
}

// Resumable writes one message with a name and an id, which the client sends along when it comes back.
func (s *Stream) Resumable(id, name, data string) error {
	s.w.WriteString("id: " + id + "\n") // bufio keeps the first error
	return s.Event(name, data)
}

// Comment writes a line that clients skip.
func (s *Stream) Comment() error {
	s.w.WriteString(": \n\n")
	return s.w.Flush()
}

// Stream answers with an event stream: draw once at the beginning and again whenever changes brings something. draw
// returns done when nothing more will come; the client is then told to close. The stream ends within five seconds of
// its session, or of its person's right to be here. More than maxStreams of one session are TooMany. changes is
// closed by cancel.
func (k *Kit) Stream(c *fiber.Ctx, changes <-chan struct{}, cancel func(),
	draw func(context.Context, *Stream) (done bool, err error)) error {
	token, user := Cookie(c, k.sessions.Cookie.Name), User(c)
	audience, _ := c.Locals("audience").(Audience)
	still := func(now orbit.User) bool {
		return now.ID == user.ID && mayEnter(now, audience) && now.PasswordChangedAt.Equal(user.PasswordChangedAt)
	}
	ended := make(chan struct{})
	leave := k.streams.watch.enter(token, still, func() { close(ended) })
	f := flow{key: k.sessionKey(c.UserContext()), changes: changes, draw: k.whileSignedIn(token, user.ID, still, draw),
		farewell: func(s *Stream) error { return s.Event("close", "") }, cancel: func() { leave(); cancel() }, ended: ended}
	return k.stream(c, f)
}

// Events is Stream for programs: streams of one reader are counted together, still is an error from when their
// credential is no longer worth anything, and the end is just the end of the answer.
func (k *Kit) Events(c *fiber.Ctx, reader string, still func(context.Context) error, changes <-chan struct{},
	cancel func(), draw func(context.Context, *Stream) (done bool, err error)) error {
	f := flow{key: reader, changes: changes, farewell: func(*Stream) error { return nil }, cancel: cancel, still: still}
	f.draw = func(ctx context.Context, s *Stream) (bool, error) {
		if err := still(ctx); err != nil {
			return false, err
		}
		return draw(ctx, s)
	}
	return k.stream(c, f)
}

// flow is what a stream is made of.
type flow struct {
	key      string // streams of one key are counted together
	changes  <-chan struct{}
	draw     func(context.Context, *Stream) (bool, error)
	farewell func(*Stream) error
	cancel   func()
	ended    <-chan struct{}             // closed when its reader loses the right to it; nil where that isn't watched
	still    func(context.Context) error // asked for the same every few seconds; nil where ended says it
}

// whileSignedIn draws only for as long as the session that asked for the stream, and its person's right to be
// here, hold: a stream outlives the request that began it.
func (k *Kit) whileSignedIn(token string, user orbit.UserID, still func(orbit.User) bool,
	draw func(context.Context, *Stream) (bool, error)) func(context.Context, *Stream) (bool, error) {
	return func(ctx context.Context, s *Stream) (bool, error) {
		now, err := k.streams.visitors.Read(ctx, token, func(ctx context.Context) (v visitor, err error) {
			if _, v.found, err = k.DB.Sessions().FindCtx(ctx, token); err == nil {
				v.user, err = k.DB.User(ctx, user) // a session is one person's
			}
			return v, err
		})
		if err != nil {
			return false, err
		}
		if !now.found || !still(now.user) {
			return false, errSignedOut
		}
		return draw(ctx, s)
	}
}

func (k *Kit) stream(c *fiber.Ctx, f flow) error {
	// Nothing of c may be used in the writer: it runs when c is another request's already.
	id, conn := RequestID(c), c.Context().Conn()
	if !k.streams.enter(f.key) {
		f.cancel()
		return orbit.Errorf(orbit.TooMany, "Too many pages with live updates are open. Close some of them.").
			After(10 * time.Second)
	}
	c.Set(fiber.HeaderContentType, "text/event-stream; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set("X-Accel-Buffering", "no")
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer k.streams.leave(f.key)
		defer f.cancel()
		if err := k.pump(&Stream{w, k.streams.drawing, conn}, f); err != nil && k.streams.ctx.Err() == nil {
			k.Log.Debug("stream ended", "request", id, "error", err)
		}
	})
	return nil
}

func (k *Kit) pump(s *Stream, f flow) error {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	ask := time.NewTicker(watchEvery)
	defer ask.Stop()
	if f.still == nil {
		ask.Stop()
	}
	for {
		// Drawn again at every heartbeat too: what can't be told by a change (a session that ended) shows then.
		ctx, cancel := context.WithTimeout(k.streams.ctx, patience)
		done, err := f.draw(ctx, s)
		cancel()
		switch {
		case orbit.CodeOf(err) == orbit.Unavailable:
			// The database is away for a moment: the next change, or the listener's return, draws again.
			if err := s.Comment(); err != nil {
				return err
			}
		case err != nil:
			return err
		case done:
			return f.farewell(s)
		}
		if ok, err := k.await(s, f, beat.C, look.C, ask.C); !ok || err != nil {
			return err
		}
	}
}

// await waits for a reason to draw again, and is false where there will be none.
func (k *Kit) await(s *Stream, f flow, beat, look, ask <-chan time.Time) (bool, error) {
	for {
		select {
		case <-k.streams.ctx.Done():
			return false, nil
		case _, ok := <-f.changes:
			return ok, nil
		case <-f.ended:
			return false, errSignedOut
		case <-ask:
			ctx, cancel := context.WithTimeout(k.streams.ctx, patience)
			err := f.still(ctx)
			cancel()
			if err != nil && orbit.CodeOf(err) != orbit.Unavailable { // away for a moment: nothing is drawn without asking
				return false, err
			}
		case <-beat:
			return true, s.Comment()
		case <-look:
			if gone(s.conn) {
				return false, errGone
			}
		}
	}
}

// CloseStreams ends all streams and WebSockets, writes what was counted, and waits for them, at shutdown, before the
// server stops: it would wait for them in vain. Clients come back to another process by themselves.
func (k *Kit) CloseStreams(ctx context.Context) {
	k.tallies.write(ctx)
	k.streams.close()
	k.sockets.close(ctx)
	done := make(chan struct{})
	go func() { k.streams.open.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// Streams is how many streams are open.
func (k *Kit) Streams() int {
	k.streams.mu.Lock()
	defer k.streams.mu.Unlock()
	n := 0
	for _, m := range k.streams.bySession {
		n += m
	}
	return n
}

func (s *streams) enter(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bySession[key] >= maxStreams {
		return false
	}
	s.bySession[key]++
	s.open.Add(1)
	return true
}

func (s *streams) leave(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bySession[key]--; s.bySession[key] <= 0 {
		delete(s.bySession, key)
	}
	s.open.Done()
}
