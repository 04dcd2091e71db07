package kit

import (
	"context"
	"sync"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store"
)

// tallyEvery is how long refusals are counted before the audit log hears of them: a flood is one write a second.
const tallyEvery = time.Second

// maxTallies bounds how many different ones are counted at a time; the rest are counted together.
const maxTallies = 500

// tallies counts what strangers do again and again: refused sign-ins, and bounds that they run into. A refusal
// waits for no write, which would also tell a known account from an unknown one.
type tallies struct {
	db      *store.DB
	failed  func(error)
	mu      sync.Mutex
	counted map[tallyKey]*store.Tally
	flush   *time.Timer
}

type tallyKey struct {
	action          orbit.Action
	target, network string
}

// note counts one more.
func (t *tallies) note(action orbit.Action, target string, from orbit.Network) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := tallyKey{action, target, from.Near}
	if t.counted[key] == nil {
		if len(t.counted) >= maxTallies {
			key = tallyKey{action: action}
			from = orbit.Network{}
		}
		if t.counted[key] == nil {
			t.counted[key] = &store.Tally{Action: action, Target: key.target, Network: key.network}
		}
	}
	one := t.counted[key]
	one.Count++
	one.At, one.Address = time.Now(), from.Address
	if t.flush == nil {
		t.flush = time.AfterFunc(tallyEvery, func() { t.write(context.Background()) })
	}
}

// write hands what was counted to the audit log. What can't be written now is dropped and noted in the log of the
// program: a flood while the database is away must not pile up.
func (t *tallies) write(ctx context.Context) {
	t.mu.Lock()
	counted := t.counted
	t.counted = map[tallyKey]*store.Tally{}
	if t.flush != nil {
		t.flush.Stop()
		t.flush = nil
	}
	t.mu.Unlock()
	if len(counted) == 0 {
		return
	}
	all := make([]store.Tally, 0, len(counted))
	for _, one := range counted {
		all = append(all, *one)
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := t.db.CountInAudit(ctx, all); err != nil {
		t.failed(err)
	}
}
