// Command home measures what a shop with a million orders costs: how soon its first page in the dashboard and its list
// of orders are answered, beside the same pages of a shop without any, and what counting and indexing add to a
// checkout, beside checkouts without them. It starts PostgreSQL and the real program on a database of its own:
//
//	go run ./bench/home
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"orbit360.app/bench/bed"
)

func main() {
	var o options
	flag.IntVar(&o.orders, "orders", 1_000_000, "orders of the large shop, over three years")
	flag.IntVar(&o.shops, "shops", 200, "other shops, with 500 orders each")
	flag.IntVar(&o.checkouts, "checkouts", 300, "checkouts of each round")
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
	*bed.Bed
}

func measure(ctx context.Context, o options) (err error) {
	on, err := bed.Start(ctx, map[string]string{"max_wal_size": "4GB"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, on.Stop()) }()
	b := &bench{o, on}
	begin := time.Now()
	if err := b.fill(ctx); err != nil {
		return err
	}
	fmt.Printf("%d orders in one shop and 500 in each of %d others, written in %s; load average %s\n\n",
		o.orders, o.shops, time.Since(begin).Round(time.Second), bed.Load())
	begin = time.Now()
	if err := b.DB.RecountSales(ctx); err != nil {
		return err
	}
	fmt.Printf("counted anew, as after the migration or a change of time zone: %s\n\n",
		time.Since(begin).Round(100*time.Millisecond))
	if err := b.compareCheckouts(ctx); err != nil {
		return err
	}
	if wrong, err := b.DB.CheckSales(ctx, 0); err != nil || len(wrong) > 1 {
		return fmt.Errorf("sales differ in %d shops: %w", len(wrong), err)
	}
	return b.comparePages(ctx)
}
