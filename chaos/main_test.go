package chaos

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"orbit360.app/programtest"
)

var seedFlag = flag.Uint64("seed", 0, "what all that is random comes from; 0 takes one from the clock")

// long reports whether the faults are as large as the promises.
var long = os.Getenv("CHAOS") == "long"

// either gives the size of something in the short and in the long form.
func either(short, long_ int) int {
	if long {
		return long_
	}
	return short
}

func TestMain(m *testing.M) {
	flag.Parse()
	if *seedFlag == 0 {
		*seedFlag = uint64(time.Now().UnixNano() % 1_000_000)
	}
	if !long {
		// Most of a test's time is waiting: for a lease, a mail server, a restart.
		if err := flag.Set("test.parallel", strconv.Itoa(max(4, runtime.GOMAXPROCS(0)))); err != nil {
			panic(err) // the flag has another name now
		}
	}
	code := m.Run()
	if err := programtest.Clean(); err != nil {
		fmt.Fprintln(os.Stderr, err) // a leftover in the temporary folder is no failure
	}
	os.Exit(code)
}

// dice returns a test's own random numbers: the same seed gives the same ones, whatever runs beside it.
func dice(t *testing.T) *rand.Rand {
	t.Helper()
	t.Logf("replay with: go test ./chaos -run '^%s$' -seed %d", t.Name(), *seedFlag)
	h := fnv.New64a()
	h.Write([]byte(t.Name()))
	return rand.New(rand.NewPCG(*seedFlag, h.Sum64()))
}

// times holds measured durations.
type times []time.Duration

func (d times) at(percent int) time.Duration {
	if len(d) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(d))
	return s[min(len(s)-1, len(s)*percent/100)].Round(time.Millisecond)
}

func (d times) String() string {
	return fmt.Sprintf("p50 %v, p95 %v, worst %v (of %d)", d.at(50), d.at(95), d.at(100), len(d))
}
