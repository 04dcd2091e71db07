// Command storefront measures how fast shops' pages are answered, beside nginx sending the same bytes as a static
// file, in one run on one machine. It builds and starts the real program on a database of its own, fills that with
// shops, and prints tables:
//
//	go run ./bench/storefront
//
// It needs nginx, wrk and Linux (/proc, taskset).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	var o options
	flag.DurationVar(&o.each, "each", 6*time.Second, "how long one measurement takes")
	flag.IntVar(&o.rounds, "rounds", 3, "how often each is taken; the table shows the median")
	scales := flag.String("shops", "10,1000,10000,100000", "how many shops there are in the database, ascending")
	flag.StringVar(&o.binary, "binary", "", "a program that is built already, instead of building this one")
	flag.BoolVar(&o.keep, "keep", false, "wait at the end, with everything running, until Enter")
	flag.Parse()
	for field := range strings.SplitSeq(*scales, ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 || (len(o.scales) > 0 && n <= o.scales[len(o.scales)-1]) {
			fmt.Fprintln(os.Stderr, "-shops takes ascending numbers such as 10,1000")
			os.Exit(2)
		}
		o.scales = append(o.scales, n)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	if err := measure(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench/storefront:", err)
		os.Exit(1)
	}
}

type options struct {
	each   time.Duration
	rounds int
	scales []int
	binary string
	keep   bool
}

// connections is how many wrk holds open.
const connections = 32

// hosts is how many shops are asked for in turn.
const hosts = 50

func needs() error {
	var errs []error
	for tool, how := range map[string]string{"nginx": "apt-get install nginx-light", "wrk": "apt-get install wrk",
		"taskset": "apt-get install util-linux"} {
		if _, err := exec.LookPath(tool); err != nil {
			errs = append(errs, fmt.Errorf("%s isn't installed: %s", tool, how))
		}
	}
	if runtime.GOOS != "linux" {
		errs = append(errs, errors.New("this reads /proc: it needs Linux"))
	}
	return errors.Join(errs...)
}

func measure(ctx context.Context, o options) (err error) {
	if err := needs(); err != nil {
		return err
	}
	b, err := prepare(ctx, o)
	if err != nil {
		return errors.Join(err, b.stop())
	}
	defer func() { err = errors.Join(err, b.stop()) }()
	fmt.Printf("%d cores, %s; load average before: %s\n", runtime.NumCPU(), runtime.Version(), load())

	if err := b.fill(ctx, max(o.scales[0], hosts)); err != nil {
		return err
	}
	if err := b.startProgram(ctx, 0); err != nil {
		return err
	}
	if err := b.static(ctx); err != nil {
		return err
	}
	if err := b.compare(ctx); err != nil {
		return err
	}
	if err := b.scale(ctx); err != nil {
		return err
	}
	fmt.Printf("\nload average after: %s\n", load())
	if o.keep {
		fmt.Printf("program on %s, nginx on %s, until Enter\n", b.program.address, b.nginx.address)
		_, _ = fmt.Scanln() // any line ends it
	}
	return nil
}

