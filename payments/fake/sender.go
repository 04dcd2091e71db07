package fake

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Delivery is how an event gets to its address.
type Delivery string

// The deliveries of an event.
const (
	OnTime Delivery = ""
	Twice  Delivery = "twice"   // the same event two times at once
	Behind Delivery = "behind"  // ten seconds later, so that what comes after it is there first
	AnHour Delivery = "an hour" // late
	Never  Delivery = "never"
)

// Sent is one attempt to deliver an event.
type Sent struct {
	Event  string
	URL    string
	Status int // 0 where there was no answer
	Took   time.Duration
}

// Sender delivers events to addresses, and again until they answer 2xx. Times are those of its clock.
type Sender struct {
	clock  *Clock
	client http.Client
	cancel context.CancelFunc
	ended  chan struct{}
	wake   chan struct{}

	mu      sync.Mutex
	idle    *sync.Cond
	waiting []*message
	flying  int
	sent    []Sent
	next    []Delivery
	random  *rand.Rand
	rate    float64
	among   []Delivery
}

type message struct {
	event, url string
	due        time.Time
	attempt    int
	build      func() (http.Header, []byte)
}

const (
	sendersAtOnce = 8
	lastAttempt   = 16
	longestWait   = 5 * time.Second // real providers wait for hours; tests don't
)

// newSender returns a sender that works until it is closed.
func newSender(clock *Clock) *Sender {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Sender{clock: clock, cancel: cancel, ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	s.client = http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	s.idle = sync.NewCond(&s.mu)
	clock.onMove(s.awake)
	go s.run(ctx)
	return s
}

// Close ends all deliveries.
func (s *Sender) Close() {
	s.cancel()
	<-s.ended
	s.client.CloseIdleConnections()
}

// Next sets the deliveries of the next events, one each.
func (s *Sender) Next(deliveries ...Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = append(s.next, deliveries...)
}

// Random has a share of the events delivered in other ways, the same ones for the same seed. A rate of 0 ends it.
func (s *Sender) Random(seed uint64, rate float64, among ...Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.random, s.rate, s.among = rand.New(rand.NewPCG(seed, seed)), rate, among
}

// Sent returns all attempts so far.
func (s *Sender) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// Wait returns when no event is due or on its way: those of later wait for the clock.
func (s *Sender) Wait(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.idle.Broadcast()
	})
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for ctx.Err() == nil && (s.flying > 0 || len(s.waiting) > 0 && !s.waiting[0].due.After(s.clock.Now())) {
		s.idle.Wait()
	}
	return ctx.Err()
}

// send delivers an event. What build returns is signed anew for each attempt, as providers do.
func (s *Sender) send(event, url string, build func() (http.Header, []byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delivery, due, times := s.delivery(), s.clock.Now(), 1
	switch delivery {
	case Never:
		return
	case Twice:
		times = 2
	case Behind:
		due = due.Add(10 * time.Second)
	case AnHour:
		due = due.Add(time.Hour)
	}
	for range times {
		s.push(&message{event: event, url: url, due: due, build: build})
	}
	s.awake()
}

func (s *Sender) delivery() Delivery {
	if len(s.next) > 0 {
		first := s.next[0]
		s.next = s.next[1:]
		return first
	}
	if s.random != nil && len(s.among) > 0 && s.random.Float64() < s.rate {
		return s.among[s.random.IntN(len(s.among))]
	}
	return OnTime
}

// push adds a message behind those that are due before it.
func (s *Sender) push(m *message) {
	at, _ := slices.BinarySearchFunc(s.waiting, m, func(a, b *message) int {
		if a.due.After(b.due) {
			return 1
		}
		return -1
	})
	s.waiting = slices.Insert(s.waiting, at, m)
}

func (s *Sender) awake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run starts what is due, until the context ends.
func (s *Sender) run(ctx context.Context) {
	defer close(s.ended)
	var flying sync.WaitGroup
	defer flying.Wait()
	for {
		wait := time.Hour
		s.mu.Lock()
		for len(s.waiting) > 0 && s.flying < sendersAtOnce {
			m := s.waiting[0]
			if wait = m.due.Sub(s.clock.Now()); wait > 0 {
				break
			}
			wait = time.Hour
			s.waiting = s.waiting[1:]
			s.flying++
			flying.Go(func() { s.deliver(ctx, m) })
		}
		s.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-s.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// deliver makes one attempt, and sets the time of the next where it isn't answered 2xx.
func (s *Sender) deliver(ctx context.Context, m *message) {
	start := time.Now()
	status := s.post(ctx, m)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flying--
	s.sent = append(s.sent, Sent{m.event, m.url, status, time.Since(start)})
	if m.attempt++; (status < 200 || status > 299) && m.attempt < lastAttempt {
		m.due = s.clock.Now().Add(min(100*time.Millisecond<<m.attempt, longestWait))
		s.push(m)
	}
	s.idle.Broadcast()
	s.awake()
}

func (s *Sender) post(ctx context.Context, m *message) (status int) {
	header, body := m.build()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, m.url, bytes.NewReader(body))
	if err != nil {
		return 0
	}
	request.Header = header
	response, err := s.client.Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)) // the connection can be used again
	return response.StatusCode
}
