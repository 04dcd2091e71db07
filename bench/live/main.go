// Command live measures how soon an order that one process takes is on the screens that two others serve. It starts
// PostgreSQL and three processes of the real program, and buys over HTTP; the carts have been filled before:
//
//	go run ./bench/live
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/programtest"
	"orbit360.app/store"
	"orbit360.app/store/pg"
)

type options struct {
	shops, tabs, rate int
	lasts             time.Duration
}

func main() {
	var o options
	flag.IntVar(&o.shops, "shops", 4, "shops that sell")
	flag.IntVar(&o.tabs, "tabs", 5, "pages of each shop that are open at each of two processes")
	flag.IntVar(&o.rate, "rate", 200, "orders a second, in all shops together")
	flag.DurationVar(&o.lasts, "lasts", time.Minute, "how long")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
	defer cancel()
	if err := measure(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench/live:", err)
		os.Exit(1)
	}
}

// bench is the platform under measurement: the first program sells, the others show.
type bench struct {
	options
	dir      string
	pg       *programtest.Database
	super    *pgx.Conn
	db       *store.DB
	programs []*programtest.Program
	sellers  []*seller
	screens  []*tab
}

func measure(ctx context.Context, o options) (err error) {
	b := &bench{options: o}
	defer func() { err = errors.Join(err, b.stop()) }()
	for _, step := range []func(context.Context) error{b.start, b.open, b.fill, b.look} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("%w\n%s", err, b.said())
		}
	}
	fmt.Printf("%d orders a second for %s in %d shops, %d pages at each of two other processes; load average %s\n",
		o.rate, o.lasts, o.shops, o.shops*o.tabs, load())
	began := time.Now()
	orders, err := b.sell(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("%d orders were placed in %s; load average %s\n\n", len(orders), time.Since(began).Round(time.Second),
		load())
	time.Sleep(2 * time.Second) // the last ones may be under way
	return b.report(ctx, orders)
}

func (b *bench) start(ctx context.Context) (err error) {
	if b.dir, err = programtest.Folder("bench"); err != nil {
		return err
	}
	b.pg, err = programtest.StartDatabase(ctx, filepath.Join(b.dir, "pg"),
		map[string]string{"track_commit_timestamp": "on"}) // when an order was committed, by the same clock
	if err != nil {
		return err
	}
	owner, err := pg.OpenOwner(ctx, b.pg.URL(), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer owner.Close()
	if err := owner.Migrate(ctx); err != nil {
		return err
	}
	serving, err := owner.ServingRole(ctx, b.pg.URL(), "0123456789abcdef")
	if err != nil {
		return err
	}
	if b.db, err = store.Open(ctx, serving); err != nil {
		return err
	}
	for i := range 3 {
		port, err := programtest.FreePort()
		if err != nil {
			return err
		}
		p := &programtest.Program{Port: port, Dir: filepath.Join(b.dir, fmt.Sprintf("data%d", i)),
			Env: []string{"DATABASE_URL=" + b.pg.URL(), "DATABASE_APP_URL=" + serving, "LOG_LEVEL=warn",
				"PUBLIC_URL=http://localhost:3000", "BASE_DOMAIN=localhost", "SECRET_KEY=a secret key that all processes share",
				"TRUSTED_PROXIES=127.0.0.1/32"}} // for shoppers from everywhere: one place may order so often
		if err := p.Start(); err != nil {
			return err
		}
		b.programs = append(b.programs, p)
	}
	b.super, err = pgx.Connect(ctx, b.pg.SuperURL())
	return err
}

func (b *bench) stop() error {
	var errs []error
	for _, t := range b.screens {
		_ = t.Close() // it was only read
	}
	if b.super != nil {
		errs = append(errs, b.super.Close(context.Background()))
	}
	if b.db != nil {
		b.db.Close()
	}
	for _, p := range b.programs {
		errs = append(errs, p.Stop())
	}
	if b.pg != nil {
		errs = append(errs, b.pg.Stop())
	}
	return errors.Join(append(errs, os.RemoveAll(b.dir), programtest.Clean())...)
}

// said returns what the programs complained of.
func (b *bench) said() (all string) {
	for _, p := range b.programs {
		all += p.Out.Tail()
	}
	return all
}

func load() string {
	data, _ := os.ReadFile("/proc/loadavg") // for judging how quiet the machine was
	return strings.TrimSpace(string(data))
}

// at returns a percentile, in milliseconds.
func at(d []time.Duration, percent float64) float64 {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return float64(d[min(len(d)-1, int(float64(len(d))*percent/100))]) / float64(time.Millisecond)
}
