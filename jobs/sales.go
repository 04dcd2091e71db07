package jobs

import (
	"context"
	"math/rand/v2"
	"time"
)

// Intervals of counting sales anew and of comparing them with the orders.
const (
	recountEvery    = 5 * time.Second
	checkSalesEvery = time.Hour
)

// keepSales counts the sales of shops anew that are to be, and compares those of all shops with their orders from time
// to time. That something differs is a fault of ours: it is mended, and logged.
func (s *Service) keepSales(ctx context.Context) {
	checked := time.Now().Add(rand.N(checkSalesEvery) - checkSalesEvery) // replicas needn't do it at once
	tick := time.NewTicker(recountEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if err := s.DB.RecountSales(ctx); err != nil {
				s.watchFailed(ctx, "count sales anew", err)
			}
			if now.Sub(checked) >= checkSalesEvery {
				checked = now
				wrong, err := s.DB.CheckSales(ctx, now.Unix()/int64(checkSalesEvery.Seconds()))
				if err != nil {
					s.watchFailed(ctx, "compare sales with orders", err)
				}
				if len(wrong) > 0 {
					s.Log.Error("sales differed from the orders and were mended", "merchants", wrong)
				}
			}
		}
	}
}
