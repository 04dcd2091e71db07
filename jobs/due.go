package jobs

import (
	"context"
	"time"
)

// dueEvery is how often queues are asked for what the time has come for.
const dueEvery = 5 * time.Second

// keepDue has queues add jobs for what is due. Queues that are held wait.
func (s *Service) keepDue(ctx context.Context) {
	tick := time.NewTicker(dueEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			for _, q := range s.queues {
				if q.Due == nil || s.Hold && q.Outbound {
					continue
				}
				if err := q.Due(ctx); err != nil {
					s.watchFailed(ctx, "look for what is due of "+q.Name, err)
				}
			}
		}
	}
}
