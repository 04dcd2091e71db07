package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"orbit360.app/bench/bed"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// variants is how the rounds of checkouts differ, with what is done to the triggers before each.
var variants = []struct{ name, sql string }{
	{"without both", `ALTER TABLE orders DISABLE TRIGGER count_insert, DISABLE TRIGGER index_insert`},
	{"indexing alone", `ALTER TABLE orders ENABLE TRIGGER index_insert`},
	{"counting and indexing", `ALTER TABLE orders ENABLE TRIGGER count_insert`},
}

// compareCheckouts buys in the large shop, in turn without what triggers add and with it: one shopper after
// the other, and eight at once, who wait for each other as all shoppers of one shop do.
func (b *bench) compareCheckouts(ctx context.Context) error {
	fmt.Printf("%-44s %9s %9s %12s %14s\n", "checkouts in the large shop", "p50", "p99", "a second", "processor time")
	for _, together := range []int{1, 8} {
		took, spent := make([][]time.Duration, len(variants)), make([]time.Duration, len(variants))
		worked := make([]time.Duration, len(variants))
		for round := -1; round < 3; round++ { // the first one warms up
			for i, v := range variants {
				if _, err := b.Super.Exec(ctx, v.sql); err != nil {
					return err
				}
				all, whole, cpu, err := b.buyAll(ctx, together)
				if err != nil {
					return err
				}
				if round >= 0 {
					took[i], spent[i], worked[i] = append(took[i], all...), spent[i]+whole, worked[i]+cpu
				}
			}
		}
		for i, v := range variants {
			fmt.Printf("%-44s %7.2fms %7.2fms %12.0f %12.2fms\n", fmt.Sprintf("%d at once, %s", together, v.name),
				bed.At(took[i], 50), bed.At(took[i], 99), float64(len(took[i]))/spent[i].Seconds(),
				worked[i].Seconds()*1000/float64(len(took[i])))
		}
		for i, v := range variants[1:] {
			fmt.Printf("%-44s %8.2fx %8.2fx %11.2fx %13.2fx\n", "ratio, "+v.name, bed.At(took[i+1], 50)/bed.At(took[0], 50),
				bed.At(took[i+1], 99)/bed.At(took[0], 99), spent[0].Seconds()/spent[i+1].Seconds(),
				worked[i+1].Seconds()/worked[0].Seconds())
		}
	}
	return nil
}

// buyAll prepares carts of three lines and measures buying what is in them: how long each took and all together, and
// PostgreSQL's processor time.
func (b *bench) buyAll(ctx context.Context, together int) (took []time.Duration, whole, cpu time.Duration, err error) {
	id, err := orbit.ParseID[orbit.Merchant](shopID(1))
	if err != nil {
		return nil, 0, 0, err
	}
	s := shop.For(b.DB, id)
	carts := make([]string, b.options.checkouts)
	for i := range carts {
		if carts[i], err = cart(ctx, s, i); err != nil {
			return nil, 0, 0, err
		}
	}
	cpu = b.CPU()
	took, begin := make([]time.Duration, len(carts)), time.Now()
	errs := make([]error, together)
	var group sync.WaitGroup
	for n := range together {
		group.Go(func() {
			for i := n; i < len(carts); i += together {
				began := time.Now()
				if err := buy(ctx, s, carts[i]); err != nil {
					errs[n] = err
					return
				}
				took[i] = time.Since(began)
			}
		})
	}
	group.Wait()
	return took, time.Since(begin), b.CPU() - cpu, errors.Join(errs...)
}

// cart fills a new cart and returns its token.
func cart(ctx context.Context, s shop.Scope, n int) (token string, err error) {
	err = s.Do(ctx, func(t *shop.Tenant) error {
		for line := range 3 {
			product := 1 + (n*7+line*131)%manyProducts
			if product%20 == 0 { // nearly sold out
				product--
			}
			v, err := orbit.ParseID[orbit.Variant](fmt.Sprintf("00000000-0000-7000-8000-%012x", 20000010000+product))
			if err != nil {
				return err
			}
			if token, _, err = t.AddToCart(ctx, token, v, 1); err != nil {
				return err
			}
		}
		return nil
	})
	return token, err
}

func buy(ctx context.Context, s shop.Scope, token string) error {
	var seen int64
	form := orbit.CheckoutForm{Key: orbit.NewID[orbit.Order]().String(), Email: "ada@example.com", Name: "Ada",
		Line1: "12 Quay Street", City: "Bristol", Postcode: "BS1 4QA", Country: "GB", Shipping: "Standard", Payment: "manual"}
	err := s.Do(ctx, func(t *shop.Tenant) error {
		c, err := t.Cart(ctx, token)
		seen = c.Subtotal() + 500
		return err
	})
	if err != nil {
		return err
	}
	form.Seen = strconv.FormatInt(seen, 10)
	write := func(_ orbit.OrderEmail, o orbit.Order) (orbit.Email, error) {
		return orbit.Email{MessageID: "<" + o.ID.String() + "@bench>", MerchantID: o.MerchantID, Recipient: o.Email,
			Subject: o.Name(), Status: orbit.EmailLocal}, nil
	}
	_, err = s.PlaceOrder(ctx, token, form, shop.Placing{Write: write})
	return err
}
