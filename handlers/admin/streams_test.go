package admin_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/orbit"
)

// events opens a stream and gives its messages.
func (p *panel) events(at string) (<-chan event, func()) {
	p.t.Helper()
	ctx, cancel := context.WithCancel(p.t.Context())
	r := p.request("GET", at, nil, func(r *http.Request) { r.Header.Set("Accept", "text/event-stream") }).WithContext(ctx)
	res, err := client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		p.t.Fatalf("%s answered %d, %s", at, res.StatusCode, res.Header.Get("Content-Type"))
	}
	messages := make(chan event, 100)
	go func() {
		defer close(messages)
		defer res.Body.Close()
		var e event
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "event":
				e.name = value
			case "data":
				e.data += value + "\n"
			case "":
				if e.data != "" || e.name != "" {
					messages <- e
				}
				e = event{}
			}
		}
	}()
	return messages, cancel
}

type event struct{ name, data string }

// html is a message as the browser reads it: a table's row only is one within a table.
func (e event) html(t *testing.T) *goquery.Document {
	t.Helper()
	inner := strings.NewReplacer("<hx-partial", "<table><tbody", "</hx-partial>", "</tbody></table>").Replace(e.data)
	if !strings.Contains(e.data, "<tr") {
		inner = e.data
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(inner))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func next(t *testing.T, messages <-chan event) event {
	t.Helper()
	select {
	case e, ok := <-messages:
		if !ok {
			t.Fatal("the stream ended")
		}
		return e
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
	}
	return event{}
}

func TestRunStream(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id, other := p.apply("Moss & Fern"), p.apply("Rival")
	p.activate(id, "moss")
	messages, leave := p.events(path(id, "/provisioning/stream"))
	defer leave()
	first := next(t, messages).html(t)
	panel := first.Find("#run-" + id.String())
	if bar := panel.Find("[role=progressbar]"); panel.AttrOr("data-status", "") != "PENDING" ||
		bar.AttrOr("aria-valuenow", "") != "0" || panel.Find(".step").Length() != len(orbit.StepDefinitions()) {
		t.Errorf("first: %s", panel.Text())
	}

	p.work(false)
	p.activate(other, "rival") // says nothing here
	var last event
	percent := "0"
	for e := range messages {
		if e.name == "close" {
			break
		}
		if strings.Contains(e.data, other.String()) {
			t.Error("another merchant's panel came")
		}
		last = e
		percent = e.html(t).Find("[role=progressbar]").AttrOr("aria-valuenow", "")
	}
	words := strings.Join(strings.Fields(last.html(t).Text()), " ")
	if percent != "100" || !strings.Contains(words, "COMPLETED") || !strings.Contains(words, "ORB-") {
		t.Errorf("last, at %s %%: %s", percent, words)
	}

	// A stream that opens after the end sends the whole panel, and says that it has ended.
	messages, leave = p.events(path(id, "/provisioning/stream"))
	defer leave()
	if e := next(t, messages); !strings.Contains(e.data, "COMPLETED") {
		t.Errorf("afterwards: %s", e.data)
	}
	if e := next(t, messages); e.name != "close" {
		t.Errorf("afterwards: %+v", e)
	}
	a := p.get(path(id, "/provisioning")).want(t, 200)
	if a.Find("noscript, [data-stream]").Length() != 0 {
		t.Error("a run that is over still refreshes")
	}
	for label, host := range map[string]string{"Website": "http://moss.localhost:",
		"Dashboard": "http://dashboard.localhost:"} {
		link := a.Find(".run-actions a").FilterFunction(func(_ int,
			s *goquery.Selection) bool {
			return s.Find("span").First().Text() == label
		})
		if !strings.HasPrefix(link.AttrOr("href", ""), host) {
			t.Errorf("%s leads to %q", label, link.AttrOr("href", ""))
		}
	}
}

// TestStreamsEndWithTheRight: after a sign-out, or without the right, a stream shows nothing of what happens next.
func TestStreamsEndWithTheRight(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*panel){
		"signed out": func(p *panel) { p.post("/sign-out", nil).want(t, 303) },
		"disabled": func(p *panel) {
			if _, err := p.db.Pool().Exec(t.Context(), `UPDATE users SET disabled_at = now() WHERE email = $1`,
				adminEmail); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPanel(t)
			id := p.apply("Moss & Fern")
			p.activate(id, "moss")
			var streams []<-chan event
			for _, at := range []string{path(id, "/provisioning/stream"), "/merchants/stream?status=all&ids=" + id.String()} {
				messages, leave := p.events(at)
				defer leave()
				for e := next(t, messages); !strings.Contains(e.data, "hx-partial"); e = next(t, messages) {
				}
				streams = append(streams, messages)
			}
			time.Sleep(100 * time.Millisecond) // the list's counts come behind its rows
			for _, messages := range streams {
				for len(messages) > 0 {
					<-messages
				}
			}
			lose(p)
			p.work(false)
			for _, messages := range streams {
				for ended := false; !ended; {
					select {
					case e, ok := <-messages:
						if ended = !ok; ok {
							t.Errorf("there came %q %q", e.name, e.data)
							ended = true
						}
					case <-time.After(10 * time.Second):
						t.Error("the stream goes on")
						ended = true
					}
				}
			}
		})
	}
}

