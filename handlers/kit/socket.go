package kit

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	wire "github.com/fasthttp/websocket"
	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
)

// What a WebSocket may do. A browser's sends nothing but pongs.
const (
	maxSockets     = 5       // of one session
	socketMessage  = 4 << 10 // bytes; a longer one ends it with 1009
	socketPing     = 20 * time.Second
	socketPatience = 45 * time.Second // without a pong
	socketWrite    = 3 * time.Second
	socketFarewell = time.Second // for the client's own close
)

// Socket is the writing end of one WebSocket. It holds one message of each kind that hasn't gone yet: a client that
// reads slowly gets the newest, and never all. It is safe for concurrent use.
type Socket struct {
	conn *wire.Conn

	mu      sync.Mutex
	ping    *time.Timer
	waiting []message
	writing sync.WaitGroup
	busy    bool // there is a writer
	ended   bool // nothing more is written
}

// message is one that waits. A close is one too, the last.
type message struct {
	kind int // as fasthttp/websocket numbers them
	name string
	data []byte
}

// Send writes a text in its turn, in place of one of the same name that hasn't been written.
func (s *Socket) Send(name string, data []byte) { s.put(message{wire.TextMessage, name, data}) }

// Close ends the socket with a code of RFC 6455, section 7.4, in place of what hasn't been written.
func (s *Socket) Close(code int, reason string) {
	s.put(message{wire.CloseMessage, "", wire.FormatCloseMessage(code, reason)})
}

// put takes a message, and begins to write where nobody does: a goroutine for each quiet socket would cost more than
// the socket. It reports false once the socket has ended.
func (s *Socket) put(m message) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return false
	}
	i := slices.IndexFunc(s.waiting, func(w message) bool { return w.kind == m.kind && w.name == m.name })
	switch {
	case m.kind == wire.CloseMessage:
		s.waiting, s.ended = []message{m}, true
	case i >= 0:
		s.waiting[i] = m
	default:
		s.waiting = append(s.waiting, m)
	}
	if !s.busy {
		s.busy = true
		s.writing.Add(1)
		go s.write()
	}
	return true
}

// write writes what waits. It is the one writer for as long as it runs.
func (s *Socket) write() {
	defer s.writing.Done()
	for {
		m, ok := s.next()
		if !ok {
			return
		}
		_ = s.conn.SetWriteDeadline(time.Now().Add(socketWrite)) // keeps the time, and no more
		if err := s.conn.WriteMessage(m.kind, m.data); err != nil || m.kind == wire.CloseMessage {
			wait := socketFarewell
			if err != nil {
				wait = 0
			}
			_ = s.conn.NetConn().SetReadDeadline(time.Now().Add(wait)) // ends the reader
		}
	}
}

func (s *Socket) next() (m message, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) == 0 {
		s.busy, s.waiting = false, nil
		return m, false
	}
	m, s.waiting = s.waiting[0], s.waiting[1:]
	return m, true
}

// read passes over what the client sends, until one of the two ends the socket.
func (s *Socket) read() {
	s.conn.SetReadLimit(socketMessage)
	renew := func(string) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.ended {
			return nil
		}
		return s.conn.SetReadDeadline(time.Now().Add(socketPatience))
	}
	s.conn.SetPongHandler(renew)
	if renew("") != nil {
		return
	}
	for {
		_, _, err := s.conn.NextReader()
		if errors.Is(err, wire.ErrReadLimit) {
			s.refuse()
		}
		if err != nil {
			return
		}
	}
}

// refuse has the client read why its message was too long: a connection that is closed while it still sends is reset,
// and what was sent to it before is lost.
func (s *Socket) refuse() {
	if conn, ok := s.conn.NetConn().(interface{ Refused() }); ok {
		conn.Refused()
	}
}

// alive asks the client whether it is there, again and again.
func (s *Socket) alive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.ping = time.AfterFunc(socketPing, func() {
			if s.put(message{wire.PingMessage, "", nil}) {
				s.alive()
			}
		})
	}
}

// end has the last writer come to its end, and closes the connection.
func (s *Socket) end() {
	s.mu.Lock()
	s.ended, s.waiting = true, nil
	s.ping.Stop()
	s.mu.Unlock()
	_ = s.conn.NetConn().SetWriteDeadline(time.Now()) // a writer that waits for the client waits no longer
	s.writing.Wait()
	_ = s.conn.Close() // the client may have been first
}

