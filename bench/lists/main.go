// Command lists measures the lists that grow with success: the admin's of 100,000 merchants, by each of its filters,
// sorts and places, and a shop's of 100,000 orders, searched and not, beside a shop without any. It starts PostgreSQL
// and the real program on a database of its own:
//
//	go run ./bench/lists
//	go run ./bench/lists -explain 20ms     # with the plans of statements that took longer
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
	flag.IntVar(&o.merchants, "merchants", 100_000, "merchants")
	flag.IntVar(&o.orders, "orders", 100_000, "orders of one shop")
	flag.IntVar(&o.pages, "pages", 100, "how often each page is asked for")
	flag.DurationVar(&o.explain, "explain", 0, "print the plans of statements that take longer, with what they read")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
	defer cancel()
	if err := measure(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench/lists:", err)
		os.Exit(1)
	}
}

type options struct {
	merchants, orders, pages int
	explain                  time.Duration
}

func measure(ctx context.Context, o options) (err error) {
	b, err := bed.Start(ctx, map[string]string{"max_wal_size": "4GB"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Stop()) }()
	begin := time.Now()
	if err := fill(ctx, b, o); err != nil {
		return err
	}
	fmt.Printf("%d merchants, one of them with %d orders, written in %s; load average %s\n",
		o.merchants, o.orders, time.Since(begin).Round(time.Second), bed.Load())
	if o.explain > 0 {
		if err := b.Explain(ctx, o.explain); err != nil {
			return err
		}
	}
	p, err := b.Serve()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Stop()) }()
	admin, err := p.Admin(ctx)
	if err != nil {
		return err
	}
	owner, err := p.Owner(ctx, shopID(1), shopID(2))
	if err != nil {
		return err
	}
	// The small shop's pages come first: connections that have planned for it serve the large one next.
	for _, l := range []struct {
		name  string
		who   *bed.Person
		pages []string
	}{
		{"the admin's list of merchants", admin, merchantPages(o)},
		{"a shop without orders", owner, orderPages("/shop2", 0)},
		{fmt.Sprintf("a shop with %d orders", o.orders), owner, orderPages("/shop1", o.orders)},
	} {
		fmt.Printf("\n%-64s %9s %9s\n", l.name, "p50", "p99")
		for _, page := range l.pages {
			if err := ask(ctx, b, l.who, page, o); err != nil {
				return err
			}
		}
	}
	fmt.Printf("\nload average %s\n", bed.Load())
	return nil
}

// ask asks for a page over and over, and prints how long it took.
func ask(ctx context.Context, b *bed.Bed, who *bed.Person, page string, o options) error {
	took := make([]time.Duration, o.pages)
	for i := -3; i < o.pages; i++ { // the first ones warm up
		d, err := who.Time(ctx, page)
		if err != nil {
			return err
		}
		if i >= 0 {
			took[i] = d
		}
	}
	fmt.Printf("%-64s %7.1fms %7.1fms\n", page, bed.At(took, 50), bed.At(took, 99))
	if o.explain == 0 {
		return nil
	}
	plans, err := b.Plans()
	fmt.Print(plans)
	return err
}
