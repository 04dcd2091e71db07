package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/programtest"
)

// tab is an open list of a shop's orders.
type tab struct {
	*programtest.Socket
	of *seller

	mu     sync.Mutex
	frames []frame
}

// frame is a list that came, and the newest order on it and the oldest.
type frame struct {
	at             time.Time
	newest, oldest int
}

// look opens the lists at the second and the third program.
func (b *bench) look(ctx context.Context) error {
	for range b.options.tabs {
		cookie, err := b.signIn(ctx)
		if err != nil {
			return err
		}
		for i, s := range b.sellers {
			if i > 0 && i%5 == 0 { // a session may have five at each process
				if cookie, err = b.signIn(ctx); err != nil {
					return err
				}
			}
			for _, p := range b.programs[1:] {
				socket, err := p.Socket(ctx, dashboard, "/"+s.subdomain+"/live?page=/orders", cookie)
				if err != nil {
					return err
				}
				t := &tab{Socket: socket, of: s}
				b.screens = append(b.screens, t)
				go t.read()
			}
		}
	}
	return nil
}

var number = regexp.MustCompile(`#(\d+)`)

func (t *tab) read() {
	for {
		text, err := t.Next()
		if err != nil {
			return
		}
		f := frame{at: time.Now()}
		if strings.HasPrefix(string(text), "{") {
			continue
		}
		for _, m := range number.FindAllSubmatch(text, -1) {
			n, _ := strconv.Atoi(string(m[1])) // it is digits
			if f.newest = max(f.newest, n); f.oldest == 0 || n < f.oldest {
				f.oldest = n
			}
		}
		t.mu.Lock()
		t.frames = append(t.frames, f)
		t.mu.Unlock()
	}
}

// order is one that was placed: when the request was sent, and when it was answered.
type order struct {
	of             *seller
	token          string
	sent, answered time.Time
}

// sell places orders at the first program, each at its time, whatever becomes of those before.
func (b *bench) sell(ctx context.Context) ([]order, error) {
	all := int(b.lasts.Seconds() * float64(b.rate))
	placed, errs := make([]order, all), make([]error, all)
	shopper := client(b.programs[0])
	began := time.Now()
	var group sync.WaitGroup
	for i := range all {
		time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(b.rate))))
		group.Go(func() { placed[i], errs[i] = b.buy(ctx, shopper, i) })
	}
	group.Wait()
	var good []order
	var failed error
	for i, err := range errs {
		if err == nil {
			good = append(good, placed[i])
		} else {
			failed = err
		}
	}
	if failed != nil {
		fmt.Printf("%d orders failed, for example: %v\n", all-len(good), failed)
	}
	return good, nil
}

func (b *bench) buy(ctx context.Context, shopper *http.Client, i int) (o order, err error) {
	s := b.sellers[i%len(b.sellers)]
	req, err := request(ctx, s.subdomain+".localhost:3000", "/checkout", "cart="+s.carts[i/len(b.sellers)], url.Values{
		"action": {"order"}, "key": {orbit.NewID[orbit.Order]().String()}, "email": {fmt.Sprintf("buyer%d@example.com", i)},
		"name": {"Ada"}, "line1": {"12 Quay Street"}, "city": {"Bristol"}, "postcode": {"BS1 4QA"}, "country": {"GB"},
		"shipping": {s.rate}, "payment": {"manual"}, "seen": {strconv.FormatInt(s.total, 10)}})
	if err != nil {
		return o, err
	}
	req.Header.Set("X-Forwarded-For", fmt.Sprintf("198.%d.%d.%d", i>>16&255, i>>8&255, i&255))
	o = order{of: s, sent: time.Now()}
	res, err := shopper.Do(req)
	if err != nil {
		return o, err
	}
	o.answered = time.Now()
	defer res.Body.Close() //nolint:errcheck // read to its end
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusSeeOther {
		return o, fmt.Errorf("%s %.2000s %w", res.Status, text, err)
	}
	o.token = strings.TrimPrefix(res.Header.Get("Location"), "/orders/")
	return o, nil
}

// place is where an order is in its shop's list, and since when.
type place struct {
	number    int
	committed time.Time
}

// places reads those of all orders, by their tokens.
func (b *bench) places(ctx context.Context) (map[string]place, error) {
	rows, err := b.super.Query(ctx, `SELECT o.token, o.number, pg_xact_commit_timestamp(l.xmin) FROM orders o
		JOIN order_lines l ON l.merchant_id = o.merchant_id AND l.order_id = o.id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]place{}
	for rows.Next() {
		var token string
		var p place
		if err := rows.Scan(&token, &p.number, &p.committed); err != nil {
			return nil, err
		}
		all[token] = p
	}
	return all, rows.Err()
}

// report prints how long orders took until they were on each of their shop's screens.
func (b *bench) report(ctx context.Context, orders []order) error {
	places, err := b.places(ctx)
	if err != nil {
		return err
	}
	var taking, fromSent, fromCommit []time.Duration
	var frames, never, passed int
	for _, o := range orders {
		taking = append(taking, o.answered.Sub(o.sent))
	}
	for _, t := range b.screens {
		t.mu.Lock()
		frames += len(t.frames)
		for _, o := range orders {
			if o.of != t.of {
				continue
			}
			at := places[o.token]
			f, ok := t.first(at.number)
			if !ok {
				never++
				continue
			}
			if f.oldest > at.number { // more came between two lists than a list holds
				passed++
			}
			fromSent, fromCommit = append(fromSent, f.at.Sub(o.sent)), append(fromCommit, f.at.Sub(at.committed))
		}
		t.mu.Unlock()
	}
	fmt.Printf("%-52s %9s %9s %9s %9s\n", "", "p50", "p95", "p99", "worst")
	for _, line := range []struct {
		what string
		took []time.Duration
	}{{"the checkout", taking}, {"from its commit to the other processes' screens", fromCommit},
		{"from its request to the screens", fromSent}} {
		fmt.Printf("%-52s %7.0fms %7.0fms %7.0fms %7.0fms\n", line.what, at(line.took, 50), at(line.took, 95),
			at(line.took, 99), at(line.took, 100))
	}
	fmt.Printf("\n%d sightings on %d screens, in %d lists; %d never came, %d were on the next page already\n",
		len(fromSent), len(b.screens), frames, never, passed)
	return nil
}

// first returns the first list with an order, or later ones.
func (t *tab) first(n int) (frame, bool) {
	for _, f := range t.frames {
		if f.newest >= n {
			return f, true
		}
	}
	return frame{}, false
}