// CheckSocket refuses a WebSocket that wasn't asked for by a page of this very origin: every other site's pages, and
// those of shops under the same domain, send this one's cookies along. A program that names no origin is refused too.
func CheckSocket(c *fiber.Ctx, origin string) error {
	if !websocket.IsWebSocketUpgrade(c) {
		return nil // a page that asks why it isn't connected; it gets no socket
	}
	given := c.Context().Request.Header.PeekAll(fiber.HeaderOrigin)
	if len(given) != 1 || string(given[0]) != origin {
		return orbit.Errorf(orbit.Forbidden, "Live updates are for this site's own pages.")
	}
	return nil
}

// Socket answers with a WebSocket, for a page of origin. open gets it when it is there, and returns what is done when
// it has ended. It is closed with 1008, which browsers of ours don't try again, within five seconds of the session's
// end, and with 1012, which they do, when this process leaves. More than a few of one session are TooMany.
func (k *Kit) Socket(c *fiber.Ctx, origin string, open func(*Socket) (leave func())) error {
	if err := CheckSocket(c, origin); err != nil {
		return err
	}
	if !websocket.IsWebSocketUpgrade(c) {
		c.Set(fiber.HeaderUpgrade, "websocket")
		return c.SendStatus(fiber.StatusUpgradeRequired)
	}
	token, user := Cookie(c, k.sessions.Cookie.Name), User(c)
	key := k.sessionKey(c.UserContext())
	audience, _ := c.Locals("audience").(Audience)
	still := func(now orbit.User) bool {
		return now.ID == user.ID && mayEnter(now, audience) && now.PasswordChangedAt.Equal(user.PasswordChangedAt)
	}
	if !k.sockets.room(key) {
		return ErrManySockets
	}
	return upgrade(c, func(conn *wire.Conn) {
		s := &Socket{conn: conn}
		s.alive()
		if code := k.sockets.enter(key, s); code != 0 {
			s.Close(code, "")
			go k.serve(s, func() {})
			return
		}
		unwatch := k.streams.watch.enter(token, still, func() { s.Close(websocket.ClosePolicyViolation, "signed out") })
		leave := open(s)
		go k.serve(s, func() { leave(); unwatch(); k.sockets.leave(key, s) })
	})
}

// serve reads a socket to its end. It is a goroutine of its own, with the smallest stack: ten thousand may be open.
func (k *Kit) serve(s *Socket, leave func()) {
	defer k.recoverSocket()
	defer leave()
	defer s.end()
	s.read()
}

// ErrManySockets is for who has as many sockets open as there may be.
var ErrManySockets = orbit.Errorf(orbit.TooMany,
	"Too many pages with live updates are open. Close some of them.").After(10 * time.Second)

// recoverSocket keeps a panic of one socket from ending the process.
func (k *Kit) recoverSocket() {
	if p := recover(); p != nil {
		k.Log.Error("a WebSocket's goroutine panicked", "panic", p, "stack", string(debug.Stack()))
	}
}

// sockets holds the open WebSockets of this process.
type sockets struct {
	mu        sync.Mutex
	bySession map[string]int
	all       map[*Socket]bool // nil once the process leaves
	open      sync.WaitGroup
}

func newSockets() *sockets { return &sockets{bySession: map[string]int{}, all: map[*Socket]bool{}} }

// room reports whether a session may have one more.
func (s *sockets) room(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all != nil && s.bySession[key] < maxSockets
}

// enter counts a socket, or returns the code that it is closed with: others came at the same moment, or the process
// leaves.
func (s *sockets) enter(key string, one *Socket) (code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		return websocket.CloseServiceRestart
	}
	if s.bySession[key] >= maxSockets {
		return websocket.CloseTryAgainLater
	}
	s.all[one] = true
	s.bySession[key]++
	s.open.Add(1)
	return 0
}

func (s *sockets) leave(key string, one *Socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, one)
	if s.bySession[key]--; s.bySession[key] <= 0 {
		delete(s.bySession, key)
	}
	s.open.Done()
}

// close ends all of them, for their clients to come back to another process, and waits for them.
func (s *sockets) close(ctx context.Context) {
	s.mu.Lock()
	all := s.all
	s.all = nil
	for one := range all {
		one.Close(websocket.CloseServiceRestart, "restarting")
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() { s.open.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// Sockets returns how many WebSockets are open.
func (k *Kit) Sockets() int {
	k.sockets.mu.Lock()
	defer k.sockets.mu.Unlock()
	return len(k.sockets.all)
}
