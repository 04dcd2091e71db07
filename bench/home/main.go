// Command home measures what a shop with a million orders costs: how soon its first page in the dashboard and its list
// of orders are answered, beside the same pages of a shop without any, and what counting its sales adds to a checkout,
// beside checkouts in which they aren't counted. It starts PostgreSQL and the real program on a database of its own:
//
//	go run ./bench/home
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

func main() {
	var o options
	flag.IntVar(&o.orders, "orders", 1_000_000, "orders of the large shop, over three years")
	flag.IntVar(&o.shops, "shops", 200, "other shops, with 500 orders each")
	flag.IntVar(&o.checkouts, "checkouts", 300, "checkouts of each of the six rounds")
	flag.IntVar(&o.pages, "pages", 300, "how often each page is asked for")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
	defer cancel()
	if err := measure(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench/home:", err)
		os.Exit(1)
	}
}

type options struct{ orders, shops, checkouts, pages int }

// bench is the database under measurement.
type bench struct {
	options
	dir   string
	pg    *programtest.Database
	super *pgx.Conn
	db    *store.DB
}

func measure(ctx context.Context, o options) (err error) {
	b := &bench{options: o}
	defer func() { err = errors.Join(err, b.stop()) }()
	if err := b.start(ctx); err != nil {
		return err
	}
	begin := time.Now()
	if err := b.fill(ctx); err != nil {
		return err
	}
	fmt.Printf("%d orders in one shop and 500 in each of %d others, written in %s; load average %s\n\n",
		o.orders, o.shops, time.Since(begin).Round(time.Second), load())
	begin = time.Now()
	if err := b.db.RecountSales(ctx); err != nil {
		return err
	}
	fmt.Printf("counted anew, as after the migration or a change of time zone: %s\n\n",
		time.Since(begin).Round(100*time.Millisecond))
	if err := b.compareCheckouts(ctx); err != nil {
		return err
	}
	if wrong, err := b.db.CheckSales(ctx, 0); err != nil || len(wrong) > 1 {
		return fmt.Errorf("sales differ in %d shops: %w", len(wrong), err)
	}
	return b.comparePages(ctx)
}

func (b *bench) start(ctx context.Context) (err error) {
	if b.dir, err = programtest.Folder("bench"); err != nil {
		return err
	}
	b.pg, err = programtest.StartDatabase(ctx, filepath.Join(b.dir, "pg"), map[string]string{"max_wal_size": "4GB"})
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
	if _, err = b.db.SeedDefaults(ctx); err != nil {
		return err
	}
	b.super, err = pgx.Connect(ctx, b.pg.SuperURL())
	return err
}

func (b *bench) stop() error {
	var errs []error
	if b.super != nil {
		errs = append(errs, b.super.Close(context.Background()))
	}
	if b.db != nil {
		b.db.Close()
	}
	if b.pg != nil {
		errs = append(errs, b.pg.Stop())
	}
	return errors.Join(append(errs, os.RemoveAll(b.dir), programtest.Clean())...)
}

func load() string {
	data, _ := os.ReadFile("/proc/loadavg") // for judging how quiet the machine was
	return strings.TrimSpace(string(data))
}

func at(d []time.Duration, percent int) float64 {
	slices.Sort(d)
	return float64(d[min(len(d)-1, len(d)*percent/100)]) / float64(time.Millisecond)
}
