package chaos

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orbit360.app/orbit"
)

// metric reads one number of a node's metrics.
func (n *node) metric(address, name string) float64 {
	n.w.t.Helper()
	_, body, err := read(http.Get("http://" + address + "/metrics"))
	if err != nil {
		n.w.t.Fatal(err)
	}
	for line := range strings.Lines(body) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			if err != nil {
				n.w.t.Fatal(err)
			}
			return v
		}
	}
	return 0
}

// memory is how much of the machine's memory the process holds, in MiB.
func (n *node) memory() int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.PID()))
	if err != nil {
		return 0 // no Linux
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kib, _ := strconv.Atoi(strings.Fields(rest)[0])
	return kib / 1024
}

// TestSlowReader opens streams and reads nothing of them while their panels change again and again. A stream that isn't
// read is dropped; those read beside it see every run to its end, as soon as without them.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	metrics := "127.0.0.1:" + freePort(w)
	n := w.node("METRICS_ADDR=" + metrics)
	n.start()
	ids := w.applicants(6)
	slow := either(20, 200)
	cookies := w.sessions(slow)
	var lazy []net.Conn
	for i := range slow {
		c, err := n.Dial(t.Context(), "tcp", "")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close() //nolint:errcheck // it has been dropped
		if err := c.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: admin.%s:3000\r\nCookie: %s\r\n\r\n", streamOf(ids[0]), base,
			cookies[i]); err != nil {
			t.Fatal(err)
		}
		lazy = append(lazy, c)
	}
	w.eventually("the streams are open", func() bool {
		return n.metric(metrics,
			"orbit360_streams_open") == float64(slow)
	})
	w.watch(ids...)
	began := time.Now()
	w.eventually("those who don't read are dropped", func() bool {
		for range 20 {
			w.exec(`SELECT pg_notify('orbit_run', gen_random_uuid() || ' ' || $1::text)`, ids[0].String())
		}
		return n.metric(metrics, "orbit360_streams_open") <= float64(len(ids))
	})
	t.Logf("%d streams that read nothing were dropped %v after the first change", len(lazy),
		time.Since(began).Round(time.Millisecond))
	ordered := time.Now()
	<-w.order(ids, 0)
	w.check(len(ids))
	t.Logf("those who read had seen the end %v after the order", time.Since(ordered).Round(time.Millisecond))
}

// TestManyStreams has very many pages watch a few runs, over a kill of the program. Each comes back by itself, and the
// last panel of each is its run's row.
func TestManyStreams(t *testing.T) {
	t.Parallel()
	pages, runs := either(400, 5000), either(8, 20)
	w := newWorld(t, nil)
	metrics := "127.0.0.1:" + freePort(w)
	n := w.node("METRICS_ADDR=" + metrics)
	n.start()
	idle := n.memory()
	ids := w.applicants(runs)
	watched := make([]orbit.MerchantID, pages)
	for i := range watched {
		watched[i] = ids[i%runs]
	}
	// The test reads the frames itself, without net/http: five thousand of its clients would take the machine.
	var seen sync.Map
	var over, frames atomic.Int64
	for i, cookie := range w.sessions(pages) {
		go func() {
			for t.Context().Err() == nil {
				last, count, closed := n.readStream(streamOf(watched[i]), cookie)
				frames.Add(int64(count))
				if last != "" {
					seen.Store(i, last)
				}
				if closed {
					over.Add(1)
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
		}()
	}
	opened := time.Now()
	all := func() bool { return n.metric(metrics, "orbit360_streams_open") == float64(pages) }
	w.eventually("all pages watch", all)
	t.Logf("%d pages watch after %v; the program holds %d MiB, %d MiB before", pages,
		time.Since(opened).Round(time.Millisecond), n.memory(), idle)
	n.Kill()
	back := time.Now()
	n.start()
	w.eventually("all pages watch again", all)
	t.Logf("after a kill they are all back within %v", time.Since(back).Round(time.Millisecond))
	ordered := time.Now()
	<-w.order(ids, 0)
	w.settleAll(runs)
	completed := time.Now()
	w.eventually("all pages show the end", func() bool { return over.Load() == int64(pages) })
	t.Logf("%d runs completed %v after the activation, with %d pages open; the last page showed it %v later; "+
		"%d panels in all; the program holds %d MiB",
		runs, completed.Sub(ordered).Round(time.Millisecond), pages, time.Since(completed).Round(time.Millisecond),
		frames.Load(), n.memory())
	w.check(runs)
	cookie := w.sessions(1)[0]
	fresh := map[orbit.MerchantID]string{}
	for _, id := range ids {
		fresh[id], _, _ = n.readStream(streamOf(id), cookie)
	}
	wrong := 0
	for i, id := range watched {
		if last, _ := seen.Load(i); last != fresh[id] {
			wrong++
		}
	}
	if wrong > 0 {
		t.Errorf("the last panel of %d pages isn't their row's", wrong)
	}
}

// readStream reads one stream to its end: the last panel, how many there were, and whether the server closed it.
func (n *node) readStream(path, cookie string) (last string, count int, closed bool) {
	c, err := n.Dial(n.w.t.Context(), "tcp", "")
	if err != nil {
		return "", 0, false
	}
	defer c.Close() //nolint:errcheck // it was only read
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: admin.%s:3000\r\nCookie: %s\r\n\r\n", path, base,
		cookie); err != nil {
		return "", 0, false
	}
	r := bufio.NewReaderSize(c, 4<<10)
	res, err := http.ReadResponse(r, nil)
	if err != nil || res.StatusCode != 200 {
		return "", 0, false
	}
	closed = eachFrame(bufio.NewReaderSize(res.Body, 4<<10), func(frame string) {
		last = frame
		count++
	})
	return relative.ReplaceAllString(last, "data-relative><"), count, closed
}
