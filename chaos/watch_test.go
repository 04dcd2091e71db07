package chaos

import (
	"bufio"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"orbit360.app/orbit"
)

// watcher is a page that watches one run: it comes back whenever it is cut off, as browsers do, and is over when the
// server says so.
type watcher struct {
	merchant orbit.MerchantID
	over     chan struct{}

	mu   sync.Mutex
	last string // the last whole panel it was shown
}

func streamOf(id orbit.MerchantID) string {
	return "/merchants/" + id.String() + "/provisioning/stream"
}

// watch follows merchants' runs, each with a session of its own, at the nodes in turn.
func (w *world) watch(ids ...orbit.MerchantID) {
	w.t.Helper()
	for i, cookie := range w.sessions(len(ids)) {
		x := &watcher{merchant: ids[i], over: make(chan struct{})}
		w.watchers = append(w.watchers, x)
		go func() {
			defer close(x.over)
			for turn := i; w.t.Context().Err() == nil; turn++ {
				if x.follow(w.nodes[turn%len(w.nodes)], cookie) {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
		}()
	}
}

// follow reads one stream; it reports whether the server has said that no more will come.
func (x *watcher) follow(n *node, cookie string) (over bool) {
	req, err := http.NewRequestWithContext(n.w.t.Context(), http.MethodGet,
		"http://admin."+base+":3000"+streamOf(x.merchant), nil)
	if err != nil {
		return false
	}
	req.Header.Set("Cookie", cookie)
	client := http.Client{Transport: n.http.Transport} // without the time limit
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close() //nolint:errcheck // reading it ended
	if res.StatusCode != 200 {
		return false
	}
	return eachFrame(bufio.NewReader(res.Body), func(frame string) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.last = relative.ReplaceAllString(frame, "data-relative><")
	})
}

// relative is what a panel says of now ("5 s ago"), not of its row.
var relative = regexp.MustCompile("data-relative>[^<]*<")

// eachFrame reads events (WHATWG HTML, section 9.2) and gives each whole one that is no close.
func eachFrame(r *bufio.Reader, got func(string)) (closed bool) {
	var event string
	var data []string
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return false
		}
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "event: "):
			event = line[len("event: "):]
		case strings.HasPrefix(line, "data: "):
			data = append(data, line[len("data: "):])
		case line == "" && event == "close":
			return true
		case line == "":
			if len(data) > 0 {
				got(strings.Join(data, "\n"))
			}
			event, data = "", nil
		}
	}
}

// checkWatchers holds the last panel of every watcher against one that is drawn from the row now.
func (w *world) checkWatchers() {
	w.t.Helper()
	if len(w.watchers) == 0 {
		return
	}
	fresh := map[orbit.MerchantID]string{}
	cookie := w.sessions(1)[0]
	for _, x := range w.watchers {
		select {
		case <-x.over:
		case <-time.After(30 * time.Second):
			w.t.Errorf("a page that watches %s wasn't told the end", x.merchant)
			continue
		}
		if fresh[x.merchant] == "" {
			y := &watcher{merchant: x.merchant}
			if !y.follow(w.alive(), cookie) {
				w.t.Errorf("the stream of %s, which has ended, doesn't end", x.merchant)
			}
			fresh[x.merchant] = y.last
		}
		if x.last == "" || x.last != fresh[x.merchant] {
			a, b := differing(x.last, fresh[x.merchant])
			w.t.Errorf("the last panel of a page that watched %s isn't its row's:\n%s\ninstead of\n%s", x.merchant, a, b)
		}
	}
}

// alive is a node that runs.
func (w *world) alive() *node {
	w.t.Helper()
	for _, n := range w.nodes {
		if n.PID() != 0 {
			return n
		}
	}
	w.t.Fatal("no node runs")
	return nil
}

// differing returns two texts from a little before where they begin to differ.
func differing(a, b string) (string, string) {
	from := 0
	for from < min(len(a), len(b)) && a[from] == b[from] {
		from++
	}
	from = max(0, from-60)
	return a[from:min(len(a), from+300)], b[from:min(len(b), from+300)]
}