// TestStreamsEndWithoutAChange: they end by themselves, long before the heartbeat, when nothing happens that would
// have them drawn again.
func TestStreamsEndWithoutAChange(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*panel){
		"signed out":            func(p *panel) { p.post("/sign-out", nil).want(t, 303) },
		"signed out everywhere": func(p *panel) { p.post("/account/sign-out", nil).want(t, 303) },
		"not used for a week": func(p *panel) {
			if _, err := p.db.Pool().Exec(t.Context(),
				`UPDATE sessions SET seen_at = now() - interval '7 days 1 minute'`); err != nil {
				t.Fatal(err)
			}
		},
		"a month old": func(p *panel) {
			if _, err := p.db.Pool().Exec(t.Context(),
				`UPDATE sessions SET created_at = now() - interval '30 days 1 minute'`); err != nil {
				t.Fatal(err)
			}
		},
		"another password": func(p *panel) {
			if _, err := p.db.Pool().Exec(t.Context(), `UPDATE users SET password_changed_at = now() WHERE email = $1`,
				adminEmail); err != nil {
				t.Fatal(err)
			}
		},
		"no longer an admin": func(p *panel) {
			if _, err := p.db.Pool().Exec(t.Context(), `UPDATE users SET role = 'merchant' WHERE email = $1`,
				adminEmail); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPanel(t)
			id := p.apply("Moss & Fern")
			p.activate(id, "moss")
			messages, leave := p.events(path(id, "/provisioning/stream"))
			defer leave()
			next(t, messages)
			lose(p)
			select {
			case e, ok := <-messages:
				if ok {
					t.Errorf("there came %q %q", e.name, e.data)
				}
			case <-time.After(9 * time.Second): // five, and a busy machine; the heartbeat comes after fifteen
				t.Error("the stream goes on")
			}
		})
	}
}

func TestListStream(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id, other, third := p.apply("Moss & Fern"), p.apply("Rival"), p.apply("Third")
	messages, leave := p.events("/merchants/stream?status=all&ids=" + id.String() + "," + other.String())
	defer leave()
	if first := next(t, messages).html(t); first.Find("tr#merchant-"+id.String()).Length() != 1 ||
		first.Find("tr#merchant-"+other.String()).Length() != 1 || first.Find("td").Length() != 14 {
		h, _ := first.Html()
		t.Errorf("first: %s", h)
	}
	p.work(false)
	p.activate(third, "third")
	p.activate(id, "moss")
	counts := ""
	for {
		e := next(t, messages)
		if doc := e.html(t); doc.Find("#count-pending").Length() == 1 {
			counts = doc.Find("#count-pending").Text() + " " + doc.Find("#count-active").Text() + " " +
				doc.Find("#count-all").Text() + " " + doc.Find("#count-waiting").Text()
			continue
		}
		if strings.Contains(e.data, other.String()) || strings.Contains(e.data, third.String()) {
			t.Error("a row came that didn't change, or that isn't on the page")
		}
		if e.html(t).Find(".badge").Text() != "" && strings.Contains(e.data, "Active") &&
			!strings.Contains(e.data, "progressbar") {
			break
		}
	}
	for counts != "1 2 3 1" {
		if doc := next(t, messages).html(t); doc.Find("#count-pending").Length() == 1 {
			counts = doc.Find("#count-pending").Text() + " " + doc.Find("#count-active").Text() + " " +
				doc.Find("#count-all").Text() + " " + doc.Find("#count-waiting").Text()
		}
	}
	for ids, status := range map[string]int{"": 404, "x": 404, orbit.NewID[orbit.Merchant]().String(): 404,
		id.String() + "," + orbit.NewID[orbit.Merchant]().String(): 404,
		strings.Repeat(id.String()+",", 40) + id.String():          422} {
		p.get("/merchants/stream?ids="+ids).want(t, status)
	}
}

func TestTooManyStreams(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id := p.apply("Moss & Fern")
	p.activate(id, "moss")
	var leaves []func()
	for range 24 {
		messages, leave := p.events(path(id, "/provisioning/stream"))
		defer leave()
		leaves = append(leaves, leave)
		next(t, messages)
	}
	if a := p.get(path(id, "/provisioning/stream")).want(t, 429); a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	// Pages that were left make room long before anything is written to them again.
	leaves[0]()
	for deadline := time.Now().Add(10 * time.Second); p.kit.Streams() == 24; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a page that was left still counts")
		}
	}
	messages, leave := p.events(path(id, "/provisioning/stream"))
	defer leave()
	next(t, messages)
}
