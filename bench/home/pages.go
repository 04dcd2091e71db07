package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"orbit360.app/bench/bed"
)

// comparePages asks the program for pages of the large shop and of the one without orders, in turn.
func (b *bench) comparePages(ctx context.Context) (err error) {
	p, err := b.Serve()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Stop()) }()
	owner, err := p.Owner(ctx, shopID(1), shopID(2))
	if err != nil {
		return err
	}
	fmt.Printf("\n%-44s %9s %9s\n", "pages, beside those of a shop without orders", "p50", "p99")
	for _, page := range []string{"", "?period=1", "?period=90", "/orders", "/orders?status=open", "/orders?q=%231234",
		"/products?status=low-stock"} {
		large, none := make([]time.Duration, b.pages), make([]time.Duration, b.pages)
		for i := -5; i < b.pages; i++ { // the first ones warm up
			for shop, took := range map[string][]time.Duration{"/shop1": large, "/shop2": none} {
				d, err := owner.Time(ctx, shop+page)
				if err != nil {
					return err
				}
				if i >= 0 {
					took[i] = d
				}
			}
		}
		fmt.Printf("%-44s %7.1fms %7.1fms\n", "/shop1"+page, bed.At(large, 50), bed.At(large, 99))
		fmt.Printf("%-44s %7.1fms %7.1fms %8.1fx\n", "/shop2"+page, bed.At(none, 50), bed.At(none, 99),
			bed.At(large, 50)/bed.At(none, 50))
	}
	return nil
}