// compare puts nginx and the program side by side, turn by turn, so that what else the machine does hits both alike.
func (b *bench) compare(ctx context.Context) error {
	type line struct {
		name   string
		server **process
		load   wrk
		got    []result
		base   int // the line it is compared with
	}
	rotated := wrk{targets: b.homes(hosts), threads: 2}
	zipped := wrk{targets: rotated.targets, threads: 2, gzip: true}
	lines := []*line{
		{name: "nginx, static file", server: &b.nginx, load: rotated, base: 0},
		{name: "ORBIT360, kept home page", server: &b.program, load: rotated, base: 0},
		{name: "nginx, gzip_static", server: &b.nginx, load: zipped, base: 2},
		{name: "ORBIT360, kept home page, gzip", server: &b.program, load: zipped, base: 2},
		{name: "ORBIT360, 24 products drawn each time", server: &b.program, load: wrk{targets: b.uncached(hosts), threads: 2},
			base: 0},
	}
	round := func(lines []*line) error {
		for range b.rounds {
			for _, l := range lines {
				r, err := b.run(ctx, *l.server, l.load)
				if err != nil {
					return fmt.Errorf("%s: %w", l.name, err)
				}
				l.got = append(l.got, r)
			}
		}
		return nil
	}
	show := func(title string, lines []*line) {
		fmt.Printf("\n%s\n%-40s %10s %7s %10s %10s %13s %8s  %s\n", title, "", "requests/s", "ratio", "p50", "p99",
			"CPU/request", "ratio", "all rounds")
		for _, l := range lines {
			m, base := median(l.got), median(lines[l.base].got)
			fmt.Printf("%-40s %10.0f %6.2fx %10s %10s %11.1fµs %7.2fx  %s\n", l.name, m.rate, m.rate/base.rate, short(m.p50),
				short(m.p99),
				micro(m.cpu), float64(m.cpu)/float64(base.cpu), all(l.got))
		}
	}
	if err := round(lines); err != nil {
		return err
	}
	show(fmt.Sprintf("%d connections, %d shops in turn, all cores shared with the load generator", connections, hosts),
		lines)

	// One core for the server, another for the load generator: here latency is the server's own.
	if runtime.NumCPU() < 2 {
		return nil
	}
	if err := b.restart(ctx, 1); err != nil {
		return err
	}
	var alone []*line
	for _, l := range lines[:4] {
		l.load.threads, l.load.alone = 1, true
		alone = append(alone, &line{name: l.name, server: l.server, load: l.load, base: l.base})
	}
	if err := round(alone); err != nil {
		return err
	}
	show("the same with one core for the server and another left to the load generator", alone)
	for i := 1; i < 4; i += 2 {
		ours, theirs := median(alone[i].got), median(alone[i-1].got)
		fmt.Printf("p99 of %s: %.2f times nginx's\n", alone[i].name, float64(ours.p99)/float64(theirs.p99))
	}
	return b.restart(ctx, 0)
}

// scale asks the same of ever more shops.
func (b *bench) scale(ctx context.Context) error {
	fmt.Printf("\n%9s %12s %10s %7s %12s %12s %9s %14s %12s %s\n", "shops", "first answer", "req/s", "ratio", "after 50",
		"all, Zipf", "kept", "memory, peak", "drawn/s", "(Zipf: shops asked for by popularity, s = 1)")
	var first float64
	for _, n := range b.scales {
		if err := b.fill(ctx, n); err != nil {
			return err
		}
		if err := b.restart(ctx, 0); err != nil {
			return err
		}
		started := b.firstAnswer
		var turns []result
		for range b.rounds {
			r, err := b.run(ctx, b.program, wrk{targets: b.spread(n, min(n, hosts)), threads: 2})
			if err != nil {
				return err
			}
			turns = append(turns, r)
		}
		m := median(turns)
		if first == 0 {
			first = m.rate
		}
		after := b.program.memory("VmRSS")
		var popular []result
		for range b.rounds {
			r, err := b.run(ctx, b.program, wrk{targets: b.spread(n, n), threads: 2, gzip: true, zipf: true})
			if err != nil {
				return err
			}
			popular = append(popular, r)
		}
		z := median(popular)
		fmt.Printf("%9d %12s %10.0f %6.2fx %8d MiB %12.0f %9s %5d, %d MiB\n", n, short(started), m.rate, m.rate/first,
			after>>20, z.rate, "", b.program.memory("VmRSS")>>20, b.program.memory("VmHWM")>>20)
	}
	return nil
}

func median(rs []result) result {
	sorted := slices.SortedFunc(slices.Values(rs), func(a, b result) int { return int(a.rate - b.rate) })
	m := sorted[len(sorted)/2]
	by := func(of func(result) time.Duration) time.Duration {
		var ds []time.Duration
		for _, r := range rs {
			ds = append(ds, of(r))
		}
		slices.Sort(ds)
		return ds[len(ds)/2]
	}
	m.p50, m.p99, m.cpu = by(func(r result) time.Duration { return r.p50 }),
		by(func(r result) time.Duration { return r.p99 }), by(func(r result) time.Duration { return r.cpu })
	return m
}

func all(rs []result) string {
	var s []string
	for _, r := range rs {
		t := fmt.Sprintf("%.0f", r.rate)
		if r.noisy {
			t += "*"
		}
		s = append(s, t)
	}
	return strings.Join(s, " ")
}

func short(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 2, 64) + "ms"
}

func micro(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func load() string {
	content, _ := os.ReadFile("/proc/loadavg") // an empty line says as much
	return strings.TrimSpace(string(content))
}
