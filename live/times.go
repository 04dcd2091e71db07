package live

import (
	"context"
	"time"

	"orbit360.app/orbit"
)

// timesEvery is how often the times of live updates are added to the database's. A process that is killed takes the
// last few seconds' along.
const (
	timesEvery    = 5 * time.Second
	timesPatience = 2 * time.Second
)

// Delivered counts how long a change took from its commit until it was written to a page that watches.
func (f *Feed) Delivered(took time.Duration) {
	f.Metrics.LiveUpdate(took)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.times.Counts[f.times.Slot(took)]++
}

// keepTimes adds to the database's times until ctx ends, and then what is left, if that is quickly done.
func (f *Feed) keepTimes(ctx context.Context) {
	tick := time.NewTicker(timesEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), timesPatience)
			defer cancel()
			f.writeTimes(last)
			return
		case <-tick.C:
			f.writeTimes(ctx)
		}
	}
}

func (f *Feed) writeTimes(ctx context.Context) {
	t := f.takeTimes()
	if t.Total() == 0 {
		return
	}
	if err := f.DB.AddLiveTimes(ctx, t); err != nil {
		f.giveBack(t)
		f.Log.Warn("the times of live updates couldn't be written; they are kept for the next time", "error", err)
	}
}

// takeTimes returns what was delivered since it was last called.
func (f *Feed) takeTimes() orbit.Times {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.times
	f.times = orbit.NewTimes(t.Bounds)
	return t
}

func (f *Feed) giveBack(t orbit.Times) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, n := range t.Counts {
		f.times.Counts[i] += n
	}
}
